{% if table %}
//! How well does a network learn `{{ label }}` from the other columns?
{% else %}
//! How well does a network learn a straight line from drawn numbers?
{% endif %}
//!
//! Say here why that is asked. The report sets the network's error on the test rows beside those of a linear regression and of the
//! mean.
//!
//! ```text
//! cargo run --release -p {{ name }}
//! ```

// %%
use dataset::{ {{- "Rows, Table" if table else "Drawn, Restore, Rows, Scaling" }}, baseline, mean_absolute_error, root_mean_square_error};
use keras::{Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, markdown_table};
use polars::df;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn main() {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
{% if table %}
    /// The table and what is made of it.
    data: Table,
{% else %}
    /// How the training and test data are drawn.
    data: Drawn,
    /// What is done to the data before training.
    scaling: Scaling,
{% endif %}
    /// The network.
    model: Model,
    /// How the network is trained.
    training: Training,
{% if table %}
    /// Whether the report has rows of the data; if not, it has sums over them alone.
    #[serde(default = "show_rows")]
    show_rows: bool,
{% endif %}
}

{% if table %}
fn show_rows() -> bool {
    true
}

{% endif %}
impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules({{ "" if table else "self.scaling" }})?;
        self.training.rules(&self.model, 1)
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data

    // %%
{% if table %}
    let data = manifest.data.load_from(&notebook.folders())?;
{% else %}
    let data = manifest.data.dataset(manifest.scaling, Restore::Float64)?;
{% endif %}
    notebook.paragraph(data.describe());

    // %% [markdown]
    // ## Model

    // %%
    let mut model = Sequential::from(&manifest.model).compile(&manifest.training, data.features.len())?;
    notebook.print(&manifest.model.summary(data.features.len()))?;
    notebook.keep(&data, model.program())?;

    // %% [markdown]
    // ## Training

    // %%
    notebook.paragraph(manifest.training.describe());
    let validation = data.validation.as_ref().map(Rows::x_and_y);
    let history = model.fit_validated(data.train.x_and_y(), validation, |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.bar(), &epoch.logs());
        true
    })?;
    notebook.table("history", history.frame())?;
    notebook.value("final_loss", history.final_loss());
    notebook.value("outcome", history.outcome());
    notebook.training_loss(&format!("{} of the scaled label", manifest.training.loss.words()))?;

    // %% [markdown]
    // ## Predictions against labels

    // %%
    let (label, predict) = (&data.test.labels, data.restore(&model.predict(&data.test.x)?));
{% if table %}
    if manifest.show_rows {
        let gap: Vec<f64> = predict.iter().zip(label).map(|(predict, label)| predict - label).collect();
        notebook.table("predictions", df!("label" => label, "predict" => &predict, "gap" => gap)?)?;
        notebook.predictions()?;
    }
{% else %}
    notebook.table("predictions", data.test.with_predictions(&predict))?;
    notebook.predictions()?;
    if data.features.len() == 1 {
        notebook.prediction_gap()?;
    }
{% endif %}

    // %% [markdown]
    // ## Errors on the test rows, beside what the network has to beat

    // %%
    let said = data.describe_error(&predict);
    let of = ["network", "linear regression", "mean of the training rows"];
    let predictions = [predict, baseline::linear(&data), baseline::mean(&data)];
    let rmse = predictions.each_ref().map(|predict| root_mean_square_error(predict, label));
    let mae = predictions.each_ref().map(|predict| mean_absolute_error(predict, label));
    let table = df!("predicted_by" => of, "rmse" => rmse, "mae" => mae)?;
    let shown = markdown_table(&table);
    notebook.table("errors", table)?;
    for (name, (rmse, mae)) in ["", "_linear_regression", "_mean"].iter().zip(rmse.into_iter().zip(mae)) {
        notebook.value(&format!("rmse{name}"), rmse);
        notebook.value(&format!("mae{name}"), mae);
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.paragraph(said);
    Ok(format!("{shown}\n{}\n", history.outcome()))
}

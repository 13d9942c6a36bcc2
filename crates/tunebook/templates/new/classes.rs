//! How well does a network tell from the other columns what `{{ label }}` is?
//!
//! Say here why that is asked. The report sets the share of test rows that the network tells right beside those of a logistic
//! regression and of the most frequent class.
//!
//! ```text
//! cargo run --release -p {{ name }}
//! ```

// %%
use dataset::{Table, baseline, classification};
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
    /// The table and what is made of it.
    data: Table,
    /// The network.
    model: Model,
    /// How the network is trained.
    training: Training,
    /// Whether the report has rows of the data; if not, it has sums over them alone.
    #[serde(default = "show_rows")]
    show_rows: bool,
}

fn show_rows() -> bool {
    true
}

impl Manifest {
    /// The units of the last layer.
    fn outputs(&self) -> u32 {
        self.model.units().last().copied().unwrap_or_default()
    }
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules_of_classes()?;
        self.data.rules_of_one_training()?;
        self.training.rules(&self.model, self.data.label_columns(self.outputs()))
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data

    // %%
    let data = manifest.data.load_from(&notebook.folders())?;
    data.check_units(manifest.outputs())?;
    notebook.paragraph(data.describe());

    // %% [markdown]
    // ## Model

    // %%
    let mut model = Sequential::from(&manifest.model).compile(&manifest.training, data.features.len())?;
    notebook.print(&manifest.model.summary(data.features.len()))?;

    // %% [markdown]
    // ## Training

    // %%
    notebook.paragraph(manifest.training.describe());
    let history = model.fit_validated(&data.train, data.validation.as_ref(), |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.bar(), &epoch.logs());
        true
    })?;
    notebook.table("history", history.frame())?;
    notebook.value("final_loss", history.final_loss());
    notebook.value("outcome", history.outcome());
    notebook.training_loss(manifest.training.loss.words())?;

    // %% [markdown]
    // ## What the test rows are taken for

    // %%
    let (labels, outputs) = (&data.test.labels, data.restore(&model.predict(&data.test.x)?));
    let chosen = classification::chosen(&outputs, labels.len());
    let names: Vec<&str> = data.classes().iter().map(String::as_str).collect();
    if manifest.show_rows {
        let label: Vec<&str> = labels.iter().map(|label| names[*label as usize]).collect();
        let predict: Vec<&str> = chosen.iter().map(|class| names[*class]).collect();
        notebook.table("predictions", df!("label" => label, "predict" => predict)?)?;
    }
    let counts = classification::confusion_matrix(&chosen, labels, names.len()).concat();
    let pairs = names.iter().flat_map(|label| names.iter().map(move |other| (*label, *other)));
    let (label, taken_for): (Vec<&str>, Vec<&str>) = pairs.unzip();
    notebook.table("confusion_matrix", df!("label" => label, "taken_for" => taken_for, "rows" => &counts)?)?;
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let (caption, title) = ("What the test rows are taken for", notebook.name());
    let figure = figures::confusion_matrix(caption, &title, [&data.label, "taken for"], &names, &counts);
    notebook.figure("confusion_matrix", caption, figure)?;

    // %% [markdown]
    // ## Accuracy on the test rows, beside what the network has to beat

    // %%
    let regression = classification::chosen(&baseline::logistic(&data), labels.len());
    let of = ["network", "logistic regression", "most frequent class"];
    let accuracy = [&chosen, &regression, &baseline::majority(&data)].map(|chosen| classification::accuracy(chosen, labels));
    let table = df!("predicted_by" => of, "accuracy" => accuracy)?;
    let shown = markdown_table(&table);
    notebook.table("accuracies", table)?;
    for (name, accuracy) in ["", "_logistic_regression", "_most_frequent_class"].iter().zip(accuracy) {
        notebook.value(&format!("accuracy{name}"), accuracy);
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.paragraph(data.describe_accuracy(&outputs));
    Ok(format!("{shown}\n{}\n", history.outcome()))
}

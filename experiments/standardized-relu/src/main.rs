//! How far does a small network get with a straight line if the numbers are brought to mean 0 and standard deviation 1 first?
//!
//! The post's second program differs from that of the experiment `raw-relu` in the scaling alone: inputs and labels alike are
//! standardised with the mean and the standard deviation of the training inputs. Losses then have another unit, so the curves of the two
//! programs compare in shape and not in height; the errors on the test data, in the conclusions of both, are in the label's own unit and
//! say whether it helps.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p standardized-relu
//! ```

// %%
use std::process::ExitCode;

use dataset::{Drawn, Restore, Scaling};
use keras::{Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, markdown_table, python_repr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    /// How the training and test data are drawn.
    data: Drawn,
    /// What is done to the data before training.
    scaling: Scaling,
    /// The network.
    model: Model,
    /// How the network is trained.
    training: Training,
    /// The arithmetic in which scaled predictions are turned back into the label's unit.
    #[serde(default)]
    restore: Restore,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        self.training.rules(&self.model, 1)
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data
    //
    // Drawn from NumPy's stream after `np.random.seed`, the training rows first. The test rows show what the network makes of rows
    // that took no part in its training.

    // %%
    let data = manifest.data.dataset(manifest.scaling, manifest.restore)?;
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
    let history = model.fit(&data.train.x, &data.train.y, |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.bar(), &epoch.logs());
    })?;
    notebook.table("history", history.frame())?;
    let scaled = if manifest.scaling == Scaling::Standard { "standardised " } else { "" };
    notebook.training_loss(&format!("{} of the {scaled}labels", manifest.training.loss.words()))?;

    // %% [markdown]
    // ## Predictions against labels
    //
    // Where no training row lies, none holds the network in place.

    // %%
    let predict = model.predict(&data.test.x)?;
    let restored = data.restore(&predict);
    let predictions = data.test.with_predictions(&restored);
    let shown = markdown_table(&predictions);
    notebook.table("predictions", predictions)?;
    notebook.predictions()?;
    if data.features.len() == 1 {
        notebook.prediction_gap()?;
    }

    // %% [markdown]
    // ## Result
    //
    // `accuracy` is what the post calls accuracy: the root mean square error on the test data, where 0 is best. `mean` and `std` are
    // those of the training inputs, by which scaled data are restored; `steps` are those of an epoch.

    // %%
    let accuracy = data.test_error(&predict);
    notebook.value("accuracy", accuracy);
    notebook.value("final_loss", history.final_loss());
    notebook.value("outcome", history.outcome());
    if let Some(scaler) = data.scaler() {
        notebook.value("mean", scaler.mean);
        notebook.value("std", scaler.std);
    }
    notebook.value("epochs", manifest.training.epochs);
    notebook.value("steps", history.steps);

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.paragraph(data.describe_error(&restored));
    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

//! No scaling, hidden ReLU: the first attempt, before the post.
//!
//! The network learns `y = x + 10` with one hidden layer of 16 from the whole numbers as they are. It gets near
//! the line and stays there.
//!
//! ```text
//! cargo run --release -p raw-relu
//! ```

// %% [markdown]
// # No scaling, ReLU
//
// The network sees inputs and labels as they are, from 0 to 200.

// %%
use std::process::ExitCode;

use dataset::{Drawn, Restore, Scaling};
use keras::{Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, markdown_table, python_repr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
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
    // ## Data set
    //
    // Whole numbers drawn as `np.random.seed` and `np.random.randint` draw them. The test inputs lie beyond the
    // training inputs: the model has to extrapolate.
    //
    // The manifest says `scaling: none`: the numbers only become float32.

    // %%
    let data = manifest.data.dataset(manifest.scaling, Restore::default())?;

    // %% [markdown]
    // ## Model

    // %%
    let mut model = Sequential::from(&manifest.model).compile(&manifest.training, data.features.len())?;

    // %% [markdown]
    // ## Training

    // %%
    let history = model.fit(&data.train.x, &data.train.y, |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, epoch.loss);
    })?;
    notebook.table("history", history.frame())?;

    // %% [markdown]
    // ## Predictions against labels

    // %%
    let predict = model.predict(&data.test.x)?;
    let predictions = data.test.with_predictions(&data.restore(&predict));
    let shown = markdown_table(&predictions);
    notebook.table("predictions", predictions)?;

    // %% [markdown]
    // ## Accuracy
    //
    // What the post calls accuracy is the root mean square error on the test data.

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
    // ## Figures

    // %%
    let scaled = if manifest.scaling == Scaling::Standard { "standardised " } else { "" };
    notebook.training_loss(&format!("{} of the {scaled}labels", manifest.training.loss.words()))?;
    notebook.predictions()?;
    if data.features.len() == 1 {
        notebook.prediction_gap()?;
    }

    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

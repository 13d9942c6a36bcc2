//! Every activation linear: the post's program.
//!
//! The post learns `y = x + 10` with one hidden layer of 16 and, once every activation is linear, prints
//! `Accuracy: 1.0789593218788873e-05`. This run prints the same line.
//!
//! ```text
//! cargo run --release -p linear-activation
//! ```

// %% [markdown]
// # Every activation linear
//
// The data lie on a straight line, and so does a network without bends. Only the hidden layer's activation
// differs from the experiment `standardized-relu`.

// %%
mod seeds;

use std::process::ExitCode;

use dataset::{Drawn, Restore, Scaling};
use keras::{Engine, Model, Seeds, Sequential, Training};
use manifest::{Broken, Document, Rules, Variant};
use notebook::{About, Notebook, markdown_table, python_repr};
use polars::df;
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
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
    /// The arithmetic in which scaled predictions are turned back into the label's unit.
    #[serde(default)]
    restore: Restore,
    /// Train from every seed from `first` to `last` as well and record each accuracy. Left out: no scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed_scan: Option<Seeds>,
    /// Other runs of the same report, by what they change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    variants: Vec<Variant>,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        self.training.rules(&self.model, 1)?;
        self.seed_scan.map_or(Ok(()), |scan| scan.rules("seed_scan", &self.training))
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data set
    //
    // Whole numbers drawn as `np.random.seed` and `np.random.randint` draw them. The test inputs lie beyond the
    // training inputs: the model has to extrapolate.
    //
    // Inputs and labels alike are standardised with the mean and standard deviation of the training inputs.

    // %%
    let data = manifest.data.dataset(manifest.scaling, manifest.restore)?;

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

    // %% [markdown]
    // ## Real Keras' bits
    //
    // Engine `exact` repeats real Keras' order of operations. From its own seed it prints the same line, and real
    // Keras does so from that seed too: `data/keras/recorded.json` holds the run.

    // %%
    let exact = manifest.variant("exact")?;
    let data_exact = exact.data.dataset(exact.scaling, exact.restore)?;
    let mut model = Sequential::from(&exact.model).compile(&exact.training, data_exact.features.len())?;
    let history_exact = model.fit(&data_exact.train.x, &data_exact.train.y, |_| ())?;
    let accuracy_exact = data_exact.test_error(&model.predict(&data_exact.test.x)?);
    notebook.table("history_exact", history_exact.frame())?;
    notebook.value("accuracy_exact", accuracy_exact);
    notebook.value("final_loss_exact", history_exact.final_loss());
    let engine = if exact.training.engine == Engine::Exact { "exact" } else { "libtorch" };
    notebook.paragraph(format!(
        "Engine `{engine}`, seed {}: `Accuracy: {}`, and a final loss of {}.",
        exact.training.seed,
        python_repr(accuracy_exact),
        python_repr(history_exact.final_loss()),
    ));

    // %% [markdown]
    // ## Seeds
    //
    // The post sets no seed for TensorFlow, so its own initial weights and batch orders are unknown. Here many
    // seeds are trained, to see how often its accuracy comes out and that the manifest's seed is the smallest.

    // %%
    if let Some(scan) = manifest.seed_scan {
        let progress = notebook.progress_bar(scan.count(), "seeds");
        let train = |seed: i64| -> anyhow::Result<f64> {
            let training = Training { seed, ..manifest.training.clone() };
            let mut model = Sequential::from(&manifest.model).compile(&training, data.features.len())?;
            model.fit(&data.train.x, &data.train.y, |_| ())?;
            progress.inc(1);
            Ok(data.test_error(&model.predict(&data.test.x)?))
        };
        // On all cores, and collected in the order of the seeds.
        let seeds: Vec<i64> = (scan.first..=scan.last).collect();
        let accuracies: Vec<f64> = seeds.clone().into_par_iter().map(train).collect::<Result<_, _>>()?;
        progress.finish_and_clear();
        notebook.table("seeds", df!("seed" => &seeds, "accuracy" => &accuracies)?)?;
        seeds::describe(notebook, manifest, scan, &accuracies)?;
    }

    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

//! Is the activation all that stood between the network and the line?
//!
//! In the post's last program every activation is linear, and nothing else differs from that of the experiment `standardized-relu`. A
//! stack of linear layers draws one straight line, and so is `y = x + 10`; beyond the training rows there is nothing left to get wrong
//! but the line itself. The post prints an accuracy for this program and sets no seed; training from many seeds shows from how many of
//! them it comes out.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p linear-activation
//! ```

// %%
mod seeds;

use std::process::ExitCode;

use dataset::{Drawn, Restore, Scaling};
use keras::{Engine, Model, SeedScan, Sequential, Training};
use manifest::{Broken, Document, Rules, Variant};
use notebook::{About, Notebook, markdown_table, python_repr};
use polars::df;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::seeds::Scanned;

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
    /// Train from every seed from `first` to `last` as well and record each accuracy. Left out: no scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed_scan: Option<SeedScan>,
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
    // ## Real Keras' bits
    //
    // Engine `exact` repeats real Keras' order of operations, to the last bit. The manifest has a variant for it, with a seed of its
    // own: the two engines round differently.

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
    // The post sets no seed for TensorFlow, so its own initial weights and batch orders are unknown. Where many seeds are
    // trained, they show how often its accuracy comes out.

    // %%
    if let Some(scan) = manifest.seed_scan {
        let train = |seed: i64| -> anyhow::Result<f64> {
            let training = Training { seed, ..manifest.training.clone() };
            let mut model = Sequential::from(&manifest.model).compile(&training, data.features.len())?;
            model.fit(&data.train.x, &data.train.y, |_| ())?;
            Ok(data.test_error(&model.predict(&data.test.x)?))
        };
        let published = notebook.published().printed("accuracy").map(str::to_owned);
        let mut scanned = Scanned::default();
        notebook.fold_seeds(
            scan.first..=scan.last,
            1,
            |seeds, progress| {
                // On all cores, and collected in the order of the seeds.
                let seeds: Vec<i64> = seeds.collect();
                let trained = seeds.par_iter().map(|&seed| train(seed).inspect(|_| progress.inc(1)));
                let accuracies = trained.collect::<anyhow::Result<Vec<f64>>>()?;
                Ok(Scanned::new(scan, &seeds, accuracies, published.as_deref()))
            },
            |block| {
                scanned.add(block);
                Ok(())
            },
        )?;
        notebook.table("seeds", df!("seed" => &scanned.seeds, "accuracy" => &scanned.accuracies)?)?;
        notebook.within(|notebook| seeds::describe(notebook, manifest, scan, &scanned))?;
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.paragraph(data.describe_error(&restored));
    let printed = python_repr(accuracy);
    let published = notebook.published().printed("accuracy").map(str::to_owned);
    notebook.paragraph(match published {
        Some(published) if published == printed => {
            format!("The run prints `Accuracy: {printed}`, as the post does, to the last digit.")
        }
        Some(published) => format!("The run prints `Accuracy: {printed}`; the post prints {published}."),
        None => format!("The run prints `Accuracy: {printed}`."),
    });
    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

//! The post's knobs by grid search.
//!
//! The three searches share their program; what they try, and who suggests it, stands in their manifests. Expect the
//! best trial to be linear and to reach the floor of float32, about 1e-5.
//!
//! ```text
//! cargo run --release -p grid-search
//! cargo run --release -p grid-search -- --out /tmp/other --set search.seed=1
//! ```

// %% [markdown]
// # The post's knobs by grid search

use std::process::ExitCode;

use dataset::{Dataset, Drawn, Restore, Scaling};
use keras::{Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook};
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, FRESH_SEEDS, Measured, Metric, Tuning};

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
    /// The search for better values of keys of this manifest.
    search: Search,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        self.training.rules(&self.model, 1)?;
        self.training.rules_of_seeds("search.repeats", self.search.repeats, FRESH_SEEDS)?;
        tuning::rules_of_sampler(&self.search)?;
        tuning::rules(&self.search, &METRICS, self.data.train.size)
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_trials(document, "search.parameters", &document.search.parameters)
    }
}

/// What the post calls accuracy, and its logarithm: samplers that model the objective see all of its decades.
const METRICS: [Metric; 2] = [
    Metric { name: "accuracy", label: "accuracy (root mean square error)", log: true },
    Metric { name: "log10_accuracy", label: "log10 accuracy", log: false },
];

/// The data of the manifest: the test data to measure on, or the rows of the training data that are held out.
fn data(manifest: &Manifest, measured: Measured) -> Result<Dataset, dataset::Error> {
    let Manifest { data, scaling, restore, search, .. } = manifest;
    match (measured, search.validation_split) {
        (Measured::Validation, Some(split)) => data.validation(*scaling, *restore, split),
        _ => data.dataset(*scaling, *restore),
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## One training
    //
    // The suggested values stand in the manifest in the place of its own. Every training of a trial has a seed of its own,
    // and reports its losses: a pruner may end it.

    // %%
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Vec<(&'static str, f64)>> {
        let manifest = &attempt.manifest;
        let data = data(manifest, attempt.measured)?;
        let seed = manifest.training.seed + i64::from(attempt.repeat);
        let training = Training { seed, ..manifest.training.clone() };
        let mut model = Sequential::from(&manifest.model).compile(&training, data.features.len())?;
        let history =
            model.fit_while(&data.train.x, &data.train.y, |epoch| attempt.goes_on(epoch.epoch, epoch.loss))?;
        history.converged()?;
        let accuracy = data.test_error(&model.predict(&data.test.x)?);
        // An accuracy of 0 is one half of the smallest that float32 tells apart here.
        Ok(vec![("accuracy", accuracy), ("log10_accuracy", libm::log10(accuracy.max(1e-8)))])
    };

    // %% [markdown]
    // ## The studies
    //
    // First measured on the test data, as in the post, then once more on held-out data. Data that cannot be trained on are
    // found before the first trial.

    // %%
    for measured in [Measured::Test, Measured::Validation] {
        data(manifest, measured)?;
    }
    let tuning = Tuning { manifest, search: &manifest.search, metrics: &METRICS, train };
    let studies = tuning.optimize(notebook)?;

    // %% [markdown]
    // ## Trials, and what would be chosen

    // %%
    tuning.show(notebook, &studies)?;
    tuning.compare(notebook, &studies)?;
    Ok(studies.outcome())
}

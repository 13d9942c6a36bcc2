//! Which network learns the rows best?

// %%
use std::path::PathBuf;
use anyhow::Context as _;
use dataset::Table;
use keras::{Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook};
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, Measurements, Metric, Tuning};

fn main() {
    notebook::run(notebook::source!(), experiment)
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    data: Table,
    model: Model,
    training: Training,
    #[serde(default)]
    show_rows: bool,
    search: Search,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        tuning::rules(&self.search, &METRICS, 0)
    }
}

const METRICS: [Metric; 1] = [Metric { name: "val_loss", label: "loss on held-out rows", log: false }];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %%
    let folders = notebook.folders().map(PathBuf::from);
    let folders = folders.each_ref().map(PathBuf::as_path);
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Measurements> {
        let data = attempt.manifest.data.load_from(&folders)?;
        let training = &attempt.manifest.training;
        let mut model = Sequential::from(&attempt.manifest.model).compile(training, data.features.len())?;
        let history = model.fit_while(&data.train.x, &data.train.y, |epoch| attempt.goes_on(epoch.epoch, epoch.loss))?;
        history.converged().context("the training")?;
        Ok(vec![("val_loss", model.evaluate(&data.test, training.batch_size)?.loss.into())])
    };
    let tuning = Tuning { manifest, search: &manifest.search, metrics: &METRICS };
    let studies = tuning.optimize(notebook, &train)?;
    tuning.tables(notebook, &studies)?;
    Ok(studies.outcome())
}

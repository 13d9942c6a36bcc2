//! Which values of the post's knobs are best, if every combination is tried?
//!
//! The post names grid search first among the proper ways to tune. A grid gives each knob a few values and makes each combination a
//! trial; a trial counts as the median of its trainings, so that one lucky seed decides nothing. What a grid costs shows as well: a knob
//! that turns out not to matter is trained with all of its values all the same.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p grid-search
//! cargo run --release -p grid-search -- --out /tmp/other --set search.seed=1
//! ```

// %%
use std::process::ExitCode;

use keras::Sequential;
use manifest::{Broken, Document, Rules};
use notebook::Notebook;
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, Measured, Measurements, Metric, Task, Tuning};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    task: Task,
    /// The search for better values of keys of this manifest.
    search: Search,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.task.rules()?;
        self.task.rules_of_search(&self.search, &METRICS)
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

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## One training
    //
    // The suggested values stand in the manifest in the place of its own. Every training of a trial has a seed of its own,
    // and reports its losses: a pruner may end it. What the post calls accuracy is the root mean square error of the predictions, where
    // 0 is best; its base-10 logarithm tells small ones apart.

    // %%
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Measurements> {
        let Manifest { task, search } = &*attempt.manifest;
        let data = task.dataset(attempt.measured, search.validation_split)?;
        let mut model = Sequential::from(&task.model).compile(&task.training(attempt.repeat), data.features.len())?;
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
    // Data that cannot be trained on are found before the first trial.

    // %%
    for measured in [Measured::Test, Measured::Validation] {
        manifest.task.dataset(measured, manifest.search.validation_split)?;
    }
    let tuning = Tuning { manifest, search: &manifest.search, metrics: &METRICS };
    notebook.paragraph(tuning.describe());
    let studies = tuning.optimize(notebook, &train)?;

    // %% [markdown]
    // ## The network that the report keeps
    //
    // It has the values that held-out rows choose, or the test rows where none are held out, and is trained on all training rows from
    // the manifest's seed.

    // %%
    if let Some(best) = studies.validation.as_ref().unwrap_or(&studies.test).best() {
        let Manifest { task, .. } = &*tuning::with(manifest, &best.assignment())?;
        let data = task.dataset(Measured::Test, None)?;
        let mut model = Sequential::from(&task.model).compile(&task.training, data.features.len())?;
        notebook.keep(&data, model.program())?;
        notebook.table("history", model.fit(&data.train.x, &data.train.y, |_| ())?.frame())?;
        notebook.paragraph(task.training.describe());
        notebook.print(&task.model.summary(data.features.len()))?;
    }

    // %% [markdown]
    // ## Trials
    //
    // A row a trial: of the study on the test data and, where there is one, of that on held-out rows. Where a trial has several
    // trainings, `spread` is the distance from their smallest to their largest value. In the figure the line is the best value so far.

    // %%
    tuning.tables(notebook, &studies)?;
    let charts = tuning.charts(&studies)?;
    charts.optimization_history(notebook)?;

    // %% [markdown]
    // ## Which parameters matter
    //
    // Two measures answer different questions: fANOVA says how much of the objective's variance a parameter explains alone, over
    // the whole space; PED-ANOVA says how much it decides whether a trial is among the best tenth.

    // %%
    charts.parameter_importance(notebook)?;
    charts.slice(notebook)?;
    charts.contour(notebook)?;
    charts.rank(notebook)?;
    charts.parallel_coordinates(notebook)?;

    // %% [markdown]
    // ## How the values are spread, and how the losses fell

    // %%
    charts.empirical_distribution(notebook)?;
    charts.intermediate_values(notebook)?;
    charts.timeline(notebook)?;

    // %% [markdown]
    // ## Conclusion
    //
    // What each study chooses is trained again from seeds that no trial has seen, and tested on the test data.

    // %%
    tuning.compare(notebook, &studies, &train)?;
    Ok(studies.outcome())
}

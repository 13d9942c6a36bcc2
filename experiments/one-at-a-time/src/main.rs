//! Which of the post's knobs matters, if each is turned alone?
//!
//! This is the post's own way of tuning: start from one configuration, the baseline, and change one thing only. Here every value is
//! trained from the same seeds, so that the spread over them says whether a difference is more than luck. What cannot be seen this way is
//! how the knobs work together; the searches show that.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p one-at-a-time
//! cargo run --release -p one-at-a-time -- --out /tmp/other --set factors.seeds=200
//! ```

// %%
mod overview;

use std::process::ExitCode;

use anyhow::Context as _;
use figures::{Direction, Distribution, Factor, Objective, significant};
use keras::Sequential;
use manifest::{Broken, Document, Rules};
use notebook::{Notebook, counted, median, quantile};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use schemars::JsonSchema;
use search::{Assignment, Domain, Space, Value};
use serde::{Deserialize, Serialize};
use tuning::{Measured, Task, short_names};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    task: Task,
    /// Keys of this manifest that are changed one at a time.
    factors: Factors,
}

/// Keys of the manifest, each set to other values while all else stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Factors {
    /// Trainings of every value, from the seeds `training.seed`, `training.seed` + 1, …
    #[schemars(range(min = 1, max = 100_000))]
    seeds: u32,
    /// The keys, by their dotted path, and their values.
    parameters: Space,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.task.rules()?;
        self.task.training.rules_of_seeds("factors.seeds", self.factors.seeds, 0)
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_factors(document, "factors.parameters", &document.factors.parameters)
    }
}

/// A value of a factor, and the accuracy of its trainings.
struct Level {
    name: String,
    accuracies: Vec<f64>,
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The baseline
    //
    // It is trained from the first seed here; the report keeps this network.

    // %%
    let data = manifest.task.dataset(Measured::Test, None)?;
    let mut model = Sequential::from(&manifest.task.model).compile(&manifest.task.training, data.features.len())?;
    notebook.keep(&data, model.program())?;
    notebook.table("history", model.fit(&data.train.x, &data.train.y, |_| ())?.frame())?;

    // %% [markdown]
    // ## Every value in the place of the baseline's
    //
    // All values are trained from the same seeds.

    // %%
    let factors = &manifest.factors;
    let parameters = factors.parameters.parameters();
    let names = short_names(&factors.parameters);
    let train = |parameters: &Assignment| -> anyhow::Result<Vec<f64>> {
        let Manifest { task, .. } = &*tuning::with(manifest, parameters)?;
        let data = task.dataset(Measured::Test, None)?;
        let train = |repeat: u32| -> anyhow::Result<f64> {
            let mut model = Sequential::from(&task.model).compile(&task.training(repeat), data.features.len())?;
            let history = model.fit(&data.train.x, &data.train.y, |_| ())?;
            let accuracy = data.test_error(&model.predict(&data.test.x)?);
            let is_finite = history.diverged.is_none() && accuracy.is_finite();
            Ok(if is_finite { accuracy } else { f64::INFINITY })
        };
        // On all cores, and collected in the order of the seeds.
        (0..factors.seeds).into_par_iter().map(train).collect()
    };
    let baseline = median(&train(&Assignment::default())?);
    let levels_of = |domain: &Domain| domain.count().unwrap_or(0);
    let progress =
        notebook.progress_bar(parameters.iter().map(|parameter| levels_of(&parameter.domain)).sum(), "values");
    let mut levels: Vec<Vec<Level>> = Vec::new();
    for parameter in parameters {
        let mut of_factor = Vec::new();
        for value in (0..levels_of(&parameter.domain)).map(|index| parameter.domain.nth(index)) {
            let mut assignment = Assignment::default();
            assignment.insert(&parameter.name, value.clone());
            let mark = if is_baseline(manifest, &parameter.name, &value)? { " (baseline)" } else { "" };
            of_factor.push(Level { name: format!("{value}{mark}"), accuracies: train(&assignment)? });
            progress.inc(1);
        }
        levels.push(of_factor);
    }
    progress.finish_and_clear();
    notebook.table("factors", table(&names, &levels, baseline)?)?;

    // %% [markdown]
    // ## Which factor mattered
    //
    // The overview has a row a factor, from its best to its worst value; then every factor has a figure, a dot a seed.

    // %%
    let objective = Objective { name: "accuracy (root mean square error)", direction: Direction::Minimize, log: true };
    let drawn: Vec<Vec<Distribution>> = levels
        .iter()
        .map(|of| of.iter().map(|Level { name, accuracies }| Distribution { name, values: accuracies }).collect())
        .collect();
    let all: Vec<Factor> = names.iter().zip(&drawn).map(|(name, levels)| Factor { name, levels }).collect();
    let caption = "How far each factor alone moves the median accuracy";
    let label = format!("median {}, relative to the baseline", objective.name);
    let of: Vec<(&str, &[Level])> = names.iter().map(String::as_str).zip(levels.iter().map(Vec::as_slice)).collect();
    let figure = overview::overview(caption, &notebook.name(), &label, &of, baseline);
    notebook.figure("overview", caption, figure)?;
    for factor in &all {
        let caption = format!("Accuracy by {}, all else as in the baseline", factor.name);
        let beside = Some(("baseline", baseline));
        let figure = figures::one_at_a_time(&caption, &notebook.name(), objective, *factor, beside);
        notebook.figure(&factor.name.replace(' ', "_"), &caption, figure)?;
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.value("median_accuracy_baseline", baseline);
    let mut best: Vec<(f64, String)> = Vec::new();
    for (name, levels) in names.iter().zip(&levels) {
        let effect = |level: &&Level| libm::log10(median(&level.accuracies) / baseline);
        let level = levels.iter().min_by(|a, b| effect(a).total_cmp(&effect(b))).context("a factor has values")?;
        notebook.value(&format!("log10_effect_{}", name.replace(' ', "_")), effect(&level));
        let effect = effect(&level);
        let said =
            if effect.is_finite() { format!("{effect:+.2}").replace('-', "−") } else { "not finite".to_owned() };
        best.push((effect, format!("{name} {} ({said})", level.name)));
    }
    best.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let seeds = counted(factors.seeds.into(), "seed");
    if !baseline.is_finite() {
        let said =
            format!("Over {seeds} the baseline has no finite median accuracy: there is nothing to compare with.");
        notebook.paragraph(&*said);
        return Ok(format!("{said}\n"));
    }
    let (least, first) = best[0].clone();
    let best: Vec<String> = best.into_iter().map(|(_, text)| text).collect();
    let gained = if least < 0.0 { format!("most is gained by {first}") } else { "no value is better".to_owned() };
    let baseline = format!("the baseline's median accuracy over {seeds} is {}", significant(baseline, 3));
    notebook.paragraph(format!(
        "What the post calls accuracy is a root mean square error, so less is better: {baseline}, and {gained}. The best value of each factor, with what it alone \
         adds to the base-10 logarithm of that median: {}.",
        best.join(", "),
    ));
    Ok(format!("{baseline}; {gained}\n"))
}

// %%
/// Whether the manifest stays the same with this value.
fn is_baseline(manifest: &Document<Manifest>, name: &str, value: &Value) -> anyhow::Result<bool> {
    let mut assignment = Assignment::default();
    assignment.insert(name, value.clone());
    Ok(tuning::with(manifest, &assignment)?.to_json() == manifest.to_json())
}

/// A row a level: its quartiles, and what it adds to the base-10 logarithm of the baseline's median.
fn table(names: &[String], levels: &[Vec<Level>], baseline: f64) -> anyhow::Result<polars::prelude::DataFrame> {
    let rows: Vec<(&str, &Level)> =
        names.iter().zip(levels).flat_map(|(name, of)| of.iter().map(move |level| (name.as_str(), level))).collect();
    let column = |of: &dyn Fn(&Level) -> f64| rows.iter().map(|(_, level)| of(level)).collect::<Vec<f64>>();
    Ok(polars::df!(
        "factor" => rows.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "value" => rows.iter().map(|(_, level)| level.name.as_str()).collect::<Vec<_>>(),
        "seeds" => rows.iter().map(|(_, level)| level.accuracies.len() as u64).collect::<Vec<_>>(),
        "lower_quartile_accuracy" => column(&|level| quantile(&level.accuracies, 0.25)),
        "median_accuracy" => column(&|level| median(&level.accuracies)),
        "upper_quartile_accuracy" => column(&|level| quantile(&level.accuracies, 0.75)),
        "log10_effect" => column(&|level| libm::log10(median(&level.accuracies) / baseline)),
    )?)
}

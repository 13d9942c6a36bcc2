//! The manifest of the comparison, and the post's problem as an objective.

use keras::{Seeds, Sequential};
use manifest::{Broken, Document, Rules, Variant, quote};
use schemars::JsonSchema;
use search::study::Outcome;
use search::{Assignment, Domain, SamplerKind, Search};
use serde::{Deserialize, Serialize};
use tuning::{Attempt, Measured, Measurements, Metric, Task};

use crate::test_functions::{ALL, Function};

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// What the studies train.
    #[serde(flatten)]
    pub task: Task,
    /// The search for better values of keys of this manifest.
    pub search: Search,
    /// What is compared.
    pub comparison: Comparison,
    /// The samplers, by what they change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

/// Studies by the manifest's variants, each of which names a sampler, from many seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Studies of the post's problem by every sampler, with the seeds 0, 1, …
    #[schemars(range(min = 1, max = 10_000))]
    pub seeds: u32,
    /// The objective that is to be reached.
    pub target: f64,
    /// What is to be found: a parameter and its value, as `path=value`.
    #[schemars(length(min = 3))]
    pub find: String,
    /// Functions with known minima that the samplers are measured on besides.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Trials of a study of a function.
    #[schemars(range(min = 1, max = 10_000))]
    pub evaluations: u32,
    /// Seeds of the studies that `make quality` records: not those that the samplers were tuned on.
    pub recorded_seeds: Seeds,
}

/// The most seeds of a record.
const MOST_SEEDS: u64 = 10_000;

impl Comparison {
    /// The parameter that is to be found and its value.
    pub fn found(&self) -> (&str, &str) {
        self.find.split_once('=').unwrap_or((&self.find, ""))
    }
}

/// What the post calls accuracy, and its logarithm: samplers that model the objective see all of its decades.
pub const METRICS: [Metric; 2] = [
    Metric { name: "accuracy", label: "accuracy (root mean square error)", log: true },
    Metric { name: "log10_accuracy", label: "log10 accuracy (root mean square error)", log: false },
];

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.task.rules()?;
        tuning::rules(&self.search, &METRICS, self.task.data.train.size)?;
        self.rules_of_studies()?;
        self.comparison.rules(&self.search)
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_trials(document, "search.parameters", &document.search.parameters)?;
        if !document.variants.is_empty() && document.search.sampler != SamplerKind::Random {
            let message = "must be random: the samplers that are compared stand in the variants";
            return Err(Broken::new("search.sampler", message));
        }
        Ok(())
    }
}

impl Manifest {
    /// Every study is one of trials one after the other, each trained once, with a seed of the comparison.
    fn rules_of_studies(&self) -> Result<(), Broken> {
        let Search { seed, repeats, round, report_every, .. } = self.search;
        for (key, is_given) in [
            ("seed", seed != 0),
            ("validation_split", self.search.validation_split.is_some()),
            ("repeats", repeats != 1),
            ("round", round != 1),
            ("report_every", report_every != 1),
            ("pruner", self.search.pruner.is_some()),
        ] {
            if is_given {
                return Err(Broken::new(format!("search.{key}"), "a comparison of samplers has no use for it"));
            }
        }
        Ok(())
    }
}

impl Comparison {
    /// The functions are known, and what is to be found is one of the parameters that are searched.
    fn rules(&self, search: &Search) -> Result<(), Broken> {
        let (name, value) = self.found();
        let parameter = search.parameters.parameters().iter().find(|parameter| parameter.name == name);
        let known = parameter.is_some_and(|parameter| match &parameter.domain {
            Domain::Categorical { values } => values.iter().any(|known| known.to_string() == value),
            _ => false,
        });
        if !known {
            let got = quote(&self.find);
            let message = format!("expected a parameter of the search and one of its values, got {got}");
            return Err(Broken::new("comparison.find", message).with("search.parameters"));
        }
        for (index, name) in self.functions.iter().enumerate() {
            if Function::named(name).is_none() {
                let known: Vec<&str> = ALL.iter().map(|function| function.name).collect();
                let message = format!("expected one of {}, got {}", known.join(", "), quote(name));
                return Err(Broken::new(format!("comparison.functions.{index}"), message));
            }
        }
        let Seeds { first, last } = self.recorded_seeds;
        if !(0..=last).contains(&first) || last > u32::MAX.into() || self.recorded_seeds.count() > MOST_SEEDS {
            let message = format!(
                "expected at most {MOST_SEEDS} seeds, the first 0 or more and the last up to {}, got {first} to {last}",
                u32::MAX
            );
            return Err(Broken::new("comparison.recorded_seeds", message));
        }
        Ok(())
    }
}

/// The objective of the manifest's search after training with these parameters from `training.seed`.
pub fn objective(manifest: &Document<Manifest>, parameters: &Assignment) -> Outcome {
    match Attempt::new(manifest, parameters, Measured::Test, 0, &|_, _| false) {
        Ok(attempt) => attempt.outcome(&manifest.search.objective, train),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// Trains the manifest of an attempt and measures it.
fn train(attempt: &Attempt<Manifest>) -> anyhow::Result<Measurements> {
    let task = &attempt.manifest.task;
    let data = task.dataset(attempt.measured, None)?;
    let mut model = Sequential::from(&task.model).compile(&task.training, data.features.len())?;
    model.fit(&data.train.x, &data.train.y, |_| ())?.converged()?;
    let accuracy = data.test_error(&model.predict(&data.test.x)?);
    // An accuracy of 0 is one half of the smallest that float32 tells apart here.
    Ok(vec![("accuracy", accuracy), ("log10_accuracy", libm::log10(accuracy.max(1e-8)))])
}

//! A manifest's type with all sections, and its training.

use keras::{Seeds, Sequential};
use manifest::{Broken, Document, Rules, Variant};
use schemars::JsonSchema;
use search::{Search, Space};
use serde::{Deserialize, Serialize};
use tuning::{Attempt, Measurements, Metric, Task};

/// A manifest with all sections.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    #[serde(flatten)]
    pub task: Task,
    /// A key of the sample.
    #[schemars(length(min = 1), extend("contentMediaType" = "text/markdown"))]
    pub analysis: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_scan: Option<Seeds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<Factors>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    #[schemars(range(min = 1, max = 100_000))]
    pub seeds: u32,
    pub parameters: Space,
}

const METRICS: [Metric; 2] = [
    Metric { name: "rmse", label: "root mean square error", log: true },
    Metric { name: "log10_rmse", label: "its logarithm", log: false },
];

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.task.rules()?;
        if let Some(seeds) = &self.seed_scan {
            seeds.rules("seed_scan", &self.task.training)?;
        }
        if let Some(factors) = &self.factors {
            self.task.training.rules_of_seeds("factors.seeds", factors.seeds, 0)?;
        }
        self.search.as_ref().map_or(Ok(()), |search| self.task.rules_of_search(search, &METRICS))
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        if let Some(factors) = &document.factors {
            tuning::rules_of_factors(document, "factors.parameters", &factors.parameters)?;
        }
        match &document.search {
            Some(search) => tuning::rules_of_trials(document, "search.parameters", &search.parameters),
            None => Ok(()),
        }
    }
}

/// Trains an attempt, measured where it says.
pub fn train(attempt: &Attempt<Manifest>) -> anyhow::Result<Measurements> {
    let task = &attempt.manifest.task;
    let data = task.dataset(attempt.measured, Some(0.2))?;
    let mut model = Sequential::from(&task.model).compile(&task.training(attempt.repeat), data.features.len())?;
    model.fit_while(&data.train.x, &data.train.y, |epoch| attempt.goes_on(epoch.epoch, epoch.loss))?.converged()?;
    let rmse = data.test_error(&model.predict(&data.test.x)?);
    Ok(vec![("rmse", rmse), ("log10_rmse", libm::log10(rmse))])
}

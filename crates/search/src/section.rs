//! What a manifest says of a search.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Direction, Median, Options, Sampler, SamplerKind, Space, SpaceError, SuccessiveHalving};

/// A search over keys of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Who suggests what to try.
    pub sampler: SamplerKind,
    /// How many trials the study has.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub trials: u32,
    /// The study's seed.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub seed: i64,
    /// Which values of the objective are better.
    #[serde(default)]
    pub direction: Direction,
    /// The metric that is optimised, by its name.
    pub objective: String,
    /// The share of the training data, its last rows, that a second study of the same search holds out and measures on
    /// instead of the test data, as Keras' argument of that name. Left out: no second study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub validation_split: Option<f64>,
    /// Trainings a trial, from the seeds `training.seed`, `training.seed` + 1, …; their median counts. What a study
    /// chooses is trained again from the 100 seeds after them.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub repeats: u32,
    /// Trials that are suggested from the same results and may run at once.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub round: u32,
    /// Epochs from one training loss that a trial reports to the next; they are its intermediate values.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub report_every: u32,
    /// Who ends trials early, by the losses that they report. Left out: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruner: Option<PrunerKind>,
    /// How many values a grid takes of a range that has more, at equal distances on its scale; other samplers leave it.
    /// Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub grid_points: Option<u32>,
    /// Trials that TPE and the Gaussian process take from Sobol points before they suggest. Left out: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub startup_trials: Option<u32>,
    /// Candidates that TPE draws for a suggestion. Left out: 24.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub candidates: Option<u32>,
    /// The keys that are searched, by their dotted path: a range, or values to choose from.
    pub parameters: Space,
}

/// Who ends trials early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum PrunerKind {
    /// The median rule.
    Median(Median),
    /// Asynchronous successive halving, ASHA.
    SuccessiveHalving(SuccessiveHalving),
}

fn one() -> u32 {
    1
}

impl Search {
    /// Who suggests, as this search has it.
    ///
    /// # Errors
    /// If the sampler cannot search these parameters.
    pub fn sampler(&self) -> Result<Box<dyn Sampler>, SpaceError> {
        let Self { grid_points, startup_trials, candidates, .. } = *self;
        let options = Options { grid_points, startup_trials, candidates };
        self.sampler.build(self.seed.unsigned_abs(), &self.parameters, options)
    }

    /// The settings of other samplers that are given although the sampler has no use for them. `grid_points` is a property of
    /// the space: it may stand there for the day on which the sampler is a grid.
    pub fn unused(&self) -> Vec<&'static str> {
        let learns = matches!(self.sampler, SamplerKind::Tpe | SamplerKind::Gp);
        let unused = [
            ("startup_trials", self.startup_trials.is_some() && !learns),
            ("candidates", self.candidates.is_some() && self.sampler != SamplerKind::Tpe),
        ];
        unused.into_iter().filter(|(_, unused)| *unused).map(|(key, _)| key).collect()
    }
}

impl PrunerKind {
    /// The pruner itself.
    pub fn build(&self) -> Box<dyn crate::Pruner> {
        match self {
            Self::Median(median) => Box::new(median.clone()),
            Self::SuccessiveHalving(halving) => Box::new(halving.clone()),
        }
    }
}

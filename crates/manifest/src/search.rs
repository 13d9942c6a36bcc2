//! The search for better values of a manifest's own keys.

use schemars::JsonSchema;
use search::{Direction, Grid, GridOptions, Median, Sampler, SamplerKind, Space, SpaceError, SuccessiveHalving, Value};
use serde::{Deserialize, Serialize};

use crate::error::Place;
use crate::scalar::Scalar;
use crate::tree::{Kind, Node};
use crate::{Error, Manifest};

/// Seeds that no trial trains from: those after the repeats', which show what is worth what a study chooses.
pub const FRESH_SEEDS: u32 = 100;

/// A search over keys of the manifest.
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
    /// What is optimised.
    #[serde(default)]
    pub objective: Objective,
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
    pub pruner: Option<Pruner>,
    /// How many values a grid takes of a range that has more, at equal distances on its scale. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub grid_points: Option<u32>,
    /// The keys that are searched, by their dotted path: a range, or values to choose from. They are keys under `model`
    /// and `training`; those that say where or from which seed a trial trains are not among them.
    pub parameters: Space,
}

/// Who ends trials early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Pruner {
    /// The median rule.
    Median(Median),
    /// Asynchronous successive halving, ASHA.
    SuccessiveHalving(SuccessiveHalving),
}

/// What a search optimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The root mean square error on the test data, as the post measures it.
    #[default]
    Accuracy,
    /// The base-10 logarithm of `accuracy`; samplers that model the objective see all of its decades.
    Log10Accuracy,
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
        let seed = self.seed.unsigned_abs();
        match self.sampler {
            SamplerKind::Grid => {
                let options = GridOptions { points: self.grid_points };
                Ok(Box::new(Grid::new(seed, &self.parameters, options)?))
            }
            other => other.build(seed, &self.parameters),
        }
    }
}

impl Pruner {
    /// The pruner itself.
    pub fn build(&self) -> Box<dyn search::study::Pruner> {
        match self {
            Self::Median(median) => Box::new(median.clone()),
            Self::SuccessiveHalving(halving) => Box::new(halving.clone()),
        }
    }
}

/// Of so many rows, those that are trained on where the share `validation_split` is held out, as Keras counts them.
pub fn kept(rows: usize, validation_split: f64) -> usize {
    (rows as f64 * (1.0 - validation_split)) as usize
}

impl Manifest {
    /// The manifest with these values in the place of its own, without what is done with several of them.
    ///
    /// # Errors
    /// As [`Manifest::parse`]: if a key does not exist or does not take the value.
    pub fn assigned<'a>(&self, values: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Result<Self, Error> {
        let base = Self { search: None, factors: None, comparison: None, variants: Vec::new(), ..self.clone() };
        let scalar = |value: &Value| Scalar { text: value.to_string(), plain: !matches!(value, Value::Text(_)) };
        let node = |number, value| Node { place: Place::Override(number), kind: Kind::Scalar(scalar(value)) };
        base.with(values.into_iter().enumerate().map(|(number, (name, value))| (name, node(number, value))).collect())
    }
}

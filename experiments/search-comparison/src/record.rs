//! What `make quality` leaves behind: how good the samplers are on functions, and what they cost.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// The record's name among those of the experiment.
pub const RECORD: &str = "quality.json";

/// The name of the post's problem among the functions.
pub const POST: &str = "post";

/// The evaluations after which the best value so far is recorded.
pub const EVALUATIONS: [usize; 12] = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];

/// One measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it began, in UTC.
    pub date: String,
    /// The processor's name as the system gives it.
    pub processor: String,
    /// The system's load over the last minute, before and after.
    pub load: [f64; 2],
    /// Studies of functions with known minima, and of the post's problem.
    pub studies: Vec<Study>,
    /// What a suggestion takes.
    pub costs: Vec<Cost>,
    /// What studies of the post's problem take, trainings included.
    pub times: Vec<Times>,
}

/// One study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// The function, or [`POST`].
    pub function: String,
    /// The sampler.
    pub sampler: String,
    /// The study's seed.
    pub seed: u32,
    /// After each of [`EVALUATIONS`]: the best value so far minus the function's minimum; for the post's problem the
    /// value itself. None before the first complete trial.
    pub best: Vec<Option<f64>>,
}

/// What one suggestion takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The function, or [`POST`].
    pub function: String,
    /// The sampler.
    pub sampler: String,
    /// Complete trials that it is made from, drawn at random.
    pub trials: usize,
    /// Milliseconds on one core, the median of several.
    pub milliseconds: f64,
}

/// When the trials of a study end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// The sampler.
    pub sampler: String,
    /// By trial: seconds since the start of its study on one core, the median over the seeds.
    pub seconds: Vec<f64>,
}

/// Reads a record.
///
/// # Errors
/// If the file cannot be read or is not a record.
pub fn load(path: &Path) -> anyhow::Result<Record> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}: not a record", path.display()))
}

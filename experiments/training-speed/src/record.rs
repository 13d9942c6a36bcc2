//! What one measurement leaves behind: a dated file of timings, with the machine they were taken on.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use benchmark::Shape;
use serde::{Deserialize, Serialize};

use crate::{Axis, Subject};

/// One measurement.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it began, in UTC.
    pub date: String,
    /// Where it was taken.
    pub machine: Machine,
    /// The versions of what each peer runs on.
    pub versions: BTreeMap<String, BTreeMap<String, String>>,
    /// What the manifest names and could not be timed.
    pub missing: Vec<Missing>,
    /// The timings, in the order of the manifest.
    pub timings: Vec<Timing>,
}

/// The machine and how busy it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name as the system gives it.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// The widest instructions that engine `exact` uses here.
    pub instructions: String,
    /// Float32 operations that one core was seen to do in a second, at most.
    pub flops_per_second: f64,
    /// The system's load over the last minute, before and after.
    pub load: [f64; 2],
}

/// Something that could not be timed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// What it is.
    pub subject: Subject,
    /// Why it was not timed.
    pub reason: String,
}

/// Trainings of one shape by one subject.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// The experiment whose training it is; none for the manifest's own and its series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// The axis of the series it belongs to; none for the manifest's own training.
    pub over: Option<Axis>,
    /// Its value there.
    pub value: Option<u32>,
    /// What trained.
    pub subject: Subject,
    /// What was trained.
    pub shape: Shape,
    /// Trainings at once.
    pub trials: u32,
    /// Threads.
    pub threads: u32,
    /// Seconds of one training, or of all trainings at once, in each round.
    pub seconds: Vec<f64>,
    /// The losses of the first and the last epoch in the last round, which show that training took place.
    pub losses: [f64; 2],
    /// The same of the rows that are validated on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val_losses: Option<[f64; 2]>,
}

impl Timing {
    /// Whether it is the manifest's own training, neither another experiment's nor one of a series.
    pub fn is_own(&self) -> bool {
        self.experiment.is_none() && self.over.is_none()
    }

    /// Whether the same was trained.
    pub fn is_beside(&self, other: &Self) -> bool {
        (&self.experiment, self.over, self.value) == (&other.experiment, other.over, other.value)
    }

    /// Microseconds of a step in each round, sorted.
    pub fn microseconds(&self) -> Vec<f64> {
        let steps = self.shape.steps() as f64 * f64::from(self.trials);
        let mut all: Vec<f64> = self.seconds.iter().map(|seconds| seconds * 1e6 / steps).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// The median of [`Self::microseconds`] and its quartiles: low, median, high.
    pub fn spread(&self) -> [f64; 3] {
        let all = self.microseconds();
        let at = |share: f64| all[((all.len() - 1) as f64 * share).round() as usize];
        [at(0.25), at(0.5), at(0.75)]
    }

    /// Microseconds that the arithmetic of a step takes on one core at its peak.
    pub fn limit(&self, machine: &Machine) -> f64 {
        self.shape.flops_per_step() / machine.flops_per_second * 1e6
    }
}

/// Reads a record.
///
/// # Errors
/// If the file cannot be read or is not a record with timings.
pub fn load(path: &Path) -> anyhow::Result<Record> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let record: Record = serde_json::from_str(&text).with_context(|| format!("{}: not a record", path.display()))?;
    let timed = record.timings.iter().all(|timing| !timing.seconds.is_empty());
    anyhow::ensure!(timed && !record.timings.is_empty(), "{}: no timings", path.display());
    Ok(record)
}

/// What figures and tables call a subject.
pub fn name(subject: Subject) -> &'static str {
    match subject {
        Subject::Exact => "engine exact",
        Subject::ExactSweep => "engine exact, a sweep",
        Subject::Libtorch => "engine libtorch",
        Subject::Tch => "tch, by the book",
        Subject::Keras2Plain => "Keras 2 fit, as the post has it",
        Subject::Keras2 => "Keras 2 fit, compiled",
        Subject::Keras3 => "Keras 3 fit",
        Subject::PytorchEager => "PyTorch eager",
        Subject::PytorchCompiled => "PyTorch compiled",
        Subject::JaxScan => "JAX jit(scan)",
        Subject::JaxVmap => "JAX vmap",
    }
}

/// The name of a subject in a manifest.
pub fn key(subject: Subject) -> String {
    serde_json::to_value(subject).ok().and_then(|key| Some(key.as_str()?.to_owned())).unwrap_or_default()
}

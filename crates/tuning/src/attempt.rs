//! One training that a study asks for, and what is measured of it.

use std::cell::Cell;

use manifest::{Document, Rules};
use search::Assignment;
use search::study::Outcome;
use serde_json::Value;

/// What a metric is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The test data.
    Test,
    /// The rows of the training data that `search.validation_split` holds out.
    Validation,
}

/// A number that a training is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// As `search.objective` names it.
    pub name: &'static str,
    /// As axes name it.
    pub label: &'static str,
    /// Whether axes are logarithmic.
    pub log: bool,
}

/// What is measured of a training: metrics by name.
pub type Measurements = Vec<(&'static str, f64)>;

/// How an attempt is trained and measured.
pub type Train<'f, T> = dyn Fn(&Attempt<'_, T>) -> anyhow::Result<Measurements> + Sync + 'f;

/// One training: the manifest with the suggested values in it, and somebody to report to.
pub struct Attempt<'a, T> {
    /// The manifest with the suggested values in the place of its own.
    pub manifest: Document<T>,
    /// What the metrics are measured on.
    pub measured: Measured,
    /// Which of the trainings of these values this is, from 0: its seed is `training.seed` plus this number.
    pub repeat: u32,
    report: &'a dyn Fn(u64, f64) -> bool,
    ended: Cell<bool>,
}

impl<'a, T: Rules> Attempt<'a, T> {
    /// A training of `manifest` with `parameters`; `report` gets the epochs and losses that are reported and says whether to
    /// end.
    ///
    /// # Errors
    /// If a key does not exist or does not take the value.
    pub fn new(
        manifest: &Document<T>,
        parameters: &Assignment,
        measured: Measured,
        repeat: u32,
        report: &'a dyn Fn(u64, f64) -> bool,
    ) -> Result<Self, manifest::Error> {
        Ok(Self::of(with(manifest, parameters)?, measured, repeat, report))
    }

    /// A training of a manifest that has its parameters.
    pub(crate) fn of(
        manifest: Document<T>,
        measured: Measured,
        repeat: u32,
        report: &'a dyn Fn(u64, f64) -> bool,
    ) -> Self {
        Self { manifest, measured, repeat, report, ended: Cell::new(false) }
    }

    /// Reports the loss of an epoch, from 1, and says whether to go on.
    pub fn goes_on(&self, epoch: u32, loss: f32) -> bool {
        let ended = loss.is_finite() && (self.report)(epoch.into(), loss.into());
        self.ended.set(self.ended.get() || ended);
        !ended
    }

    /// What became of the training: the metric called `objective` of those that `train` returns. A training that fails, or
    /// whose metric is not finite, fails the trial; one that was ended is pruned.
    pub fn outcome(&self, objective: &str, train: impl FnOnce(&Self) -> anyhow::Result<Measurements>) -> Outcome {
        let metrics = match train(self) {
            _ if self.ended.get() => return Outcome::Pruned,
            Err(error) => return Outcome::Failed(format!("{error:#}")),
            Ok(metrics) => metrics,
        };
        match metrics.into_iter().find(|(name, _)| *name == objective) {
            Some((_, value)) if value.is_finite() => Outcome::Complete(value),
            Some((name, _)) => Outcome::Failed(format!("the {name} is not finite")),
            None => Outcome::Failed(format!("no metric is called {objective}")),
        }
    }
}

/// The manifest with these values in the place of its own. A text that a list or a mapping begins is read as one.
///
/// # Errors
/// As [`Attempt::new`].
pub fn with<T: Rules>(manifest: &Document<T>, parameters: &Assignment) -> Result<Document<T>, manifest::Error> {
    manifest.with(parameters.iter().map(|(name, value)| (name, json(value))))
}

/// A parameter's value as a manifest takes it.
pub(crate) fn json(value: &search::Value) -> Value {
    match value {
        search::Value::Text(text) if text.starts_with(['[', '{']) => {
            serde_yaml::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
        }
        value => serde_json::to_value(value).unwrap_or(Value::Null),
    }
}

//! A trial: one assignment and what became of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Assignment;

/// What became of a trial, in Optuna's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Asked for, not told yet.
    Running,
    /// Queued with parameters, not started yet.
    Waiting,
    /// Finished with a value.
    Complete,
    /// Stopped early by a pruner.
    Pruned,
    /// Ended without a value.
    Fail,
}

impl State {
    /// Whether nothing more can happen to the trial.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Complete | Self::Pruned | Self::Fail)
    }
}

/// The word in tables, Optuna's own.
impl std::fmt::Display for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&format!("{self:?}").to_uppercase())
    }
}

/// Which values are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smaller values.
    #[default]
    Minimize,
    /// Larger values.
    Maximize,
}

impl Direction {
    /// `value` turned so that smaller is better.
    pub fn as_loss(self, value: f64) -> f64 {
        match self {
            Self::Minimize => value,
            Self::Maximize => -value,
        }
    }
}

/// A moment: microseconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// One assignment and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Number within the study, from 0.
    pub number: u64,
    /// What became of it.
    pub state: State,
    /// The objective; complete trials have one, pruned ones may.
    pub value: Option<f64>,
    /// What was tried. Parameters whose condition did not hold are absent.
    pub parameters: Assignment,
    /// Values reported along the way, by step (an epoch, say).
    pub intermediate: BTreeMap<u64, f64>,
}

impl Trial {
    /// A trial without results.
    pub fn new(number: u64, state: State, parameters: Assignment) -> Self {
        Self { number, state, value: None, parameters, intermediate: BTreeMap::new() }
    }

    /// A trial that is being worked on.
    pub fn running(number: u64, parameters: Assignment) -> Self {
        Self::new(number, State::Running, parameters)
    }

    /// A trial that ended with `value`.
    pub fn complete(number: u64, parameters: Assignment, value: f64) -> Self {
        Self { value: Some(value), ..Self::new(number, State::Complete, parameters) }
    }

    /// The last intermediate value and its step.
    pub fn last_intermediate(&self) -> Option<(u64, f64)> {
        self.intermediate.last_key_value().map(|(&step, &value)| (step, value))
    }
}

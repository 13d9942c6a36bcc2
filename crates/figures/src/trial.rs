//! What the figures of a study are drawn from: trials, their objective and their parameters.

use crate::Error;
use crate::axis::{Axis, has_a_place};
use crate::legend::Item;
use crate::style::{BLUE, Marker, REFERENCE, Shape, VERMILLION};

/// The trials of a choice are spread over this share of its strip. Two irrational ratios, one an axis, spread
/// neighbouring trials evenly.
const SPREAD: f64 = 0.5;
pub const GOLDEN_RATIO: f64 = 0.618_033_988_749_895;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialState {
    /// With a value of the objective.
    Complete,
    /// Before its end, because it did not look promising.
    Pruned,
    /// With an error.
    Failed,
}

/// A trial of a study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrialPoint {
    /// Its number in the study.
    pub number: u32,
    /// The objective; what a pruned trial has instead is not drawn.
    pub value: Option<f64>,
    /// How it ended.
    pub state: TrialState,
}

/// Whether small or large values of an objective are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Small values are better.
    Minimize,
    /// Large values are better.
    Maximize,
}

/// What a study optimises.
#[derive(Debug, Clone, Copy)]
pub struct Objective<'a> {
    /// The label of its axis, with its unit.
    pub name: &'a str,
    /// Which values are better.
    pub direction: Direction,
    /// Whether its axis is logarithmic; values that are not above zero then have no place.
    pub log: bool,
}

/// A parameter of a study, with its value in each trial, in the order of the trials.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'a> {
    /// The label of its axis, with its unit.
    pub name: &'a str,
    /// Its value in each trial.
    pub values: ParameterValues<'a>,
}

/// The values of a parameter, one a trial.
#[derive(Debug, Clone, Copy)]
pub enum ParameterValues<'a> {
    /// Numbers; not finite where a trial does not have the parameter.
    Numeric {
        /// The number of each trial.
        values: &'a [f64],
        /// Whether the axis is logarithmic.
        log: bool,
    },
    /// Choices.
    Categorical {
        /// What the choices are called.
        labels: &'a [&'a str],
        /// The choice of each trial; none where a trial does not have the parameter.
        index: &'a [Option<usize>],
    },
}

impl Objective<'_> {
    /// The value of a complete trial that can be drawn.
    pub(crate) fn value(&self, trial: &TrialPoint) -> Option<f64> {
        let is_complete = trial.state == TrialState::Complete;
        trial.value.filter(|&value| is_complete && has_a_place(value, self.log))
    }

    /// Whether `one` is better than `other`.
    pub(crate) fn is_better(&self, one: f64, other: f64) -> bool {
        match self.direction {
            Direction::Minimize => one < other,
            Direction::Maximize => one > other,
        }
    }

    /// An axis over `values`.
    pub(crate) fn axis(&self, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        if self.log { Axis::logarithmic(self.name, values) } else { Axis::linear(self.name, values) }
    }

    /// An axis that lies, a little beyond `values`.
    pub(crate) fn lying_axis(&self, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        if self.log { Axis::tight_logarithmic(self.name, values) } else { Axis::linear(self.name, values) }
    }
}

impl Parameter<'_> {
    fn len(&self) -> usize {
        match self.values {
            ParameterValues::Numeric { values, .. } => values.len(),
            ParameterValues::Categorical { index, .. } => index.len(),
        }
    }

    /// An axis over all its values; the place of a choice is its number.
    pub(crate) fn axis(&self) -> Axis {
        match self.values {
            ParameterValues::Categorical { labels, .. } => Axis::choices(self.name, labels),
            ParameterValues::Numeric { values, log } => {
                let values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, log)).collect();
                let values = if values.is_empty() { vec![1.0, 2.0] } else { values };
                if log { Axis::logarithmic_at(self.name, values) } else { Axis::linear(self.name, values) }
            }
            .expect("every value has a place"),
        }
    }

    /// The place of a trial on its axis; not a number where the trial does not have the parameter.
    pub(crate) fn place(&self, trial: usize) -> f64 {
        match self.values {
            ParameterValues::Numeric { values, .. } => values.get(trial).copied().unwrap_or(f64::NAN),
            ParameterValues::Categorical { index, .. } => {
                index.get(trial).copied().flatten().map_or(f64::NAN, |choice| choice as f64)
            }
        }
    }

    /// As [`Self::place`], the trials of a choice spread a little.
    pub(crate) fn spread(&self, trial: usize) -> f64 {
        self.place(trial) + self.shift(trial, GOLDEN_RATIO)
    }

    /// As [`Self::spread`] for the other axis of a plane, so that no trials line up.
    pub(crate) fn spread_upright(&self, trial: usize) -> f64 {
        self.place(trial) + self.shift(trial, std::f64::consts::SQRT_2)
    }

    fn shift(&self, trial: usize, ratio: f64) -> f64 {
        match self.values {
            ParameterValues::Numeric { .. } => 0.0,
            ParameterValues::Categorical { .. } => SPREAD * ((trial as f64 * ratio).fract() - 0.5),
        }
    }
}

/// The positions of the complete trials with a value, from the best to the worst.
pub fn from_best(objective: &Objective<'_>, trials: &[TrialPoint]) -> Vec<usize> {
    let mut ranked: Vec<(f64, usize)> =
        (0..trials.len()).filter_map(|index| Some((objective.value(&trials[index])?, index))).collect();
    ranked.sort_by(|one, other| {
        let order = one.0.total_cmp(&other.0);
        if objective.is_better(1.0, 0.0) { order.reverse() } else { order }
    });
    ranked.into_iter().map(|trial| trial.1).collect()
}

/// The note of a figure that shows complete trials alone.
pub fn note(without: usize, more: usize) -> Option<String> {
    let trials = match without {
        0 => None,
        1 => Some("1 trial is pruned, failed or without a value and not drawn".to_owned()),
        _ => Some(format!("{without} trials are pruned, failed or without a value and not drawn")),
    };
    let parameters = (more > 0).then(|| format!("{more} more parameters are not shown"));
    crate::frame::joined([trials, parameters])
}

/// Refuses a study without trials or parameters, and parameters with another number of values than trials.
pub fn check(trials: &[TrialPoint], parameters: &[Parameter<'_>]) -> Result<(), Error> {
    if trials.is_empty() || parameters.is_empty() {
        return Err(Error::Empty);
    }
    Error::check_lengths(trials.len(), parameters.iter().map(Parameter::len))
}

/// A legend of how many trials ended in each way.
pub fn ended(states: impl Iterator<Item = TrialState>, item: impl Fn(String, TrialState) -> Item) -> Vec<Item> {
    let states: Vec<TrialState> = states.collect();
    let mut items = Vec::new();
    for (state, name) in
        [(TrialState::Complete, "complete"), (TrialState::Pruned, "pruned"), (TrialState::Failed, "failed")]
    {
        let count = states.iter().filter(|&&ended| ended == state).count();
        if count > 0 {
            items.push(item(format!("{count} {name}"), state));
        }
    }
    items
}

/// How a trial is drawn, smaller where there are many.
pub fn marker(state: TrialState, trials: usize) -> Marker {
    let radius = match trials {
        0..=200 => 9.0,
        201..=1000 => 6.5,
        _ => 4.5,
    };
    let (shape, color) = match state {
        TrialState::Complete => (Shape::Circle, BLUE),
        TrialState::Pruned => (Shape::Diamond, REFERENCE),
        TrialState::Failed => (Shape::Cross, VERMILLION),
    };
    Marker { shape, color, radius, hollow: state == TrialState::Pruned, rim: state == TrialState::Complete }
}

//! What the figures of a study are drawn from: trials, their objective and their parameters.

use crate::axis::{Axis, has_a_place, range};
use crate::legend::Item;
use crate::style::{BLUE, Marker, REFERENCE, Shape, VERMILLION};
use crate::{Error, check_lengths};

/// The name of a choice beside a plot is cut to this many pixels.
const LONGEST_CHOICE: f64 = 320.0;

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
    /// The objective; of a pruned trial the last intermediate value.
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
    pub fn value(&self, trial: &TrialPoint) -> Option<f64> {
        let is_complete = trial.state == TrialState::Complete;
        trial.value.filter(|&value| is_complete && has_a_place(value, self.log))
    }

    /// Whether `one` is better than `other`.
    pub fn is_better(&self, one: f64, other: f64) -> bool {
        match self.direction {
            Direction::Minimize => one < other,
            Direction::Maximize => one > other,
        }
    }

    /// Why a value has no place on its axis.
    pub fn why_left_out(&self) -> &'static str {
        if self.log { "zero, negative or not finite" } else { "not finite" }
    }

    /// Ends a little further apart where the axis is logarithmic, so that nothing lies on its end; a
    /// linear axis sees to that itself.
    pub fn with_air(&self, (low, high): (f64, f64)) -> (f64, f64) {
        if self.log { ((low / 1.3).max(f64::from_bits(1)), (high * 1.3).min(f64::MAX)) } else { (low, high) }
    }

    /// An axis over `low..=high` that stands upright.
    pub fn upright(&self, (low, high): (f64, f64), height: f64) -> Axis {
        if self.log { Axis::logarithmic(low, high, height, 40.0) } else { Axis::around(low, high) }
    }

    /// An axis over `low..=high` that lies.
    pub fn lying(&self, (low, high): (f64, f64), length: f64) -> Axis {
        if self.log {
            // Beyond three decades no label has a digit before its power of ten.
            let room = if high / low > 1000.0 { 70.0 } else { 110.0 };
            Axis::logarithmic(low, high, length, room).cropped(low, high)
        } else {
            Axis::around_across(low, high, length)
        }
    }
}

impl Parameter<'_> {
    fn len(&self) -> usize {
        match self.values {
            ParameterValues::Numeric { values, .. } => values.len(),
            ParameterValues::Categorical { index, .. } => index.len(),
        }
    }

    /// The number of choices of a categorical parameter.
    pub fn choices(&self) -> Option<usize> {
        match self.values {
            ParameterValues::Numeric { .. } => None,
            ParameterValues::Categorical { labels, .. } => Some(labels.len()),
        }
    }

    /// An axis over all its values, `length` pixels long.
    pub fn axis(&self, length: f64) -> Axis {
        match self.values {
            ParameterValues::Categorical { labels, .. } => Axis::of_categories(labels.iter().copied(), length),
            ParameterValues::Numeric { .. } => {
                let (numbers, low, high, log) = self.numbers();
                if log { Axis::logarithmic_at(&numbers, length) } else { Axis::around_across(low, high, length) }
            }
        }
    }

    /// An axis over all its values that stands, about `height` pixels high.
    pub fn axis_upright(&self, height: f64) -> Axis {
        match self.values {
            ParameterValues::Categorical { labels, .. } => {
                Axis::of_categories_upright(labels.iter().copied(), height, LONGEST_CHOICE)
            }
            ParameterValues::Numeric { .. } => {
                let (numbers, low, high, log) = self.numbers();
                if log { Axis::logarithmic_at(&numbers, height) } else { Axis::around(low, high) }
            }
        }
    }

    /// The numbers that can be drawn, their ends, and whether the axis is logarithmic.
    fn numbers(&self) -> (Vec<f64>, f64, f64, bool) {
        let ParameterValues::Numeric { values, log } = self.values else {
            return (Vec::new(), 0.0, 1.0, false);
        };
        let numbers: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, log)).collect();
        let (low, high) = range(numbers.iter().copied()).unwrap_or((1.0, 2.0));
        (numbers, low, high, log)
    }

    /// Where the value of a trial lies on its axis; the trials of a choice are spread a little.
    pub fn fraction(&self, axis: &Axis, trial: usize) -> Option<f64> {
        // The golden ratio spreads neighbouring trials evenly.
        self.spread(axis, trial, 0.618_033_988_749_895)
    }

    /// As [`Self::fraction`] for an axis that stands: the other one of a plane, so that no trials line up.
    pub fn fraction_upright(&self, axis: &Axis, trial: usize) -> Option<f64> {
        self.spread(axis, trial, std::f64::consts::SQRT_2)
    }

    fn spread(&self, axis: &Axis, trial: usize, ratio: f64) -> Option<f64> {
        let middle = self.middle(axis, trial)?;
        let spread = (trial as f64 * ratio).fract() - 0.5;
        Some(self.choices().map_or(middle, |choices| middle + 0.5 * spread / choices as f64))
    }

    /// Where the value of a trial lies on its axis.
    pub fn middle(&self, axis: &Axis, trial: usize) -> Option<f64> {
        match self.values {
            ParameterValues::Numeric { values, log } => {
                values.get(trial).filter(|&&value| has_a_place(value, log)).map(|&value| axis.fraction(value))
            }
            ParameterValues::Categorical { labels, index } => {
                let choice = index.get(trial).copied().flatten().filter(|&choice| choice < labels.len());
                choice.map(|choice| (choice as f64 + 0.5) / labels.len() as f64)
            }
        }
    }
}

/// Refuses a study without trials.
pub fn check_some<T>(trials: &[T]) -> Result<(), Error> {
    if trials.is_empty() { Err(Error::Empty { what: "trials" }) } else { Ok(()) }
}

/// Refuses a study without trials or parameters, and parameters with another number of values than trials.
pub fn check_trials(trials: &[TrialPoint], parameters: &[Parameter<'_>]) -> Result<(), Error> {
    check_some(trials)?;
    if parameters.is_empty() {
        return Err(Error::Empty { what: "parameters" });
    }
    let columns: Vec<_> = parameters.iter().map(|parameter| ("values of the parameter", parameter.len())).collect();
    check_lengths(("trials", trials.len()), &columns)
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

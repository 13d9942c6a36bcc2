//! What the figures of a study are drawn from: trials, their objective and their parameters.

use crate::axis::{Axis, has_a_place};
use crate::legend::Item;
use crate::style::{BLUE, Marker, REFERENCE, Shape, VERMILLION};
use crate::{Error, Point};

/// The trials of a choice are spread over this share of its strip.
const SPREAD: f64 = 0.76;
/// Irrational ratios, one an axis, spread neighbouring trials evenly.
pub const GOLDEN_RATIO: f64 = 0.618_033_988_749_895;
pub const OTHER_RATIO: f64 = std::f64::consts::SQRT_2;

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
#[derive(Debug, Clone, PartialEq)]
pub struct TrialPoint {
    /// Its number in the study.
    pub number: u32,
    /// The objective; what a pruned trial has instead is not drawn.
    pub value: Option<f64>,
    /// How it ended.
    pub state: TrialState,
    /// What it reported while it ran, each value with its epoch, counted from 1.
    pub reports: Vec<Point>,
    /// Its start and its end, in seconds since the study began.
    pub seconds: Option<[f64; 2]>,
}

/// The trials of a study, and what a figure of them is called.
#[derive(Debug, Clone, Copy)]
pub struct Trials<'a> {
    /// The quantity or the finding.
    pub title: &'a str,
    /// What it is of.
    pub subtitle: &'a str,
    /// What the study optimises.
    pub objective: Objective<'a>,
    /// In any order.
    pub points: &'a [TrialPoint],
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
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The label of its axis, with its unit.
    pub name: String,
    /// Its value in each trial, or the number of its choice from 0; not a number where a trial does not have it.
    pub values: Vec<f64>,
    /// Its axis.
    pub scale: ParameterScale,
}

/// The axis of a parameter.
#[derive(Debug, Clone)]
pub enum ParameterScale {
    /// Numbers.
    Linear,
    /// Numbers above zero on a logarithmic axis.
    Logarithmic,
    /// Choices with these names.
    Choices(Vec<String>),
}

impl Trials<'_> {
    /// The positions of the complete trials with their values. Refuses a study without such a trial or without parameters,
    /// and parameters with another number of values than trials.
    pub(crate) fn complete<'b>(
        &self,
        parameters: impl IntoIterator<Item = &'b Parameter, IntoIter: ExactSizeIterator>,
    ) -> Result<Vec<(usize, f64)>, Error> {
        let parameters = parameters.into_iter();
        if self.points.is_empty() || parameters.len() == 0 {
            return Err(Error::Empty);
        }
        Error::check_lengths(self.points.len(), parameters.map(|parameter| parameter.values.len()))?;
        let points = self.points.iter().enumerate();
        let complete: Vec<(usize, f64)> =
            points.filter_map(|(index, point)| Some((index, self.objective.value(point)?))).collect();
        if complete.is_empty() { Err(Error::NothingToDraw) } else { Ok(complete) }
    }

    /// The note of a figure that shows so many complete trials alone, and leaves out so many parameters.
    pub(crate) fn note(&self, shown: usize, more: usize) -> Option<String> {
        let without = self.points.len() - shown;
        let why = "pruned, failed or without a value";
        let trials = (without > 0).then(|| format!("trials not drawn, as they are {why}: {without}"));
        let parameters = (more > 0).then(|| format!("parameters not shown: {more}"));
        crate::frame::joined([trials, parameters])
    }

    /// A legend of how many trials ended in each way.
    pub(crate) fn ended(&self, item: impl Fn(String, TrialState) -> Item) -> Vec<Item> {
        let counted = |(state, name): (TrialState, &str)| {
            let count = self.points.iter().filter(|point| point.state == state).count();
            (count > 0).then(|| item(format!("{count} {name}"), state))
        };
        let names =
            [(TrialState::Complete, "complete"), (TrialState::Pruned, "pruned"), (TrialState::Failed, "failed")];
        names.into_iter().filter_map(counted).collect()
    }
}

impl Objective<'_> {
    /// The value of a complete trial that can be drawn.
    pub(crate) fn value(&self, trial: &TrialPoint) -> Option<f64> {
        let is_complete = trial.state == TrialState::Complete;
        trial.value.filter(|&value| is_complete && has_a_place(value, self.log))
    }

    /// Whether `one` is better than `other`.
    pub(crate) fn is_better(&self, one: f64, other: f64) -> bool {
        if self.minimizes() { one < other } else { one > other }
    }

    pub(crate) fn minimizes(&self) -> bool {
        self.direction == Direction::Minimize
    }

    /// Puts trials with their values into an order from the best to the worst.
    pub(crate) fn rank(&self, trials: &mut [(usize, f64)]) {
        trials.sort_by(|one, other| one.1.total_cmp(&other.1));
        if !self.minimizes() {
            trials.reverse();
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

impl Parameter {
    /// An axis over all its values; the place of a choice is its number.
    pub(crate) fn axis(&self) -> Axis {
        let log = match &self.scale {
            ParameterScale::Choices(names) => return Axis::choices(&self.name, names),
            scale => matches!(scale, ParameterScale::Logarithmic),
        };
        let values: Vec<f64> = self.values.iter().copied().filter(|&value| has_a_place(value, log)).collect();
        let values = if values.is_empty() { vec![1.0, 2.0] } else { values };
        let axis = if log { Axis::logarithmic_at(&self.name, values) } else { Axis::linear(&self.name, values) };
        axis.expect("every value has a place")
    }

    /// The place of a trial on its axis, the trials of a choice spread by an irrational `ratio`.
    pub(crate) fn spread(&self, trial: usize, ratio: f64) -> f64 {
        let is_choice = matches!(self.scale, ParameterScale::Choices(_));
        self.values[trial] + if is_choice { SPREAD * ((trial as f64 * ratio).fract() - 0.5) } else { 0.0 }
    }
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

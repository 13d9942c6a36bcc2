//! What every sampler is: a pure function from a study's seed, a trial's number and the history to parameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Assignment, Direction, Gp, Grid, Random, Sobol, Space, SpaceError, State, Tpe, Trial, Value};

/// What a sampler is asked: parameters for trial `number`.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Where to look.
    pub space: &'a Space,
    /// Which values are better.
    pub direction: Direction,
    /// Every other trial known at this moment, in any order: finished ones, and running ones with their parameters. A
    /// trial with the number asked for is ignored.
    pub trials: &'a [Trial],
    /// Number of the trial to find parameters for.
    pub number: u64,
}

/// Suggests what to try next.
///
/// A suggestion depends on the sampler's seed and options and on [`Ask`], on nothing else: neither on earlier calls nor
/// on the clock, the machine or the order of the history. Every history gets an answer.
pub trait Sampler: Send + Sync + std::fmt::Debug {
    /// Parameters for the trial that is asked for. None: every point of the grid has its trial.
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment>;

    /// Whether a suggestion depends on what became of other trials, and not on their parameters alone.
    fn learns(&self) -> bool {
        true
    }
}

/// The samplers, as a manifest names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SamplerKind {
    /// Every combination once: [`Grid`].
    Grid,
    /// Independent draws: [`Random`].
    Random,
    /// Evenly spread points: [`Sobol`].
    Sobol,
    /// The tree-structured Parzen estimator: [`Tpe`].
    Tpe,
    /// A Gaussian process: [`Gp`].
    Gp,
}

/// Options of samplers; what is left out is the sampler's default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many values a grid takes of a range that has more.
    pub grid_points: Option<u32>,
    /// Trials that TPE and the Gaussian process take from Sobol points before they suggest.
    pub startup_trials: Option<u32>,
    /// Candidates that TPE draws for a suggestion.
    pub candidates: Option<u32>,
}

impl SamplerKind {
    /// The sampler; `seed` is the study's.
    ///
    /// # Errors
    ///
    /// If the sampler cannot search `space`: a grid over a continuous range.
    pub fn build(self, seed: u64, space: &Space, options: Options) -> Result<Box<dyn Sampler>, SpaceError> {
        let startup_trials = options.startup_trials.unwrap_or(10) as usize;
        Ok(match self {
            Self::Grid => Box::new(Grid::new(seed, space, options.grid_points)?),
            Self::Random => Box::new(Random { seed }),
            Self::Sobol => Box::new(Sobol { seed }),
            Self::Gp => Box::new(Gp { seed, startup_trials }),
            Self::Tpe => Box::new(Tpe::new(seed, startup_trials, options.candidates.unwrap_or(24) as usize)),
        })
    }
}

/// A trial whose parameters belong to the space.
#[derive(Clone, Debug)]
pub(crate) struct Observation<'a> {
    pub(crate) number: u64,
    /// Values by position in the space.
    pub(crate) values: Vec<Option<&'a Value>>,
    pub(crate) outcome: Outcome,
}

/// What is known of a trial; losses may be infinite, never NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    Complete(f64),
    /// Last step and the loss reported there; a trial without reports has none.
    Pruned(Option<(u64, f64)>),
    Fail,
    Pending,
}

impl Outcome {
    pub(crate) fn is_complete(self) -> bool {
        matches!(self, Self::Complete(_))
    }

    /// What is known of `trial`; nothing of one that waits. A complete trial whose value is NaN or missing counts as failed.
    pub(crate) fn of(trial: &Trial, direction: Direction) -> Option<Self> {
        Some(match trial.state {
            State::Waiting => return None,
            State::Running => Self::Pending,
            State::Fail => Self::Fail,
            State::Complete => match trial.value.filter(|value| !value.is_nan()) {
                Some(value) => Self::Complete(direction.as_loss(value)),
                None => Self::Fail,
            },
            State::Pruned => {
                let last = trial.last_intermediate().filter(|(_, value)| !value.is_nan());
                Self::Pruned(last.map(|(step, value)| (step, direction.as_loss(value))))
            }
        })
    }
}

/// Usable trials other than the one asked for, by number.
pub(crate) fn observations<'a>(ask: &Ask<'a>) -> Vec<Observation<'a>> {
    let others = ask.trials.iter().filter(|trial| trial.number != ask.number);
    let observation = |trial: &'a Trial| {
        let (outcome, values) = (Outcome::of(trial, ask.direction)?, ask.space.values(&trial.parameters)?);
        Some(Observation { number: trial.number, values, outcome })
    };
    let mut found: Vec<Observation> = others.filter_map(observation).collect();
    found.sort_by_key(|observation| observation.number);
    found
}

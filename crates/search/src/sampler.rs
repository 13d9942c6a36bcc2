//! What every sampler is: a pure function from a study's seed, a trial's number and the history to parameters.

use crate::{Assignment, Direction, Space, Trial};

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

/// A sampler's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggestion {
    /// Parameters to try.
    Parameters(Assignment),
    /// Every point of the grid has its trial; there is nothing left to try.
    Exhausted,
}

impl Suggestion {
    /// The parameters, unless the grid is exhausted.
    pub fn parameters(self) -> Option<Assignment> {
        match self {
            Self::Parameters(parameters) => Some(parameters),
            Self::Exhausted => None,
        }
    }
}

/// Suggests what to try next.
///
/// A suggestion depends on the sampler's seed and options and on [`Ask`], on nothing else: neither on earlier calls nor
/// on the clock, the machine or the order of the history. Every history gets an answer.
pub trait Sampler: Send + Sync + std::fmt::Debug {
    /// Parameters for the trial that is asked for.
    fn suggest(&self, ask: &Ask<'_>) -> Suggestion;
}

//! What samplers read from a history: usable trials, in order, with losses (smaller is better).

use crate::sampler::Ask;
use crate::{State, Value};

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
}

/// Usable trials other than the one asked for, by number. A complete trial whose value is NaN or missing counts as
/// failed.
pub(crate) fn observations<'a>(ask: &Ask<'a>) -> Vec<Observation<'a>> {
    let mut found: Vec<Observation> = ask
        .trials
        .iter()
        .filter(|trial| trial.number != ask.number)
        .filter_map(|trial| {
            let outcome = match trial.state {
                State::Waiting => return None,
                State::Running => Outcome::Pending,
                State::Fail => Outcome::Fail,
                State::Complete => match trial.value.filter(|value| !value.is_nan()) {
                    Some(value) => Outcome::Complete(ask.direction.as_loss(value)),
                    None => Outcome::Fail,
                },
                State::Pruned => {
                    let last = trial.last_intermediate().filter(|(_, value)| !value.is_nan());
                    Outcome::Pruned(last.map(|(step, value)| (step, ask.direction.as_loss(value))))
                }
            };
            Some(Observation { number: trial.number, values: ask.space.values(&trial.parameters)?, outcome })
        })
        .collect();
    found.sort_by_key(|observation| observation.number);
    found
}

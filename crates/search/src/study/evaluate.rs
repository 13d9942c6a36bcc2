//! One trial, from its parameters to its result.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::plan::Plan;
use crate::storage::Json;
use crate::{State, Trial};

/// What an objective makes of a trial.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value. NaN is none: the trial fails.
    Complete(f64),
    /// The evaluation ended early because a report asked for it.
    Pruned,
    /// No value, and why.
    Failed(String),
}

impl Outcome {
    /// The value of an outcome that has one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Complete(value) => Some(*value),
            Self::Pruned | Self::Failed(_) => None,
        }
    }
}

/// What an objective is given: a trial to run, and someone to report to.
pub struct Evaluation<'t> {
    trial: &'t Trial,
    repeat: u32,
    history: &'t [Trial],
    plan: &'t Plan,
    stop: [&'t AtomicBool; 2],
    interrupted: Cell<bool>,
    reported: RefCell<BTreeMap<u64, f64>>,
}

impl Evaluation<'_> {
    /// The trial: its number and its parameters.
    pub fn trial(&self) -> &Trial {
        self.trial
    }

    /// Which of the trial's evaluations this is, from 0. Each is expected to use a seed of its own.
    pub fn repeat(&self) -> u32 {
        self.repeat
    }

    /// Reports the value at `step` (an epoch's loss, say) and says whether to end now: return [`Outcome::Pruned`]
    /// then. The pruner judges the first evaluation of a trial, whose reports are the trial's intermediate values.
    pub fn report(&self, step: u64, value: f64) -> bool {
        if self.is_stopped() {
            self.interrupted.set(true);
            return true;
        }
        if self.repeat > 0 {
            return false;
        }
        self.reported.borrow_mut().insert(step, value);
        self.plan.pruner.as_ref().is_some_and(|pruner| {
            let intermediate = self.reported.borrow().clone();
            let judged = Trial { intermediate, ..self.trial.clone() };
            pruner.prune(self.plan.direction, self.history, &judged)
        })
    }

    fn is_stopped(&self) -> bool {
        self.stop.iter().any(|stop| stop.load(Ordering::Relaxed))
    }
}

/// What is told of a trial.
#[derive(Debug)]
pub(super) struct Told {
    pub number: u64,
    pub state: State,
    pub value: Option<f64>,
    pub intermediate: BTreeMap<u64, f64>,
    pub attributes: Vec<(&'static str, Json)>,
}

/// Runs `trial` to its end. Nothing if one of the flags in `stop` cut it short.
pub(super) fn evaluate(
    plan: &Plan,
    trial: &Trial,
    history: &[Trial],
    stop: [&AtomicBool; 2],
    objective: &(dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
) -> Option<Told> {
    let mut told = Told {
        number: trial.number,
        state: State::Complete,
        value: None,
        intermediate: BTreeMap::new(),
        attributes: Vec::new(),
    };
    let mut values = Vec::new();
    let mut evaluation = Evaluation {
        trial,
        repeat: 0,
        history,
        plan,
        stop,
        interrupted: Cell::new(false),
        reported: RefCell::default(),
    };
    for repeat in 0..plan.repeats.get() {
        if repeat > 0 && evaluation.is_stopped() {
            return None;
        }
        evaluation.repeat = repeat;
        let outcome =
            catch_unwind(AssertUnwindSafe(|| objective(&evaluation))).unwrap_or_else(|panic| failed_by_panic(&*panic));
        if evaluation.interrupted.get() {
            return None;
        }
        match outcome {
            Outcome::Complete(value) if value.is_nan() => {
                told.fail(named(plan, repeat, "the objective's value is NaN"));
            }
            Outcome::Complete(value) => values.push(value),
            Outcome::Pruned => told.state = State::Pruned,
            Outcome::Failed(error) => told.fail(named(plan, repeat, &error)),
        }
        if told.state != State::Complete {
            break;
        }
    }
    told.intermediate = evaluation.reported.into_inner();
    if values.len() > 1 {
        told.attributes.push(("repeat_values", Json::Array(values.iter().copied().map(Json::Float).collect())));
    }
    match told.state {
        State::Complete => {
            values.sort_by(f64::total_cmp);
            told.value = Some(median(&values));
            if let [least, .., greatest] = values[..] {
                told.attributes.push(("spread", Json::Float(greatest - least)));
            }
        }
        State::Pruned => told.prune(),
        _ => {}
    }
    Some(told)
}

impl Told {
    pub(super) fn fail(&mut self, error: String) {
        self.state = State::Fail;
        self.attributes.push(("error", Json::String(error)));
    }

    /// As Optuna does: the value is the last report, unless that is no number.
    pub(super) fn prune(&mut self) {
        self.state = State::Pruned;
        self.value = self.intermediate.values().last().copied().filter(|value| !value.is_nan());
    }
}

/// An error with the repeat it came from, where there are several.
fn named(plan: &Plan, repeat: u32, error: &str) -> String {
    match plan.repeats.get() {
        1 => error.to_owned(),
        repeats => format!("repeat {} of {repeats}: {error}", repeat + 1),
    }
}

/// The middle one of sorted values, or the mean of the middle two.
fn median(sorted: &[f64]) -> f64 {
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    // The mean of both infinities is no number; either is as good.
    if low == high || low.is_infinite() { low } else { low / 2.0 + high / 2.0 }
}

/// A panic is a defect of the objective; the study goes on without this trial.
fn failed_by_panic(panic: &(dyn Any + Send)) -> Outcome {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".to_owned());
    Outcome::Failed(format!("panic: {text}"))
}

//! One trial, from its parameters to its result.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::plan::{MANIFEST_ATTRIBUTE, Plan};
use crate::storage::{Json, Operation, StoredStudy, StoredTrial};
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
        if let Self::Complete(value) = self { Some(*value) } else { None }
    }

    /// A value that is no number is none.
    fn checked(self) -> Self {
        match self {
            Self::Complete(value) if value.is_nan() => Self::Failed("the objective's value is NaN".to_owned()),
            other => other,
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

impl Told {
    pub fn new(number: u64, outcome: Outcome, intermediate: BTreeMap<u64, f64>) -> Self {
        let mut attributes = Vec::new();
        let (state, value) = match outcome.checked() {
            Outcome::Complete(value) => (State::Complete, Some(value)),
            // As Optuna does: the value is the last report, unless that is no number.
            Outcome::Pruned => (State::Pruned, intermediate.values().last().copied().filter(|value| !value.is_nan())),
            Outcome::Failed(error) => {
                attributes.push(("error", Json::String(error)));
                (State::Fail, None)
            }
        };
        Self { number, state, value, intermediate, attributes }
    }

    /// The lines that tell it of `trial`; the last one ends it, so that a crash between them leaves it to be run again.
    pub fn operations(&self, plan: &Plan, study: &StoredStudy, trial: &StoredTrial) -> Vec<Operation> {
        let id = trial.id;
        let steps = self.intermediate.iter().map(|(&step, &value)| Operation::report(id, step, value));
        let mut operations: Vec<Operation> = steps.collect();
        let mut attribute = |key: &str, value: Json| operations.push(Operation::set_trial_attribute(id, key, value));
        for (key, value) in &self.attributes {
            attribute(key, value.clone());
        }
        for (key, text) in &plan.circumstances {
            if study.circumstance(trial, key) != Some(text) {
                attribute(key, text.as_str().into());
            }
        }
        if self.state == State::Fail {
            attribute("command", format!("{} {}", plan.repeat_command, trial.number).as_str().into());
            let manifest = (plan.trial_manifest)(&trial.assignment());
            operations.extend(
                manifest.map(|manifest| {
                    Operation::set_trial_system_attribute(id, MANIFEST_ATTRIBUTE, Json::String(manifest))
                }),
            );
        }
        operations.push(Operation::set_state(id, self.state, self.value));
        operations
    }
}

/// Runs `trial` to its end. Nothing if one of the flags in `stop` cut it short.
pub(super) fn evaluate(
    plan: &Plan,
    trial: &Trial,
    history: &[Trial],
    stop: [&AtomicBool; 2],
    objective: &(dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
) -> Option<Told> {
    let (interrupted, reported) = (Cell::new(false), RefCell::default());
    let mut evaluation = Evaluation { trial, repeat: 0, history, plan, stop, interrupted, reported };
    let repeats = plan.repeats.get();
    let (mut values, mut ended) = (Vec::new(), None);
    for repeat in 0..repeats {
        if repeat > 0 && evaluation.is_stopped() {
            return None;
        }
        evaluation.repeat = repeat;
        // A panic is a defect of the objective; the study goes on without this trial.
        let outcome = catch_unwind(AssertUnwindSafe(|| objective(&evaluation))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Outcome::Failed(format!("panic: {}", text.unwrap_or_else(|| "unknown".to_owned())))
        });
        if evaluation.interrupted.get() {
            return None;
        }
        ended = match outcome.checked() {
            Outcome::Complete(value) => {
                values.push(value);
                continue;
            }
            Outcome::Failed(error) if repeats > 1 => {
                Some(Outcome::Failed(format!("repeat {} of {repeats}: {error}", repeat + 1)))
            }
            outcome => Some(outcome),
        };
        break;
    }
    let repeat_values = Json::Array(values.iter().copied().map(Json::Float).collect());
    values.sort_by(f64::total_cmp);
    let outcome = ended.unwrap_or_else(|| {
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        // The mean of both infinities is no number; either is as good.
        Outcome::Complete(if low == high || low.is_infinite() { low } else { low / 2.0 + high / 2.0 })
    });
    let mut told = Told::new(trial.number, outcome, evaluation.reported.into_inner());
    if let [least, .., greatest] = values[..] {
        told.attributes.push(("repeat_values", repeat_values));
        if told.state == State::Complete {
            told.attributes.push(("spread", Json::Float(greatest - least)));
        }
    }
    Some(told)
}

//! A trial that has ended, run again: the same to the last bit, or what differs.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::evaluate::{Evaluation, Outcome, Told, evaluate};
use super::plan::Plan;
use crate::Trial;
use crate::storage::{Json, StoredStudy, StoredTrial};

/// Reports that differ and are named; the others are counted.
const MOST_REPORTS: usize = 3;

/// What came out when a trial was run again.
#[derive(Debug)]
pub struct Proof {
    /// How its state, value, reports, values of repeats or error differ; empty if they are equal in every bit.
    pub results: Vec<String>,
    /// How the plan differs from the one that the study was started with.
    pub settings: Vec<String>,
    /// What evaluated it then, and evaluates it now.
    pub circumstances: Vec<Circumstance>,
}

/// One of [`Plan::circumstances`].
#[derive(Debug)]
pub struct Circumstance {
    /// Its name.
    pub name: &'static str,
    /// What the journal says; none where it says nothing.
    pub was: Option<String>,
    /// What it is.
    pub is: String,
}

impl Proof {
    /// Runs trial `number` of the study again: its parameters, judged by the pruner against the trials of the rounds before
    /// its own. None if there is no such trial or it has not ended.
    pub fn of(
        plan: &Plan,
        study: &StoredStudy,
        number: u64,
        objective: &(dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
    ) -> Option<Self> {
        let stored = study.trials.get(number as usize).filter(|trial| trial.state.is_finished())?;
        let start = number / plan.round * plan.round.get();
        let earlier = study.trials[..start as usize].iter().filter(|trial| trial.state.is_finished());
        let history: Vec<Trial> = earlier.map(|trial| trial.to_trial()).collect();
        let never = AtomicBool::new(false);
        let trial = Trial::running(number, stored.assignment());
        let told = evaluate(plan, &trial, &history, [&never, &never], objective)?;
        let circumstances = plan.circumstances.iter().map(|(name, is)| {
            // Of what another program has evaluated, the study's own say nothing.
            let was = if stored.is_by_this_crate() { study.circumstance(stored, name) } else { None };
            Circumstance { name, was: was.map(str::to_owned), is: is.clone() }
        });
        let circumstances = circumstances.collect();
        Some(Self { results: differences(stored, &told), settings: plan.differences(study), circumstances })
    }
}

/// What is another than it was, a line each.
fn differences(was: &StoredTrial, is: &Told) -> Vec<String> {
    let text = |number: Option<f64>| number.map_or_else(|| "none".to_owned(), |number| Json::Float(number).to_string());
    let mut found = Vec::new();
    if was.state != is.state {
        found.push(format!("state was {}, is {}", was.state, is.state));
    }
    let (old, new) = (text(was.value()), text(is.value));
    if old != new {
        found.push(format!("value was {old}, is {new}"));
    }
    let steps = is.intermediate.keys().map(|&step| step as i64);
    let steps: BTreeSet<i64> = was.intermediate_values.keys().copied().chain(steps).collect();
    let reports = steps.into_iter().filter_map(|step| {
        let old = text(was.intermediate_values.get(&step).copied());
        let new = text(u64::try_from(step).ok().and_then(|step| is.intermediate.get(&step).copied()));
        (old != new).then(|| format!("intermediate value at step {step} was {old}, is {new}"))
    });
    let reports: Vec<String> = reports.collect();
    let more = reports.len().saturating_sub(MOST_REPORTS);
    found.extend(reports.into_iter().take(MOST_REPORTS));
    if more > 0 {
        found.push(format!("{more} more intermediate values differ"));
    }
    for key in ["error", "repeat_values", "spread"] {
        let (old, new) = (was.user_attribute(key), is.attributes.iter().find(|(name, _)| *name == key));
        let (old, new) = (old.map(Json::to_string), new.map(|(_, new)| new.to_string()));
        // Another program keeps no values of repeats.
        if old != new && (old.is_some() || key == "error") {
            let [old, new] = [old, new].map(|text| text.unwrap_or_else(|| "none".to_owned()));
            found.push(format!("{key} was {old}, is {new}"));
        }
    }
    found
}

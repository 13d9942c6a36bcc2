//! Studies and trials as they stand in a journal, and what a reader asks of them first.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::distribution::StoredParameter;
use super::json::Json;
use super::lock::is_ours;
use super::record::ENQUEUED_ATTRIBUTE;
use crate::{Assignment, Direction, State, Timestamp, Trial, Value};

/// A study in a journal.
#[derive(Debug, Clone)]
pub struct StoredStudy {
    /// Its id in the journal.
    pub id: i64,
    /// Its name, the only one of that name; the text of a name that is no string.
    pub name: String,
    /// One an objective; none where Optuna was given none.
    pub directions: Vec<Option<Direction>>,
    /// Attributes that users set.
    pub user_attributes: Vec<(String, Json)>,
    /// Attributes that Optuna's own parts set.
    pub system_attributes: Vec<(String, Json)>,
    /// Every trial; the index is the trial's number.
    pub trials: Vec<Arc<StoredTrial>>,
}

/// A trial in a journal.
#[derive(Debug, Clone)]
pub struct StoredTrial {
    /// Its id in the journal, over all studies.
    pub id: i64,
    /// Its number in its study, from 0.
    pub number: u64,
    /// Who runs it, or ran it last.
    pub worker: String,
    /// What became of it.
    pub state: State,
    /// The objective's values: one in a study of a single objective, none where there is no result, NaN for what is no
    /// number.
    pub values: Vec<f64>,
    /// Its parameters, in the order in which they were set.
    pub parameters: Vec<StoredParameter>,
    /// Reported values by step. A report of no number, or at a step that is no whole number, is none.
    pub intermediate_values: BTreeMap<i64, f64>,
    /// Attributes that users set.
    pub user_attributes: Vec<(String, Json)>,
    /// Attributes that Optuna's own parts set.
    pub system_attributes: Vec<(String, Json)>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it was told.
    pub completed: Option<Timestamp>,
}

impl StoredStudy {
    /// The user attribute `key`.
    pub fn user_attribute(&self, key: &str) -> Option<&Json> {
        attribute(&self.user_attributes, key)
    }

    /// The system attribute `key`.
    pub fn system_attribute(&self, key: &str) -> Option<&Json> {
        attribute(&self.system_attributes, key)
    }

    /// What is kept under `key` of the circumstances of a trial of this crate's: the trial's own attribute, or the study's.
    pub fn circumstance<'a>(&'a self, trial: &'a StoredTrial, key: &str) -> Option<&'a str> {
        trial.user_attribute(key).or_else(|| self.user_attribute(key))?.as_str()
    }

    /// The completed trial with the best value; of equals the one with the lowest number. As in Optuna, a trial that
    /// breaks a constraint gives way to the best of those that keep all of theirs, and a study without a direction is
    /// minimised. None where no trial is left, or the study has several objectives.
    pub fn best(&self) -> Option<&Arc<StoredTrial>> {
        let [direction] = self.directions[..] else { return None };
        let least = |admitted: &dyn Fn(&StoredTrial) -> bool| {
            let complete = self.trials.iter().filter(|trial| trial.state == State::Complete && admitted(trial));
            let valued = complete.filter_map(|trial| Some((loss(direction, trial.value()?), trial)));
            let valued = valued.filter(|(loss, _)| !loss.is_nan());
            valued.min_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal)).map(|(_, trial)| trial)
        };
        let best = least(&|_| true)?;
        if best.violations().any(|violation| violation > 0.0) {
            return least(&|trial| trial.is_feasible());
        }
        Some(best)
    }

    /// The trials that no other one beats in one objective without losing in another, by number; among those that keep
    /// their constraints. In a study of a single objective, all that share the best value.
    ///
    /// # Errors
    /// A completed trial that has not as many values as the study has objectives.
    pub fn pareto_front(&self) -> Result<Vec<&Arc<StoredTrial>>, String> {
        let mut left = Vec::new();
        for trial in self.trials.iter().filter(|trial| trial.state == State::Complete && trial.is_feasible()) {
            if trial.values.len() != self.directions.len() {
                let (values, objectives) = (trial.values.len(), self.directions.len());
                return Err(format!("trial {} has {values} values for {objectives} objectives", trial.number));
            }
            let losses = self.directions.iter().zip(&trial.values);
            let losses: Vec<f64> = losses.map(|(&direction, &value)| loss(direction, value)).collect();
            if !losses.iter().any(|loss| loss.is_nan()) {
                left.push((losses, trial));
            }
        }
        // Whoever beats a trial comes before it in this order, and is on the front or beaten by one that is.
        left.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
        let mut front: Vec<(Vec<f64>, &Arc<StoredTrial>)> = Vec::new();
        for (losses, trial) in left {
            let beats = |other: &[f64]| other != losses && other.iter().zip(&losses).all(|(other, own)| other <= own);
            if !front.iter().any(|(other, _)| beats(other)) {
                front.push((losses, trial));
            }
        }
        let mut front: Vec<_> = front.into_iter().map(|(_, trial)| trial).collect();
        front.sort_by_key(|trial| trial.number);
        Ok(front)
    }

    /// How many trials are in `state`.
    pub fn count(&self, state: State) -> usize {
        self.trials.iter().filter(|trial| trial.state == state).count()
    }

    /// The trials that another program added: what is suggested after them depends on when they were told.
    pub fn of_others(&self) -> impl Iterator<Item = &Arc<StoredTrial>> {
        self.trials.iter().filter(|trial| trial.is_of_others())
    }

    /// The names of all parameters of all trials, in the order in which they first occur: the columns of a table.
    pub fn parameter_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for parameter in self.trials.iter().flat_map(|trial| &trial.parameters) {
            if !names.contains(&parameter.name.as_str()) {
                names.push(parameter.name.as_str());
            }
        }
        names
    }
}

fn attribute<'a>(attributes: &'a [(String, Json)], key: &str) -> Option<&'a Json> {
    attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn loss(direction: Option<Direction>, value: f64) -> f64 {
    direction.unwrap_or_default().as_loss(value)
}

/// The system attribute in which Optuna keeps what constraints came to: all in a list, or, since version 5, each under
/// its own name behind a colon.
const CONSTRAINTS: &str = "constraints";

impl StoredTrial {
    /// What the trial's constraints came to, each once by its name or its place in the list; more than 0 breaks one.
    fn violations(&self) -> impl Iterator<Item = f64> {
        let list = self.system_attribute(CONSTRAINTS).and_then(Json::as_array).unwrap_or_default();
        let listed = list.iter().enumerate().map(|(place, value)| (place.to_string(), value));
        let named = self.system_attributes.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(CONSTRAINTS)?.strip_prefix(':')?;
            Some((name.to_owned(), value))
        });
        let all: BTreeMap<String, &Json> = listed.chain(named).collect();
        all.into_values().map(|value| value.number().unwrap_or(f64::NAN))
    }

    /// Whether the trial keeps all of its constraints.
    pub fn is_feasible(&self) -> bool {
        self.violations().all(|violation| violation <= 0.0)
    }

    /// Whether another program has this trial in its hands, running or queued, and this crate leaves it alone: it was not
    /// enqueued here.
    pub fn is_left_to_others(&self) -> bool {
        !self.state.is_finished() && self.is_of_others()
    }

    /// Whether another program added this trial, rather than that it evaluated one that was enqueued here.
    pub fn is_of_others(&self) -> bool {
        !self.is_by_this_crate() && self.system_attribute(ENQUEUED_ATTRIBUTE).is_none()
    }

    /// Whether a program of this crate runs it, or ran it last, or has enqueued it.
    pub fn is_by_this_crate(&self) -> bool {
        is_ours(&self.worker)
    }

    /// The value, in a study of a single objective. A pruned trial's is the last one it reported.
    pub fn value(&self) -> Option<f64> {
        match self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The value of the parameter `name`; none where its condition did not hold.
    pub fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value)
    }

    /// The parameters by name.
    pub fn assignment(&self) -> Assignment {
        self.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.value.clone())).collect()
    }

    /// The user attribute `key`.
    pub fn user_attribute(&self, key: &str) -> Option<&Json> {
        attribute(&self.user_attributes, key)
    }

    /// The system attribute `key`.
    pub fn system_attribute(&self, key: &str) -> Option<&Json> {
        attribute(&self.system_attributes, key)
    }

    /// The trial as samplers and pruners know it.
    pub fn to_trial(&self) -> Trial {
        let reports = self.intermediate_values.iter();
        Trial {
            value: self.value(),
            // This crate's steps count from 0; others are for the eye.
            intermediate: reports.filter_map(|(&step, &value)| Some((u64::try_from(step).ok()?, value))).collect(),
            ..Trial::new(self.number, self.state, self.assignment())
        }
    }
}

/// A name or a text on one line of a terminal: what is no letter there (line breaks, control characters, changes of the
/// writing direction) stands as its escape.
pub fn shown(text: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if hidden(letter) { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    shown
}

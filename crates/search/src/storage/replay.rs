//! What the lines of a journal amount to: the rules by which Optuna itself reads them.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::data::TrialData;
use super::distribution;
use super::json::Json;
use super::lock::is_ours;
use super::record::Operation;
use crate::{Direction, State};

/// A study in a journal.
#[derive(Debug, Clone)]
pub struct StoredStudy {
    /// Its id in the journal.
    pub id: i64,
    /// Its name, the only one of that name.
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

impl StoredStudy {
    /// The user attribute `key`.
    pub fn user_attribute(&self, key: &str) -> Option<&Json> {
        self.user_attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
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
    /// What is known of it.
    pub data: TrialData,
}

impl Deref for StoredTrial {
    type Target = TrialData;

    fn deref(&self) -> &TrialData {
        &self.data
    }
}

/// The studies of a journal, line by line.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    studies: BTreeMap<i64, StoredStudy>,
    studies_created: i64,
    /// The study and the number of every trial, by its id.
    places: Vec<(i64, usize)>,
}

impl Replay {
    pub fn studies(&self) -> impl Iterator<Item = &StoredStudy> {
        self.studies.values()
    }

    pub fn next_study(&self) -> i64 {
        self.studies_created
    }

    /// Applies one line. What Optuna passes over (a second study of a name, changes of a finished trial) has no
    /// effect here either.
    pub fn apply(&mut self, worker: String, operation: Operation) {
        match operation {
            Operation::CreateStudy { name, directions } => {
                if self.studies().any(|study| study.name == name) {
                    return;
                }
                let id = self.studies_created;
                self.studies_created += 1;
                let (user_attributes, system_attributes, trials) = (vec![], vec![], vec![]);
                let study = StoredStudy { id, name, directions, user_attributes, system_attributes, trials };
                self.studies.insert(id, study);
            }
            Operation::DeleteStudy { study } => {
                self.studies.remove(&study);
            }
            Operation::SetStudyUserAttribute { study, attribute } => {
                if let Some(study) = self.studies.get_mut(&study) {
                    set(&mut study.user_attributes, attribute);
                }
            }
            Operation::SetStudySystemAttribute { study, attribute } => {
                if let Some(study) = self.studies.get_mut(&study) {
                    set(&mut study.system_attributes, attribute);
                }
            }
            Operation::CreateTrial { study: id, data } => {
                let Some(study) = self.studies.get_mut(&id) else { return };
                let number = study.trials.len();
                let trial = StoredTrial { id: self.places.len() as i64, number: number as u64, worker, data: *data };
                study.trials.push(Arc::new(trial));
                self.places.push((id, number));
            }
            Operation::SetParameter { trial, parameter } => {
                let Some((trials, number)) = self.unfinished(trial) else { return };
                let earlier = trials
                    .iter()
                    .find_map(|trial| trial.parameters.iter().find(|earlier| earlier.name == parameter.name));
                if earlier.is_some_and(|earlier| !distribution::is_compatible(&earlier.domain, &parameter.domain)) {
                    return;
                }
                let parameters = &mut change(trials, number).data.parameters;
                match parameters.iter_mut().find(|earlier| earlier.name == parameter.name) {
                    Some(earlier) => *earlier = parameter,
                    None => parameters.push(parameter),
                }
            }
            Operation::SetStateValues { trial, state, values, time } => {
                let Some((trials, number)) = self.unfinished(trial) else { return };
                let trial = change(trials, number);
                if state == State::Running {
                    // Optuna passes over a running trial that begins again; it is how a worker of this crate takes
                    // over from a dead one.
                    if trial.data.state == State::Running {
                        if is_ours(&worker) && is_ours(&trial.worker) {
                            trial.worker = worker;
                        }
                        return;
                    }
                    trial.worker = worker;
                    trial.data.started = time;
                } else if state.is_finished() {
                    trial.data.completed = time;
                }
                trial.data.state = state;
                if let Some(values) = values {
                    trial.data.values = values;
                }
            }
            Operation::SetIntermediateValue { trial, step, value } => {
                let Some((trials, number)) = self.unfinished(trial) else { return };
                change(trials, number).data.intermediate_values.insert(step, value);
            }
            Operation::SetTrialUserAttribute { trial, attribute } => {
                let Some((trials, number)) = self.unfinished(trial) else { return };
                set(&mut change(trials, number).data.user_attributes, attribute);
            }
            Operation::SetTrialSystemAttribute { trial, attribute } => {
                let Some((trials, number)) = self.unfinished(trial) else { return };
                set(&mut change(trials, number).data.system_attributes, attribute);
            }
            Operation::DiscardTrials => {}
        }
    }

    /// The trials of the study of the trial with this id, and its number, if it exists and can still change.
    fn unfinished(&mut self, id: i64) -> Option<(&mut Vec<Arc<StoredTrial>>, usize)> {
        let &(study, number) = self.places.get(usize::try_from(id).ok()?)?;
        let trials = &mut self.studies.get_mut(&study)?.trials;
        (!trials[number].state.is_finished()).then_some((trials, number))
    }
}

fn change(trials: &mut [Arc<StoredTrial>], number: usize) -> &mut StoredTrial {
    Arc::make_mut(&mut trials[number])
}

fn set(attributes: &mut Vec<(String, Json)>, (key, value): (String, Json)) {
    match attributes.iter_mut().find(|(name, _)| *name == key) {
        Some(attribute) => attribute.1 = value,
        None => attributes.push((key, value)),
    }
}

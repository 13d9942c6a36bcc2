//! What the lines of a journal amount to: the rules by which Optuna itself reads them.

use std::sync::Arc;

use super::data::{StoredParameter, StoredTrial, set_report};
use super::distribution::Distribution;
use super::fields::{self, Fields};
use super::json::Json;
use super::lock::is_ours;
use crate::{Direction, State};

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

impl StoredStudy {
    /// The user attribute `key`.
    pub fn user_attribute(&self, key: &str) -> Option<&Json> {
        self.user_attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// The studies of a journal, line by line.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// By id.
    studies: Vec<Entry>,
    /// The study and the number of every trial, by its id.
    places: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Entry {
    study: StoredStudy,
    /// The name as it is written: 3 and "3" are two names.
    name: Json,
    /// The trials of a deleted study still change; nobody sees it.
    deleted: bool,
}

/// The trials of a study, and the number of the one that changes.
type Changing<'r> = (&'r mut Vec<Arc<StoredTrial>>, usize);

impl Replay {
    pub fn studies(&self) -> impl Iterator<Item = &StoredStudy> {
        self.entries().map(|entry| &entry.study)
    }

    pub fn next_study(&self) -> i64 {
        self.studies.len() as i64
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.studies.iter().filter(|entry| !entry.deleted)
    }

    /// Applies one line, or says what Optuna refuses in it; nothing has changed then. What Optuna passes over (a second
    /// study of a name, changes of a finished trial) has no effect here either. The fields of a line are looked at when
    /// Optuna does: what has no effect may be anything, and only lines that Optuna asks for their worker need one.
    pub fn apply(&mut self, line: &Json) -> Result<(), String> {
        let fields = Fields(line);
        let code = fields.get("op_code")?;
        match fields::whole(code) {
            Some(0) => self.create_study(fields),
            Some(1) => {
                if let Some(entry) = self.study(fields)? {
                    entry.deleted = true;
                }
                Ok(())
            }
            Some(code @ (2 | 3)) => {
                let Some(Entry { study, .. }) = self.study(fields)? else { return Ok(()) };
                match code {
                    2 => set(&mut study.user_attributes, fields.only("user_attr")?),
                    _ => set(&mut study.system_attributes, fields.only("system_attr")?),
                }
                Ok(())
            }
            Some(4) => self.create_trial(fields),
            Some(5) => self.set_parameter(fields),
            Some(6) => self.set_state(fields),
            Some(code @ 7..=9) => {
                let Some((trials, number)) = self.unfinished(fields)? else { return Ok(()) };
                match code {
                    7 => {
                        let (step, value) = (fields.key("step")?, fields.get("intermediate_value")?);
                        set_report(&mut change(trials, number).intermediate_values, step, value);
                    }
                    8 => set(&mut change(trials, number).user_attributes, fields.only("user_attr")?),
                    _ => set(&mut change(trials, number).system_attributes, fields.only("system_attr")?),
                }
                Ok(())
            }
            // Of another program; Optuna skips it.
            Some(10) => Ok(()),
            _ => Err(format!("unknown op_code {code}")),
        }
    }

    fn create_study(&mut self, fields: Fields<'_>) -> Result<(), String> {
        let written = fields.get("study_name")?;
        let directions = fields.list("directions")?.iter().map(fields::direction).collect::<Result<_, _>>()?;
        let same = |other: &Json| match (fields::number(written), fields::number(other)) {
            (Some(a), Some(b)) => a == b,
            _ => written == other,
        };
        if self.entries().any(|entry| same(&entry.name)) {
            return fields.name("worker_id").map(|_| ());
        }
        let (user_attributes, system_attributes, trials) = (vec![], vec![], vec![]);
        let (id, name) = (self.next_study(), fields::name(written));
        let study = StoredStudy { id, name, directions, user_attributes, system_attributes, trials };
        self.studies.push(Entry { study, name: written.clone(), deleted: false });
        Ok(())
    }

    fn create_trial(&mut self, fields: Fields<'_>) -> Result<(), String> {
        let next = self.places.len() as i64;
        let Some(Entry { study, .. }) = self.study(fields)? else { return Ok(()) };
        let (study_id, number) = (study.id as usize, study.trials.len());
        study.trials.push(Arc::new(StoredTrial::from_fields(fields, next, number as u64)?));
        self.places.push((study_id, number));
        Ok(())
    }

    fn set_parameter(&mut self, fields: Fields<'_>) -> Result<(), String> {
        let Some((trials, number)) = self.unfinished(fields)? else { return Ok(()) };
        let name = fields::name(fields.key("param_name")?);
        let internal = fields.get("param_value_internal")?;
        let distribution = Distribution::from_json(fields.get("distribution")?)?;
        let earlier = trials.iter().find_map(|trial| trial.parameters.iter().find(|earlier| earlier.name == name));
        if earlier.is_some_and(|earlier| !earlier.is_compatible(&distribution)) {
            return fields.name("worker_id").map(|_| ());
        }
        let parameter = StoredParameter::from_json(name, internal, distribution)?;
        let parameters = &mut change(trials, number).parameters;
        match parameters.iter_mut().find(|earlier| earlier.name == parameter.name) {
            Some(earlier) => *earlier = parameter,
            None => parameters.push(parameter),
        }
        Ok(())
    }

    fn set_state(&mut self, fields: Fields<'_>) -> Result<(), String> {
        let Some((trials, number)) = self.unfinished(fields)? else { return Ok(()) };
        let state = fields::state(fields.get("state")?)?;
        if state == State::Running && trials[number].state == State::Running {
            // Optuna passes over a running trial that begins again; it is how a worker of this crate takes over from a
            // dead one.
            let worker = fields.name("worker_id").unwrap_or_default();
            if is_ours(&worker) && is_ours(&trials[number].worker) {
                change(trials, number).worker = worker;
            }
            return Ok(());
        }
        let started = match state {
            State::Running => Some((fields.moment("datetime_start")?, fields.name("worker_id")?)),
            _ => None,
        };
        let completed = if state.is_finished() { Some(fields.moment("datetime_complete")?) } else { None };
        fields.get("values")?;
        let values = fields.floats("values")?;
        let trial = change(trials, number);
        if let Some((started, worker)) = started {
            (trial.started, trial.worker) = (Some(started), worker);
        }
        trial.completed = completed.or(trial.completed);
        trial.state = state;
        trial.values = values.unwrap_or_else(|| std::mem::take(&mut trial.values));
        Ok(())
    }

    /// The study that a line is about. None that there is no more, or never was: such a line needs a worker.
    fn study(&mut self, fields: Fields<'_>) -> Result<Option<&mut Entry>, String> {
        let id = usize::try_from(fields.id("study_id")?).ok();
        let known = id.and_then(|id| self.studies.get_mut(id)).filter(|entry| !entry.deleted);
        if known.is_none() {
            fields.get("worker_id")?;
        }
        Ok(known)
    }

    /// The trials of the study of the trial that a line is about, and its number, if it exists and can still change; a
    /// line about another one needs a worker.
    fn unfinished(&mut self, fields: Fields<'_>) -> Result<Option<Changing<'_>>, String> {
        let id = usize::try_from(fields.id("trial_id")?).ok();
        let place = id.and_then(|id| self.places.get(id)).copied();
        let trials = place.map(|(study, number)| (&mut self.studies[study].study.trials, number));
        let changing = trials.filter(|(trials, number)| !trials[*number].state.is_finished());
        if changing.is_none() {
            fields.get("worker_id")?;
        }
        Ok(changing)
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

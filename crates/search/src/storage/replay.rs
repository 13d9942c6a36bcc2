//! What the lines of a journal amount to: the rules by which Optuna itself reads them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::distribution::Distribution;
use super::json::{Json, integer, set};
use super::lock::is_ours;
use super::record::{DIRECTIONS, STATES};
use super::stored::{StoredStudy, StoredTrial};
use super::times;
use crate::{State, Timestamp};

/// The studies of a journal, line by line.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    /// By id.
    studies: Vec<Entry>,
    /// The study and the number of every trial, by its id.
    places: Vec<(usize, usize)>,
    /// By their text: most trials have the same.
    distributions: HashMap<String, Distribution>,
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
        let code = line.field("op_code")?;
        match code.whole() {
            Some(0) => self.create_study(line)?,
            Some(code @ 1..=3) => {
                let Some(entry) = self.study(line)? else { return Ok(()) };
                match code {
                    1 => entry.deleted = true,
                    2 => line.set_attribute("user_attr", &mut entry.study.user_attributes)?,
                    _ => line.set_attribute("system_attr", &mut entry.study.system_attributes)?,
                }
            }
            Some(4) => self.create_trial(line)?,
            Some(5) => self.set_parameter(line)?,
            Some(6) => self.set_state(line)?,
            Some(code @ 7..=9) => {
                let Some((trials, number)) = self.unfinished(line)? else { return Ok(()) };
                let trial = Arc::make_mut(&mut trials[number]);
                match code {
                    7 => {
                        set_report(
                            &mut trial.intermediate_values,
                            line.key("step")?,
                            line.field("intermediate_value")?,
                        );
                    }
                    8 => line.set_attribute("user_attr", &mut trial.user_attributes)?,
                    _ => line.set_attribute("system_attr", &mut trial.system_attributes)?,
                }
            }
            // Of another program; Optuna skips it.
            Some(10) => {}
            _ => return Err(format!("unknown op_code {code}")),
        }
        Ok(())
    }

    fn create_study(&mut self, line: &Json) -> Result<(), String> {
        let written = line.field("study_name")?;
        let direction =
            |written: &Json| nth(&DIRECTIONS, written).ok_or_else(|| format!("unknown direction {written}"));
        let directions = line.list("directions")?.iter().map(direction).collect::<Result<_, _>>()?;
        let same = |other: &Json| match (written.number(), other.number()) {
            (Some(a), Some(b)) => a == b,
            _ => written == other,
        };
        if self.entries().any(|entry| same(&entry.name)) {
            return line.field("worker_id").map(|_| ());
        }
        let (user_attributes, system_attributes, trials) = (vec![], vec![], vec![]);
        let (id, name) = (self.next_study(), written.text());
        let study = StoredStudy { id, name, directions, user_attributes, system_attributes, trials };
        self.studies.push(Entry { study, name: written.clone(), deleted: false });
        Ok(())
    }

    fn create_trial(&mut self, line: &Json) -> Result<(), String> {
        let id = self.places.len() as i64;
        let Some(Entry { study, .. }) = self.study(line)? else { return Ok(()) };
        let place = (study.id as usize, study.trials.len());
        let mut distributions = BTreeMap::new();
        for (name, written) in line.fields("distributions")? {
            let known = written.as_str().and_then(|text| self.distributions.get(text)).cloned();
            let distribution = known.map_or_else(|| Distribution::from_json(written), Ok)?;
            if let Some(text) = written.as_str().filter(|text| !self.distributions.contains_key(*text)) {
                self.distributions.insert(text.to_owned(), distribution.clone());
            }
            distributions.insert(name, distribution);
        }
        let parameters = line.fields("params")?.iter().map(|(name, value)| {
            let distribution = distributions.remove(name).ok_or_else(|| format!("{name} has no distribution"))?;
            distribution.parameter(name.clone(), value)
        });
        let parameters = parameters.collect::<Result<_, String>>()?;
        let mut intermediate_values = BTreeMap::new();
        for (step, value) in line.fields("intermediate_values")? {
            let step = integer(step).ok_or_else(|| format!("intermediate_values: {step} is no number of a step"))?;
            set_report(&mut intermediate_values, &step, value);
        }
        let given = |key: &str| !matches!(line.get(key), None | Some(Json::Null));
        let attributes = |key: &str| line.get(key).and_then(Json::as_object).map(<[_]>::to_vec).unwrap_or_default();
        let trial = StoredTrial {
            id,
            number: place.1 as u64,
            values: match (given("value"), given("values")) {
                (true, true) => return Err("value and values: expected one of both".to_owned()),
                (true, false) => vec![line.field("value")?.number().unwrap_or(f64::NAN)],
                _ => line.floats("values")?.unwrap_or_default(),
            },
            state: line.get("state").map_or(Ok(State::Running), state)?,
            parameters,
            intermediate_values,
            user_attributes: attributes("user_attrs"),
            system_attributes: attributes("system_attrs"),
            started: match line.field("datetime_start")? {
                Json::Null => None,
                _ => Some(line.moment("datetime_start")?),
            },
            completed: line.get("datetime_complete").map(|_| line.moment("datetime_complete")).transpose()?,
            worker: line.field("worker_id")?.text(),
        };
        self.studies[place.0].study.trials.push(Arc::new(trial));
        self.places.push(place);
        Ok(())
    }

    fn set_parameter(&mut self, line: &Json) -> Result<(), String> {
        let Some((trials, number)) = self.unfinished(line)? else { return Ok(()) };
        let name = line.key("param_name")?.text();
        let internal = line.field("param_value_internal")?;
        let distribution = Distribution::from_json(line.field("distribution")?)?;
        let earlier = trials.iter().find_map(|trial| trial.parameters.iter().find(|earlier| earlier.name == name));
        if earlier.is_some_and(|earlier| !earlier.is_compatible(&distribution)) {
            return line.field("worker_id").map(|_| ());
        }
        let parameter = distribution.parameter(name, internal)?;
        let parameters = &mut Arc::make_mut(&mut trials[number]).parameters;
        match parameters.iter_mut().find(|earlier| earlier.name == parameter.name) {
            Some(earlier) => *earlier = parameter,
            None => parameters.push(parameter),
        }
        Ok(())
    }

    fn set_state(&mut self, line: &Json) -> Result<(), String> {
        let Some((trials, number)) = self.unfinished(line)? else { return Ok(()) };
        let state = state(line.field("state")?)?;
        if state == State::Running && trials[number].state == State::Running {
            // Optuna passes over a running trial that begins again; it is how a worker of this crate takes over from a
            // dead one.
            let worker = line.get("worker_id").map_or_else(String::new, Json::text);
            if is_ours(&worker) && is_ours(&trials[number].worker) {
                Arc::make_mut(&mut trials[number]).worker = worker;
            }
            return Ok(());
        }
        let started = match state {
            State::Running => Some((line.moment("datetime_start")?, line.field("worker_id")?.text())),
            _ => None,
        };
        let completed = if state.is_finished() { Some(line.moment("datetime_complete")?) } else { None };
        line.field("values")?;
        let values = line.floats("values")?;
        let trial = Arc::make_mut(&mut trials[number]);
        if let Some((started, worker)) = started {
            (trial.started, trial.worker) = (Some(started), worker);
        }
        trial.completed = completed.or(trial.completed);
        trial.state = state;
        trial.values = values.unwrap_or_else(|| std::mem::take(&mut trial.values));
        Ok(())
    }

    /// The study that a line is about. None that there is no more, or never was: such a line needs a worker.
    fn study(&mut self, line: &Json) -> Result<Option<&mut Entry>, String> {
        let id = line.id("study_id")?;
        let known = id.and_then(|id| self.studies.get_mut(id)).filter(|entry| !entry.deleted);
        if known.is_none() {
            line.field("worker_id")?;
        }
        Ok(known)
    }

    /// The trials of the study of the trial that a line is about, and its number, if it exists and can still change; a
    /// line about another one needs a worker.
    fn unfinished(&mut self, line: &Json) -> Result<Option<Changing<'_>>, String> {
        let place = line.id("trial_id")?.and_then(|id| self.places.get(id)).copied();
        let trials = place.map(|(study, number)| (&mut self.studies[study].study.trials, number));
        let changing = trials.filter(|(trials, number)| !trials[*number].state.is_finished());
        if changing.is_none() {
            line.field("worker_id")?;
        }
        Ok(changing)
    }
}

fn state(written: &Json) -> Result<State, String> {
    nth(&STATES, written).ok_or_else(|| format!("unknown trial state {written}"))
}

fn nth<T: Copy>(all: &[T], written: &Json) -> Option<T> {
    all.get(usize::try_from(written.whole()?).ok()?).copied()
}

/// Sets the report at `step`, or takes it back where the new one is no number.
fn set_report(reports: &mut BTreeMap<i64, f64>, step: &Json, value: &Json) {
    let Some(step) = step.whole() else { return };
    match value.number() {
        Some(value) => reports.insert(step, value),
        None => reports.remove(&step),
    };
}

/// The fields of a line; errors name them.
impl Json {
    fn field(&self, key: &str) -> Result<&Self, String> {
        self.get(key).ok_or_else(|| format!("no field {key}"))
    }

    /// What Optuna looks up in a table: anything but a list and an object.
    fn key(&self, key: &str) -> Result<&Self, String> {
        match self.field(key)? {
            Self::Array(_) | Self::Object(_) => Err(format!("{key}: expected a single value")),
            value => Ok(value),
        }
    }

    /// The id of a study or of a trial; none for what no id can be.
    fn id(&self, key: &str) -> Result<Option<usize>, String> {
        Ok(self.key(key)?.whole().and_then(|id| usize::try_from(id).ok()))
    }

    fn list(&self, key: &str) -> Result<Vec<Self>, String> {
        self.field(key)?.items().ok_or_else(|| format!("{key}: expected a list"))
    }

    fn moment(&self, key: &str) -> Result<Timestamp, String> {
        let value = self.field(key)?;
        let time = value.as_str().and_then(times::parse);
        time.ok_or_else(|| format!("{key}: expected a moment, got {value}"))
    }

    /// The values of an objective; nothing under `null`. What is no number is NaN.
    fn floats(&self, key: &str) -> Result<Option<Vec<f64>>, String> {
        match self.get(key) {
            None | Some(Self::Null) => Ok(None),
            Some(_) => Ok(Some(self.list(key)?.iter().map(|item| item.number().unwrap_or(f64::NAN)).collect())),
        }
    }

    /// The fields of the object under `key`; none where there is no such object.
    fn fields(&self, key: &str) -> Result<&[(String, Self)], String> {
        match self.get(key) {
            None => Ok(&[]),
            Some(value) => value.as_object().ok_or_else(|| format!("{key}: expected an object")),
        }
    }

    /// Sets the only attribute that the object under `key` holds.
    fn set_attribute(&self, key: &str, attributes: &mut Vec<(String, Self)>) -> Result<(), String> {
        let Some([(name, value)]) = self.field(key)?.as_object() else {
            return Err(format!("{key}: expected an object of one field"));
        };
        set(attributes, name.clone(), value.clone());
        Ok(())
    }
}

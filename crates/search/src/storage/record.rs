//! The lines that this crate writes: some of Optuna's operations (`optuna/storages/journal/_storage.py`, version 5.0.0).

use super::distribution::{self, StoredParameter};
use super::json::Json;
use super::times;
use crate::{Direction, State};

/// The states by Optuna's numbers.
pub const STATES: [State; 5] = [State::Running, State::Complete, State::Pruned, State::Fail, State::Waiting];
/// The directions by Optuna's numbers.
pub const DIRECTIONS: [Option<Direction>; 3] = [None, Some(Direction::Minimize), Some(Direction::Maximize)];

/// The system attribute of a trial that this crate has enqueued for whoever evaluates it.
pub const ENQUEUED_ATTRIBUTE: &str = "tunebook:enqueued";

/// One operation on a journal: its code and its fields. Ids count from 0 over the whole journal; times are now.
#[derive(Debug)]
pub(crate) struct Operation(i64, Vec<(&'static str, Json)>);

impl Operation {
    pub fn create_study(name: &str, direction: Direction) -> Self {
        let directions = Json::Array(vec![code(&DIRECTIONS, &Some(direction))]);
        Self(0, vec![("study_name", name.into()), ("directions", directions)])
    }

    pub fn set_study_attribute(study: i64, key: &str, value: Json) -> Self {
        Self(2, vec![("study_id", Json::Int(study)), ("user_attr", Json::object([(key, value)]))])
    }

    pub fn set_study_system_attribute(study: i64, key: &str, value: Json) -> Self {
        Self(3, vec![("study_id", Json::Int(study)), ("system_attr", Json::object([(key, value)]))])
    }

    /// A trial that begins, or waits for whoever begins it: Optuna's `optimize` then suggests these parameters.
    pub fn create_trial(study: i64, state: State, parameters: &[StoredParameter]) -> Self {
        let each = |field: &dyn Fn(&StoredParameter) -> Json| {
            Json::object(parameters.iter().map(|parameter| (parameter.name.clone(), field(parameter))))
        };
        let empty = || Json::Object(Vec::new());
        let is_waiting = state == State::Waiting;
        let system_attributes = if is_waiting {
            let fixed = each(&|parameter| Json::from(&parameter.value));
            Json::object([("fixed_params", fixed), (ENQUEUED_ATTRIBUTE, Json::Bool(true))])
        } else {
            empty()
        };
        let fields = vec![
            ("study_id", Json::Int(study)),
            ("datetime_start", if is_waiting { Json::Null } else { times::now() }),
            ("state", code(&STATES, &state)),
            ("value", Json::Null),
            ("values", Json::Null),
            ("distributions", each(&|parameter| distribution::to_json(&parameter.domain))),
            ("params", each(&StoredParameter::internal)),
            ("user_attrs", empty()),
            ("system_attrs", system_attributes),
            ("intermediate_values", empty()),
        ];
        Self(4, fields)
    }

    /// A trial that begins again or ends.
    pub fn set_state(trial: i64, state: State, value: Option<f64>) -> Self {
        let values = value.map_or(Json::Null, |value| Json::Array(vec![Json::Float(value)]));
        let time = if state.is_finished() { "datetime_complete" } else { "datetime_start" };
        let state = code(&STATES, &state);
        Self(6, vec![("trial_id", Json::Int(trial)), ("state", state), ("values", values), (time, times::now())])
    }

    pub fn report(trial: i64, step: u64, value: f64) -> Self {
        let (step, value) = (Json::Int(step as i64), Json::Float(value));
        Self(7, vec![("trial_id", Json::Int(trial)), ("step", step), ("intermediate_value", value)])
    }

    pub fn set_trial_attribute(trial: i64, key: &str, value: Json) -> Self {
        Self(8, vec![("trial_id", Json::Int(trial)), ("user_attr", Json::object([(key, value)]))])
    }

    pub fn set_trial_system_attribute(trial: i64, key: &str, value: Json) -> Self {
        Self(9, vec![("trial_id", Json::Int(trial)), ("system_attr", Json::object([(key, value)]))])
    }

    /// The line.
    pub fn into_line(self, worker: &str) -> Json {
        let head = [("op_code", Json::Int(self.0)), ("worker_id", worker.into())];
        Json::object(head.into_iter().chain(self.1))
    }
}

fn code<T: PartialEq>(all: &[T], wanted: &T) -> Json {
    Json::Int(all.iter().position(|one| one == wanted).map_or(-1, |index| index as i64))
}

//! The lines that this crate writes: some of Optuna's operations (`optuna/storages/journal/_storage.py`, version 5.0.0).

use super::data::TrialData;
use super::fields::{DIRECTIONS, STATES, code, moment};
use super::json::Json;
use crate::{Direction, State, Timestamp};

/// One operation on a journal. Ids count from 0 over the whole journal.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    CreateStudy { name: String, directions: Vec<Option<Direction>> },
    SetStudyUserAttribute { study: i64, attribute: (String, Json) },
    CreateTrial { study: i64, data: Box<TrialData> },
    SetStateValues { trial: i64, state: State, values: Option<Vec<f64>>, time: Option<Timestamp> },
    SetIntermediateValue { trial: i64, step: u64, value: f64 },
    SetTrialUserAttribute { trial: i64, attribute: (String, Json) },
}

impl Operation {
    /// The line without its end.
    pub fn to_line(&self, worker: &str) -> String {
        let floats = |values: &[f64]| Json::Array(values.iter().copied().map(Json::Float).collect());
        let one = |(key, value): &(String, Json)| Json::Object(vec![(key.clone(), value.clone())]);
        let (code, fields) = match self {
            Self::CreateStudy { name, directions } => {
                let directions = directions.iter().map(|direction| code(&DIRECTIONS, direction)).collect();
                (0, vec![("study_name", name.as_str().into()), ("directions", Json::Array(directions))])
            }
            Self::SetStudyUserAttribute { study, attribute } => {
                (2, vec![("study_id", Json::Int(*study)), ("user_attr", one(attribute))])
            }
            Self::CreateTrial { study, data } => (4, data.to_fields(*study)),
            Self::SetStateValues { trial, state, values, time } => {
                let values = values.as_deref().map_or(Json::Null, floats);
                let mut fields =
                    vec![("trial_id", Json::Int(*trial)), ("state", code(&STATES, state)), ("values", values)];
                if *state == State::Running {
                    fields.push(("datetime_start", moment(*time)));
                } else if state.is_finished() {
                    fields.push(("datetime_complete", moment(*time)));
                }
                (6, fields)
            }
            Self::SetIntermediateValue { trial, step, value } => (
                7,
                vec![
                    ("trial_id", Json::Int(*trial)),
                    ("step", Json::Int(*step as i64)),
                    ("intermediate_value", Json::Float(*value)),
                ],
            ),
            Self::SetTrialUserAttribute { trial, attribute } => {
                (8, vec![("trial_id", Json::Int(*trial)), ("user_attr", one(attribute))])
            }
        };
        Json::object([("op_code", Json::Int(code)), ("worker_id", worker.into())].into_iter().chain(fields)).to_string()
    }
}

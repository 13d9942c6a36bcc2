//! The lines of a journal: Optuna's operations (`optuna/storages/journal/_storage.py`, version 5.0.0).

use super::data::{StoredParameter, TrialData};
use super::distribution;
use super::fields::{DIRECTIONS, Fields, STATES, code, direction, moment, state};
use super::json::Json;
use crate::{Direction, State, Timestamp};

/// One operation on a journal. Ids count from 0 over the whole journal.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    CreateStudy {
        name: String,
        directions: Vec<Option<Direction>>,
    },
    DeleteStudy {
        study: i64,
    },
    SetStudyUserAttribute {
        study: i64,
        attribute: (String, Json),
    },
    SetStudySystemAttribute {
        study: i64,
        attribute: (String, Json),
    },
    CreateTrial {
        study: i64,
        data: Box<TrialData>,
    },
    SetParameter {
        trial: i64,
        parameter: StoredParameter,
    },
    SetStateValues {
        trial: i64,
        state: State,
        values: Option<Vec<f64>>,
        time: Option<Timestamp>,
    },
    SetIntermediateValue {
        trial: i64,
        step: u64,
        value: f64,
    },
    SetTrialUserAttribute {
        trial: i64,
        attribute: (String, Json),
    },
    SetTrialSystemAttribute {
        trial: i64,
        attribute: (String, Json),
    },
    /// Of another program; Optuna skips it.
    DiscardTrials,
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
            Self::DeleteStudy { study } => (1, vec![("study_id", Json::Int(*study))]),
            Self::SetStudyUserAttribute { study, attribute } => {
                (2, vec![("study_id", Json::Int(*study)), ("user_attr", one(attribute))])
            }
            Self::SetStudySystemAttribute { study, attribute } => {
                (3, vec![("study_id", Json::Int(*study)), ("system_attr", one(attribute))])
            }
            Self::CreateTrial { study, data } => (4, data.to_fields(*study)),
            Self::SetParameter { trial, parameter } => (
                5,
                vec![
                    ("trial_id", Json::Int(*trial)),
                    ("param_name", parameter.name.as_str().into()),
                    ("param_value_internal", parameter.internal()),
                    ("distribution", distribution::to_json(&parameter.domain)),
                ],
            ),
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
            Self::SetTrialSystemAttribute { trial, attribute } => {
                (9, vec![("trial_id", Json::Int(*trial)), ("system_attr", one(attribute))])
            }
            Self::DiscardTrials => (10, vec![]),
        };
        Json::object([("op_code", Json::Int(code)), ("worker_id", worker.into())].into_iter().chain(fields)).to_string()
    }

    /// The worker and the operation of a line, or what is wrong with it.
    pub fn from_json(line: &Json) -> Result<(String, Self), String> {
        let fields = Fields(line);
        let operation = match fields.int("op_code")? {
            0 => Self::CreateStudy {
                name: fields.text("study_name")?.to_owned(),
                directions: fields.array("directions")?.iter().map(direction).collect::<Result<_, _>>()?,
            },
            1 => Self::DeleteStudy { study: fields.int("study_id")? },
            2 => Self::SetStudyUserAttribute { study: fields.int("study_id")?, attribute: fields.only("user_attr")? },
            3 => {
                Self::SetStudySystemAttribute { study: fields.int("study_id")?, attribute: fields.only("system_attr")? }
            }
            4 => Self::CreateTrial { study: fields.int("study_id")?, data: Box::new(TrialData::from_fields(&fields)?) },
            5 => Self::SetParameter {
                trial: fields.int("trial_id")?,
                parameter: StoredParameter::from_json(
                    fields.text("param_name")?,
                    fields.get("param_value_internal")?,
                    fields.get("distribution")?,
                )?,
            },
            6 => {
                let state = state(fields.get("state")?)?;
                let key = if state == State::Running { "datetime_start" } else { "datetime_complete" };
                let time = fields.moment(key)?;
                let values = fields.floats("values")?;
                Self::SetStateValues { trial: fields.int("trial_id")?, state, values, time }
            }
            7 => Self::SetIntermediateValue {
                trial: fields.int("trial_id")?,
                step: u64::try_from(fields.int("step")?).map_err(|_| "step: expected no negative number")?,
                value: fields.float("intermediate_value")?,
            },
            8 => Self::SetTrialUserAttribute { trial: fields.int("trial_id")?, attribute: fields.only("user_attr")? },
            9 => {
                Self::SetTrialSystemAttribute { trial: fields.int("trial_id")?, attribute: fields.only("system_attr")? }
            }
            10 => Self::DiscardTrials,
            code => return Err(format!("unknown op_code {code}")),
        };
        Ok((fields.text("worker_id")?.to_owned(), operation))
    }
}

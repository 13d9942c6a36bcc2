//! The fields of a line of a journal, with errors that name them.

use chrono::{DateTime, SecondsFormat};

use super::json::Json;
use crate::{Direction, State, Timestamp};

/// The fields of a line, with errors that name them.
pub struct Fields<'j>(pub &'j Json);

impl<'j> Fields<'j> {
    pub fn get(&self, key: &str) -> Result<&'j Json, String> {
        self.0.get(key).ok_or_else(|| format!("no field {key}"))
    }

    pub fn int(&self, key: &str) -> Result<i64, String> {
        self.get(key)?.as_int().ok_or_else(|| format!("{key}: expected an integer"))
    }

    pub fn float(&self, key: &str) -> Result<f64, String> {
        self.get(key)?.as_float().ok_or_else(|| format!("{key}: expected a number"))
    }

    pub fn text(&self, key: &str) -> Result<&'j str, String> {
        self.get(key)?.as_str().ok_or_else(|| format!("{key}: expected a string"))
    }

    pub fn array(&self, key: &str) -> Result<&'j [Json], String> {
        self.get(key)?.as_array().ok_or_else(|| format!("{key}: expected a list"))
    }

    pub fn moment(&self, key: &str) -> Result<Option<Timestamp>, String> {
        match self.0.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => {
                let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
                let time = time.ok_or_else(|| format!("{key}: expected a moment, got {value}"))?;
                Ok(Some(Timestamp(time.timestamp_micros())))
            }
        }
    }

    pub fn floats(&self, key: &str) -> Result<Option<Vec<f64>>, String> {
        match self.0.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(list) => list
                .as_array()
                .and_then(|items| items.iter().map(Json::as_float).collect())
                .map(Some)
                .ok_or_else(|| format!("{key}: expected a list of numbers")),
        }
    }

    /// The object under `key`; an empty one where there is no such field.
    pub fn object(&self, key: &str) -> Result<&'j [(String, Json)], String> {
        match self.0.get(key) {
            None => Ok(&[]),
            Some(value) => value.as_object().ok_or_else(|| format!("{key}: expected an object")),
        }
    }

    /// The only field of the object under `key`.
    pub fn only(&self, key: &str) -> Result<(String, Json), String> {
        match self.object(key)? {
            [field] => Ok(field.clone()),
            _ => Err(format!("{key}: expected an object of one field")),
        }
    }
}

/// The states by Optuna's numbers.
pub const STATES: [State; 5] = [State::Running, State::Complete, State::Pruned, State::Fail, State::Waiting];
/// The directions by Optuna's numbers.
pub const DIRECTIONS: [Option<Direction>; 3] = [None, Some(Direction::Minimize), Some(Direction::Maximize)];

pub fn state(written: &Json) -> Result<State, String> {
    nth(&STATES, written).ok_or_else(|| format!("unknown trial state {written}"))
}

pub fn direction(written: &Json) -> Result<Option<Direction>, String> {
    nth(&DIRECTIONS, written).ok_or_else(|| format!("unknown direction {written}"))
}

fn nth<T: Copy>(all: &[T], written: &Json) -> Option<T> {
    all.get(usize::try_from(written.as_int()?).ok()?).copied()
}

pub fn code<T: PartialEq>(all: &[T], wanted: &T) -> Json {
    Json::Int(all.iter().position(|one| one == wanted).map_or(-1, |index| index as i64))
}

/// A moment as Optuna writes it: ISO 8601 in UTC, with microseconds.
pub fn moment(time: Option<Timestamp>) -> Json {
    let time = time.and_then(|Timestamp(micros)| DateTime::from_timestamp_micros(micros));
    time.map_or(Json::Null, |time| Json::String(time.to_rfc3339_opts(SecondsFormat::Micros, false)))
}

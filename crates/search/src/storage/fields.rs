//! The fields of a line of a journal, as freely as Python takes them, with errors that name them.

use chrono::{DateTime, SecondsFormat};

use super::json::Json;
use super::times;
use crate::{Direction, State, Timestamp};

/// The fields of a line, with errors that name them.
#[derive(Clone, Copy)]
pub struct Fields<'j>(pub &'j Json);

impl<'j> Fields<'j> {
    pub fn get(self, key: &str) -> Result<&'j Json, String> {
        self.0.get(key).ok_or_else(|| format!("no field {key}"))
    }

    /// What Optuna looks up in a table: anything but a list and an object.
    pub fn key(self, key: &str) -> Result<&'j Json, String> {
        match self.get(key)? {
            Json::Array(_) | Json::Object(_) => Err(format!("{key}: expected a single value")),
            value => Ok(value),
        }
    }

    /// The id of a study or of a trial; -1, which none has, for what is no whole number.
    pub fn id(self, key: &str) -> Result<i64, String> {
        Ok(whole(self.key(key)?).unwrap_or(-1))
    }

    /// The name of a study, a parameter or a worker, which may be no string.
    pub fn name(self, key: &str) -> Result<String, String> {
        self.get(key).map(name)
    }

    pub fn list(self, key: &str) -> Result<Vec<Json>, String> {
        items(self.get(key)?).ok_or_else(|| format!("{key}: expected a list"))
    }

    /// A moment that must be there.
    pub fn moment(self, key: &str) -> Result<Timestamp, String> {
        let value = self.get(key)?;
        let time = value.as_str().and_then(times::parse);
        time.ok_or_else(|| format!("{key}: expected a moment, got {value}"))
    }

    /// The values of an objective; nothing under `null`. What is no number is NaN.
    pub fn floats(self, key: &str) -> Result<Option<Vec<f64>>, String> {
        match self.0.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(_) => Ok(Some(self.list(key)?.iter().map(|item| number(item).unwrap_or(f64::NAN)).collect())),
        }
    }

    /// The object under `key`; an empty one where there is no such field.
    pub fn object(self, key: &str) -> Result<&'j [(String, Json)], String> {
        match self.0.get(key) {
            None => Ok(&[]),
            Some(value) => value.as_object().ok_or_else(|| format!("{key}: expected an object")),
        }
    }

    /// The only field of the object under `key`.
    pub fn only(self, key: &str) -> Result<(String, Json), String> {
        match self.get(key)?.as_object() {
            Some([field]) => Ok(field.clone()),
            _ => Err(format!("{key}: expected an object of one field")),
        }
    }
}

/// A string itself, or the text of anything else.
pub fn name(written: &Json) -> String {
    written.as_str().map_or_else(|| written.to_string(), str::to_owned)
}

/// What Python makes a list of: a list, the letters of a string, the keys of an object.
pub fn items(written: &Json) -> Option<Vec<Json>> {
    match written {
        Json::Array(items) => Some(items.clone()),
        Json::String(text) => Some(text.chars().map(|letter| Json::String(letter.into())).collect()),
        Json::Object(fields) => Some(fields.iter().map(|(key, _)| Json::String(key.clone())).collect()),
        _ => None,
    }
}

/// A number as Python compares it: `true` is 1.
pub fn number(written: &Json) -> Option<f64> {
    match written {
        Json::Bool(value) => Some(f64::from(u8::from(*value))),
        other => other.as_float(),
    }
}

/// The integer that Python holds equal to `written`: 2.0 is 2, and `true` is 1.
pub fn whole(written: &Json) -> Option<i64> {
    match written {
        Json::Int(value) => Some(*value),
        other => number(other)
            .filter(|value| value.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(value))
            .map(|value| value as i64),
    }
}

/// The first integer beyond 64 bits with a sign.
pub const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// An integer in a string, as Python's `int` reads it: with spaces around it, a sign, and `_` between its digits.
pub fn integer(text: &str) -> Option<Json> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (if text.starts_with('-') { "-" } else { "" }, digits),
        None => ("", text),
    };
    let mut groups = digits.split('_');
    if !groups.all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let digits = digits.replace('_', "");
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let written = format!("{sign}{digits}");
    Some(written.parse().map_or(Json::Wide(written), Json::Int))
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
    all.get(usize::try_from(whole(written)?).ok()?).copied()
}

pub fn code<T: PartialEq>(all: &[T], wanted: &T) -> Json {
    Json::Int(all.iter().position(|one| one == wanted).map_or(-1, |index| index as i64))
}

/// A moment as Optuna writes it: ISO 8601 in UTC, with microseconds.
pub fn moment(time: Timestamp) -> Json {
    DateTime::from_timestamp_micros(time.0)
        .map_or(Json::Null, |time| Json::String(time.to_rfc3339_opts(SecondsFormat::Micros, false)))
}

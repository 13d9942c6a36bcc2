//! JSON as Python's `json` module writes it, with `NaN`, `Infinity` and `-Infinity`, and as Optuna takes it: with Python's
//! ideas of what is a number, an integer or a list.

use std::fmt::Write as _;

use super::parse;
use crate::Value;

/// The first integer beyond 64 bits with a sign.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// A JSON value. Objects keep the order in which they were written, as Python's dictionaries do.
#[derive(Debug, Clone)]
pub enum Json {
    /// `null`, Python's `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number written without a point or an exponent, within 64 bits.
    Int(i64),
    /// A wider one: its digits.
    Wide(String),
    /// Any other number.
    Float(f64),
    /// A string. Half of a surrogate pair is no letter of it: it stands there as its escape, such as `\\udce9`.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// Keys and values, each key once.
    Object(Vec<(String, Json)>),
}

/// Two values are equal if they are written alike: floats by their bits, except that every NaN equals every other.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Json {
    /// Reads one value that fills `text`.
    ///
    /// # Errors
    /// What is no JSON and at which column, in one line.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        parse::line(text).map_err(|fault| fault.reason)
    }

    /// An object of these fields.
    pub fn object<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, integer or float, as a float.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Wide(digits) => digits.parse().ok(),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The list, if this is one.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The keys and values, if this is an object.
    pub fn as_object(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// A string itself, or the text of anything else.
    pub(super) fn text(&self) -> String {
        self.as_str().map_or_else(|| self.to_string(), str::to_owned)
    }

    /// A number as Python compares it: `true` is 1.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            other => other.as_float(),
        }
    }

    /// The integer that Python holds equal to the value: 2.0 is 2, and `true` is 1.
    pub(super) fn whole(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            other => {
                let is_whole = |value: &f64| value.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(value);
                other.number().filter(is_whole).map(|value| value as i64)
            }
        }
    }

    /// The integer that Python's `int` makes of the value.
    pub(super) fn truncated(&self) -> Option<Self> {
        match self {
            Self::Int(_) | Self::Wide(_) => Some(self.clone()),
            Self::Bool(value) => Some(Self::Int(i64::from(*value))),
            Self::Float(value) if (-TWO_TO_63..TWO_TO_63).contains(value) => Some(Self::Int(*value as i64)),
            Self::Float(value) if value.is_finite() => Some(Self::Wide(format!("{value:.0}"))),
            Self::String(text) => integer(text),
            _ => None,
        }
    }

    /// What Python makes a list of: a list, the letters of a string, the keys of an object.
    pub(super) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Array(items) => Some(items.clone()),
            Self::String(text) => Some(text.chars().map(|letter| Self::String(letter.into())).collect()),
            Self::Object(fields) => Some(fields.iter().map(|(key, _)| key.as_str().into()).collect()),
            _ => None,
        }
    }

    /// Whether Python holds the value to be true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::String(text) => !text.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Object(fields) => !fields.is_empty(),
            other => other.number() != Some(0.0),
        }
    }
}

/// An integer in a string, as Python's `int` reads it: with spaces around it, a sign, and `_` between its digits.
pub fn integer(text: &str) -> Option<Json> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.split('_').all(is_number) {
        return None;
    }
    let digits = digits.replace('_', "");
    let digits = digits.trim_start_matches('0');
    let sign = if text.starts_with('-') { "-" } else { "" };
    let written = format!("{sign}{}", if digits.is_empty() { "0" } else { digits });
    Some(written.parse().map_or(Json::Wide(written), Json::Int))
}

/// Sets `key` to `value`; a new key comes last.
pub fn set(fields: &mut Vec<(String, Json)>, key: String, value: Json) {
    match fields.iter_mut().find(|(name, _)| *name == key) {
        Some((_, old)) => *old = value,
        None => fields.push((key, value)),
    }
}

/// The value on one line, without spaces.
impl std::fmt::Display for Json {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let comma = |index: usize| if index > 0 { "," } else { "" };
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Int(value) => write!(out, "{value}"),
            Self::Wide(digits) => out.write_str(digits),
            Self::Float(value) if value.is_infinite() => {
                out.write_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            // The fewest digits that read back to the same bits, always with a point or an exponent; Python's NaN.
            Self::Float(value) => write!(out, "{value:?}"),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", comma(index))?;
                }
                out.write_char(']')
            }
            Self::Object(fields) => {
                out.write_char('{')?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    out.write_str(comma(index))?;
                    write_string(key, out)?;
                    write!(out, ":{value}")?;
                }
                out.write_char('}')
            }
        }
    }
}

fn write_string(text: &str, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    // Only ASCII, as Python writes it: no reader can take a separator of Unicode for the end of a line.
    let is_plain = |letter: char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
    out.write_char('"')?;
    let mut rest = text;
    while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| !is_plain(*letter)) {
        out.write_str(&rest[..at])?;
        rest = &rest[at + letter.len_utf8()..];
        if letter == '"' || letter == '\\' {
            out.write_char('\\')?;
            out.write_char(letter)?;
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
    }
    out.write_str(rest)?;
    out.write_char('"')
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Integer(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(text) => Self::String(text.clone()),
        }
    }
}

/// Among choices Optuna warns of lists and objects and takes them nonetheless; they are their text here, as is an integer
/// beyond 64 bits.
impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Int(value) => Self::Integer(*value),
            Json::Float(value) => Self::Float(*value),
            other => Self::Text(other.text()),
        }
    }
}

//! JSON as Python's `json` module reads and writes it: with `NaN`, `Infinity` and `-Infinity`.

use std::fmt::Write as _;

use super::parse;
use crate::Value;

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

/// Two values are equal if Python would print both alike: floats by their bits, except that every NaN equals every
/// other.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Self::Wide(a), Self::Wide(b)) | (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Json {
    /// Reads one value that fills `text`.
    ///
    /// # Errors
    /// What is no JSON and at which column, in one line.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        parse::line(text).map_err(parse::Fault::into_reason)
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

    /// An object of these fields.
    pub(crate) fn object<'k>(fields: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
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

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

fn write_string(text: &str, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    out.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => write!(out, "\\{letter}")?,
            // Only ASCII, as Python writes it: no reader can take a separator of Unicode for the end of a line.
            ' '..='~' => out.write_char(letter)?,
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
    }
    out.write_char('"')
}

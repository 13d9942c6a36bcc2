//! JSON as Python's `json` module reads and writes it: with `NaN`, `Infinity` and `-Infinity`.

use std::fmt::Write as _;

use jiter::JsonValue;

/// A JSON value. Objects keep the order in which they were written, as Python's dictionaries do.
#[derive(Debug, Clone)]
pub enum Json {
    /// `null`, Python's `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number written without a point or an exponent, within 64 bits.
    Int(i64),
    /// Any other number: a wider integer is rounded to the nearest float.
    Float(f64),
    /// A string.
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
            (Self::String(a), Self::String(b)) => a == b,
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
        let column = |error: jiter::JsonError| format!("{} at column {}", error.error_type, error.index + 1);
        JsonValue::parse(text, true).map(Self::from).map_err(column)
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match *self {
            Self::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The number, integer or float, as a float.
    pub fn as_float(&self) -> Option<f64> {
        match *self {
            Self::Int(value) => Some(value as f64),
            Self::Float(value) => Some(value),
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

    fn write(&self, out: &mut String) {
        // Writing into a string cannot fail.
        let _ = match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Int(value) => write!(out, "{value}"),
            Self::Float(value) if value.is_nan() => out.write_str("NaN"),
            Self::Float(value) if value.is_infinite() => {
                out.write_str(if *value > 0.0 { "Infinity" } else { "-Infinity" })
            }
            // The fewest digits that read back to the same bits, always with a point or an exponent.
            Self::Float(value) => write!(out, "{value:?}"),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                write_list(out, ('[', ']'), items, Self::write);
                Ok(())
            }
            Self::Object(fields) => {
                write_list(out, ('{', '}'), fields, |(key, value), out| {
                    let _ = write_string(key, out);
                    out.push(':');
                    value.write(out);
                });
                Ok(())
            }
        };
    }
}

/// The value on one line, without spaces.
impl std::fmt::Display for Json {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        formatter.write_str(&out)
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<JsonValue<'_>> for Json {
    fn from(value: JsonValue<'_>) -> Self {
        match value {
            JsonValue::Null => Self::Null,
            JsonValue::Bool(value) => Self::Bool(value),
            JsonValue::Int(value) => Self::Int(value),
            // The digits of an integer are a float's; too large a one reads as infinity.
            JsonValue::BigInt(value) => Self::Float(value.to_string().parse().unwrap_or(f64::NAN)),
            JsonValue::Float(value) => Self::Float(value),
            JsonValue::Str(text) => Self::String(text.into_owned()),
            JsonValue::Array(items) => Self::Array(items.iter().cloned().map(Self::from).collect()),
            JsonValue::Object(fields) => {
                let mut kept: Vec<(String, Self)> = Vec::with_capacity(fields.len());
                for (key, value) in fields.iter() {
                    let value = Self::from(value.clone());
                    // As in Python, the last of equal keys counts, in the place of the first.
                    match kept.iter_mut().find(|(name, _)| name == key) {
                        Some(field) => field.1 = value,
                        None => kept.push((key.clone().into_owned(), value)),
                    }
                }
                Self::Object(kept)
            }
        }
    }
}

fn write_list<T>(out: &mut String, (open, close): (char, char), items: &[T], write: impl Fn(&T, &mut String)) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

fn write_string(text: &str, out: &mut String) -> std::fmt::Result {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // Only ASCII, as Python writes it: no reader can take a separator of Unicode for the end of a line.
            ' '..='~' => out.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
    }
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Json;

    fn read(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_float_reads_back_to_its_bits() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..200_000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let value = f64::from_bits(state ^ state >> 29);
            let written = Json::Float(value).to_string();
            assert_eq!(read(&written), Json::Float(value), "{written}");
        }
        for value in [0.0, -0.0, 5e-324, f64::MAX, f64::MIN_POSITIVE, 1e16, 1e-7, 0.1] {
            assert_eq!(read(&Json::Float(value).to_string()), Json::Float(value));
        }
    }

    #[test]
    fn nan_and_infinities_are_pythons_words() {
        let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(Json::Float);
        let text = Json::Array(values.to_vec()).to_string();
        assert_eq!(text, "[NaN,Infinity,-Infinity]");
        assert_eq!(read(&text), Json::Array(values.to_vec()));
        assert_eq!(read(r#"{"NaN": "NaN, -Infinity"}"#), Json::object([("NaN", "NaN, -Infinity".into())]));
    }

    #[test]
    fn strings_and_keys_survive() {
        let value = Json::object([("키 \u{1f980}\u{2028}", "tab\t quote\" back\\ nul\0 del\u{7f} é".into())]);
        let text = value.to_string();
        assert!(text.is_ascii(), "{text}");
        assert_eq!(read(&text), value);
    }

    #[test]
    fn integers_stay_integers() {
        assert_eq!(read("[1, -9223372036854775808, 1.0]").to_string(), "[1,-9223372036854775808,1.0]");
        assert_eq!(read("123456789012345678901"), Json::Float(123456789012345678901.0));
        assert_eq!(read(&format!("1{}", "0".repeat(400))), Json::Float(f64::INFINITY));
    }

    #[test]
    fn an_error_says_where() {
        let errors = ["{\"a\":1", "[1,nan]", "", "1 2"].map(|text| Json::parse(text.as_bytes()).unwrap_err());
        assert_eq!(
            errors,
            [
                "EOF while parsing an object at column 7",
                "expected ident at column 5",
                "EOF while parsing a value at column 1",
                "trailing characters at column 3",
            ]
        );
    }
}

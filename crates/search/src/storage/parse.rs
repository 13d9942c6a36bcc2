//! JSON as Python's `json.loads` reads a line of bytes, with all that it takes and nothing else. serde_json reads the
//! strings and the form of the numbers; no crate reads half surrogate pairs, every encoding and nesting beyond a few
//! hundred levels.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::json::{Json, set};

/// How deep lists and objects may lie in each other: Python's own limit of recursion.
const DEEPEST: usize = 1000;
/// How many digits of an integer Python reads.
const MOST_DIGITS: usize = 4300;

/// Why a line is no JSON.
#[derive(Debug)]
pub struct Fault {
    pub reason: String,
    /// Whether it is Python's `JSONDecodeError`: Optuna passes over such a line as long as it is the last one. At any other
    /// error Optuna stops, wherever it is.
    pub is_syntax: bool,
}

fn refused(reason: String) -> Fault {
    Fault { reason, is_syntax: false }
}

/// The one value that fills `line`, whose encoding is found out as Python does.
pub fn line(line: &[u8]) -> Result<Json, Fault> {
    text(&match line {
        [0, 0, 0xfe, 0xff, rest @ ..] => wide(rest, 4)?.into(),
        [0xfe, 0xff, rest @ ..] => wide(rest, 2)?.into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        [0, 0, _, _, ..] => wide(line, 4)?.into(),
        [0, _, _, _, ..] => wide(line, 2)?.into(),
        // A line of these ends in the middle of its line break.
        [0xff, 0xfe, ..] | [_, 0, _, _, ..] => {
            return Err(refused("UTF-16 or UTF-32 with the low byte first".into()));
        }
        _ => utf8(line)?,
    })
}

/// The one value that fills `text`.
pub fn text(text: &str) -> Result<Json, Fault> {
    let mut parser = Parser { text: &with_lone_halves(text.trim_end_matches(['\n', '\r'])), place: 0 };
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.place == parser.text.len() { Ok(value) } else { Err(parser.fault("trailing characters")) }
}

/// UTF-8, in which Python lets halves of surrogate pairs pass.
fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Ok(text.into());
    }
    let (mut decoded, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    let is_half = |bytes: &[u8]| matches!(bytes, [0xed, 0xa0..=0xbf, 0x80..=0xbf]);
    while let Some(place) = rest.windows(3).position(is_half) {
        decoded.extend_from_slice(&rest[..place]);
        let [high, low] = [rest[place + 1], rest[place + 2]].map(|byte| u32::from(byte & 0x3f));
        decoded.extend_from_slice(half(0xd000 | high << 6 | low).as_bytes());
        rest = &rest[place + 3..];
    }
    decoded.extend_from_slice(rest);
    String::from_utf8(decoded)
        .map(Cow::from)
        .map_err(|error| refused(format!("no UTF-8 at byte {}", error.utf8_error().valid_up_to() + 1)))
}

/// UTF-16 or UTF-32 with the high byte first, `size` bytes a unit.
fn wide(bytes: &[u8], size: usize) -> Result<String, Fault> {
    let refused = || refused(format!("no UTF-{}", size * 8));
    if !bytes.len().is_multiple_of(size) {
        return Err(refused());
    }
    let units = bytes.chunks_exact(size).map(|unit| unit.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)));
    if size == 2 {
        let letters = char::decode_utf16(units.map(|unit| unit as u16));
        let letter = |lone: std::char::DecodeUtf16Error| half(lone.unpaired_surrogate().into());
        return Ok(letters.map(|decoded| decoded.map_or_else(letter, String::from)).collect());
    }
    let letter = |unit: u32| match char::from_u32(unit) {
        None if (0xd800..0xe000).contains(&unit) => Ok(half(unit)),
        letter => letter.map(String::from).ok_or_else(refused),
    };
    units.map(letter).collect()
}

/// Half of a surrogate pair is no letter: it is the escape that stands for it.
fn half(unit: u32) -> String {
    format!("\\u{unit:04x}")
}

/// The text with one more backslash before the escape of every half of a surrogate pair that stands alone, so that a
/// string has the escape itself there.
fn with_lone_halves(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return text.into();
    }
    let (mut whole, mut rest) = (String::new(), text);
    while let Some(place) = rest.find('\\') {
        let digits = |from: usize| rest.get(from..from + 6)?.strip_prefix("\\u");
        let unit = |from: usize| digits(from).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (before, escape) = rest.split_at(place);
        whole.push_str(before);
        let length = match (unit(place), unit(place + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(lone @ 0xd800..=0xdfff), _) => {
                whole.push('\\');
                whole.push_str(&half(lone));
                rest = &escape[6..];
                continue;
            }
            _ => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    whole.push_str(rest);
    whole.into()
}

struct Parser<'t> {
    text: &'t str,
    place: usize,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Json, Fault> {
        self.skip_space();
        match self.peek() {
            Some(b'[' | b'{') if depth == DEEPEST => Err(refused(format!("nested more than {DEEPEST} deep"))),
            Some(b'[') => {
                let mut items = Vec::new();
                while self.has_next(items.is_empty(), ']')? {
                    items.push(self.value(depth + 1)?);
                }
                Ok(Json::Array(items))
            }
            Some(b'{') => {
                let mut fields = Vec::new();
                while self.has_next(fields.is_empty(), '}')? {
                    if self.peek() != Some(b'"') {
                        return Err(self.fault("expected a key in quotes"));
                    }
                    let key = self.string()?;
                    self.skip_space();
                    if !self.takes(':') {
                        return Err(self.fault("expected `:`"));
                    }
                    // As in Python, the last of equal keys counts, in the place of the first.
                    set(&mut fields, key, self.value(depth + 1)?);
                }
                Ok(Json::Object(fields))
            }
            Some(b'"') => self.string().map(Json::String),
            _ => self.scalar(),
        }
    }

    /// Passes over the bracket before the first item, or over the comma before another one. Says whether there is one; if
    /// not, the bracket `end` is passed over.
    fn has_next(&mut self, is_first: bool, end: char) -> Result<bool, Fault> {
        self.place += usize::from(is_first);
        self.skip_space();
        if self.takes(end) {
            return Ok(false);
        }
        if !is_first && !self.takes(',') {
            return Err(self.fault(&format!("expected `,` or `{end}`")));
        }
        self.skip_space();
        Ok(true)
    }

    fn scalar(&mut self) -> Result<Json, Fault> {
        const WORDS: [(&str, Json); 6] = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        let rest = &self.text[self.place..];
        if !rest.starts_with(|first: char| first.is_ascii_digit())
            && let Some((word, value)) = WORDS.into_iter().find(|(word, _)| rest.starts_with(word))
        {
            self.place += word.len();
            return Ok(value);
        }
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && !"+-.eE".contains(letter));
        let number = &rest[..end.unwrap_or(rest.len())];
        if serde_json::from_str::<IgnoredAny>(number).is_err() {
            return Err(self.fault("expected a value"));
        }
        self.place += number.len();
        if number.contains(['.', 'e', 'E']) {
            return Ok(Json::Float(number.parse().unwrap_or(f64::NAN)));
        }
        if number.trim_start_matches('-').len() > MOST_DIGITS {
            return Err(refused(format!("an integer of more than {MOST_DIGITS} digits")));
        }
        Ok(number.parse().map_or_else(|_| Json::Wide(number.to_owned()), Json::Int))
    }

    fn string(&mut self) -> Result<String, Fault> {
        // Most strings are what stands between the quotes.
        let plain = self.text[self.place..].strip_prefix('"').and_then(|rest| rest.split_once('"'));
        if let Some((plain, _)) = plain
            && plain.bytes().all(|byte| byte >= b' ' && byte != b'\\')
        {
            self.place += plain.len() + 2;
            return Ok(plain.to_owned());
        }
        let mut strings = serde_json::Deserializer::from_str(&self.text[self.place..]).into_iter();
        match strings.next() {
            Some(Ok(string)) => {
                self.place += strings.byte_offset();
                Ok(string)
            }
            Some(Err(error)) if !error.is_eof() => {
                self.place += error.column().saturating_sub(1);
                let reason = error.to_string();
                Err(self.fault(reason.split(" at line").next().unwrap_or(&reason)))
            }
            _ => {
                self.place = self.text.len();
                Err(self.fault("expected a string"))
            }
        }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.place += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    /// Passes over `letter` if it is the next one, and says whether it was.
    fn takes(&mut self, letter: char) -> bool {
        let found = self.text[self.place..].starts_with(letter);
        self.place += usize::from(found);
        found
    }

    fn fault(&self, what: &str) -> Fault {
        let column = self.place + 1;
        let reason = if self.text.trim().is_empty() {
            "an empty line".to_owned()
        } else if self.place == self.text.len() {
            format!("ends too early, at column {column}")
        } else {
            format!("{what} at column {column}")
        };
        Fault { reason, is_syntax: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for value in [0.0, -0.0, 5e-324, f64::MAX, f64::MIN_POSITIVE, 1e16, 1e-7, 0.1, f64::INFINITY, -f64::INFINITY] {
            assert_eq!(read(&Json::Float(value).to_string()), Json::Float(value));
        }
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
        assert_eq!(read("123456789012345678901").to_string(), "123456789012345678901");
        assert_eq!(read("123456789012345678901").as_float(), Some(123456789012345678901.0));
        assert_eq!(read(&format!("1{}", "0".repeat(400))).as_float(), Some(f64::INFINITY));
    }

    #[test]
    fn an_error_says_where() {
        let errors = ["{\"a\":1", "[1,nan]", "", "1 2", "\"a\tb\"", "\"\\x\"", "[01]", "{\"a\" 1}", "{1:2}"];
        assert_eq!(
            errors.map(|text| Json::parse(text.as_bytes()).unwrap_err()),
            [
                "ends too early, at column 7",
                "expected a value at column 4",
                "an empty line",
                "trailing characters at column 3",
                "control character (\\u0000-\\u001F) found while parsing a string at column 3",
                "invalid escape at column 3",
                "expected a value at column 2",
                "expected `:` at column 6",
                "expected a key in quotes at column 2",
            ]
        );
    }
}

//! JSON as Python's `json.loads` reads a line of bytes, with all that it takes and nothing else: no crate reads half
//! surrogate pairs, every encoding and nesting beyond a few hundred levels.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json::Json;

/// How deep lists and objects may lie in each other: Python's own limit of recursion.
const DEEPEST: usize = 1000;
/// How many digits of an integer Python reads.
const MOST_DIGITS: usize = 4300;

/// Why a line is no JSON.
#[derive(Debug)]
pub enum Fault {
    /// Python's `JSONDecodeError`; Optuna passes over such a line as long as it is the last one.
    Syntax(String),
    /// Any other error; Optuna stops at it wherever it is.
    Refused(String),
}

impl Fault {
    pub fn into_reason(self) -> String {
        match self {
            Self::Syntax(reason) | Self::Refused(reason) => reason,
        }
    }
}

/// The one value that fills `line`, whose encoding is found out as Python does.
pub fn line(line: &[u8]) -> Result<Json, Fault> {
    text(&decode(line)?)
}

/// The one value that fills `text`.
pub fn text(text: &str) -> Result<Json, Fault> {
    Parser { text, place: 0 }.document()
}

fn decode(line: &[u8]) -> Result<Cow<'_, str>, Fault> {
    match line {
        [0, 0, 0xfe, 0xff, rest @ ..] => wide(rest, 4),
        [0xfe, 0xff, rest @ ..] => wide(rest, 2),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0, 0, _, _, ..] => wide(line, 4),
        [0, _, _, _, ..] => wide(line, 2),
        // A line of these ends in the middle of its line break.
        [0xff, 0xfe, ..] | [_, 0, _, _, ..] => Err(Fault::Refused("UTF-16 or UTF-32 with the low byte first".into())),
        _ => utf8(line),
    }
}

/// UTF-8, in which Python lets halves of surrogate pairs pass.
fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let Err(first) = std::str::from_utf8(bytes) else { return Ok(String::from_utf8_lossy(bytes)) };
    let refused = |place: usize| Fault::Refused(format!("no UTF-8 at byte {}", place + 1));
    let (mut decoded, mut rest, mut place) = (String::new(), bytes, first.valid_up_to());
    loop {
        let valid = std::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
        decoded.push_str(std::str::from_utf8(&rest[..valid]).map_err(|_| refused(place))?);
        rest = &rest[valid..];
        place = bytes.len() - rest.len();
        match rest {
            [] => return Ok(Cow::Owned(decoded)),
            [0xed, high @ 0xa0..=0xbf, low @ 0x80..=0xbf, behind @ ..] => {
                decoded.push_str(&half(0xd000 | u32::from(high & 0x3f) << 6 | u32::from(low & 0x3f)));
                rest = behind;
            }
            _ => return Err(refused(place)),
        }
    }
}

/// UTF-16 or UTF-32 with the high byte first, `size` bytes a unit.
fn wide(bytes: &[u8], size: usize) -> Result<Cow<'_, str>, Fault> {
    let refused = || Fault::Refused(format!("no UTF-{}", size * 8));
    let units = bytes.chunks_exact(size);
    if !units.remainder().is_empty() {
        return Err(refused());
    }
    let units = units.map(|unit| unit.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)));
    if size == 4 {
        let letter = |unit: u32| match char::from_u32(unit) {
            Some(letter) => Ok(letter.to_string()),
            None if (0xd800..0xe000).contains(&unit) => Ok(half(unit)),
            None => Err(refused()),
        };
        return units.map(letter).collect::<Result<String, _>>().map(Cow::Owned);
    }
    let letters = char::decode_utf16(units.map(|unit| unit as u16));
    let letter = |letter: Result<char, std::char::DecodeUtf16Error>| match letter {
        Ok(letter) => letter.to_string(),
        Err(lone) => half(lone.unpaired_surrogate().into()),
    };
    Ok(Cow::Owned(letters.map(letter).collect()))
}

/// Half of a surrogate pair is no letter: it is the escape that stands for it.
fn half(unit: u32) -> String {
    format!("\\u{unit:04x}")
}

/// A list or an object that is not closed yet.
enum Open {
    List(Vec<Json>),
    Object(Vec<(String, Json)>, String),
}

struct Parser<'t> {
    text: &'t str,
    place: usize,
}

impl Parser<'_> {
    /// Without recursion: the nesting of a line never meets the end of the stack.
    fn document(mut self) -> Result<Json, Fault> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.skip_space();
            let mut value = match self.peek() {
                Some(b'[') => {
                    self.place += 1;
                    self.skip_space();
                    if !self.takes(b']') {
                        Self::nest(&mut open, Open::List(Vec::new()))?;
                        continue;
                    }
                    Json::Array(Vec::new())
                }
                Some(b'{') => {
                    self.place += 1;
                    self.skip_space();
                    if !self.takes(b'}') {
                        let key = self.key()?;
                        Self::nest(&mut open, Open::Object(Vec::new(), key))?;
                        continue;
                    }
                    Json::Object(Vec::new())
                }
                _ => self.scalar()?,
            };
            // The value may be the last one of the list or object that it lies in, and that one the last of its own.
            loop {
                self.skip_space();
                match open.pop() {
                    None if self.place == self.text.len() => return Ok(value),
                    None => return Err(self.fault("trailing characters")),
                    Some(Open::List(mut items)) => {
                        items.push(value);
                        if self.takes(b']') {
                            value = Json::Array(items);
                            continue;
                        }
                        if !self.takes(b',') {
                            return Err(self.fault("expected `,` or `]`"));
                        }
                        open.push(Open::List(items));
                    }
                    Some(Open::Object(mut fields, key)) => {
                        fields.push((key, value));
                        if self.takes(b'}') {
                            value = Json::Object(each_once(fields));
                            continue;
                        }
                        if !self.takes(b',') {
                            return Err(self.fault("expected `,` or `}`"));
                        }
                        self.skip_space();
                        let key = self.key()?;
                        open.push(Open::Object(fields, key));
                    }
                }
                break;
            }
        }
    }

    fn nest(open: &mut Vec<Open>, inner: Open) -> Result<(), Fault> {
        if open.len() == DEEPEST {
            return Err(Fault::Refused(format!("nested more than {DEEPEST} deep")));
        }
        open.push(inner);
        Ok(())
    }

    fn key(&mut self) -> Result<String, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault("expected a key in quotes"));
        }
        let key = self.string()?;
        self.skip_space();
        if self.takes(b':') { Ok(key) } else { Err(self.fault("expected `:`")) }
    }

    fn scalar(&mut self) -> Result<Json, Fault> {
        if self.peek() == Some(b'"') {
            return self.string().map(Json::String);
        }
        let words = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        for (word, value) in words {
            if self.text[self.place..].starts_with(word) {
                self.place += word.len();
                return Ok(value);
            }
        }
        self.number()
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let rest = &self.text.as_bytes()[self.place..];
        let digits_from = |start: usize| rest[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = match rest.get(sign) {
            Some(b'0') => 1,
            _ => digits_from(sign),
        };
        if digits == 0 {
            return Err(self.fault("expected a value"));
        }
        let whole = sign + digits;
        let mut end = whole;
        if rest.get(end) == Some(&b'.') && digits_from(end + 1) > 0 {
            end += 1 + digits_from(end + 1);
        }
        if matches!(rest.get(end), Some(b'e' | b'E')) {
            let signed = end + 1 + usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
            if digits_from(signed) > 0 {
                end = signed + digits_from(signed);
            }
        }
        let written = &self.text[self.place..self.place + end];
        self.place += end;
        if end > whole {
            return Ok(Json::Float(written.parse().unwrap_or(f64::NAN)));
        }
        if digits > MOST_DIGITS {
            return Err(Fault::Refused(format!("an integer of more than {MOST_DIGITS} digits")));
        }
        Ok(written.parse().map_or_else(|_| Json::Wide(written.to_owned()), Json::Int))
    }

    /// A string, from its first quotation mark to its last.
    fn string(&mut self) -> Result<String, Fault> {
        self.place += 1;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.place..];
            let plain = rest.find(|letter| matches!(letter, '"' | '\\' | '\0'..='\x1f')).unwrap_or(rest.len());
            string.push_str(&rest[..plain]);
            self.place += plain;
            if self.takes(b'"') {
                return Ok(string);
            }
            if !self.takes(b'\\') {
                return Err(self.fault("a control character in a string"));
            }
            self.escape(&mut string)?;
        }
    }

    fn escape(&mut self, string: &mut String) -> Result<(), Fault> {
        let letter = match self.peek() {
            Some(plain @ (b'"' | b'\\' | b'/')) => plain.into(),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.place += 1;
                let first = self.hexadecimal()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) && self.text[self.place..].starts_with("\\u") {
                    let behind = self.place;
                    self.place += 2;
                    let second = self.hexadecimal()?;
                    if (0xdc00..0xe000).contains(&second) {
                        units.push(second);
                    } else {
                        self.place = behind;
                    }
                }
                match char::decode_utf16(units).next() {
                    Some(Ok(letter)) => string.push(letter),
                    _ => string.push_str(&half(first.into())),
                }
                return Ok(());
            }
            _ => return Err(self.fault("expected an escape")),
        };
        self.place += 1;
        string.push(letter);
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<u16, Fault> {
        let digits = self.text.get(self.place..self.place + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.fault("expected four hexadecimal digits"))?;
        self.place += 4;
        Ok(unit)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.place += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    /// Passes over `byte` if it is the next one, and says whether it was.
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.place += usize::from(found);
        found
    }

    fn fault(&self, what: &str) -> Fault {
        if self.text.trim().is_empty() {
            return Fault::Syntax("an empty line".to_owned());
        }
        if self.text[self.place..].trim_end_matches(['\n', '\r']).is_empty() {
            return Fault::Syntax(format!("ends too early, at column {}", self.place + 1));
        }
        Fault::Syntax(format!("{what} at column {}", self.place + 1))
    }
}

/// As in Python, the last of equal keys counts, in the place of the first.
fn each_once(fields: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let keys: HashSet<&str> = fields.iter().map(|(key, _)| key.as_str()).collect();
    if keys.len() == fields.len() {
        return fields;
    }
    let mut kept: Vec<(String, Json)> = Vec::with_capacity(fields.len());
    for (key, value) in fields {
        match kept.iter_mut().find(|(name, _)| *name == key) {
            Some(field) => field.1 = value,
            None => kept.push((key, value)),
        }
    }
    kept
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
        assert_eq!(read("123456789012345678901").to_string(), "123456789012345678901");
        assert_eq!(read("123456789012345678901").as_float(), Some(123456789012345678901.0));
        assert_eq!(read(&format!("1{}", "0".repeat(400))).as_float(), Some(f64::INFINITY));
    }

    #[test]
    fn half_a_surrogate_pair_is_its_escape() {
        assert_eq!(
            read(r#""\ud83e\udd80 \ud83e \udd80\ud83e""#),
            Json::String("\u{1f980} \\ud83e \\udd80\\ud83e".into())
        );
        assert_eq!(Json::parse(b"\"\xed\xb3\xa9\"").unwrap(), Json::String("\\udce9".into()));
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
                "a control character in a string at column 3",
                "expected an escape at column 3",
                "expected `,` or `]` at column 3",
                "expected `:` at column 6",
                "expected a key in quotes at column 2",
            ]
        );
    }
}

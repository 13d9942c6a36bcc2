//! Moments as Python's `datetime.fromisoformat` reads them, among them those that Optuna wrote before version 5.

use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat};

use super::json::Json;
use crate::Timestamp;

/// This moment as Optuna writes it: ISO 8601 in UTC, with microseconds.
pub fn now() -> Json {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = DateTime::from_timestamp_micros(since.as_micros() as i64).unwrap_or_default();
    Json::String(time.to_rfc3339_opts(SecondsFormat::Micros, false))
}

/// The moment. One without an offset was written by a clock of which nobody knows the zone; it is taken as UTC, so that
/// the same journal means the same everywhere.
pub fn parse(text: &str) -> Option<Timestamp> {
    // Every letter of a date and a time is one byte; what stands between them may be any.
    let dashed = text.as_bytes().get(4) == Some(&b'-');
    let (date, rest) = text.split_at_checked(if dashed { 10 } else { 8 })?;
    if !date.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let date = NaiveDate::parse_from_str(date, if dashed { "%Y-%m-%d" } else { "%Y%m%d" }).ok()?;
    let mut letters = rest.chars();
    let (mut micros, mut east) = (0, 0);
    if letters.next().is_some() {
        let rest = letters.as_str();
        let (time, zone) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
        micros = clock(time)?;
        east = match zone.split_at_checked(1).unwrap_or_default() {
            ("" | "Z", "") => 0,
            ("+", offset) => clock(offset)?,
            ("-", offset) => -clock(offset)?,
            _ => return None,
        };
    }
    let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    Some(Timestamp(midnight + micros - east))
}

/// Microseconds since midnight: hours, and minutes, seconds and their fraction where they are given.
fn clock(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.find(['.', ',']) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    };
    let digits: String = match whole.len() {
        5 | 8 if whole.bytes().skip(2).step_by(3).all(|byte| byte == b':') => whole.split(':').collect(),
        _ => whole.to_owned(),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&digits) || !matches!(digits.len(), 2 | 4 | 6) {
        return None;
    }
    let pair = |start: usize| digits.get(start..start + 2).map_or(Some(0), |pair| pair.parse::<i64>().ok());
    let (hours, minutes, seconds) = (pair(0)?, pair(2)?, pair(4)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let fraction = match fraction {
        None => 0,
        Some(fraction) if all_digits(fraction) => format!("{fraction:0<6}").get(..6)?.parse::<i64>().ok()?,
        Some(_) => return None,
    };
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_python_reads_it() {
        let expected = [
            ("1970-01-01", Some(0)),
            ("19700101T01", Some(3_600_000_000)),
            ("1970-01-01T00:00:00.000001", Some(1)),
            ("1970-01-01 00:00:00,1", Some(100_000)),
            ("1970-01-01T00:00:00.1234567", Some(123_456)),
            ("1970-01-01T09:00:00.000000+09:00", Some(0)),
            ("1970-01-01T00:00Z", Some(0)),
            ("1969-12-31T233000-0030", Some(0)),
            ("1970-01-01\u{1f980}000000", Some(0)),
            ("1970-01-01T00:00:00+00:00:00.000001", Some(-1)),
            ("1970-13-01", None),
            ("1970-01-01T", None),
            ("1970-01-01T24:00", None),
            ("1970-01-01T00:0000", None),
            ("1970-01-01T00:00:00.", None),
            ("1970-01-01T00:00.5", Some(500_000)),
            ("1970-01-01T00.5", Some(500_000)),
            ("+970-01-01", None),
            ("1970-01-01T00:00Z+01:00", None),
            ("1970\u{e9}01\u{e9}01", None),
            ("today", None),
            ("", None),
        ];
        for (text, micros) in expected {
            assert_eq!(parse(text), micros.map(Timestamp), "{text}");
        }
    }
}

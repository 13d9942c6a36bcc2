use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fmt::{Display, Write};
use std::fs;

/// Reads `tests/golden/<name>`.
pub fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn integers<T: Display>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

pub fn bits32(values: &[f32]) -> String {
    values.iter().map(|value| format!("{:08x}", value.to_bits())).collect::<Vec<_>>().join(" ")
}

pub fn bits64(values: &[f64]) -> String {
    values.iter().map(|value| format!("{:016x}", value.to_bits())).collect::<Vec<_>>().join(" ")
}

/// Compares with a golden string, or with its SHA-256.
#[track_caller]
pub fn check(actual: &str, expected: &str, what: &dyn Display) {
    assert!(!expected.contains("sha256") || expected.len() == 71, "{what}: malformed digest");
    match expected.strip_prefix("sha256 ") {
        Some(digest) => assert_eq!(sha256(actual.as_bytes()), digest, "{what}: {actual:.200}..."),
        None => assert_eq!(actual, expected, "{what}"),
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes what is written");
        hex
    })
}

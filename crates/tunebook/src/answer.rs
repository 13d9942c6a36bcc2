//! What a command found out, for people and for programs.

use serde_json::Value;

/// The answer of a command.
#[derive(Debug)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For programs: `--json`. Numbers have the digits of the files that they come from.
    pub json: Value,
    /// Whether all is as it should be; the exit code is 1 if not.
    pub good: bool,
}

impl Answer {
    /// An answer where nothing can be amiss.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, good: true }
    }
}

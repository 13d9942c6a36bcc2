//! Rules between fields, which a schema cannot state.

use crate::error::{Fault, Place};
use crate::tree::Node;

/// A rule that does not hold: the field that breaks it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The dotted path of the field, from where the rule was checked.
    pub path: String,
    /// What is wrong: the rule and the value, as in `must be > low, got 3 with low 5`.
    pub message: String,
    /// The other fields that the rule is about.
    others: Vec<String>,
}

impl Broken {
    /// The rule `message` of the field at `path` does not hold.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), others: Vec::new() }
    }

    /// Names another field that the rule is about. If an override set one of the fields, the error names that override.
    #[must_use]
    pub fn with(mut self, other: impl Into<String>) -> Self {
        self.others.push(other.into());
        self
    }

    /// The same rule seen from outside: its paths lie below `section`.
    #[must_use]
    pub fn below(self, section: &str) -> Self {
        let join = |path: &String| if path.is_empty() { section.to_owned() } else { format!("{section}.{path}") };
        Self { path: join(&self.path), others: self.others.iter().map(join).collect(), message: self.message }
    }

    pub(crate) fn into_fault(self, root: &Node) -> Fault {
        let place = root.place_of(&self.path);
        let place = std::iter::once(place)
            .chain(self.others.iter().map(|path| root.place_of(path)))
            .find(|place| matches!(place, Place::Override(_)))
            .unwrap_or(place);
        Fault::new(place, &self.path, self.message)
    }
}

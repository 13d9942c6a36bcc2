//! What can be wrong with a manifest, each in one line.

use std::io;
use std::path::Path;

use crate::tree::Node;

/// Why there is no manifest. Its text is one line that says where, what is wrong and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{path}: {reason}")]
    Read {
        /// The file, as the user named it.
        path: String,
        /// What the system said, in short.
        reason: String,
        /// The kind of the system's error.
        kind: io::ErrorKind,
    },
    /// The manifest, or an override of it, is wrong.
    #[error("{location}: {message}")]
    Invalid {
        /// `file:line:column`, or the override as it was given: `--set path=value`.
        location: String,
        /// The field's path and what is wrong with it.
        message: String,
    },
    /// An override is not of the form `path=value`.
    #[error("--set {argument}: {message}")]
    Usage {
        /// The override as it was given.
        argument: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Error {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read, 65 for a bad manifest, 2 for
    /// an override that is not of the form `path=value`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. } => 74,
            Self::Invalid { .. } => 65,
            Self::Usage { .. } => 2,
        }
    }

    /// What is wrong, where the place is said already.
    pub fn without_place(&self) -> String {
        match self {
            Self::Invalid { message, .. } | Self::Usage { message, .. } => message.clone(),
            Self::Read { .. } => self.to_string(),
        }
    }

    /// The error of reading `path`.
    pub(crate) fn read(path: &Path, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::IsADirectory => "is a directory; expected a manifest file".to_owned(),
            _ => format!("cannot read: {error}"),
        };
        Self::Read { path: path.display().to_string(), reason, kind: error.kind() }
    }
}

/// Where a key or value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the file; both count from 1, columns in characters.
    File { line: usize, column: usize },
    /// In the override with this number.
    Override(usize),
}

/// What is wrong, before the file and the overrides are named.
#[derive(Debug)]
pub(crate) struct Fault {
    pub place: Place,
    pub message: String,
}

impl Fault {
    /// A fault of the field at `path`; an empty path is the whole manifest.
    pub fn new(place: Place, path: &str, message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        let message = if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") };
        Self { place, message }
    }

    /// The error that a user sees.
    pub fn into_error(self, name: &str, overrides: &[String]) -> Error {
        let location = match self.place {
            Place::File { line, column } => format!("{name}:{line}:{column}"),
            Place::Override(number) => format!("--set {}", printable(&overrides[number])),
        };
        Error::Invalid { location, message: self.message }
    }
}

/// A rule between fields, which a schema cannot state, that does not hold: the field that breaks it, and why.
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

/// An argument on one line and at most 120 characters long.
pub(crate) fn printable(argument: &str) -> String {
    let mut text = String::new();
    for (count, letter) in argument.chars().enumerate() {
        if count == 120 {
            text.push('…');
            break;
        }
        if letter.is_control() {
            text.extend(letter.escape_default());
        } else {
            text.push(letter);
        }
    }
    text
}

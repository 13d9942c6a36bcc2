//! What can be wrong with data, each in one line.

use std::io;

use manifest::{Broken, nearest, quote};

/// Why there are no data. Its text is one line that says where, what is wrong and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{file}: {reason}")]
    Read {
        /// The file, as the manifest names it.
        file: String,
        /// What the system said, in short.
        reason: String,
    },
    /// The file, or what is asked of it, is wrong.
    #[error("{place}: {message}")]
    Invalid {
        /// `file`, `file:line` or `file:line:column name`, or the path of a manifest's key.
        place: String,
        /// What is expected and what was found.
        message: String,
    },
}

impl Error {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read, 65 for bad data.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { .. } => 74,
            Self::Invalid { .. } => 65,
        }
    }

    pub(crate) fn invalid(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { place: place.into(), message: message.into() }
    }

    pub(crate) fn read(file: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            io::ErrorKind::IsADirectory => "is a directory; expected a CSV file".to_owned(),
            _ => format!("cannot read: {error}"),
        };
        Self::Read { file: file.to_owned(), reason }
    }
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self::invalid(broken.path, broken.message)
    }
}

/// A name in a place: as it is if it is one plain word, else in quotes.
pub(crate) fn shown(name: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { quote(name) }
}

/// `; did you mean x?`, if one of the names is close to what was typed.
pub(crate) fn did_you_mean<'name>(typed: &str, names: impl Iterator<Item = &'name str>) -> String {
    nearest(typed, names).map_or(String::new(), |name| format!("; did you mean {}?", shown(name)))
}

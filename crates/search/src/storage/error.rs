//! What can be wrong with a journal, each in one line.

use std::io;
use std::path::{Path, PathBuf};

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses to read or write the file or its lock.
    #[error("{}: cannot {action}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: "open", "append", ...
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A line that Optuna refuses, or, where something is to be appended, a whole last line that is no JSON.
    #[error("{}:{line}: damaged line: {reason}; keep a copy, then mend or remove the line", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is shorter than what was already read from it.
    #[error("{}: was cut short by another program while in use", path.display())]
    Shrunk {
        /// The journal.
        path: PathBuf,
    },
    /// What is read is no file, and something is to be appended to it.
    #[error("{}: is a pipe or a device, and only a file can be appended to", path.display())]
    Stream {
        /// The journal.
        path: PathBuf,
    },
    /// A journal opened for reading was asked to write.
    #[error("{}: is open for reading only", path.display())]
    ReadOnly {
        /// The journal.
        path: PathBuf,
    },
}

impl JournalError {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read or written, 65 for one
    /// that is not as it should be.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io { .. } | Self::Stream { .. } | Self::ReadOnly { .. } => 74,
            Self::Damaged { .. } | Self::Shrunk { .. } => 65,
        }
    }

    /// Makes an [`io::Error`] one of a journal: for `map_err`.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), action, source }
    }
}

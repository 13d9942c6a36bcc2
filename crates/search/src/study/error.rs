//! What can be wrong with a study.

use std::path::PathBuf;

use crate::storage::{JournalError, shown};

/// Why a study cannot be opened or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The study was started with another plan.
    #[error("{}: study {} was started with other settings: {}", path.display(), shown(name), shown(&differences.join("; ")))]
    Different {
        /// The journal.
        path: PathBuf,
        /// The study.
        name: String,
        /// Each difference: what it was and what it is.
        differences: Vec<String>,
    },
    /// The study has trials and no plan: another program made it.
    #[error("{}: study {} was made by another program and cannot be continued; choose another name", path.display(), shown(name))]
    Foreign {
        /// The journal.
        path: PathBuf,
        /// The study.
        name: String,
    },
    /// The study was deleted while it was in use.
    #[error("{}: study {} was deleted by another program while in use", path.display(), shown(name))]
    Deleted {
        /// The journal.
        path: PathBuf,
        /// The study.
        name: String,
    },
    /// A result of a trial that nobody here is working on.
    #[error("trial {number} was not asked for, or has been told")]
    NotAsked {
        /// The trial.
        number: u64,
    },
    /// The sampler's fault.
    #[error("trial {number}: the sampler suggests {value} for {parameter}, which is outside of the space")]
    Suggestion {
        /// The trial.
        number: u64,
        /// The parameter.
        parameter: String,
        /// What was suggested.
        value: String,
    },
}

impl StudyError {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read or written, 65 for a
    /// journal or study that is not as it should be, 1 for a sampler's fault.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Journal(journal) => journal.exit_code(),
            Self::Different { .. } | Self::Foreign { .. } | Self::Deleted { .. } => 65,
            Self::NotAsked { .. } | Self::Suggestion { .. } => 1,
        }
    }
}

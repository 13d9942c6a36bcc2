//! Studies: rounds of trials, told in order, kept in a journal.
//!
//! The trials are cut into rounds of [`Plan::round`] numbers. Parameters are suggested, and trials are judged by the
//! pruner, from the results of earlier rounds and the parameters of the trials before them in their own. So neither
//! the number of jobs, nor which of several processes runs a trial, nor an interruption changes a trial.
//!
//! [`Study::run`] takes an objective; [`Study::ask`] and [`Study::tell`] leave the loop to the caller.
//!
//! A trial is claimed by a line of the journal that holds its parameters, and told by one that ends it. If its process
//! dies in between, the next one takes the same trial over and tells it as if nothing had happened.

mod evaluate;
mod plan;
mod round;
mod run;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use evaluate::{Evaluation, Outcome};
pub use plan::{MANIFEST_ATTRIBUTE, Plan};

use plan::PLAN_ATTRIBUTE;
pub use run::{Asked, End, Progress, Run};

use crate::Value;
use crate::storage::{Durability, Journal, JournalError, Json, Operation, StoredStudy, shown};

/// A study of a single objective that can be run.
#[derive(Debug)]
pub struct Study {
    journal: Journal,
    plan: Arc<Plan>,
    /// Trials that this process has claimed and not told.
    mine: BTreeSet<u64>,
    history: Arc<round::History>,
}

/// Why a study cannot be opened or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The study was started with another plan.
    #[error("{}: study {} was started with other settings: {}", .0.display(), shown(.1), shown(&.2.join("; ")))]
    Different(PathBuf, String, Vec<String>),
    /// The study in a journal has trials and no plan: another program made it.
    #[error("{}: study {} was made by another program and cannot be continued; choose another name", .0.display(), shown(.1))]
    Foreign(PathBuf, String),
    /// The study in a journal was deleted while it was in use.
    #[error("{}: study {} was deleted by another program while in use", .0.display(), shown(.1))]
    Deleted(PathBuf, String),
    /// A result of a trial that nobody here is working on.
    #[error("trial {0} was not asked for, or has been told")]
    NotAsked(u64),
    /// The sampler's fault.
    #[error("trial {0}: the sampler suggests {2} for {1}, which is outside of the space")]
    Suggestion(u64, String, Value),
}

impl StudyError {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read or written, 65 for a
    /// journal or study that is not as it should be, 1 for a sampler's fault.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Journal(journal) => journal.exit_code(),
            Self::Different(..) | Self::Foreign(..) | Self::Deleted(..) => 65,
            Self::NotAsked(_) | Self::Suggestion(..) => 1,
        }
    }
}

impl Study {
    /// Opens the study of the plan's name in the journal at `path`; makes both where they are missing.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a study that was started with another plan or by another program.
    pub fn open(path: &Path, plan: Plan) -> Result<Self, StudyError> {
        let mut journal = Journal::open(path)?;
        journal.append(Durability::Synced, |journal| match opening(journal, &plan) {
            Ok(operations) => (operations, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        })??;
        Ok(Self { journal, plan: Arc::new(plan), mine: BTreeSet::new(), history: Arc::default() })
    }

    /// What stands in the journal, as of the last look.
    ///
    /// # Errors
    /// If another program has deleted the study.
    pub fn stored(&self) -> Result<&StoredStudy, StudyError> {
        let (path, name) = (self.journal.path(), &self.plan.name);
        self.journal.study(name).ok_or_else(|| StudyError::Deleted(path.to_owned(), name.clone()))
    }
}

/// The lines that make the study, or complete what a crash left of them; none for a study that is there.
fn opening(journal: &Journal, plan: &Plan) -> Result<Vec<Operation>, StudyError> {
    let (path, name) = (|| journal.path().to_owned(), || plan.name.clone());
    let mut operations = Vec::new();
    let study = if let Some(study) = journal.study(&plan.name) {
        let recorded = study.user_attribute(PLAN_ATTRIBUTE);
        if recorded.is_none() && !study.trials.is_empty() {
            return Err(StudyError::Foreign(path(), name()));
        }
        let differences = plan.differences(study, recorded);
        if !differences.is_empty() {
            return Err(StudyError::Different(path(), name(), differences));
        }
        if recorded.is_some() {
            return Ok(operations);
        }
        study.id
    } else {
        operations.push(Operation::create_study(&plan.name, plan.direction));
        journal.next_study()
    };
    // The plan comes last: where it is, everything is.
    for (key, value) in [(MANIFEST_ATTRIBUTE, Json::String(plan.manifest.clone())), (PLAN_ATTRIBUTE, plan.to_json())] {
        operations.push(Operation::set_study_attribute(study, key, value));
    }
    Ok(operations)
}

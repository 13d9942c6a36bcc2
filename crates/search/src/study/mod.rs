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
//!
//! [`Study::enqueue`] leaves the trials of a round to whoever evaluates them, Optuna's `optimize` too. [`Proof`] runs a
//! trial that has ended again.

mod evaluate;
mod plan;
mod proof;
mod round;
mod run;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

pub use evaluate::{Evaluation, Outcome};
pub use plan::{MANIFEST_ATTRIBUTE, Plan, TrialManifest, manifest};
pub use proof::{Circumstance, Proof};
pub use run::{Asked, End, Progress, Run};

use plan::{METRIC_NAMES_ATTRIBUTE, PLAN_ATTRIBUTE};

use crate::Value;
use crate::storage::{Durability, Journal, JournalError, Json, Location, Operation, StoredStudy, shown};

/// A study of a single objective that can be run.
#[derive(Debug)]
pub struct Study {
    journal: Journal,
    plan: Arc<Plan>,
    /// Trials that this process has claimed and not told.
    mine: BTreeSet<u64>,
    history: Arc<round::History>,
    /// Since when results stand in the journal that may not be on the disk.
    unsynced: Option<Instant>,
}

/// Why a study cannot be opened or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The study was started with another plan.
    #[error("{}: study {} was started with other settings: {}", .0, shown(.1), shown(&.2.join("; ")))]
    Different(Location, String, Vec<String>),
    /// The study in a journal has trials and no plan: another program made it.
    #[error("{}: study {} was made by another program and cannot be continued; choose another name", .0, shown(.1))]
    Foreign(Location, String),
    /// The study in a journal was deleted while it was in use.
    #[error("{}: study {} was deleted by another program while in use", .0, shown(.1))]
    Deleted(Location, String),
    /// A result of a trial that nobody here is working on.
    #[error("trial {0} was not asked for, or has been told")]
    NotAsked(u64),
    /// The sampler's fault.
    #[error("trial {0}: the sampler suggests {2} for {1}, which is outside of the space")]
    Suggestion(u64, String, Value),
}

impl StudyError {
    /// The exit code of a command that stops with this error: the journal's, 65 for a study that is not as it should be, 1
    /// for a sampler's fault.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Journal(journal) => journal.exit_code(),
            Self::Different(..) | Self::Foreign(..) | Self::Deleted(..) => 65,
            Self::NotAsked(_) | Self::Suggestion(..) => 1,
        }
    }
}

impl Study {
    /// Opens the study of the plan's name in the journal; makes both where they are missing.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a study that was started with another plan or by another program.
    pub fn open(location: impl Into<Location>, plan: Plan) -> Result<Self, StudyError> {
        let mut journal = Journal::open(location)?;
        journal.append(Durability::Synced, |journal| match opening(journal, &plan) {
            Ok(operations) => (operations, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        })??;
        Ok(Self { journal, plan: Arc::new(plan), mine: BTreeSet::new(), history: Arc::default(), unsynced: None })
    }

    /// What stands in the journal, as of the last look.
    ///
    /// # Errors
    /// If another program has deleted the study.
    pub fn stored(&self) -> Result<&StoredStudy, StudyError> {
        let (location, name) = (self.journal.location(), &self.plan.name);
        self.journal.study(name).ok_or_else(|| StudyError::Deleted(location.clone(), name.clone()))
    }
}

/// The lines that make the study, or complete what a crash left of them; none for a study that is there.
fn opening(journal: &Journal, plan: &Plan) -> Result<Vec<Operation>, StudyError> {
    let (location, name) = (|| journal.location().clone(), || plan.name.clone());
    let mut operations = Vec::new();
    let study = if let Some(study) = journal.study(&plan.name) {
        let recorded = Plan::recorded(study);
        if recorded.is_none() && !study.trials.is_empty() {
            return Err(StudyError::Foreign(location(), name()));
        }
        let differences = plan.differences(study);
        if !differences.is_empty() {
            return Err(StudyError::Different(location(), name(), differences));
        }
        if recorded.is_some() {
            return Ok(operations);
        }
        study.id
    } else {
        operations.push(Operation::create_study(&plan.name, plan.direction));
        journal.next_study()
    };
    let metric = Json::Array(vec![plan.objective.as_str().into()]);
    let manifest = plan.manifest.as_str().into();
    let circumstances = plan.circumstances.iter();
    operations
        .extend(circumstances.map(|(key, text)| Operation::set_study_attribute(study, key, text.as_str().into())));
    // The plan comes last: where it is, everything is.
    let system = [(METRIC_NAMES_ATTRIBUTE, metric), (MANIFEST_ATTRIBUTE, manifest), (PLAN_ATTRIBUTE, plan.to_json())];
    operations.extend(system.map(|(key, value)| Operation::set_study_system_attribute(study, key, value)));
    Ok(operations)
}

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

mod ask;
mod error;
mod evaluate;
mod plan;
mod pruner;
mod round;
mod run;

use std::collections::BTreeMap;
use std::path::Path;

pub use ask::Asked;
pub use error::StudyError;
pub use evaluate::{Evaluation, Outcome};
pub use plan::{MANIFEST_ATTRIBUTE, PLAN_ATTRIBUTE, Plan};
pub use pruner::Pruner;
pub use run::{End, Progress, Run};

use evaluate::Told;
use run::History;

use crate::storage::{Durability, Journal, Json, Operation, StoredStudy};

/// A study of a single objective that can be run.
#[derive(Debug)]
pub struct Study {
    journal: Journal,
    plan: Plan,
    /// Trials that were asked for and are not told.
    asked: BTreeMap<u64, Option<Told>>,
    /// The finished trials before the round that is asked for.
    history: History,
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
        Ok(Self { journal, plan, asked: BTreeMap::new(), history: History::default() })
    }

    /// What the study is made of.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What stands in the journal, as of the last look.
    ///
    /// # Errors
    /// If another program has deleted the study.
    pub fn stored(&self) -> Result<&StoredStudy, StudyError> {
        let (path, name) = (self.journal.path(), &self.plan.name);
        self.journal.study(name).ok_or_else(|| StudyError::Deleted { path: path.to_owned(), name: name.clone() })
    }
}

/// The lines that make the study, or complete what a crash left of them; none for a study that is there.
fn opening(journal: &Journal, plan: &Plan) -> Result<Vec<Operation>, StudyError> {
    let (path, name) = (|| journal.path().to_owned(), || plan.name.clone());
    let mut operations = Vec::new();
    let study = match journal.study(&plan.name) {
        None => {
            operations.push(Operation::create_study(&plan.name, plan.direction));
            journal.next_study()
        }
        Some(study) => {
            let recorded = study.user_attribute(PLAN_ATTRIBUTE);
            if recorded.is_none() && !study.trials.is_empty() {
                return Err(StudyError::Foreign { path: path(), name: name() });
            }
            let differences = plan.differences(study, recorded);
            if !differences.is_empty() {
                return Err(StudyError::Different { path: path(), name: name(), differences });
            }
            if recorded.is_some() {
                return Ok(operations);
            }
            study.id
        }
    };
    // The plan comes last: where it is, everything is.
    for (key, value) in [(MANIFEST_ATTRIBUTE, Json::String(plan.manifest.clone())), (PLAN_ATTRIBUTE, plan.to_json())] {
        operations.push(Operation::set_study_attribute(study, key, value));
    }
    Ok(operations)
}

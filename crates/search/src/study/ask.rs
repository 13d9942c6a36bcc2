//! Ask and tell: the caller keeps the loop.

use std::collections::BTreeMap;

use super::evaluate::{Outcome, Told};
use super::round::{Conductor, Round};
use super::run::first_open;
use super::{Study, StudyError};
use crate::{State, Trial};

/// What [`Study::ask`] answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// A trial to evaluate and then to tell.
    Trial(Trial),
    /// The next trial depends on results of this round that have not been told.
    Waiting,
    /// The sampler has nothing left to try.
    Exhausted,
}

impl Study {
    /// The next trial of the study, claimed for this process in the journal; the caller evaluates it and calls
    /// [`Self::tell`]. Within a round any number may be asked for before one is told. The trials are those of
    /// [`Self::run`], and both can take turns.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a sampler that leaves its space.
    pub fn ask(&mut self) -> Result<Asked, StudyError> {
        self.journal.sync()?;
        let rounds = self.plan.round.get();
        let first = first_open(self.stored()?, u64::MAX).unwrap_or(u64::MAX);
        let start = first / rounds * rounds;
        let mut history = std::mem::take(&mut self.history);
        history.extend(self.stored()?, start);
        let round = Round::new(self, &history.trials, start, start.saturating_add(rounds))?;
        let (exhausted, none_left) = (round.is_last(), round.is_empty());
        let claimed = Conductor { journal: &mut self.journal, plan: &self.plan }.claim(&round, &self.asked)?;
        self.history = history;
        Ok(match claimed {
            Some(trial) => {
                self.asked.insert(trial.number, None);
                Asked::Trial(trial)
            }
            None if exhausted && (none_left || self.asked.is_empty()) => Asked::Exhausted,
            None => Asked::Waiting,
        })
    }

    /// Tells what became of a trial that was asked for, with what it reported by step; it is safe on the disk when this
    /// returns.
    ///
    /// # Errors
    /// A trial that was not asked for or has been told, or a journal that cannot be written.
    pub fn tell(&mut self, number: u64, outcome: Outcome, intermediate: BTreeMap<u64, f64>) -> Result<(), StudyError> {
        if self.asked.remove(&number).is_none() {
            return Err(StudyError::NotAsked { number });
        }
        let mut told = Told { number, state: State::Complete, value: None, intermediate, attributes: Vec::new() };
        match outcome {
            Outcome::Complete(value) if value.is_nan() => told.fail("the objective's value is NaN".to_owned()),
            Outcome::Complete(value) => told.value = Some(value),
            Outcome::Pruned => told.prune(),
            Outcome::Failed(error) => told.fail(error),
        }
        Conductor { journal: &mut self.journal, plan: &self.plan }.write(&[told])
    }
}

//! One round: trials suggested from the same results, and who runs each of them.

use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;

use super::evaluate::Told;
use super::{Plan, Study, StudyError};
use crate::storage::{Durability, Journal, Operation, StoredParameter, StoredStudy, StoredTrial, is_ours};
use crate::{Ask, State, Trial};

/// Trials that are suggested from the results of all rounds before.
pub(super) struct Round {
    /// The finished trials of earlier rounds.
    pub history: Arc<History>,
    start: u64,
    /// By number, from `start`.
    suggestions: Vec<Vec<StoredParameter>>,
    /// Whether the sampler has nothing left after this round.
    pub exhausted: bool,
}

/// The finished trials of rounds that are over, as samplers and pruners know them; kept from round to round.
#[derive(Debug, Default, Clone)]
pub(super) struct History {
    pub trials: Vec<Trial>,
    /// Id of the study, another program may remake one of the same name; and how often the journal had lost lines.
    study: (i64, u64),
    /// So many trials, from the first one on, have ended. What comes behind a trial that another program still runs is
    /// looked at again.
    settled: usize,
}

impl History {
    /// Forgets all if the study is another one than it was.
    fn check(&mut self, study: &StoredStudy, losses: u64) {
        if self.study != (study.id, losses) || self.settled > study.trials.len() {
            *self = Self { study: (study.id, losses), ..Self::default() };
        }
    }

    /// Takes in the trials before number `end`.
    fn update(&mut self, study: &StoredStudy, end: usize) {
        self.trials.truncate(self.settled);
        for trial in study.trials.iter().take(end).skip(self.settled).filter(|trial| trial.state.is_finished()) {
            self.settled += usize::from(trial.number as usize == self.settled);
            self.trials.push(trial.to_trial());
        }
    }
}

impl Round {
    /// The numbers of its trials; fewer than a round has where the sampler has nothing left.
    pub fn numbers(&self) -> Range<u64> {
        self.start..self.start + self.suggestions.len() as u64
    }
}

/// Whether a round need not wait for trial `number`: it has ended, or is another program's.
pub(super) fn is_settled(study: &StoredStudy, number: u64) -> bool {
    let trial = study.trials.get(number as usize);
    trial.is_some_and(|trial| trial.state.is_finished() || trial.is_left_to_others())
}

/// Trial `number` of the study called `name`, if it still is in this state and in the hands of this worker.
fn unfinished<'j>(journal: &'j Journal, name: &str, number: u64, is: (State, &str)) -> Option<&'j StoredTrial> {
    let trial = journal.study(name)?.trials.get(number as usize)?;
    ((trial.state, &*trial.worker) == is).then_some(trial)
}

impl Study {
    /// The first round of this `size` with something to do, of a study that has `trials` in the end; none if there is nothing
    /// to do. Trials that are in the journal keep their parameters.
    pub(super) fn next_round(&mut self, trials: u64, size: NonZeroU64) -> Result<Option<Round>, StudyError> {
        self.journal.sync()?;
        let mut history = std::mem::take(&mut self.history);
        let Plan { space, direction, sampler, .. } = &*self.plan;
        let stored = self.stored()?;
        let kept = Arc::make_mut(&mut history);
        kept.check(stored, self.journal.losses());
        let Some(first) = (kept.settled as u64..trials).find(|&number| !is_settled(stored, number)) else {
            return Ok(None);
        };
        let start = first / size * size.get();
        kept.update(stored, start as usize);
        let known = &mut kept.trials;
        let finished = known.len();
        let (mut suggestions, mut exhausted) = (Vec::new(), false);
        for number in start..trials.min(start.saturating_add(size.get())) {
            let (parameters, assignment) = if let Some(trial) = stored.trials.get(number as usize) {
                (trial.parameters.clone(), trial.assignment())
            } else {
                let ask = Ask { space, direction: *direction, trials: known, number };
                let Some(assignment) = sampler.suggest(&ask) else {
                    exhausted = true;
                    break;
                };
                let stored = assignment.iter().map(|(name, value)| {
                    let parameter = space.parameters().iter().find(|parameter| parameter.name == name);
                    let domain = parameter.map(|parameter| &parameter.domain).filter(|domain| domain.contains(value));
                    let stored = domain.and_then(|domain| StoredParameter::new(name, domain, value));
                    stored.ok_or_else(|| StudyError::Suggestion(number, name.to_owned(), value.clone()))
                });
                (stored.collect::<Result<Vec<_>, _>>()?, assignment)
            };
            // However far it has come, to its siblings a trial is its parameters.
            known.push(Trial::running(number, assignment));
            suggestions.push(parameters);
        }
        known.truncate(finished);
        self.history = Arc::clone(&history);
        Ok(Some(Round { history, start, suggestions, exhausted }))
    }

    /// A trial of the round for this process to run, or none if all are run already.
    pub(super) fn claim(&mut self, round: &Round) -> Result<Option<Trial>, StudyError> {
        self.journal.sync()?;
        for number in round.numbers() {
            let Some(trial) = self.stored()?.trials.get(number as usize) else { break };
            if trial.state.is_finished() {
                continue;
            }
            let (owner, state) = (trial.worker.clone(), trial.state);
            let is_left = match state {
                State::Waiting => is_ours(&owner),
                State::Running => is_ours(&owner) && !self.mine.contains(&number),
                _ => false,
            };
            let is_free = state == State::Waiting || owner == self.journal.worker();
            if is_left && (is_free || !self.journal.is_alive(&owner)?) {
                // Of several that find it waiting, or its worker dead, the first one goes on.
                let taken = self.journal.append(Durability::Ordered, |journal| {
                    let left = unfinished(journal, &self.plan.name, number, (state, &owner));
                    let operation = left.map(|trial| Operation::set_state(trial.id, State::Running, None));
                    (Vec::from_iter(operation), left.is_some())
                })?;
                if taken {
                    return self.claimed(number);
                }
            }
        }
        loop {
            let (id, number) = (self.stored()?.id, self.stored()?.trials.len() as u64);
            // Numbers before the round are missing only if another program deleted and remade the study.
            let place = number.checked_sub(round.start);
            let Some(parameters) = place.and_then(|place| round.suggestions.get(place as usize)) else {
                return Ok(None);
            };
            let created = self.journal.append(Durability::Ordered, |journal| {
                let study = journal.study(&self.plan.name);
                let is_next = study.is_some_and(|study| study.trials.len() as u64 == number);
                let create = || Operation::create_trial(id, State::Running, parameters);
                (is_next.then(create).into_iter().collect(), is_next)
            })?;
            if created {
                return self.claimed(number);
            }
        }
    }

    /// Enqueues the trials that the round does not have yet, for whoever evaluates them.
    pub(super) fn append_waiting(&mut self, round: &Round) -> Result<(), StudyError> {
        let id = self.stored()?.id;
        self.journal.append(Durability::Synced, |journal| {
            let trials = journal.study(&self.plan.name).map_or(0, |study| study.trials.len() as u64);
            // Of several that enqueue a round, the first one does.
            let missing = trials.checked_sub(round.start).and_then(|there| round.suggestions.get(there as usize..));
            let create = |parameters: &Vec<_>| Operation::create_trial(id, State::Waiting, parameters);
            (missing.unwrap_or_default().iter().map(create).collect(), ())
        })?;
        Ok(())
    }

    fn claimed(&mut self, number: u64) -> Result<Option<Trial>, StudyError> {
        self.mine.insert(number);
        Ok(self.stored()?.trials.get(number as usize).map(|trial| trial.to_trial()))
    }

    /// Writes results, in order. Where there is a next trial of the round, and none that somebody left, it is claimed too.
    pub(super) fn write(
        &mut self,
        results: &[Told],
        durability: Durability,
        next: Option<&Round>,
    ) -> Result<Option<Trial>, StudyError> {
        let worker = self.journal.worker().to_owned();
        let is_held = |number: &u64| self.mine.contains(number) || results.iter().any(|told| told.number == *number);
        let claimed = self.journal.append(durability, |journal| {
            let Some(study) = journal.study(&self.plan.name) else { return (Vec::new(), None) };
            let mut operations = Vec::new();
            for told in results {
                // Another program may have told it.
                if let Some(trial) = unfinished(journal, &self.plan.name, told.number, (State::Running, &worker)) {
                    operations.extend(told.operations(&self.plan, study, trial));
                }
            }
            let number = study.trials.len() as u64;
            let parameters = next.and_then(|round| {
                let place = number.checked_sub(round.start)?;
                let mut earlier = round.start..number;
                let none_is_left = earlier.all(|number| is_held(&number) || is_settled(study, number));
                round.suggestions.get(place as usize).filter(|_| none_is_left)
            });
            let create = |parameters: &Vec<_>| Operation::create_trial(study.id, State::Running, parameters);
            operations.extend(parameters.map(create));
            (operations, parameters.map(|_| number))
        })?;
        match claimed {
            Some(number) => self.claimed(number),
            None => Ok(None),
        }
    }
}

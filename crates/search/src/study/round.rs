//! One round: trials suggested from the same results, run on threads, told in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::evaluate::{Told, evaluate};
use super::run::{Context, Progress, is_settled};
use super::{Plan, Study, StudyError};
use crate::storage::{Durability, Journal, Operation, StoredParameter, StoredTrial, is_ours};
use crate::{Ask, State, Trial};

/// How often to look whether another process has told its trials of the round.
const POLL: Duration = Duration::from_millis(20);

/// The trials with numbers from `start` to before `end`.
pub(super) struct Round<'h> {
    history: &'h [Trial],
    start: u64,
    /// Lower than asked for where the sampler has nothing left.
    end: u64,
    exhausted: bool,
    /// By number, from `start`.
    suggestions: Vec<Vec<StoredParameter>>,
}

impl<'h> Round<'h> {
    /// Finds the parameters of the round's trials from the `history` of earlier rounds. Trials that are in the journal
    /// keep theirs.
    pub fn new(study: &Study, history: &'h [Trial], start: u64, end: u64) -> Result<Self, StudyError> {
        let stored = study.stored()?;
        let Plan { space, direction, sampler, .. } = &study.plan;
        let mut known = history.to_vec();
        let mut round = Self { history, start, end, exhausted: false, suggestions: Vec::new() };
        for number in start..end {
            let parameters = if let Some(trial) = stored.trials.get(number as usize) {
                trial.parameters.clone()
            } else {
                let ask = Ask { space, direction: *direction, trials: &known, number };
                let Some(assignment) = sampler.suggest(&ask) else {
                    (round.end, round.exhausted) = (number, true);
                    break;
                };
                let named = assignment.iter().map(|(name, value)| {
                    let domain = space.parameters().iter().find(|parameter| parameter.name == name);
                    let domain = domain.map(|parameter| &parameter.domain).filter(|domain| domain.contains(value));
                    let stored = domain.and_then(|domain| StoredParameter::new(name, domain, value));
                    stored.ok_or_else(|| {
                        let (parameter, value) = (name.to_owned(), value.to_string());
                        StudyError::Suggestion { number, parameter, value }
                    })
                });
                named.collect::<Result<_, _>>()?
            };
            // However far it has come, to its siblings a trial is its parameters.
            known.push(Trial::running(number, values(&parameters)));
            round.suggestions.push(parameters);
        }
        Ok(round)
    }

    /// Whether the round has no trial at all.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Whether the sampler has nothing left after this round.
    pub fn is_last(&self) -> bool {
        self.exhausted
    }

    /// Runs what is left of the round, and waits for the trials that other processes run.
    pub fn run(&self, study: &mut Study, context: &mut Context<'_>) -> Result<(), StudyError> {
        let Study { journal, plan, .. } = study;
        let failed = AtomicBool::new(false);
        let (orders, work) = channel::<Trial>();
        let work = Mutex::new(work);
        let (answer, results) = channel();
        let jobs = context.run.jobs.get().min(self.suggestions.len());
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                let (work, failed, answer) = (&work, &failed, answer.clone());
                let (plan, history, objective, cancel) = (&*plan, self.history, context.objective, context.run.cancel);
                scope.spawn(move || {
                    loop {
                        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok(trial) = next else { break };
                        let told = evaluate(plan, &trial, history, [cancel, failed], objective);
                        let _ = answer.send((trial.number, told));
                    }
                });
            }
            let result = self.conduct(&mut Conductor { journal, plan }, context, jobs, &orders, &results);
            failed.store(result.is_err(), Ordering::Relaxed);
            drop(orders);
            result
        })
    }

    /// Hands trials to the workers and tells what they answer.
    fn conduct(
        &self,
        conductor: &mut Conductor<'_>,
        context: &mut Context<'_>,
        jobs: usize,
        orders: &Sender<Trial>,
        results: &Receiver<(u64, Option<Told>)>,
    ) -> Result<(), StudyError> {
        // This process's trials that are not told yet; with a result once they have one.
        let mut mine: BTreeMap<u64, Option<Told>> = BTreeMap::new();
        let mut running = 0;
        loop {
            while running < jobs && !context.run.cancel.load(Ordering::Relaxed) {
                let Some(trial) = conductor.claim(self, &mine)? else { break };
                mine.insert(trial.number, None);
                running += 1;
                // The workers wait for as long as `orders` lives.
                let _ = orders.send(trial);
            }
            if running == 0 {
                conductor.journal.sync()?;
                let study = conductor.journal.study(&conductor.plan.name);
                let settled = study.is_none_or(|study| (self.start..self.end).all(|number| is_settled(study, number)));
                if settled || context.run.cancel.load(Ordering::Relaxed) {
                    return Ok(());
                }
                std::thread::sleep(POLL);
                continue;
            }
            let Ok((number, told)) = results.recv() else { return Ok(()) };
            running -= 1;
            match told {
                Some(told) => mine.insert(number, Some(told)),
                None => mine.remove(&number),
            };
            let mut ready = Vec::new();
            while let Some(first) = mine.first_entry()
                && first.get().is_some()
            {
                ready.extend(first.remove());
            }
            conductor.tell(ready, context)?;
        }
    }
}

/// Who writes the journal during a round.
pub(super) struct Conductor<'s> {
    pub journal: &'s mut Journal,
    pub plan: &'s Plan,
}

impl Conductor<'_> {
    /// A trial of the round for this process to run, or none if all are run already.
    pub fn claim(
        &mut self,
        round: &Round<'_>,
        mine: &BTreeMap<u64, Option<Told>>,
    ) -> Result<Option<Trial>, StudyError> {
        self.journal.sync()?;
        let worker = self.journal.worker().unwrap_or_default().to_owned();
        for number in round.start..round.end {
            let Some(trial) = find(self.journal, self.plan, number) else { break };
            let left = trial.state == State::Running && is_ours(&trial.worker) && !mine.contains_key(&number);
            let owner = trial.worker.clone();
            if left && (owner == worker || !self.journal.is_alive(&owner)?) && self.take_over(number, &owner)? {
                return Ok(find(self.journal, self.plan, number).map(StoredTrial::to_trial));
            }
        }
        while let Some(study) = self.journal.study(&self.plan.name)
            && (study.trials.len() as u64) < round.end
        {
            let (id, number) = (study.id, study.trials.len() as u64);
            // Numbers before the round are missing only if another program deleted and remade the study.
            let Some(parameters) = number.checked_sub(round.start).and_then(|i| round.suggestions.get(i as usize))
            else {
                break;
            };
            let created = self.journal.append(Durability::Ordered, |journal| {
                let next = journal.study(&self.plan.name).is_some_and(|study| study.trials.len() as u64 == number);
                (if next { vec![Operation::create_trial(id, parameters)] } else { vec![] }, next)
            })?;
            if created {
                return Ok(find(self.journal, self.plan, number).map(StoredTrial::to_trial));
            }
        }
        Ok(None)
    }

    /// Makes a dead worker's trial this one's, unless another was faster.
    fn take_over(&mut self, number: u64, owner: &str) -> Result<bool, StudyError> {
        let taken = self.journal.append(Durability::Ordered, |journal| {
            let trial = find(journal, self.plan, number);
            let left = trial.filter(|trial| trial.state == State::Running && trial.worker == owner);
            let operation = left.map(|trial| Operation::set_state(trial.id, State::Running, None));
            (Vec::from_iter(operation), left.is_some())
        })?;
        Ok(taken)
    }

    /// Writes results, in order, and makes sure that they are on the disk.
    pub fn write(&mut self, results: &[Told]) -> Result<(), StudyError> {
        let worker = self.journal.worker().unwrap_or_default().to_owned();
        self.journal.append(Durability::Synced, |journal| {
            let mut operations = Vec::new();
            for told in results {
                // Another program may have told it.
                let trial = find(journal, self.plan, told.number);
                if let Some(trial) = trial.filter(|trial| trial.state == State::Running && trial.worker == worker) {
                    operations.extend(told.operations(trial.id));
                }
            }
            (operations, ())
        })?;
        Ok(())
    }

    /// Writes results, in order, and reports progress.
    fn tell(&mut self, results: Vec<Told>, context: &mut Context<'_>) -> Result<(), StudyError> {
        if results.is_empty() {
            return Ok(());
        }
        self.write(&results)?;
        for told in results {
            context.told += 1;
            let Some(study) = self.journal.study(&self.plan.name) else { continue };
            (context.progress)(&Progress {
                number: told.number,
                state: told.state,
                value: told.value,
                best: study.best().and_then(|best| Some((best.number, best.value()?))),
                finished: study.trials.iter().filter(|trial| trial.state.is_finished()).count() as u64,
                trials: context.run.trials,
                told: context.told,
                elapsed: context.begun.elapsed(),
            });
        }
        Ok(())
    }
}

impl Told {
    /// The lines that tell it; the last one ends the trial, so that a crash between them leaves it to be run again.
    fn operations(&self, trial: i64) -> Vec<Operation> {
        let steps = self.intermediate.iter();
        let steps = steps.map(|(&step, &value)| Operation::report(trial, step, value));
        let attributes = self.attributes.iter();
        let attributes = attributes.map(|(key, value)| Operation::set_trial_attribute(trial, key, value.clone()));
        steps.chain(attributes).chain([Operation::set_state(trial, self.state, self.value)]).collect()
    }
}

fn find<'j>(journal: &'j Journal, plan: &Plan, number: u64) -> Option<&'j StoredTrial> {
    journal.study(&plan.name)?.trials.get(number as usize).map(|trial| &**trial)
}

fn values(parameters: &[StoredParameter]) -> crate::Assignment {
    parameters.iter().map(|parameter| (&*parameter.name, parameter.value.clone())).collect()
}

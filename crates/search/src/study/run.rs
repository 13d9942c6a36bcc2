//! A run, round after round until the study has its trials; and ask and tell, where the caller keeps the loop.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use super::evaluate::{Evaluation, Outcome, Told, evaluate};
use super::round::{Round, is_settled};
use super::{Study, StudyError};
use crate::{State, Trial};

/// How soon to look whether another process has told its trials of the round, and how soon at most, after waits that double.
const POLL: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];

/// How far a run goes, and how.
#[derive(Debug, Clone, Copy)]
pub struct Run<'c> {
    /// How many trials the study has in the end, whoever adds them.
    pub trials: u64,
    /// How many run at once in this process. No result depends on it.
    pub jobs: NonZeroUsize,
    /// Once set, no trial begins. Running ones that report are cut short and not told; they are run again when the
    /// study goes on.
    pub cancel: &'c AtomicBool,
}

/// Why a run is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The study has all trials.
    Finished,
    /// The sampler has nothing left to try.
    Exhausted,
    /// [`Run::cancel`] was set.
    Cancelled,
}

/// Where a run stands after a trial was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The trial's number.
    pub number: u64,
    /// Number and value of the study's best trial.
    pub best: Option<(u64, f64)>,
    /// How many trials of the study have ended.
    pub finished: u64,
    /// How many it has in the end.
    pub trials: u64,
    /// How many this run has told.
    pub told: u64,
}

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
        let Some(round) = self.next_round(u64::MAX)? else { return Ok(Asked::Exhausted) };
        Ok(match self.claim(&round)? {
            Some(trial) => Asked::Trial(trial),
            None if round.exhausted && (round.numbers().is_empty() || self.mine.is_empty()) => Asked::Exhausted,
            None => Asked::Waiting,
        })
    }

    /// Enqueues the next round of a study that has `trials` in the end, once every trial of the rounds before has ended: they
    /// wait in the journal, with their parameters, for whoever evaluates them, Optuna's `optimize` or [`Self::run`]. The
    /// trials are those of [`Self::run`] whoever that is. Returns the numbers of all trials that wait and that run.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a sampler that leaves its space.
    pub fn enqueue(&mut self, trials: u64) -> Result<[Vec<u64>; 2], StudyError> {
        if let Some(round) = self.next_round(trials)? {
            self.append_waiting(&round)?;
        }
        let stored = self.stored()?;
        Ok([State::Waiting, State::Running].map(|state| {
            let unfinished = stored.trials.iter().filter(|trial| trial.state == state);
            unfinished.map(|trial| trial.number).collect()
        }))
    }

    /// Tells what became of a trial that was asked for, with what it reported by step; it is safe on the disk when this
    /// returns.
    ///
    /// # Errors
    /// A trial that was not asked for or has been told, or a journal that cannot be written.
    pub fn tell(&mut self, number: u64, outcome: Outcome, intermediate: BTreeMap<u64, f64>) -> Result<(), StudyError> {
        if !self.mine.remove(&number) {
            return Err(StudyError::NotAsked(number));
        }
        self.write(&[Told::new(number, outcome, intermediate)])
    }

    /// Runs trials until the study has [`Run::trials`]. Other processes may run the same study; they share its trials.
    /// What was asked for and not told is run as well.
    ///
    /// `objective` is called on threads of this run. `progress` is called after each trial that was told, in the order
    /// of their numbers.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a sampler that leaves its space.
    pub fn run(
        &mut self,
        run: Run<'_>,
        objective: &(dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<End, StudyError> {
        let mut told = 0;
        self.mine.clear();
        loop {
            let Some(round) = self.next_round(run.trials)? else { return Ok(End::Finished) };
            let (plan, failed) = (Arc::clone(&self.plan), AtomicBool::new(false));
            let result = std::thread::scope(|scope| {
                let begin = |trial: Trial, answer: Sender<(u64, Option<Told>)>| {
                    let (plan, history, stop) = (&plan, &round.history.trials, [run.cancel, &failed]);
                    scope.spawn(move || {
                        let told = evaluate(plan, &trial, history, stop, objective);
                        // Nobody waits for an answer after an error.
                        let _ = answer.send((trial.number, told));
                    });
                };
                let result = self.conduct(&round, run, &begin, &mut told, progress);
                failed.store(result.is_err(), Ordering::Relaxed);
                result
            });
            self.mine.clear();
            result?;
            if run.cancel.load(Ordering::Relaxed) {
                return Ok(End::Cancelled);
            }
            if round.exhausted {
                return Ok(End::Exhausted);
            }
        }
    }

    /// Begins what is left of the round, `jobs` trials at once, tells what they answer in the order of their numbers, and
    /// waits for the trials that other processes run.
    fn conduct(
        &mut self,
        round: &Round,
        run: Run<'_>,
        begin: &dyn Fn(Trial, Sender<(u64, Option<Told>)>),
        told: &mut u64,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), StudyError> {
        let is_cancelled = || run.cancel.load(Ordering::Relaxed);
        let (answer, answers) = channel();
        let mut ended: BTreeMap<u64, Told> = BTreeMap::new();
        let (mut running, mut poll) = (0, POLL[0]);
        loop {
            while running < run.jobs.get() && !is_cancelled() {
                let Some(trial) = self.claim(round)? else { break };
                (running, poll) = (running + 1, POLL[0]);
                begin(trial, answer.clone());
            }
            if running == 0 {
                self.journal.sync()?;
                let stored = self.stored()?;
                if is_cancelled() || round.numbers().all(|number| is_settled(stored, number)) {
                    return Ok(());
                }
                std::thread::sleep(poll);
                poll = POLL[1].min(poll * 2);
                continue;
            }
            let Ok((number, result)) = answers.recv() else { return Ok(()) };
            running -= 1;
            match result {
                Some(result) => drop(ended.insert(number, result)),
                None => drop(self.mine.remove(&number)),
            }
            let mut ready = Vec::new();
            while let Some(first) = self.mine.first()
                && let Some(result) = ended.remove(first)
            {
                self.mine.pop_first();
                ready.push(result);
            }
            if ready.is_empty() {
                continue;
            }
            self.write(&ready)?;
            let stored = self.stored()?;
            let best = stored.best().and_then(|best| Some((best.number, best.value()?)));
            let finished = stored.trials.iter().filter(|trial| trial.state.is_finished()).count() as u64;
            for Told { number, .. } in ready {
                *told += 1;
                progress(&Progress { number, best, finished, trials: run.trials, told: *told });
            }
        }
    }
}

//! A run, round after round until the study has its trials; and ask and tell, where the caller keeps the loop.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::evaluate::{Evaluation, Outcome, Told, evaluate};
use super::round::{History, Round, is_settled};
use super::{Study, StudyError};
use crate::storage::{Durability, StoredStudy, StoredTrial};
use crate::{State, Trial};

/// How soon to look whether another process has told its trials of the round, and how soon at most, after waits that double.
const POLL: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(500)];

/// How long the results of a run may lie where a crash of the machine loses them, to be made again. A disk takes longer for each
/// than a short training.
const SYNC: Duration = Duration::from_millis(100);

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
        let Some(round) = self.next_round(u64::MAX, self.plan.round)? else { return Ok(Asked::Exhausted) };
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
        if let Some(round) = self.next_round(trials, self.plan.round)? {
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
        self.write(&[Told::new(number, outcome, intermediate)], Durability::Synced, None).map(|_| ())
    }

    /// Runs trials until the study has [`Run::trials`]. Other processes may run the same study; they share its trials.
    /// What was asked for and not told is run as well.
    ///
    /// `objective` is called on threads of this run. `progress` is called after each trial that was told, in the order
    /// of their numbers. A crash of the machine loses the results of its last tenth of a second at most; what is lost is made
    /// again when the study goes on.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a sampler that leaves its space.
    pub fn run(
        &mut self,
        run: Run<'_>,
        objective: &(dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<End, StudyError> {
        self.mine.clear();
        let (plan, failed) = (Arc::clone(&self.plan), AtomicBool::new(false));
        let stop = [run.cancel, &failed];
        let (work, queue) = channel::<(Trial, Arc<History>)>();
        let (queue, (answer, answers)) = (Mutex::new(queue), channel());
        std::thread::scope(|scope| {
            let evaluate_all = |answer: Sender<(u64, Option<Told>)>| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((trial, history)) = next else { return };
                    let told = evaluate(&plan, &trial, &history.trials, stop, objective);
                    // The next round changes it.
                    drop(history);
                    // Nobody waits for an answer after an error.
                    let _ = answer.send((trial.number, told));
                }
            };
            let mut workers = 0;
            let mut begin = |trial: Trial, history: &Arc<History>, running: usize| {
                if workers < running {
                    workers += 1;
                    let answer = answer.clone();
                    scope.spawn(move || evaluate_all(answer));
                }
                // Somebody takes it as long as this run holds the other end.
                let _ = work.send((trial, Arc::clone(history)));
            };
            let mut tally = Tally::default();
            let result = loop {
                let round = match self.next_round(run.trials, plan.stretch()) {
                    Ok(Some(round)) => round,
                    Ok(None) => break Ok(End::Finished),
                    Err(error) => break Err(error),
                };
                if let Err(error) = self.conduct(&round, run, &mut begin, &answers, &mut tally, progress) {
                    break Err(error);
                }
                if run.cancel.load(Ordering::Relaxed) {
                    break Ok(End::Cancelled);
                }
                if round.exhausted {
                    break Ok(End::Exhausted);
                }
            };
            failed.store(result.is_err(), Ordering::Relaxed);
            drop(work);
            self.mine.clear();
            let end = result?;
            self.sync_results()?;
            Ok(end)
        })
    }

    /// Begins what is left of the round, `jobs` trials at once, tells what they answer in the order of their numbers, and
    /// waits for the trials that other processes run.
    fn conduct(
        &mut self,
        round: &Round,
        run: Run<'_>,
        begin: &mut dyn FnMut(Trial, &Arc<History>, usize),
        answers: &Receiver<(u64, Option<Told>)>,
        tally: &mut Tally,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), StudyError> {
        let is_cancelled = || run.cancel.load(Ordering::Relaxed);
        let mut ended: BTreeMap<u64, Told> = BTreeMap::new();
        let (mut running, mut poll) = (0, POLL[0]);
        loop {
            while running < run.jobs.get() && !is_cancelled() {
                let Some(trial) = self.claim(round)? else { break };
                (running, poll) = (running + 1, POLL[0]);
                begin(trial, &round.history, running);
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
            let wait = self.unsynced.map_or(Duration::MAX, |since| SYNC.saturating_sub(since.elapsed()));
            let (number, result) = match answers.recv_timeout(wait) {
                Ok(answer) => answer,
                Err(RecvTimeoutError::Timeout) => {
                    self.sync_results()?;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
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
            let next = Some(round).filter(|_| running < run.jobs.get() && !is_cancelled());
            if let Some(trial) = self.write(&ready, Durability::Ordered, next)? {
                (running, poll) = (running + 1, POLL[0]);
                begin(trial, &round.history, running);
            }
            if self.unsynced.get_or_insert_with(Instant::now).elapsed() >= SYNC {
                self.sync_results()?;
            }
            let (best, finished) = tally.of(self.stored()?);
            for Told { number, .. } in ready {
                tally.told += 1;
                progress(&Progress { number, best, finished, trials: run.trials, told: tally.told });
            }
        }
    }

    /// Makes sure that every result that was written is on the disk.
    fn sync_results(&mut self) -> Result<(), StudyError> {
        if self.unsynced.take().is_some() {
            self.journal.flush()?;
        }
        Ok(())
    }
}

/// What has been counted of a run's study.
#[derive(Debug, Default)]
struct Tally {
    /// How many trials this run has told.
    told: u64,
    /// So many trials, from the first one on, have ended.
    settled: usize,
    /// The best of them: its number, value and loss.
    best: Option<(u64, f64, f64)>,
}

impl Tally {
    /// Number and value of the study's best trial, and how many have ended; of trials that have ended, none is looked at again.
    fn of(&mut self, study: &StoredStudy) -> (Option<(u64, f64)>, u64) {
        let direction = study.directions.first().copied().flatten().unwrap_or_default();
        let better = |best: Option<(u64, f64, f64)>, trial: &StoredTrial| {
            let value = trial.value().filter(|_| trial.state == State::Complete && trial.is_feasible());
            let found = value.map(|value| (trial.number, value, direction.as_loss(value)));
            let found = found.filter(|found| !found.2.is_nan() && best.is_none_or(|best| found.2 < best.2));
            found.or(best)
        };
        let ended = |trial: &&Arc<StoredTrial>| trial.state.is_finished();
        for trial in study.trials.iter().skip(self.settled).take_while(ended) {
            (self.settled, self.best) = (self.settled + 1, better(self.best, trial));
        }
        let (mut best, mut finished) = (self.best, self.settled as u64);
        for trial in study.trials.iter().skip(self.settled).filter(ended) {
            (best, finished) = (better(best, trial), finished + 1);
        }
        (best.map(|(number, value, _)| (number, value)), finished)
    }
}

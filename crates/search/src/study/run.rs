//! A run: round after round until the study has its trials.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::evaluate::{Evaluation, Outcome};
use super::round::Round;
use super::{Study, StudyError};
use crate::storage::{StoredStudy, is_ours};
use crate::{State, Trial};

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
    /// What became of it.
    pub state: State,
    /// Its value.
    pub value: Option<f64>,
    /// Number and value of the study's best trial.
    pub best: Option<(u64, f64)>,
    /// How many trials of the study have ended.
    pub finished: u64,
    /// How many it has in the end.
    pub trials: u64,
    /// How many this run has told.
    pub told: u64,
    /// How long this run takes so far.
    pub elapsed: Duration,
}

impl Progress {
    /// Trials told per second in this run.
    pub fn rate(&self) -> f64 {
        self.told as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// What all rounds of a run share.
pub(super) struct Context<'r> {
    pub run: Run<'r>,
    pub objective: &'r (dyn Fn(&Evaluation<'_>) -> Outcome + Sync),
    pub progress: &'r mut dyn FnMut(&Progress),
    pub begun: Instant,
    pub told: u64,
}

impl Study {
    /// Runs trials until the study has [`Run::trials`]. Other processes may run the same study; they share its trials.
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
        let mut context = Context { run, objective, progress, begun: Instant::now(), told: 0 };
        let mut history = History::default();
        loop {
            self.journal.sync()?;
            let Some(first) = first_open(self.stored()?, run.trials) else { return Ok(End::Finished) };
            let start = first / self.plan.round * self.plan.round.get();
            let end = run.trials.min(start.saturating_add(self.plan.round.get()));
            history.extend(self.stored()?, start);
            let round = Round::new(self, &history.trials, start, end)?;
            round.run(self, &mut context)?;
            if run.cancel.load(Ordering::Relaxed) {
                return Ok(End::Cancelled);
            }
            if round.is_last() {
                return Ok(End::Exhausted);
            }
        }
    }
}

/// Whether this crate has nothing more to do for trial `number`: it has ended, or another program runs it.
pub(super) fn is_settled(study: &StoredStudy, number: u64) -> bool {
    study.trials.get(number as usize).is_some_and(|trial| trial.state.is_finished() || !is_ours(&trial.worker))
}

/// The first number below `trials` with something to do.
pub(super) fn first_open(study: &StoredStudy, trials: u64) -> Option<u64> {
    (0..trials).find(|&number| !is_settled(study, number))
}

/// The finished trials before a round.
#[derive(Debug, Default)]
pub(super) struct History {
    pub trials: Vec<Trial>,
    /// Numbers below this one are in `trials` or in `open`.
    seen: u64,
    /// Trials of other programs that had not ended.
    open: Vec<u64>,
}

impl History {
    /// Takes in what has ended of the numbers below `start`.
    pub fn extend(&mut self, study: &StoredStudy, start: u64) {
        self.open.extend(self.seen..start);
        self.seen = start;
        self.open.retain(|&number| {
            let ended = study.trials.get(number as usize).filter(|trial| trial.state.is_finished());
            self.trials.extend(ended.map(|trial| trial.to_trial()));
            ended.is_none()
        });
    }
}

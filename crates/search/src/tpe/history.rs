//! The trials of a history as the estimator needs them, kept from one suggestion to the next: what was placed, sorted and
//! ranked once is not placed, sorted and ranked again.

use std::collections::BTreeSet;

use crate::sampler::{Ask, Outcome};
use crate::scale::Scale;
use crate::{Assignment, Space, State, Trial};

use super::parzen::Parzen;

/// The trials of a history, by number.
#[derive(Debug)]
pub(super) struct History {
    space: Space,
    trials: Vec<(u64, Assignment, Option<Rank>)>,
    pub groups: Vec<Group>,
}

/// Parameters that exist under the same conditions, and the trials that have them.
#[derive(Debug)]
pub(super) struct Group {
    /// Positions of the parameters in the space.
    pub positions: Vec<usize>,
    pub scales: Vec<Scale>,
    /// Numbers in the history of the trials that have the parameters; by their places here they are the components.
    rows: Vec<usize>,
    ranked: BTreeSet<(Rank, u32)>,
    /// The density of the good trials, and that of all others.
    pub good: Parzen,
    pub bad: Parzen,
}

/// How good a trial with a score is, the smaller the better. Complete trials come before pruned ones, and of those the ones
/// that got further come first.
type Rank = (u8, u64, i64);

fn rank(outcome: Outcome) -> Option<Rank> {
    // As `total_cmp` orders numbers.
    let by_place = |loss: f64| {
        let bits = loss.to_bits() as i64;
        bits ^ (bits >> 63 & i64::MAX)
    };
    match outcome {
        Outcome::Complete(loss) => Some((0, 0, by_place(loss))),
        Outcome::Pruned(Some((step, loss))) => Some((1, u64::MAX - step, by_place(loss))),
        Outcome::Pruned(None) => Some((2, 0, 0)),
        Outcome::Fail | Outcome::Pending => None,
    }
}

impl History {
    pub fn new(space: &Space) -> Self {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for position in 0..space.parameters().len() {
            let when = |at: usize| &space.parameters()[at].when;
            match groups.iter_mut().find(|group| when(group[0]) == when(position)) {
                Some(group) => group.push(position),
                None => groups.push(vec![position]),
            }
        }
        let group = |positions: Vec<usize>| {
            let scales: Vec<Scale> =
                positions.iter().map(|&position| Scale::new(&space.parameters()[position].domain)).collect();
            let [good, bad] = [(); 2].map(|()| Parzen::new(&scales));
            Group { positions, scales, rows: Vec::new(), ranked: BTreeSet::new(), good, bad }
        };
        Self { space: space.clone(), trials: Vec::new(), groups: groups.into_iter().map(group).collect() }
    }

    /// Makes it that of a question: of all trials that it may use, from the first one on that is not as it was the last time.
    pub fn update(&mut self, ask: &Ask<'_>) {
        if self.space != *ask.space {
            *self = Self::new(ask.space);
        }
        let usable = |trial: &&Trial| trial.number != ask.number && trial.state != State::Waiting;
        let mut trials = Vec::with_capacity(ask.trials.len());
        trials.extend(ask.trials.iter().filter(usable));
        trials.sort_by_key(|trial| trial.number);
        self.truncate(trials.len());
        for (row, trial) in trials.into_iter().enumerate() {
            if let Some((number, parameters, _)) = self.trials.get_mut(row) {
                if *number != trial.number || *parameters != trial.parameters {
                    self.truncate(row);
                } else if !parameters.is(&trial.parameters) {
                    // The next comparison is told at once.
                    parameters.clone_from(&trial.parameters);
                }
            }
            if row == self.trials.len() {
                self.push(trial);
            }
            let rank = Outcome::of(trial, ask.direction).and_then(rank);
            let known = &mut self.trials[row].2;
            if *known != rank {
                let before = std::mem::replace(known, rank);
                for group in &mut self.groups {
                    if let Ok(component) = group.rows.binary_search(&row) {
                        before.map(|before| group.ranked.remove(&(before, component as u32)));
                        group.ranked.extend(rank.map(|rank| (rank, component as u32)));
                    }
                }
            }
        }
        self.groups.iter_mut().for_each(Group::settle);
    }

    /// Keeps so many trials, if there are more.
    fn truncate(&mut self, length: usize) {
        if length >= self.trials.len() {
            return;
        }
        self.trials.truncate(length);
        for group in &mut self.groups {
            group.rows.truncate(group.rows.partition_point(|&row| row < length));
            let left = group.rows.len();
            group.ranked.retain(|&(_, component)| (component as usize) < left);
            group.bad.leave_out(Vec::new());
            group.bad.truncate(left);
            group.good.truncate(0);
            group.good.settle();
        }
    }

    fn push(&mut self, trial: &Trial) {
        // A trial whose parameters do not belong to the space is in no group.
        if let Some(values) = self.space.values(&trial.parameters) {
            for group in &mut self.groups {
                let values = group.positions.iter().map(|&position| values[position]);
                let places: Option<Vec<f64>> =
                    values.zip(&group.scales).map(|(value, scale)| Some(scale.place(value?))).collect();
                if let Some(places) = places {
                    group.rows.push(self.trials.len());
                    group.bad.push(&places);
                }
            }
        }
        self.trials.push((trial.number, trial.parameters.clone(), None));
    }

    /// Number of trials with a score. There is a group that all trials have.
    pub fn scored(&self) -> usize {
        self.groups.iter().map(|group| group.ranked.len()).max().unwrap_or(0)
    }
}

impl Group {
    /// Parts the good trials from the others: a tenth of those with a score, rounded up, at most 25; of equals the earlier one.
    fn settle(&mut self) {
        let count = self.ranked.len().div_ceil(10).min(25);
        let mut best: Vec<u32> = self.ranked.iter().take(count).map(|&(_, component)| component).collect();
        best.sort_unstable();
        if self.bad.absent() != best {
            self.good.truncate(0);
            for &component in &best {
                self.good.push(&self.bad.places(component));
            }
            self.good.settle();
            self.bad.leave_out(best);
        }
        self.bad.settle();
    }
}

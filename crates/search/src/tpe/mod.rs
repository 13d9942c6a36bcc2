//! The tree-structured Parzen estimator of Bergstra et al. (2011), multivariate as in Optuna 5.
//!
//! The better tenth of the trials and the rest each give a density; of the candidates drawn from the density of the good
//! ones, the one with the largest ratio of the two is suggested. Parameters that exist under the same conditions are
//! sampled together.

mod parzen;
mod places;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use crate::random::{Draws, Purpose, sobol_point};
use crate::sampler::{Ask, Outcome, Sampler};
use crate::{Assignment, Space, Value};

use parzen::Parzen;
use places::Places;

/// The tree-structured Parzen estimator.
#[derive(Debug)]
pub struct Tpe {
    /// The study's seed.
    seed: u64,
    /// Trials that must be finished before the estimator takes over from Sobol points.
    startup_trials: usize,
    /// Candidates drawn for a suggestion.
    candidates: usize,
    /// Of the history of the last suggestion: what the next one need not work out again. It changes no suggestion.
    places: Mutex<Option<Places>>,
}

/// A trial of the history that can be used.
struct Known {
    number: u64,
    row: u32,
    outcome: Outcome,
}

impl Sampler for Tpe {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.get_or_insert_with(|| Places::new(ask.space));
        places.update(ask.space, ask.trials);
        let known =
            ask.trials.iter().zip(0..).filter(|(trial, row)| trial.number != ask.number && places.is_of_space(*row));
        let known = known.filter_map(|(trial, row)| {
            Some(Known { number: trial.number, row, outcome: Outcome::of(trial, ask.direction)? })
        });
        // Room for all at once; here and below, most are taken.
        let mut all = Vec::with_capacity(ask.trials.len());
        all.extend(known);
        let mut known: Vec<Known> = all;
        known.sort_by_key(|trial| trial.number);
        let finished = known.iter().filter(|trial| is_scored(trial.outcome)).count();
        if finished < self.startup_trials.max(1) {
            return Some(sobol_point(ask.space, self.seed, Purpose::TpeStart, ask.number));
        }
        let mut draws = Draws::new(self.seed, Purpose::Tpe, ask.number);
        let mut values = vec![None; ask.space.parameters().len()];
        for group in groups(ask.space) {
            // Values of groups that turn out not to exist are drawn all the same: parents come in any order.
            for (position, value) in group.iter().zip(self.sample(places, &group, &known, &mut draws)) {
                values[*position] = Some(value);
            }
        }
        Some(ask.space.assignment(|position| values[position].clone().unwrap_or(Value::Null)))
    }
}

impl Tpe {
    /// The estimator of the study with this seed, which takes over from Sobol points after `startup_trials` finished trials
    /// and draws so many `candidates` for a suggestion.
    pub fn new(seed: u64, startup_trials: usize, candidates: usize) -> Self {
        Self { seed, startup_trials, candidates, places: Mutex::default() }
    }

    /// Values for the parameters of a group.
    fn sample(&self, places: &Places, group: &[usize], known: &[Known], draws: &mut Draws) -> Vec<Value> {
        let has_all = |trial: &&Known| group.iter().all(|&position| !places.place(trial.row, position).is_nan());
        let mut known: Vec<&Known> = known.iter().collect();
        known.retain(has_all);
        let good = good_ones(&known);
        let [mut good_rows, mut bad_rows] = [25, known.len()].map(Vec::with_capacity);
        for (trial, is_good) in known.iter().zip(&good) {
            if *is_good { good_rows.push(trial.row) } else { bad_rows.push(trial.row) }
        }
        let [good, bad] = [good_rows, bad_rows].map(|rows| Parzen::new(places, group, &rows));
        let candidates: Vec<Vec<f64>> = (0..self.candidates.max(1)).map(|_| good.draw(draws)).collect();
        let (high, low) = (good.log_density(&candidates), bad.log_density(&candidates));
        let mut best = (f64::NEG_INFINITY, 0);
        for (i, (high, low)) in high.iter().zip(&low).enumerate() {
            if high - low > best.0 {
                best = (high - low, i);
            }
        }
        group.iter().zip(&candidates[best.1]).map(|(&position, &place)| places.scales[position].value(place)).collect()
    }
}

fn is_scored(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Complete(_) | Outcome::Pruned(_))
}

/// Which trials are the good ones: a tenth of those with a score, rounded up, at most 25. Complete trials come before
/// pruned ones, and of those the ones that got further come first; of equals the earlier one.
fn good_ones(known: &[&Known]) -> Vec<bool> {
    let scored = known.iter().filter(|trial| is_scored(trial.outcome)).count();
    let count = scored.div_ceil(10).min(25);
    let mut best = BinaryHeap::with_capacity(count + 1);
    for (i, trial) in known.iter().enumerate() {
        let (pruned, left, loss) = match trial.outcome {
            Outcome::Complete(loss) => (0, 0, loss),
            Outcome::Pruned(Some((step, loss))) => (1, u64::MAX - step, loss),
            Outcome::Pruned(None) => (2, 0, 0.0),
            Outcome::Fail | Outcome::Pending => continue,
        };
        let key = (pruned, left, Loss(loss), i);
        if best.len() < count {
            best.push(key);
        } else if best.peek().is_some_and(|worst| key < *worst) {
            best.pop();
            best.push(key);
        }
    }
    let mut good = vec![false; known.len()];
    for (.., i) in best {
        good[i] = true;
    }
    good
}

/// A loss by its place among all floats.
#[derive(PartialEq)]
struct Loss(f64);

impl Eq for Loss {}

impl Ord for Loss {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Loss {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Positions of parameters that exist under the same conditions.
fn groups(space: &Space) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for position in 0..space.parameters().len() {
        let when = |at: usize| &space.parameters()[at].when;
        match groups.iter_mut().find(|group| when(group[0]) == when(position)) {
            Some(group) => group.push(position),
            None => groups.push(vec![position]),
        }
    }
    groups
}

//! The tree-structured Parzen estimator of Bergstra et al. (2011), multivariate as in Optuna 5.
//!
//! The better tenth of the trials and the rest each give a density; of the candidates drawn from the density of the good
//! ones, the one with the largest ratio of the two is suggested. Parameters that exist under the same conditions are
//! sampled together.

mod axis;
mod history;
mod parzen;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use crate::random::{Draws, Purpose, sobol_point};
use crate::sampler::{Ask, Sampler};
use crate::{Assignment, Value};

use history::{Group, History};

/// The tree-structured Parzen estimator.
#[derive(Debug)]
pub struct Tpe {
    /// The study's seed.
    seed: u64,
    /// Trials that must be finished before the estimator takes over from Sobol points.
    startup_trials: usize,
    /// Candidates drawn for a suggestion.
    candidates: usize,
    /// Of the last suggestion: what the next one need not work out again. It changes no suggestion.
    history: Mutex<Option<History>>,
}

impl Sampler for Tpe {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let history = history.get_or_insert_with(|| History::new(ask.space));
        history.update(ask);
        if history.scored() < self.startup_trials.max(1) {
            return Some(sobol_point(ask.space, self.seed, Purpose::TpeStart, ask.number));
        }
        let mut draws = Draws::new(self.seed, Purpose::Tpe, ask.number);
        let mut values = vec![Value::Null; ask.space.parameters().len()];
        for group in &mut history.groups {
            // Values of groups that turn out not to exist are drawn all the same: parents come in any order.
            let places = self.sample(group, &mut draws);
            for ((position, scale), place) in group.positions.iter().zip(&group.scales).zip(places) {
                values[*position] = scale.value(place);
            }
        }
        Some(ask.space.assignment(|position| std::mem::take(&mut values[position])))
    }
}

impl Tpe {
    /// The estimator of the study with this seed, which takes over from Sobol points after `startup_trials` finished trials
    /// and draws so many `candidates` for a suggestion.
    pub fn new(seed: u64, startup_trials: usize, candidates: usize) -> Self {
        Self { seed, startup_trials, candidates, history: Mutex::default() }
    }

    /// Places for the parameters of a group.
    fn sample(&self, Group { good, bad, .. }: &mut Group, draws: &mut Draws) -> Vec<f64> {
        // The prior alone bounds the density of the bad ones from below, and thus a ratio from above. Most bounds are below
        // the ratio of the candidate with the largest one, and so many trials need not be looked at.
        let mut candidates: Vec<(f64, f64, Vec<f64>)> = (0..self.candidates.max(1))
            .map(|_| {
                let point = good.draw(draws);
                let high = good.log_density(&point, f64::INFINITY);
                (high - bad.log_prior(&point), high, point)
            })
            .collect();
        candidates.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
        let (mut best, mut largest) = (0, f64::NEG_INFINITY);
        for (i, (bound, high, point)) in candidates.iter().enumerate() {
            if *bound <= largest {
                break;
            }
            let ratio = high - bad.log_density(point, high - largest);
            if ratio > largest {
                (best, largest) = (i, ratio);
            }
        }
        candidates.swap_remove(best).2
    }
}

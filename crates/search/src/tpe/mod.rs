//! The tree-structured Parzen estimator of Bergstra et al. (2011), multivariate as in Optuna 5.
//!
//! The better tenth of the trials and the rest each give a density; of the candidates drawn from the density of the good
//! ones, the one with the largest ratio of the two is suggested. Parameters that exist under the same conditions are
//! sampled together.

mod parzen;

use crate::random::{Draws, Purpose, sobol_point};
use crate::sampler::{Ask, Observation, Outcome, Sampler, observations};
use crate::scale::Scale;
use crate::{Assignment, Space, Value};

use parzen::Parzen;

/// The tree-structured Parzen estimator.
#[derive(Clone, Debug)]
pub struct Tpe {
    /// The study's seed.
    pub seed: u64,
    /// Trials that must be finished before the estimator takes over from Sobol points.
    pub startup_trials: usize,
    /// Candidates drawn for a suggestion.
    pub candidates: usize,
}

impl Sampler for Tpe {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        let trials = observations(ask);
        let finished = trials.iter().filter(|trial| is_scored(trial.outcome)).count();
        if finished < self.startup_trials.max(1) {
            return Some(sobol_point(ask.space, self.seed, Purpose::TpeStart, ask.number));
        }
        let mut draws = Draws::new(self.seed, Purpose::Tpe, ask.number);
        let mut values = vec![None; ask.space.parameters().len()];
        for group in groups(ask.space) {
            // Values of groups that turn out not to exist are drawn all the same: parents come in any order.
            for (position, value) in group.iter().zip(self.sample(ask.space, &group, &trials, &mut draws)) {
                values[*position] = Some(value);
            }
        }
        Some(ask.space.assignment(|position| values[position].clone().unwrap_or(Value::Null)))
    }
}

impl Tpe {
    /// Values for the parameters of a group.
    fn sample(&self, space: &Space, group: &[usize], trials: &[Observation], draws: &mut Draws) -> Vec<Value> {
        let scales: Vec<Scale> =
            group.iter().map(|&position| Scale::new(&space.parameters()[position].domain)).collect();
        let place = |trial: &Observation| -> Option<Vec<f64>> {
            group.iter().zip(&scales).map(|(&p, scale)| Some(scale.place(trial.values[p]?))).collect()
        };
        let known: Vec<(Outcome, Vec<f64>)> =
            trials.iter().filter_map(|trial| Some((trial.outcome, place(trial)?))).collect();
        let good = good_ones(&known);
        let of = |wanted: bool| known.iter().zip(&good).filter(move |(_, good)| **good == wanted).map(|((_, x), _)| x);
        let good = Parzen::new(&scales, of(true));
        let bad = Parzen::new(&scales, of(false));
        let candidates: Vec<Vec<f64>> = (0..self.candidates.max(1)).map(|_| good.draw(draws)).collect();
        let (high, low) = (good.log_density(&candidates), bad.log_density(&candidates));
        let mut best = (f64::NEG_INFINITY, 0);
        for (i, (high, low)) in high.iter().zip(&low).enumerate() {
            if high - low > best.0 {
                best = (high - low, i);
            }
        }
        scales.iter().zip(&candidates[best.1]).map(|(scale, &place)| scale.value(place)).collect()
    }
}

fn is_scored(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Complete(_) | Outcome::Pruned(_))
}

/// Which trials are the good ones: a tenth of those with a score, rounded up, at most 25. Complete trials come before
/// pruned ones, and of those the ones that got further come first.
fn good_ones(known: &[(Outcome, Vec<f64>)]) -> Vec<bool> {
    let key = |outcome: Outcome| match outcome {
        Outcome::Complete(loss) => (0, 0, loss),
        Outcome::Pruned(Some((step, loss))) => (1, u64::MAX - step, loss),
        _ => (2, 0, 0.0),
    };
    let mut order: Vec<usize> = (0..known.len()).filter(|&i| is_scored(known[i].0)).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (key(known[a].0), key(known[b].0));
        (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2))
    });
    let mut good = vec![false; known.len()];
    for &i in order.iter().take(order.len().div_ceil(10).min(25)) {
        good[i] = true;
    }
    good
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

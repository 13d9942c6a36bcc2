//! Importance of the parameters of a study: how much of what came out is due to each one alone.
//!
//! [`fanova`] asks which parameters move the objective over the whole space, [`ped_anova`] which ones decide whether a
//! trial is among the best tenth. Both look at one parameter at a time, so effects of several together count for none.

mod forest;
mod parzen;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::scale::Scale;
use crate::{Direction, Domain, Parameter, Space, State, Trial};

/// Trees of the forest.
const TREES: u64 = 64;

/// Functional analysis of variance (Hutter, Hoos and Leyton-Brown 2014) on a random forest of 64 trees, each of at most 10,000
/// trials.
///
/// A tree's prediction, averaged over all other parameters, is a function of one parameter; the variance of that
/// function over the variance of the tree is the parameter's share there, and the mean over the trees its importance.
/// Averages are Optuna's: a number counts by its value, whatever its scale, and a choice of n values as n columns of
/// 0 and 1, each as likely as the other.
///
/// Takes complete trials with a finite value whose parameters belong to the space. The result names the parameters that
/// all of them have, in the order of the space; the importances add up to 1, and are equal where nothing varies.
pub fn fanova(space: &Space, trials: &[Trial], direction: Direction, seed: u64) -> Vec<(String, f64)> {
    let observed = Observed::new(space, trials, direction, Scale::by_value);
    let mut sums = vec![0.0; observed.parameters.len()];
    if let Some(losses) = observed.standard_losses() {
        let of_tree = |tree| forest::shares(&forest::grow(&observed, &losses, seed, tree), &observed);
        let shares: Vec<Vec<f64>> = (0..TREES).into_par_iter().map(of_tree).collect();
        // Added in the order of the trees, whoever grew them.
        for shares in &shares {
            sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
        }
    }
    normalized(&observed, sums)
}

/// PED-ANOVA (Watanabe, Bansal and Hutter 2023) of the best tenth of the trials against all of them.
///
/// The importance of a parameter is the Pearson divergence between the densities of its values in the two groups of
/// trials. Ties with the last trial of the best tenth belong to it.
///
/// Trials and result are as for [`fanova`].
pub fn ped_anova(space: &Space, trials: &[Trial], direction: Direction) -> Vec<(String, f64)> {
    let observed = Observed::new(space, trials, direction, Scale::new);
    let best = observed.best_tenth();
    let divergences = observed.parameters.iter().map(|parameter| parzen::divergence(parameter, &best)).collect();
    normalized(&observed, divergences)
}

/// Names with their parts of the sum, or with equal parts if the sum is 0.
fn normalized(observed: &Observed<'_>, parts: Vec<f64>) -> Vec<(String, f64)> {
    let sum: f64 = parts.iter().sum();
    let equal = 1.0 / parts.len() as f64;
    let share = |part: f64| if sum > 0.0 { part / sum } else { equal };
    observed.parameters.iter().zip(parts).map(|(parameter, part)| (parameter.name.to_owned(), share(part))).collect()
}

/// The trials that count, by number.
#[derive(Debug)]
struct Observed<'a> {
    /// Parameters that every trial has.
    parameters: Vec<Column<'a>>,
    /// By trial; finite, smaller is better.
    losses: Vec<f64>,
}

/// A parameter and where the trials have it.
#[derive(Debug)]
struct Column<'a> {
    name: &'a str,
    domain: &'a Domain,
    scale: Scale,
    /// By trial.
    places: Vec<f64>,
}

impl<'a> Observed<'a> {
    /// The trials that count, their parameters laid out by `scale`.
    fn new(space: &'a Space, trials: &[Trial], direction: Direction, scale: impl Fn(&Domain) -> Scale) -> Self {
        let mut rows = Vec::new();
        for trial in trials.iter().filter(|trial| trial.state == State::Complete) {
            if let Some(value) = trial.value.filter(|value| value.is_finite())
                && let Some(values) = space.values(&trial.parameters)
            {
                rows.push((trial.number, direction.as_loss(value), values));
            }
        }
        rows.sort_by_key(|(number, ..)| *number);
        let column = |(position, parameter): (usize, &'a Parameter)| {
            let scale = scale(&parameter.domain);
            let places = rows.iter().map(|(.., values)| values[position].map(|value| scale.place(value)));
            let places = places.collect::<Option<Vec<f64>>>()?;
            Some(Column { name: &parameter.name, domain: &parameter.domain, scale, places })
        };
        let parameters = space.parameters().iter().enumerate().filter_map(column).collect();
        Self { parameters, losses: rows.iter().map(|(_, loss, _)| *loss).collect() }
    }

    /// The losses, moved and scaled to mean 0 and largest size 1 (so that no square overflows); `None` if all are equal.
    fn standard_losses(&self) -> Option<Vec<f64>> {
        let size = |values: &[f64]| values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let first = *self.losses.first()?;
        if self.losses.iter().all(|loss| *loss == first) {
            return None;
        }
        let largest = size(&self.losses);
        let mut losses: Vec<f64> = self.losses.iter().map(|loss| loss / largest).collect();
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        for loss in &mut losses {
            *loss -= mean;
        }
        let largest = size(&losses);
        Some(losses.into_iter().map(|loss| loss / largest).collect())
    }

    /// By trial: whether its loss is at most that of the last one of the best tenth, rounded up.
    fn best_tenth(&self) -> Vec<bool> {
        let mut sorted = self.losses.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().div_ceil(10).checked_sub(1).map_or(f64::INFINITY, |last| sorted[last]);
        self.losses.iter().map(|loss| *loss <= last).collect()
    }
}

//! The logarithm of the expected improvement, averaged over what pending trials may bring.

use libm::{exp, log, sqrt};

use crate::normal::{log_improvement, quantile};
use crate::random::SobolSequence;

use super::posterior::{At, Posterior};

/// Joint outcomes of the pending trials that are averaged over.
const FANTASIES: u32 = 128;

/// ln E[max(best - f(x), 0)] under a posterior. With pending trials the expectation is also over their outcomes, each
/// of which may set a new best.
#[derive(Debug)]
pub(super) struct Acquisition<'a> {
    posterior: &'a Posterior,
    fantasies: Vec<Fantasy>,
}

/// One joint outcome of the pending trials; without any there is a single empty one.
#[derive(Debug)]
struct Fantasy {
    /// Their values, whitened: independent standard normal numbers.
    whitened: Vec<f64>,
    /// The best value, theirs included.
    best: f64,
}

impl<'a> Acquisition<'a> {
    /// `best` is the value to improve on; `normals` gives the fantasies.
    pub(super) fn new(posterior: &'a Posterior, best: f64, normals: SobolSequence) -> Self {
        let pending = posterior.pending();
        let fantasy = |index: u32| {
            let whitened: Vec<f64> = (0..pending).map(|d| quantile(normals.coordinate(index, d).max(1e-9))).collect();
            let outcome = |j: usize| {
                let (mean, row) = posterior.pending_row(j);
                mean + row.iter().zip(&whitened).map(|(entry, z)| entry * z).sum::<f64>()
            };
            let best = (0..pending).map(outcome).fold(best, f64::min);
            Fantasy { whitened, best }
        };
        let count = if pending == 0 { 1 } else { FANTASIES };
        Self { posterior, fantasies: (0..count).map(fantasy).collect() }
    }

    /// The value at every point.
    pub(super) fn values(&self, points: &[Vec<f64>]) -> Vec<f64> {
        let mut values = vec![0.0; points.len()];
        self.posterior.at_many(points, |i, mean, variance, pending| {
            values[i] = self.average(mean, sqrt(variance), pending, |_, _, _| ());
        });
        values
    }

    /// The value at a point.
    pub(super) fn value(&self, point: &[f64]) -> f64 {
        let at = self.posterior.at(point);
        self.average(at.mean, sqrt(at.variance), self.pending_part(&at), |_, _, _| ())
    }

    /// The value at a point and its gradient.
    pub(super) fn value_and_gradient(&self, point: &[f64]) -> (f64, Vec<f64>) {
        let at = self.posterior.at(point);
        let deviation = sqrt(at.variance);
        let pending = self.pending_part(&at);
        let (mut by_mean, mut by_deviation) = (0.0, 0.0);
        let mut by_pending = vec![0.0; pending.len()];
        let value = self.average(at.mean, deviation, pending, |fantasy, mean, deviation| {
            by_mean += mean;
            by_deviation += deviation;
            for (by, z) in by_pending.iter_mut().zip(&fantasy.whitened) {
                *by += mean * z;
            }
        });
        // mean = v · (L⁻¹ y, z) and variance = k(x, x) - v · v, v being the whitened covariances.
        let by_variance = by_deviation / (2.0 * deviation);
        let rows = at.whitened.iter().zip(&self.posterior.whitened);
        let mut by_whitened: Vec<f64> = rows.map(|(v, beta)| by_mean * beta - 2.0 * by_variance * v).collect();
        for (by, pending) in by_whitened[self.posterior.observed..].iter_mut().zip(by_pending) {
            *by += pending;
        }
        (value, self.posterior.gradient(point, &at, by_whitened))
    }

    fn pending_part<'b>(&self, at: &'b At) -> &'b [f64] {
        &at.whitened[self.posterior.observed..]
    }

    /// The value from the moments at a point; `each` gets its derivatives by mean and deviation, fantasy by fantasy.
    fn average(&self, mean: f64, deviation: f64, pending: &[f64], mut each: impl FnMut(&Fantasy, f64, f64)) -> f64 {
        let log_deviation = log(deviation);
        let improvement = |fantasy: &Fantasy| {
            let shift: f64 = pending.iter().zip(&fantasy.whitened).map(|(v, z)| v * z).sum();
            let z = (fantasy.best - mean - shift) / deviation;
            let (value, slope) = log_improvement(z);
            (value, slope, z)
        };
        let improvements: Vec<(f64, f64, f64)> = self.fantasies.iter().map(improvement).collect();
        let largest = improvements.iter().map(|i| i.0).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = improvements.iter().map(|i| exp(i.0 - largest)).sum();
        for (fantasy, (value, slope, z)) in self.fantasies.iter().zip(&improvements) {
            let share = exp(value - largest) / total;
            each(fantasy, -share * slope / deviation, share * (1.0 - slope * z) / deviation);
        }
        log_deviation + largest + log(total / self.fantasies.len() as f64)
    }
}

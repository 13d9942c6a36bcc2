//! The process given its observations, with room for points whose values are still to come, and the logarithm of the
//! expected improvement, averaged over what those may bring.

use libm::{exp, log, sqrt};

use crate::normal::{log_improvement, quantile};
use crate::random::SobolSequence;

use super::kernel::{Kernel, Points, add_squared_distances, correlations, correlations_and_slopes};
use super::matrix::{Lower, WIDTH, dot};

/// Smallest variance of the function at a point, as a share of its variance far from all observations.
const LEAST_SHARE: f64 = 1e-12;

/// A Gaussian process conditioned on observations.
#[derive(Debug)]
pub(super) struct Posterior {
    pub(super) kernel: Kernel,
    categorical: Vec<bool>,
    /// Observed points, then pending ones.
    points: Points,
    factor: Lower,
    /// L⁻¹ y for the observed points, then zeros.
    whitened: Vec<f64>,
    observed: usize,
}

/// The posterior at a point, and what its gradient needs.
#[derive(Debug)]
struct At {
    mean: f64,
    variance: f64,
    /// L⁻¹ k, k being the covariances with all points.
    whitened: Vec<f64>,
    slopes: Vec<f64>,
}

impl Posterior {
    /// Conditions on `values` at the first points; any further points are pending. `None` if the covariance matrix has
    /// no Cholesky factor.
    pub(super) fn new(kernel: Kernel, categorical: Vec<bool>, points: Points, values: &[f64]) -> Option<Self> {
        let mut entries = Vec::with_capacity(points.count * (points.count + 1) / 2);
        for i in 0..points.count {
            let from = entries.len();
            entries.resize(from + i, 0.0);
            let row = &mut entries[from..];
            for ((column, weight), categorical) in points.columns.iter().zip(&kernel.weights).zip(&categorical) {
                add_squared_distances(row, *weight, *categorical, &column[..i], column[i]);
            }
            correlations(row);
            scale(row, kernel.variance);
            entries.push(kernel.variance + kernel.noise);
        }
        let factor = Lower::new(points.count, entries).factor()?;
        let observed = values.len();
        let mut whitened = values.to_vec();
        whitened.resize(points.count, 0.0);
        factor.solve(&mut whitened);
        whitened[observed..].fill(0.0);
        Some(Self { kernel, categorical, points, factor, whitened, observed })
    }

    /// Mean at every observed point; `values` are those observed. K α = y - noise α, as (K + noise) α = y.
    pub(super) fn means(&self, values: &[f64]) -> Vec<f64> {
        let mut solved = self.whitened.clone();
        self.factor.solve_transposed(&mut solved);
        values.iter().zip(&solved).map(|(value, alpha)| value - self.kernel.noise * alpha).collect()
    }

    /// The posterior at a point.
    fn at(&self, point: &[f64]) -> At {
        let mut covariances = vec![0.0; self.points.count];
        let mut slopes = vec![0.0; self.points.count];
        self.add_distances(&mut covariances, point);
        correlations_and_slopes(&mut covariances, &mut slopes);
        scale(&mut covariances, self.kernel.variance);
        self.factor.solve(&mut covariances);
        let (mean, variance) = self.moments(dot(&covariances, &self.whitened), dot(&covariances, &covariances));
        At { mean, variance, whitened: covariances, slopes }
    }

    /// The gradient by the coordinates of a function whose gradient by [`At::whitened`] is `by_whitened`; 0 for
    /// categorical coordinates.
    fn gradient(&self, point: &[f64], at: &At, mut by_whitened: Vec<f64>) -> Vec<f64> {
        self.factor.solve_transposed(&mut by_whitened);
        for (value, slope) in by_whitened.iter_mut().zip(&at.slopes) {
            *value *= slope * self.kernel.variance;
        }
        let along = |d: usize| {
            if self.categorical[d] {
                return 0.0;
            }
            let terms = self.points.columns[d].iter().zip(&by_whitened);
            2.0 * self.kernel.weights[d] * terms.map(|(other, by)| by * (point[d] - other)).sum::<f64>()
        };
        (0..point.len()).map(along).collect()
    }

    /// Calls `each` with the number of every point, the mean, the variance and the whitened covariances with the
    /// pending points.
    fn at_many(&self, points: &[Vec<f64>], mut each: impl FnMut(usize, f64, f64, &[f64])) {
        let mut block = vec![[0.0; WIDTH]; self.points.count];
        let mut column = vec![0.0; self.points.count];
        let mut pending = vec![0.0; self.points.count - self.observed];
        for (b, points) in points.chunks(WIDTH).enumerate() {
            for (lane, point) in points.iter().enumerate() {
                column.fill(0.0);
                self.add_distances(&mut column, point);
                correlations(&mut column);
                for (row, value) in block.iter_mut().zip(&column) {
                    row[lane] = value * self.kernel.variance;
                }
            }
            self.factor.solve_many(&mut block);
            let (mut means, mut squares) = ([0.0; WIDTH], [0.0; WIDTH]);
            for (row, whitened) in block.iter().zip(&self.whitened) {
                for lane in 0..WIDTH {
                    means[lane] += row[lane] * whitened;
                    squares[lane] += row[lane] * row[lane];
                }
            }
            for lane in 0..points.len() {
                for (value, row) in pending.iter_mut().zip(&block[self.observed..]) {
                    *value = row[lane];
                }
                let (mean, variance) = self.moments(means[lane], squares[lane]);
                each(b * WIDTH + lane, mean, variance, &pending);
            }
        }
    }

    fn add_distances(&self, sums: &mut [f64], point: &[f64]) {
        for (d, column) in self.points.columns.iter().enumerate() {
            add_squared_distances(sums, self.kernel.weights[d], self.categorical[d], column, point[d]);
        }
    }

    fn moments(&self, mean: f64, explained: f64) -> (f64, f64) {
        (mean, (self.kernel.variance - explained).max(LEAST_SHARE * self.kernel.variance))
    }
}

fn scale(values: &mut [f64], factor: f64) {
    for value in values {
        *value *= factor;
    }
}

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
        let observed = posterior.observed;
        let pending = posterior.points.count - observed;
        let fantasy = |index: u32| {
            let whitened: Vec<f64> =
                normals.point(index, pending).into_iter().map(|unit| quantile(unit.max(1e-9))).collect();
            // The mean there, and a row of the Cholesky factor of the pending points' covariance.
            let outcome = |j: usize| {
                let (known, row) = posterior.factor.row(observed + j).split_at(observed);
                let mean = dot(known, &posterior.whitened[..observed]);
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
        self.average(at.mean, sqrt(at.variance), &at.whitened[self.posterior.observed..], |_, _, _| ())
    }

    /// The value at a point and its gradient.
    pub(super) fn value_and_gradient(&self, point: &[f64]) -> (f64, Vec<f64>) {
        let at = self.posterior.at(point);
        let deviation = sqrt(at.variance);
        let pending = &at.whitened[self.posterior.observed..];
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
        let parts: Vec<f64> = improvements.iter().map(|i| exp(i.0 - largest)).collect();
        let total: f64 = parts.iter().sum();
        for ((fantasy, (_, slope, z)), part) in self.fantasies.iter().zip(&improvements).zip(&parts) {
            let share = part / total;
            each(fantasy, -share * slope / deviation, share * (1.0 - slope * z) / deviation);
        }
        log_deviation + largest + log(total / self.fantasies.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kernel, Points, Posterior};

    #[test]
    fn means_are_those_at_the_observed_points() {
        let points: Vec<Vec<f64>> = [0.1, 0.35, 0.6, 0.9].map(|x| vec![x]).to_vec();
        let values = [1.0, -0.5, 0.2, 0.4];
        let kernel = Kernel { weights: vec![4.0], variance: 1.3, noise: 0.1 };
        // The last point is pending.
        let posterior = Posterior::new(kernel, vec![false], Points::new(1, &points), &values[..3]).expect("a factor");
        let means = posterior.means(&values[..3]);
        assert_eq!(means.len(), 3);
        for (point, mean) in points.iter().zip(means) {
            assert!((posterior.at(point).mean - mean).abs() < 1e-12, "{point:?}");
        }
    }
}

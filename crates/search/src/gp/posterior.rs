//! The process given its observations, with room for points whose values are still to come.

use super::kernel::{Kernel, Points, add_squared_distances, correlations, correlations_and_slopes};
use super::matrix::{Lower, WIDTH, dot};

/// Smallest variance of the function at a point, as a share of its variance far from all observations.
const LEAST_SHARE: f64 = 1e-12;

/// A Gaussian process conditioned on observations.
#[derive(Debug)]
pub(super) struct Posterior {
    kernel: Kernel,
    categorical: Vec<bool>,
    /// Observed points, then pending ones.
    points: Points,
    factor: Lower,
    /// L⁻¹ y for the observed points, then zeros.
    pub(super) whitened: Vec<f64>,
    pub(super) observed: usize,
}

/// The posterior at a point, and what its gradient needs.
#[derive(Debug)]
pub(super) struct At {
    pub(super) mean: f64,
    pub(super) variance: f64,
    /// L⁻¹ k, k being the covariances with all points.
    pub(super) whitened: Vec<f64>,
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

    /// How many points are pending.
    pub(super) fn pending(&self) -> usize {
        self.points.count - self.observed
    }

    /// By coordinate: 1 over the squared length scale.
    pub(super) fn weights(&self) -> &[f64] {
        &self.kernel.weights
    }

    /// Mean at every observed point; `values` are those observed. K α = y - noise α, as (K + noise) α = y.
    pub(super) fn means(&self, values: &[f64]) -> Vec<f64> {
        let mut solved = self.whitened.clone();
        self.factor.solve_transposed(&mut solved);
        values.iter().zip(&solved).map(|(value, alpha)| value - self.kernel.noise * alpha).collect()
    }

    /// Mean at pending point `index`, and the lower row of the Cholesky factor of the pending points' covariance.
    pub(super) fn pending_row(&self, index: usize) -> (f64, &[f64]) {
        let row = self.factor.row(self.observed + index);
        (dot(&row[..self.observed], &self.whitened[..self.observed]), &row[self.observed..])
    }

    /// The posterior at a point.
    pub(super) fn at(&self, point: &[f64]) -> At {
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
    pub(super) fn gradient(&self, point: &[f64], at: &At, mut by_whitened: Vec<f64>) -> Vec<f64> {
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
    pub(super) fn at_many(&self, points: &[Vec<f64>], mut each: impl FnMut(usize, f64, f64, &[f64])) {
        let mut block = vec![[0.0; WIDTH]; self.points.count];
        let mut column = vec![0.0; self.points.count];
        let mut pending = vec![0.0; self.pending()];
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

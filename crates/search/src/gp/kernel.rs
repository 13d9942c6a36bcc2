//! The Matérn 5/2 kernel with a weight for every coordinate (automatic relevance determination), and its parameters with the
//! largest posterior probability.

use libm::{exp, log};

use crate::elementary::exp_of_negative;

use super::matrix::{Lower, dot};
use super::minimize::{Stop, minimize};

/// Smallest variance of the noise; values have variance 1.
const LEAST_NOISE: f64 = 1e-8;
const STOP: Stop = Stop { iterations: 60, gradient: 1e-2, reduction: 1e-5 };

/// What is fitted: the kernel's parameters and the noise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kernel {
    /// By coordinate: 1 over the squared length scale.
    pub(super) weights: Vec<f64>,
    /// Variance of the function.
    pub(super) variance: f64,
    /// Variance of the noise of an observation.
    pub(super) noise: f64,
}

/// Points by coordinate: `columns[d][i]` is coordinate d of point i.
#[derive(Clone, Debug)]
pub(super) struct Points {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) count: usize,
}

impl Points {
    pub(super) fn new(dimensions: usize, points: &[Vec<f64>]) -> Self {
        let column = |d: usize| points.iter().map(|point| point[d]).collect();
        Self { columns: (0..dimensions).map(column).collect(), count: points.len() }
    }
}

/// The squared distance along one coordinate: the difference squared, or for categories whether they differ.
pub(super) fn add_squared_distances(sums: &mut [f64], weight: f64, categorical: bool, column: &[f64], at: f64) {
    if categorical {
        for (sum, other) in sums.iter_mut().zip(column) {
            *sum += if *other == at { 0.0 } else { weight };
        }
    } else {
        for (sum, other) in sums.iter_mut().zip(column) {
            let difference = other - at;
            *sum += weight * difference * difference;
        }
    }
}

/// Turns weighted squared distances s into correlations (1 + r + r²/3) e⁻ʳ with r = √(5s).
pub(super) fn correlations(distances: &mut [f64]) {
    for value in distances {
        let r = (5.0 * *value).sqrt();
        *value = (1.0 + r + r * r * (1.0 / 3.0)) * exp_of_negative(-r);
    }
}

/// As [`correlations`]; `slopes` becomes their derivative by s, -5/6 (1 + r) e⁻ʳ, which is finite at 0.
pub(super) fn correlations_and_slopes(distances: &mut [f64], slopes: &mut [f64]) {
    for (value, slope) in distances.iter_mut().zip(slopes) {
        let r = (5.0 * *value).sqrt();
        let decay = exp_of_negative(-r);
        *value = (1.0 + r + r * r * (1.0 / 3.0)) * decay;
        *slope = (-5.0 / 6.0) * (1.0 + r) * decay;
    }
}

/// Fits the kernel to `values` at `points`: maximum a posteriori, by L-BFGS-B over logarithms.
pub(super) fn fit(points: &Points, categorical: &[bool], values: &[f64]) -> Kernel {
    let pairs = Pairs::new(points, categorical);
    let dimensions = points.columns.len();
    // Length scales of 0.6, unit variance, little noise.
    let mut from = vec![1.0; dimensions + 2];
    (from[dimensions], from[dimensions + 1]) = (0.0, log(1e-3));
    let (mut lower, mut upper) = (vec![log(1e-4); dimensions + 2], vec![log(1e4); dimensions + 2]);
    (lower[dimensions], upper[dimensions]) = (log(1e-2), log(1e2));
    (lower[dimensions + 1], upper[dimensions + 1]) = (log(LEAST_NOISE), 0.0);
    let (best, _) = minimize(|x, gradient| pairs.loss(x, values, gradient), &from, &lower, &upper, STOP);
    parameters(&best)
}

fn parameters(logarithms: &[f64]) -> Kernel {
    let (weights, rest) = logarithms.split_at(logarithms.len() - 2);
    Kernel { weights: weights.iter().map(|&w| exp(w)).collect(), variance: exp(rest[0]), noise: exp(rest[1]) }
}

/// Squared distances by coordinate between all pairs of points, in the order of a lower triangle without diagonal.
struct Pairs {
    count: usize,
    distances: Vec<Vec<f64>>,
}

impl Pairs {
    fn new(points: &Points, categorical: &[bool]) -> Self {
        let distances = points.columns.iter().zip(categorical).map(|(column, &categorical)| {
            let mut distances = vec![0.0; points.count * points.count.saturating_sub(1) / 2];
            let mut rest = &mut distances[..];
            for i in 1..points.count {
                let (row, after) = rest.split_at_mut(i);
                add_squared_distances(row, 1.0, categorical, &column[..i], column[i]);
                rest = after;
            }
            distances
        });
        Self { count: points.count, distances: distances.collect() }
    }

    /// Minus the logarithm of likelihood times prior, up to a constant, at logarithms of the parameters; infinite where
    /// the covariance has no Cholesky factor. Formula 5.9 of Rasmussen and Williams (2006) gives the gradient.
    fn loss(&self, logarithms: &[f64], values: &[f64], gradient: &mut [f64]) -> f64 {
        let kernel = parameters(logarithms);
        let mut covariances = vec![0.0; self.distances.first().map_or(0, Vec::len)];
        for (distances, weight) in self.distances.iter().zip(&kernel.weights) {
            for (sum, distance) in covariances.iter_mut().zip(distances) {
                *sum += weight * distance;
            }
        }
        let mut slopes = vec![0.0; covariances.len()];
        correlations_and_slopes(&mut covariances, &mut slopes);
        let mut entries = Vec::with_capacity(covariances.len() + self.count);
        let mut rest = &covariances[..];
        for i in 0..self.count {
            let (row, after) = rest.split_at(i);
            entries.extend(row.iter().map(|correlation| kernel.variance * correlation));
            entries.push(kernel.variance + kernel.noise);
            rest = after;
        }
        let Some(factor) = Lower::new(self.count, entries).factor() else { return f64::INFINITY };
        let mut whitened = values.to_vec();
        factor.solve(&mut whitened);
        let mut solved = whitened.clone();
        factor.solve_transposed(&mut solved);
        let half_log_determinant: f64 = (0..self.count).map(|i| log(factor.diagonal(i))).sum();
        let loss = 0.5 * dot(&whitened, &whitened) + half_log_determinant;

        // d loss / d covariance = (K⁻¹ - α αᵀ) / 2; each pair stands for two entries.
        let inverse = factor.inverse_of_product();
        let mut by_covariance = Vec::with_capacity(covariances.len());
        let mut trace = 0.0;
        for i in 0..self.count {
            let row = inverse.row(i);
            by_covariance.extend(row[..i].iter().zip(&solved).map(|(entry, other)| entry - solved[i] * other));
            trace += 0.5 * (row[i] - solved[i] * solved[i]);
        }
        let by_variance = dot(&by_covariance, &covariances) + trace;
        for (by_covariance, slope) in by_covariance.iter_mut().zip(&slopes) {
            *by_covariance *= slope * kernel.variance;
        }
        for ((gradient, distances), weight) in gradient.iter_mut().zip(&self.distances).zip(&kernel.weights) {
            *gradient = weight * dot(&by_covariance, distances);
        }
        let dimensions = kernel.weights.len();
        gradient[dimensions] = kernel.variance * by_variance;
        gradient[dimensions + 1] = kernel.noise * trace;
        loss + prior(&kernel, gradient)
    }
}

/// Minus the logarithm of the prior; adds its gradient by the logarithms of the parameters. Weights are kept away from
/// 0, so that no coordinate is taken for irrelevant on thin evidence, and from infinity; the variance follows
/// Gamma(2, 1), the noise Gamma(1.1, 30).
fn prior(kernel: &Kernel, gradient: &mut [f64]) -> f64 {
    let mut loss = 0.0;
    for (gradient, weight) in gradient.iter_mut().zip(&kernel.weights) {
        loss += 0.7 / weight + 0.03 * weight;
        *gradient += -0.7 / weight + 0.03 * weight;
    }
    let dimensions = kernel.weights.len();
    loss += kernel.variance - log(kernel.variance);
    gradient[dimensions] += kernel.variance - 1.0;
    loss += 30.0 * kernel.noise - 0.1 * log(kernel.noise);
    gradient[dimensions + 1] += 30.0 * kernel.noise - 0.1;
    loss
}

#[cfg(test)]
mod tests {
    use super::{Pairs, Points, correlations_and_slopes, fit};

    #[test]
    fn slopes_are_the_derivatives_of_correlations() {
        for s in [0.0, 1e-3, 0.3, 2.0, 40.0] {
            let mut around = [s + 1e-7, s];
            let mut slopes = [0.0; 2];
            correlations_and_slopes(&mut around, &mut slopes);
            let change = (around[0] - around[1]) / 1e-7;
            assert!((change - slopes[1]).abs() < 1e-5 * (1.0 + slopes[1].abs()), "{s}: {change} {}", slopes[1]);
        }
    }

    fn example() -> (Points, Vec<f64>) {
        let point = |i: usize| vec![i as f64 / 12.0, (i * 5 % 12) as f64 / 12.0, (i % 3) as f64];
        let points: Vec<Vec<f64>> = (0..12).map(point).collect();
        let values = points.iter().map(|p| (5.0 * p[0]).sin() + 0.3 * p[2]).collect();
        (Points::new(3, &points), values)
    }

    #[test]
    fn gradient_is_the_derivative_of_the_loss() {
        let (points, values) = example();
        let pairs = Pairs::new(&points, &[false, false, true]);
        let at = [0.7, -0.4, 0.2, 0.3, -4.0];
        let mut gradient = vec![0.0; 5];
        pairs.loss(&at, &values, &mut gradient);
        for d in 0..5 {
            let loss = |step: f64| {
                let mut x = at;
                x[d] += step;
                pairs.loss(&x, &values, &mut [0.0; 5])
            };
            let change = (loss(1e-5) - loss(-1e-5)) / 2e-5;
            assert!((change - gradient[d]).abs() < 1e-5 * (1.0 + change.abs()), "{d}: {change} {}", gradient[d]);
        }
    }

    #[test]
    fn fit_finds_what_matters() {
        let (points, values) = example();
        let kernel = fit(&points, &[false, false, true], &values);
        assert!(kernel.weights[0] > 10.0 * kernel.weights[1], "{kernel:?}");
        assert!(kernel.noise < 1e-2, "{kernel:?}");
    }
}

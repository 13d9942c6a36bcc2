//! The point with the largest acquisition: many candidates first, then local searches from the promising ones.

use std::collections::HashSet;

use libm::{exp, sqrt};

use crate::random::{Draws, SobolSequence};

use super::encoding::Encoding;
use super::minimize::{Stop, minimize};
use super::posterior::Acquisition;

/// Local searches: from the best candidate, from the best trial, and from candidates drawn in proportion to their
/// expected improvement.
const DRAWN_STARTS: usize = 4;
/// Rounds of a local search over continuous and discrete coordinates in turn.
const ROUNDS: usize = 8;
const STOP: Stop = Stop { iterations: 40, gradient: 1e-3, reduction: 1e-7 };
/// Values of a discrete coordinate that are all tried; longer lattices are searched with shrinking steps.
const TRY_ALL: u64 = 16;

/// What the search goes by.
pub(super) struct Search<'a> {
    pub(super) encoding: &'a Encoding<'a>,
    pub(super) acquisition: &'a Acquisition<'a>,
    /// By coordinate: 1 over the squared length scale.
    pub(super) weights: &'a [f64],
    /// Points that are not to be tried again, as bits.
    pub(super) taken: HashSet<Vec<u64>>,
}

/// A point as a key.
pub(super) fn bits(point: &[f64]) -> Vec<u64> {
    point.iter().map(|at| at.to_bits()).collect()
}

impl Search<'_> {
    /// The best point found that is not taken, or the best of all candidates if only taken ones are found; `incumbents`
    /// are the best trials.
    pub(super) fn run(&self, sobol: SobolSequence, count: u32, draws: &mut Draws, incumbents: &[Vec<f64>]) -> Vec<f64> {
        let candidate = |i| self.encoding.at_unit_point(&sobol.point(i, self.encoding.axes.len()));
        let mut candidates: Vec<Vec<f64>> = (0..count).map(candidate).collect();
        candidates.extend(incumbents.iter().cloned());
        let promise = self.acquisition.values(&candidates);
        let mut values = promise.clone();
        for (value, candidate) in values.iter_mut().zip(&candidates) {
            if self.is_taken(candidate) {
                *value = f64::NEG_INFINITY;
            }
        }
        let first = position_of_largest(&values);
        let mut starts = vec![first];
        starts.extend(count as usize..candidates.len());
        starts.extend(drawn(&values[..count as usize], values[first], draws));
        starts.dedup();
        let mut best = (candidates[first].clone(), values[first]);
        for start in starts {
            let (point, value) = self.climb(candidates[start].clone(), values[start]);
            if value > best.1 {
                best = (point, value);
            }
        }
        if best.1 == f64::NEG_INFINITY { candidates.swap_remove(position_of_largest(&promise)) } else { best.0 }
    }

    fn is_taken(&self, point: &[f64]) -> bool {
        !self.taken.is_empty() && self.taken.contains(&bits(point))
    }

    /// A local search.
    fn climb(&self, mut point: Vec<f64>, mut value: f64) -> (Vec<f64>, f64) {
        for _ in 0..ROUNDS {
            let before = value;
            self.climb_continuous(&mut point, &mut value);
            let continuous = value;
            for d in 0..self.encoding.axes.len() {
                if self.encoding.axes[d].scale.count > 0 {
                    self.climb_discrete(d, &mut point, &mut value);
                }
            }
            if value <= continuous || value - before < 1e-4 {
                break;
            }
        }
        (point, value)
    }

    /// L-BFGS-B over the continuous coordinates that exist, in units of their length scales.
    fn climb_continuous(&self, point: &mut Vec<f64>, value: &mut f64) {
        let exists = self.encoding.settle(point);
        let free: Vec<usize> =
            (0..point.len()).filter(|&d| exists[d] && self.encoding.axes[d].scale.count == 0).collect();
        if free.is_empty() {
            return;
        }
        let scales: Vec<f64> = free.iter().map(|&d| sqrt(self.weights[d]).max(1e-2)).collect();
        let place = |x: &[f64]| {
            let mut moved = point.clone();
            for ((&d, x), scale) in free.iter().zip(x).zip(&scales) {
                moved[d] = (x / scale).clamp(0.0, 1.0);
            }
            moved
        };
        let from: Vec<f64> = free.iter().zip(&scales).map(|(&d, scale)| point[d] * scale).collect();
        let negative = |x: &[f64], gradient: &mut [f64]| {
            let (value, by_point) = self.acquisition.value_and_gradient(&place(x));
            for ((gradient, &d), scale) in gradient.iter_mut().zip(&free).zip(&scales) {
                *gradient = -by_point[d] / scale;
            }
            -value
        };
        let (best, found) = minimize(negative, &from, &vec![0.0; free.len()], &scales, STOP);
        if -found > *value {
            (*point, *value) = (place(&best), -found);
        }
    }

    /// Tries other values of a discrete coordinate.
    fn climb_discrete(&self, d: usize, point: &mut Vec<f64>, value: &mut f64) {
        if !self.encoding.settle(point)[d] {
            return;
        }
        let axis = &self.encoding.axes[d];
        let count = axis.scale.count;
        let mut now = axis.index(point[d]);
        let mut attempt = |index: u64| {
            let mut moved = point.clone();
            moved[d] = axis.at(index);
            self.encoding.settle(&mut moved);
            let taken = self.is_taken(&moved);
            let found = if taken { f64::NEG_INFINITY } else { self.acquisition.value(&moved) };
            let better = found > *value;
            if better {
                (*point, *value) = (moved, found);
            }
            better
        };
        if axis.scale.categorical || count <= TRY_ALL {
            for index in (0..count).filter(|&index| index != now) {
                attempt(index);
            }
            return;
        }
        let mut step = count / 4;
        while step > 0 {
            let up = (now + step < count).then_some(now + step);
            let Some(next) = [now.checked_sub(step), up].into_iter().flatten().find(|&next| attempt(next)) else {
                step /= 2;
                continue;
            };
            now = next;
        }
    }
}

fn position_of_largest(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}

/// Candidates drawn with probabilities in proportion to their expected improvement.
fn drawn(values: &[f64], largest: f64, draws: &mut Draws) -> Vec<usize> {
    let mut sum = 0.0;
    let sums: Vec<f64> = values
        .iter()
        .map(|value| {
            sum += exp((value - largest).max(-700.0));
            sum
        })
        .collect();
    (0..DRAWN_STARTS)
        .map(|_| draws.uniform() * sum)
        .map(|at| sums.partition_point(|&sum| sum <= at))
        .map(|i| i.min(values.len() - 1))
        .collect()
}

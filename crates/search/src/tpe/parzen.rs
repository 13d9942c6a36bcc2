//! A Parzen density over several parameters: a mixture with one component a trial, and one for what is not known yet.

use libm::{exp, log};

use crate::elementary::exp_of_negative;
use crate::random::Draws;
use crate::scale::Scale;

use super::axis::Axis;

/// Trials from the newest back that count in full; older ones fade.
const FULL_WEIGHT: usize = 25;

/// Components whose terms are worked out at once.
const BLOCK: usize = 64;

/// The density. Every component is a product over the parameters; the prior is a wide one in the middle.
#[derive(Debug)]
pub(super) struct Parzen {
    axes: Vec<Axis>,
    /// Components that are left out, in their order.
    absent: Vec<u32>,
    /// By component: the logarithm of the density at its mean, along the continuous axes; -∞ of what is left out, and NaN
    /// where [`Self::settle`] is to work it out.
    log_norms: Vec<f64>,
    /// By component; that of the prior is 1.
    weights: Vec<f64>,
    /// So many parts of a range are the least deviation.
    parts: f64,
}

impl Parzen {
    /// The prior alone.
    pub fn new(scales: &[Scale]) -> Self {
        let axes = scales.iter().cloned().map(Axis::new).collect();
        let mut new = Self { axes, absent: Vec::new(), log_norms: Vec::new(), weights: Vec::new(), parts: 0.0 };
        new.settle();
        new
    }

    /// Components that are left out, in their order.
    pub fn absent(&self) -> &[u32] {
        &self.absent
    }

    /// Number of components that are not left out.
    fn count(&self) -> usize {
        self.log_norms.len() - self.absent.len()
    }

    /// The place of a component.
    pub fn places(&self, component: u32) -> Vec<f64> {
        self.axes.iter().map(|axis| axis.place(component)).collect()
    }

    /// Adds a component. As after everything else that changes them, [`Self::settle`] must follow.
    pub fn push(&mut self, places: &[f64]) {
        self.log_norms.push(f64::NAN);
        for (axis, place) in self.axes.iter_mut().zip(places) {
            axis.push(*place, &mut self.log_norms);
        }
    }

    /// Keeps so many components.
    pub fn truncate(&mut self, length: usize) {
        self.absent.retain(|&component| (component as usize) < length);
        self.log_norms.truncate(length);
        for axis in &mut self.axes {
            axis.truncate(length, &mut self.log_norms);
        }
    }

    /// Leaves out these components, given in their order, and no others.
    pub fn leave_out(&mut self, components: Vec<u32>) {
        let before = std::mem::replace(&mut self.absent, components);
        for &component in before.iter().filter(|component| !self.absent.contains(component)) {
            self.log_norms[component as usize] = f64::NAN;
            self.axes.iter_mut().for_each(|axis| axis.enter(component, &mut self.log_norms));
        }
        for &component in self.absent.iter().filter(|component| !before.contains(component)) {
            self.axes.iter_mut().for_each(|axis| axis.leave(component, &mut self.log_norms));
        }
    }

    /// Works out what depends on the number of components.
    pub fn settle(&mut self) {
        let count = self.count();
        let parts = (2 + count).min(100) as f64;
        if parts != self.parts {
            self.parts = parts;
            self.log_norms.fill(f64::NAN);
        }
        for axis in &mut self.axes {
            axis.settle(count, parts);
        }
        for (component, log_norm) in self.log_norms.iter_mut().enumerate() {
            if log_norm.is_nan() {
                *log_norm = self.axes.iter().map(|axis| axis.log_norm(component)).sum();
            }
        }
        for &component in &self.absent {
            self.log_norms[component as usize] = f64::NEG_INFINITY;
        }
        let faded = count.saturating_sub(FULL_WEIGHT);
        let oldest = if faded > 0 { 1.0 / count as f64 } else { 1.0 };
        let slope = (1.0 - oldest) / faded.saturating_sub(1).max(1) as f64;
        self.weights.clear();
        let ends = self.absent.iter().map(|&component| component as usize + 1).chain([self.log_norms.len()]);
        for (earlier, end) in ends.enumerate() {
            let begin = self.weights.len();
            self.weights.extend((begin..end).map(|component| (oldest + slope * (component - earlier) as f64).min(1.0)));
        }
    }

    /// A point of the density, as places on the scales, if all components have full weight.
    pub fn draw(&mut self, draws: &mut Draws) -> Vec<f64> {
        let count = self.log_norms.len() + 1;
        let component = pick(&vec![1.0 / count as f64; count], draws.uniform());
        self.axes.iter_mut().map(|axis| axis.draw(component, draws.uniform())).collect()
    }

    /// The logarithm of what the prior gives to [`Self::log_density`].
    pub fn log_prior(&self, point: &[f64]) -> f64 {
        self.axes.iter().zip(point).map(|(axis, place)| axis.log_prior(*place)).sum()
    }

    /// The logarithm of the density at a point, times the sum of the weights; lattice axes count the mass of a value's cell.
    /// Where it is above `limit`, something between both.
    pub fn log_density(&mut self, point: &[f64], limit: f64) -> f64 {
        // The sum so far is `sum` times e to the `largest` term.
        let (mut largest, mut sum) = (self.log_prior(point), 1.0);
        for (axis, place) in self.axes.iter_mut().zip(point) {
            axis.prepare(*place);
        }
        // The newest ones come first: they count most, and mostly are near.
        let mut end = self.log_norms.len();
        while end > 0 && largest + log(sum) <= limit {
            let begin = end.saturating_sub(BLOCK);
            let (mut terms, mut weights, mut count) = ([0.0; BLOCK], [0.0; BLOCK], 0);
            let terms = &mut terms[..end - begin];
            terms.copy_from_slice(&self.log_norms[begin..end]);
            for (axis, place) in self.axes.iter().zip(point) {
                axis.add(*place, begin, terms);
            }
            // What is e^40 times smaller than the largest term does not reach the last digits of the sum.
            for (i, weight) in self.weights[begin..end].iter().enumerate() {
                let term = terms[i];
                (terms[count], weights[count]) = (term, *weight);
                count += usize::from(term > largest - 40.0);
            }
            let (near, weights) = (&mut terms[..count], &weights[..count]);
            let most = near.iter().copied().fold(largest, f64::max);
            if most > largest {
                sum *= exp(largest - most);
                largest = most;
            }
            for term in &mut *near {
                *term = exp_of_negative(*term - largest);
            }
            sum += near.iter().zip(weights).map(|(power, weight)| power * weight).sum::<f64>();
            end = begin;
        }
        largest + log(sum)
    }
}

/// Number of the weight in which `uniform`, times their sum, falls.
pub(super) fn pick(weights: &[f64], uniform: f64) -> usize {
    let mut rest = uniform * weights.iter().sum::<f64>();
    for (i, weight) in weights.iter().enumerate() {
        rest -= weight;
        if rest < 0.0 {
            return i;
        }
    }
    weights.len() - 1
}

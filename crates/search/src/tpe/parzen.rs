//! A Parzen density over several parameters: a mixture with one component a trial, and one for what is not known yet.

use libm::log;

use crate::elementary::{exp_of_negative, log_of_normal};
use crate::normal::{LOG_SQRT_TAU, below, between, quantile};
use crate::random::Draws;
use crate::scale::Scale;

use super::places::Places;

/// Trials from the newest back that count in full; older ones fade.
const FULL_WEIGHT: usize = 25;

/// The density. Every component is a product over the parameters; the last one is the wide prior.
#[derive(Debug)]
pub(super) struct Parzen {
    weights: Vec<f64>,
    axes: Vec<Axis>,
}

#[derive(Debug)]
enum Axis {
    Numeric(Numeric),
    Categorical(Categorical),
}

/// Choices seen by the components, as their places, each with some room for all others.
#[derive(Debug)]
struct Categorical {
    seen: Vec<f64>,
    count: usize,
}

impl Parzen {
    /// The density of the parameters at `positions` around the trials in `rows`, by number.
    pub(super) fn new(places: &Places, positions: &[usize], rows: &[u32]) -> Self {
        let axes = positions.iter().map(|&position| {
            let scale = &places.scales[position];
            let of_rows = rows.iter().map(|&row| places.place(row, position));
            if scale.categorical {
                let count = scale.count as usize;
                Axis::Categorical(Categorical { seen: of_rows.collect(), count })
            } else {
                Axis::Numeric(Numeric::new(scale, of_rows.collect(), places.ranks(position, rows)))
            }
        });
        Self { axes: axes.collect(), weights: weights(rows.len()) }
    }

    /// A point of the density, as places on the scales.
    pub(super) fn draw(&self, draws: &mut Draws) -> Vec<f64> {
        let component = pick(&self.weights, draws.uniform());
        self.axes
            .iter()
            .map(|axis| match axis {
                Axis::Numeric(numeric) => numeric.draw(component, draws.uniform()),
                Axis::Categorical(categorical) => categorical.draw(component, draws.uniform()),
            })
            .collect()
    }

    /// Logarithms of the density at points; lattice axes count the mass of a value's cell.
    pub(super) fn log_density(&self, points: &[Vec<f64>]) -> Vec<f64> {
        let log_weights: Vec<f64> = self.weights.iter().copied().map(log_of_normal).collect();
        let mut axes: Vec<LogDensity> = self.axes.iter().map(Axis::log_density).collect();
        let (mut terms, mut near) = (log_weights.clone(), log_weights.clone());
        let mut at = |point: &Vec<f64>| {
            terms.copy_from_slice(&log_weights);
            for (axis, place) in axes.iter_mut().zip(point) {
                axis.add(*place, &mut terms);
            }
            log_sum(&terms, &mut near)
        };
        points.iter().map(&mut at).collect()
    }
}

/// What the logarithm of an axis' density is made of.
enum LogDensity<'a> {
    /// By component: means, inverse deviations, and logarithms of the density at the mean.
    Continuous([Vec<f64>; 3]),
    /// Places of earlier points with what they add by kernel.
    Lattice(&'a Numeric, Vec<(f64, Vec<f64>)>),
    /// What a component adds for another choice than it has seen, and for the same; what the prior adds.
    Categorical(&'a Categorical, [f64; 2], f64),
}

impl Axis {
    fn log_density(&self) -> LogDensity<'_> {
        match self {
            Self::Numeric(numeric) if numeric.scale.count == 0 => {
                let kernels = numeric.densities();
                let of_component =
                    |i: usize| numeric.of_component.iter().map(|&kernel| kernels[kernel as usize][i]).collect();
                LogDensity::Continuous([0, 1, 2].map(of_component))
            }
            Self::Numeric(numeric) => LogDensity::Lattice(numeric, Vec::new()),
            Self::Categorical(categorical) => {
                let (other, own) = categorical.shares();
                LogDensity::Categorical(categorical, [log(other), log(own)], -log(categorical.count as f64))
            }
        }
    }
}

impl LogDensity<'_> {
    /// Adds the logarithms of the components' densities at `place` to their terms.
    fn add(&mut self, place: f64, terms: &mut [f64]) {
        match self {
            Self::Continuous([means, inverses, norms]) => {
                let kernels = means.iter().zip(inverses).zip(norms);
                for (term, ((mean, inverse), norm)) in terms.iter_mut().zip(kernels) {
                    let z = (place - *mean) * *inverse;
                    *term += *norm - 0.5 * z * z;
                }
            }
            Self::Lattice(numeric, places) => {
                let known = places.iter().position(|(known, _)| *known == place).unwrap_or_else(|| {
                    places.push((place, numeric.masses(place)));
                    places.len() - 1
                });
                for (term, kernel) in terms.iter_mut().zip(&numeric.of_component) {
                    *term += places[known].1[*kernel as usize];
                }
            }
            Self::Categorical(categorical, [other, own], prior) => {
                let (other, own) = (*other, *own);
                for (term, seen) in terms.iter_mut().zip(&categorical.seen) {
                    *term += if *seen == place { own } else { other };
                }
                if let Some(term) = terms.last_mut() {
                    *term += *prior;
                }
            }
        }
    }
}

impl Categorical {
    /// The share of a choice that a component has not seen, and of the one that it has.
    fn shares(&self) -> (f64, f64) {
        let room = 1.0 / (self.seen.len() + 1) as f64;
        let total = 1.0 + room * self.count as f64;
        (room / total, (1.0 + room) / total)
    }

    fn draw(&self, component: usize, uniform: f64) -> f64 {
        let (other, own) = self.shares();
        let share = |choice: usize| match self.seen.get(component) {
            Some(&seen) => {
                if choice as f64 == seen {
                    own
                } else {
                    other
                }
            }
            None => 1.0 / self.count as f64,
        };
        pick(&(0..self.count).map(share).collect::<Vec<_>>(), uniform) as f64
    }
}

/// What stands for the logarithm of a mass that underflows, so that ratios stay numbers.
const LEAST_LOG_MASS: f64 = -700.0;

/// A kernel for every trial at its place, and a wide one in the middle.
#[derive(Debug)]
struct Numeric {
    scale: Scale,
    /// Distinct kernels.
    kernels: Vec<Kernel>,
    /// By component: which kernel.
    of_component: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Kernel {
    mean: f64,
    deviation: f64,
}

impl Kernel {
    /// The logarithm of the share of the kernel's `inside` that lies between two places.
    fn log_mass(&self, low: f64, high: f64, inside: f64) -> f64 {
        let standard = |place: f64| (place - self.mean) / self.deviation;
        let mass = between(standard(low), standard(high)) / inside;
        if mass > 0.0 { log(mass) } else { LEAST_LOG_MASS }
    }
}

impl Numeric {
    /// Kernels at `places`, which have this `order`. A kernel reaches to the farther of its two neighbours, but over a
    /// hundredth of the range at least (more while there are few kernels).
    fn new(scale: &Scale, mut places: Vec<f64>, mut order: Vec<u32>) -> Self {
        let range = scale.high - scale.low;
        let prior = f64::midpoint(scale.low, scale.high);
        let behind = order.partition_point(|&component| places[component as usize].total_cmp(&prior).is_le());
        order.insert(behind, places.len() as u32);
        places.push(prior);
        let count = places.len();
        let narrowest = range / (1 + count).min(100) as f64;
        let mut kernels: Vec<Kernel> = Vec::with_capacity(count);
        let mut of_component = vec![0; count];
        for (rank, &component) in order.iter().enumerate() {
            let component = component as usize;
            let mean = places[component];
            let left = if rank > 0 { mean - places[order[rank - 1] as usize] } else { 0.0 };
            let right = order.get(rank + 1).map_or(0.0, |&next| places[next as usize] - mean);
            let gap = left.max(right).clamp(narrowest, range);
            let deviation = if component == count - 1 { range } else { gap };
            // Equal kernels of a lattice are neighbours here.
            if !kernels.last().is_some_and(|last| last.mean == mean && last.deviation == deviation) {
                kernels.push(Kernel { mean, deviation });
            }
            of_component[component] = kernels.len() as u32 - 1;
        }
        Self { scale: scale.clone(), kernels, of_component }
    }

    /// A place from a component's kernel.
    fn draw(&self, component: usize, uniform: f64) -> f64 {
        let Kernel { mean, deviation } = self.kernels[self.of_component[component] as usize];
        let (low, high) = ((self.scale.low - mean) / deviation, (self.scale.high - mean) / deviation);
        let share = below(low) + uniform * (below(high) - below(low));
        let place = (mean + deviation * quantile(share)).clamp(self.scale.low, self.scale.high);
        if self.scale.count == 0 { place } else { self.scale.place_of(self.scale.index(place)) }
    }

    /// By kernel: mean, inverse deviation, and the logarithm of the truncated density at the mean.
    fn densities(&self) -> Vec<[f64; 3]> {
        // Most kernels are the narrowest.
        let (mut width, mut log_width) = (1.0, 0.0);
        let density = |kernel: &Kernel| {
            let own = kernel.deviation * self.inside(kernel);
            if own != width {
                (width, log_width) = (own, log(own));
            }
            [kernel.mean, 1.0 / kernel.deviation, -LOG_SQRT_TAU - log_width]
        };
        self.kernels.iter().map(density).collect()
    }

    /// By kernel: the logarithm of the mass in the cell of `place`.
    fn masses(&self, place: f64) -> Vec<f64> {
        let (low, high) = self.scale.cell(place);
        self.kernels.iter().map(|kernel| kernel.log_mass(low, high, self.inside(kernel))).collect()
    }

    /// The share of a kernel that lies inside the range.
    fn inside(&self, kernel: &Kernel) -> f64 {
        let (low, high) =
            ((self.scale.low - kernel.mean) / kernel.deviation, (self.scale.high - kernel.mean) / kernel.deviation);
        // A tail beyond is smaller than half of the share's last digit.
        match (low < -8.5, high > 8.5) {
            (true, true) => 1.0,
            (true, false) if high >= 0.0 => below(high),
            (false, true) if low <= 0.0 => 1.0 - below(low),
            _ => between(low, high),
        }
    }
}

/// Normalised weights of `count` components and the prior.
fn weights(count: usize) -> Vec<f64> {
    let faded = count.saturating_sub(FULL_WEIGHT);
    let oldest = 1.0 / count as f64;
    let ramp = |i: usize| {
        if i >= faded {
            1.0
        } else if faded == 1 {
            oldest
        } else {
            oldest + (1.0 - oldest) * i as f64 / (faded - 1) as f64
        }
    };
    let raw: Vec<f64> = (0..count).map(ramp).chain([1.0]).collect();
    let total: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / total).collect()
}

/// Number of the weight in which `uniform`, times their sum, falls.
fn pick(weights: &[f64], uniform: f64) -> usize {
    let mut rest = uniform * weights.iter().sum::<f64>();
    for (i, weight) in weights.iter().enumerate() {
        rest -= weight;
        if rest < 0.0 {
            return i;
        }
    }
    weights.len() - 1
}

/// ln Σ exp; `near` has room for as many numbers as there are terms.
fn log_sum(terms: &[f64], near: &mut [f64]) -> f64 {
    // Sixteen at a time, which a processor compares at once.
    let (chunks, rest) = terms.as_chunks::<16>();
    let mut lanes = [f64::NEG_INFINITY; 16];
    for chunk in chunks {
        for (lane, term) in lanes.iter_mut().zip(chunk) {
            *lane = if *term > *lane { *term } else { *lane };
        }
    }
    let largest = lanes.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max);
    let near = keep_near(terms, largest, near);
    for power in &mut *near {
        *power = exp_of_negative(*power);
    }
    log(near.iter().sum()) + largest
}

/// The distances of terms from the largest one. What is e^40 times smaller does not reach the last digits of a sum, and is left out.
fn keep_near<'n>(terms: &[f64], largest: f64, near: &'n mut [f64]) -> &'n mut [f64] {
    let mut count = 0;
    for term in terms {
        near[count] = term - largest;
        count += usize::from(term - largest > -40.0);
    }
    &mut near[..count]
}

//! A Parzen density over several parameters: a mixture with one component a trial, and one for what is not known yet.

use libm::{exp, log};

use crate::normal::{LOG_SQRT_TAU, below, between, quantile};
use crate::random::Draws;
use crate::scale::Scale;

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

/// Choices seen by the components, each with some room for all others.
#[derive(Debug)]
struct Categorical {
    seen: Vec<usize>,
    count: usize,
}

impl Parzen {
    /// The density around points in the order of their trials, given as places on `scales`.
    pub(super) fn new<'a>(scales: &[Scale], points: impl Iterator<Item = &'a Vec<f64>>) -> Self {
        let points: Vec<&Vec<f64>> = points.collect();
        let axes = scales.iter().enumerate().map(|(i, scale)| {
            let places = points.iter().map(|point| point[i]);
            if scale.categorical {
                let count = scale.count as usize;
                Axis::Categorical(Categorical { seen: places.map(|place| place as usize).collect(), count })
            } else {
                Axis::Numeric(Numeric::new(scale, places.collect()))
            }
        });
        Self { axes: axes.collect(), weights: weights(points.len()) }
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
        let width = points.len();
        let mut terms = Vec::with_capacity(width * self.weights.len());
        for weight in &self.weights {
            terms.extend(std::iter::repeat_n(log(*weight), width));
        }
        for (i, axis) in self.axes.iter().enumerate() {
            let places: Vec<f64> = points.iter().map(|point| point[i]).collect();
            match axis {
                Axis::Numeric(numeric) => numeric.add_log_density(&places, &mut terms),
                Axis::Categorical(categorical) => categorical.add_log_density(&places, &mut terms),
            }
        }
        log_sums(&terms, width)
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
                if choice == seen {
                    own
                } else {
                    other
                }
            }
            None => 1.0 / self.count as f64,
        };
        pick(&(0..self.count).map(share).collect::<Vec<_>>(), uniform) as f64
    }

    fn add_log_density(&self, places: &[f64], terms: &mut [f64]) {
        let (other, own) = self.shares();
        let (other, own, prior) = (log(other), log(own), -log(self.count as f64));
        // By choice that a component has seen: what its row gets. The prior has seen none.
        let of_choice = |choice| places.iter().map(move |place| if *place as usize == choice { own } else { other });
        let table: Vec<f64> = (0..self.count).flat_map(of_choice).collect();
        let mut rows = terms.chunks_exact_mut(places.len());
        for (seen, row) in self.seen.iter().zip(rows.by_ref()) {
            for (term, density) in row.iter_mut().zip(&table[seen * places.len()..]) {
                *term += density;
            }
        }
        for term in rows.flatten() {
            *term += prior;
        }
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
    of_component: Vec<usize>,
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
    /// Kernels at `places`. A kernel reaches to the farther of its two neighbours, but over a hundredth of the range at
    /// least (more while there are few kernels).
    fn new(scale: &Scale, mut places: Vec<f64>) -> Self {
        let range = scale.high - scale.low;
        places.push(f64::midpoint(scale.low, scale.high));
        let count = places.len();
        let narrowest = range / (1 + count).min(100) as f64;
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| places[a].total_cmp(&places[b]));
        let mut kernels: Vec<Kernel> = Vec::with_capacity(count);
        let mut of_component = vec![0; count];
        for (rank, &component) in order.iter().enumerate() {
            let mean = places[component];
            let left = if rank > 0 { mean - places[order[rank - 1]] } else { 0.0 };
            let right = order.get(rank + 1).map_or(0.0, |&next| places[next] - mean);
            let gap = left.max(right).clamp(narrowest, range);
            let deviation = if component == count - 1 { range } else { gap };
            // Equal kernels of a lattice are neighbours here.
            if !kernels.last().is_some_and(|last| last.mean == mean && last.deviation == deviation) {
                kernels.push(Kernel { mean, deviation });
            }
            of_component[component] = kernels.len() - 1;
        }
        Self { scale: scale.clone(), kernels, of_component }
    }

    /// A place from a component's kernel.
    fn draw(&self, component: usize, uniform: f64) -> f64 {
        let Kernel { mean, deviation } = self.kernels[self.of_component[component]];
        let (low, high) = ((self.scale.low - mean) / deviation, (self.scale.high - mean) / deviation);
        let share = below(low) + uniform * (below(high) - below(low));
        let place = (mean + deviation * quantile(share)).clamp(self.scale.low, self.scale.high);
        if self.scale.count == 0 { place } else { self.scale.place_of(self.scale.index(place)) }
    }

    /// Adds the kernels' log densities at `places` to rows of terms, one row a component.
    fn add_log_density(&self, places: &[f64], terms: &mut [f64]) {
        let table = if self.scale.count == 0 { self.densities(places) } else { self.masses(places) };
        for (row, kernel) in terms.chunks_exact_mut(places.len()).zip(&self.of_component) {
            for (term, density) in row.iter_mut().zip(&table[kernel * places.len()..]) {
                *term += density;
            }
        }
    }

    /// By kernel and place: the logarithm of the truncated density.
    fn densities(&self, places: &[f64]) -> Vec<f64> {
        let mut table = Vec::with_capacity(self.kernels.len() * places.len());
        for kernel in &self.kernels {
            let norm = -LOG_SQRT_TAU - log(kernel.deviation * self.inside(kernel));
            let inverse = 1.0 / kernel.deviation;
            table.extend(places.iter().map(|place| {
                let z = (place - kernel.mean) * inverse;
                norm - 0.5 * z * z
            }));
        }
        table
    }

    /// By kernel and place: the logarithm of the mass in the place's cell.
    fn masses(&self, places: &[f64]) -> Vec<f64> {
        let cells: Vec<(f64, f64)> = places.iter().map(|&place| self.scale.cell(place)).collect();
        let mut table = Vec::with_capacity(self.kernels.len() * places.len());
        for kernel in &self.kernels {
            let inside = self.inside(kernel);
            let start = table.len();
            for (i, (low, high)) in cells.iter().enumerate() {
                let earlier = places[..i].iter().position(|place| place == &places[i]);
                table.push(
                    earlier.map_or_else(|| kernel.log_mass(*low, *high, inside), |earlier| table[start + earlier]),
                );
            }
        }
        table
    }

    /// The share of a kernel that lies inside the range.
    fn inside(&self, kernel: &Kernel) -> f64 {
        between((self.scale.low - kernel.mean) / kernel.deviation, (self.scale.high - kernel.mean) / kernel.deviation)
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

/// By column of a matrix with rows of `width`: ln Σ exp.
fn log_sums(terms: &[f64], width: usize) -> Vec<f64> {
    let mut largest = vec![f64::NEG_INFINITY; width];
    for row in terms.chunks_exact(width) {
        for (largest, term) in largest.iter_mut().zip(row) {
            *largest = largest.max(*term);
        }
    }
    let mut sums = vec![0.0; width];
    for row in terms.chunks_exact(width) {
        for ((sum, term), largest) in sums.iter_mut().zip(row).zip(&largest) {
            // What is e^40 times smaller than the largest term does not reach the sum's last digits.
            if term - largest > -40.0 {
                *sum += exp(term - largest);
            }
        }
    }
    sums.iter().zip(&largest).map(|(sum, largest)| log(*sum) + largest).collect()
}

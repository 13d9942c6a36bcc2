//! Truncated normal kernels along one numeric parameter.

use libm::log;

use crate::normal::{LOG_SQRT_TAU, below, between, quantile};
use crate::scale::Scale;

/// What stands for the logarithm of a mass that underflows, so that ratios stay numbers.
const LEAST_LOG_MASS: f64 = -700.0;

/// A kernel for every trial at its place, and a wide one in the middle.
#[derive(Debug)]
pub(super) struct Numeric {
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
    pub(super) fn new(scale: &Scale, mut places: Vec<f64>) -> Self {
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
    pub(super) fn draw(&self, component: usize, uniform: f64) -> f64 {
        let Kernel { mean, deviation } = self.kernels[self.of_component[component]];
        let (low, high) = ((self.scale.low - mean) / deviation, (self.scale.high - mean) / deviation);
        let share = below(low) + uniform * (below(high) - below(low));
        let place = (mean + deviation * quantile(share)).clamp(self.scale.low, self.scale.high);
        if self.scale.count == 0 { place } else { self.scale.place_of(self.scale.index(place)) }
    }

    /// Adds the kernels' log densities at `places` to rows of terms, one row a component.
    pub(super) fn add_log_density(&self, places: &[f64], terms: &mut [f64]) {
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

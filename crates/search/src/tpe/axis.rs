//! One parameter of a Parzen density: a kernel a component on a numeric scale, shares on a categorical one.

use std::cmp::Ordering;
use std::ops::Range;

use libm::log;

use crate::normal::{LOG_SQRT_TAU, below, between, quantile};
use crate::scale::Scale;

use super::parzen::pick;

/// One parameter.
#[derive(Debug)]
pub(super) struct Axis {
    scale: Scale,
    /// By component: the place of its trial.
    places: Vec<f64>,
    /// By component: the distance of the farther of its two neighbours.
    gaps: Vec<f64>,
    /// Components that are not left out and [`PRIOR`], by place and then by number; of a numeric scale.
    order: Vec<u32>,
    prior: Kernel,
    /// The logarithm of the prior's density at its mean.
    prior_log_norm: f64,
    /// A kernel reaches to the farther of its two neighbours, but over this at least: a hundredth of the range, more while
    /// there are few.
    narrowest: f64,
    /// Of a categorical scale: the share of a choice that a component has not seen, and of the one that it has.
    shares: [f64; 2],
    /// Their logarithms.
    log_shares: [f64; 2],
    /// Of a lattice: places that were asked for, each with what it adds by component.
    columns: Vec<(f64, Vec<f64>)>,
    /// By component and of the prior, once one is drawn from: the shares of its kernel, were it not cut off, below the ends of
    /// the scale.
    ends: Vec<[f64; 2]>,
}

/// The number of the prior among the components.
const PRIOR: u32 = u32::MAX;

impl Axis {
    pub fn new(scale: Scale) -> Self {
        let prior = Kernel { mean: f64::midpoint(scale.low, scale.high), deviation: scale.high - scale.low };
        Self {
            prior,
            prior_log_norm: if scale.categorical { -log(scale.count as f64) } else { prior.log_norm(&scale) },
            scale,
            places: Vec::new(),
            gaps: Vec::new(),
            order: vec![PRIOR],
            narrowest: 0.0,
            shares: [0.0; 2],
            log_shares: [0.0; 2],
            columns: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The place of a component.
    pub fn place(&self, component: u32) -> f64 {
        self.places.get(component as usize).copied().unwrap_or(self.prior.mean)
    }

    /// Adds a component.
    pub fn push(&mut self, place: f64, log_norms: &mut [f64]) {
        self.places.push(place);
        self.gaps.push(0.0);
        self.enter(self.places.len() as u32 - 1, log_norms);
    }

    /// Keeps so many components.
    pub fn truncate(&mut self, length: usize, log_norms: &mut [f64]) {
        self.places.truncate(length);
        self.gaps.truncate(length);
        self.order.retain(|&component| component == PRIOR || (component as usize) < length);
        self.refresh(0..self.order.len(), log_norms);
    }

    /// Works out what depends on the number of components and on how many parts of the range are the least deviation.
    pub fn settle(&mut self, count: usize, parts: f64) {
        self.narrowest = (self.scale.high - self.scale.low) / parts;
        self.columns.clear();
        self.ends.clear();
        if self.scale.categorical {
            let room = 1.0 / (count + 1) as f64;
            let total = 1.0 + room * self.scale.count as f64;
            self.shares = [room / total, (1.0 + room) / total];
            self.log_shares = self.shares.map(log);
        }
    }

    fn is_continuous(&self) -> bool {
        self.scale.count == 0
    }

    fn kernel(&self, component: usize) -> Kernel {
        match self.places.get(component) {
            Some(&mean) => Kernel { mean, deviation: self.gaps[component].max(self.narrowest) },
            None => self.prior,
        }
    }

    /// Number in the order of the first one that is not before a component.
    fn rank(&self, component: u32) -> usize {
        let key = (self.place(component), component);
        self.order
            .partition_point(|&other| self.place(other).total_cmp(&key.0).then(other.cmp(&key.1)) == Ordering::Less)
    }

    /// Puts a component among the others, and makes NaN what changes by it.
    pub fn enter(&mut self, component: u32, log_norms: &mut [f64]) {
        if !self.scale.categorical {
            let rank = self.rank(component);
            self.order.insert(rank, component);
            self.refresh(rank.saturating_sub(1)..rank + 2, log_norms);
        }
    }

    /// Takes it away again.
    pub fn leave(&mut self, component: u32, log_norms: &mut [f64]) {
        if !self.scale.categorical {
            let rank = self.rank(component);
            self.order.remove(rank);
            self.refresh(rank.saturating_sub(1)..rank + 1, log_norms);
        }
    }

    /// Works out the gaps of those with these numbers in the order.
    fn refresh(&mut self, ranks: Range<usize>, log_norms: &mut [f64]) {
        for rank in ranks.start..ranks.end.min(self.order.len()) {
            let component = self.order[rank];
            if component != PRIOR {
                let mean = self.place(component);
                let left = if rank > 0 { mean - self.place(self.order[rank - 1]) } else { 0.0 };
                let right = self.order.get(rank + 1).map_or(0.0, |&next| self.place(next) - mean);
                self.gaps[component as usize] = left.max(right);
                log_norms[component as usize] = f64::NAN;
            }
        }
    }

    /// A place from a component.
    pub fn draw(&mut self, component: usize, uniform: f64) -> f64 {
        if self.scale.categorical {
            let [other, own] = self.shares;
            let share = |choice: usize| match self.places.get(component) {
                Some(&seen) => {
                    if choice as f64 == seen {
                        own
                    } else {
                        other
                    }
                }
                None => 1.0 / self.scale.count as f64,
            };
            return pick(&(0..self.scale.count as usize).map(share).collect::<Vec<_>>(), uniform) as f64;
        }
        if self.ends.is_empty() {
            let ends = |component| self.kernel(component).ends(&self.scale).map(below);
            self.ends = (0..=self.places.len()).map(ends).collect();
        }
        let (Kernel { mean, deviation }, [low, high]) = (self.kernel(component), self.ends[component]);
        let share = low + uniform * (high - low);
        let place = (mean + deviation * quantile(share)).clamp(self.scale.low, self.scale.high);
        if self.is_continuous() { place } else { self.scale.place_of(self.scale.index(place)) }
    }

    /// The logarithm of the prior at `place`.
    pub fn log_prior(&self, place: f64) -> f64 {
        if self.scale.categorical {
            self.prior_log_norm
        } else if self.is_continuous() {
            let z = (place - self.prior.mean) / self.prior.deviation;
            self.prior_log_norm - 0.5 * z * z
        } else {
            self.prior.log_mass(&self.scale, self.scale.cell(place))
        }
    }

    /// Readies what [`Self::add`] needs for `place`.
    pub fn prepare(&mut self, place: f64) {
        if self.scale.categorical || self.is_continuous() || self.columns.iter().any(|(known, _)| *known == place) {
            return;
        }
        let (cell, mut column) = (self.scale.cell(place), vec![0.0; self.places.len()]);
        let mut last = (self.prior, self.prior.log_mass(&self.scale, cell));
        for &component in &self.order {
            if let Some(mass) = column.get_mut(component as usize) {
                // Equal kernels are neighbours here.
                let kernel = self.kernel(component as usize);
                if kernel != last.0 {
                    last = (kernel, kernel.log_mass(&self.scale, cell));
                }
                *mass = last.1;
            }
        }
        self.columns.push((place, column));
    }

    /// Adds to the terms of components, from `begin` on, the logarithms of their densities at `place`, without
    /// [`Self::log_norm`].
    pub fn add(&self, place: f64, begin: usize, terms: &mut [f64]) {
        let end = begin + terms.len();
        if self.scale.categorical {
            let [other, own] = self.log_shares;
            for (term, seen) in terms.iter_mut().zip(&self.places[begin..end]) {
                *term += if *seen == place { own } else { other };
            }
        } else if self.is_continuous() {
            for ((term, mean), gap) in terms.iter_mut().zip(&self.places[begin..end]).zip(&self.gaps[begin..end]) {
                let z = (place - mean) / if *gap > self.narrowest { *gap } else { self.narrowest };
                *term -= 0.5 * z * z;
            }
        } else if let Some((_, column)) = self.columns.iter().find(|(known, _)| *known == place) {
            for (term, log_share) in terms.iter_mut().zip(&column[begin..end]) {
                *term += log_share;
            }
        }
    }

    /// The logarithm of a component's density at its mean, on a continuous scale.
    pub fn log_norm(&self, component: usize) -> f64 {
        if self.is_continuous() { self.kernel(component).log_norm(&self.scale) } else { 0.0 }
    }
}

/// What stands for the logarithm of a mass that underflows, so that ratios stay numbers.
const LEAST_LOG_MASS: f64 = -700.0;

/// A normal density, cut off at the ends of a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kernel {
    mean: f64,
    deviation: f64,
}

impl Kernel {
    /// The logarithm of the mass between two places.
    fn log_mass(&self, scale: &Scale, (low, high): (f64, f64)) -> f64 {
        let standard = |place: f64| (place - self.mean) / self.deviation;
        let mass = between(standard(low), standard(high)) / self.inside(scale);
        if mass > 0.0 { log(mass) } else { LEAST_LOG_MASS }
    }

    /// The logarithm of the density at the mean.
    fn log_norm(&self, scale: &Scale) -> f64 {
        -LOG_SQRT_TAU - log(self.deviation * self.inside(scale))
    }

    /// The ends of the scale, in deviations from the mean.
    fn ends(&self, scale: &Scale) -> [f64; 2] {
        [scale.low, scale.high].map(|end| (end - self.mean) / self.deviation)
    }

    /// The share of the uncut density that lies on the scale.
    fn inside(&self, scale: &Scale) -> f64 {
        let [low, high] = self.ends(scale);
        // A tail beyond is smaller than half of the share's last digit.
        match (low < -8.5, high > 8.5) {
            (true, true) => 1.0,
            (true, false) if high >= 0.0 => below(high),
            (false, true) if low <= 0.0 => 1.0 - below(low),
            _ => between(low, high),
        }
    }
}

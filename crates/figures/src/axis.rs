//! Axes: where a value lies between two ends, which ticks are labelled, and how.

mod logarithmic;
mod names;
mod step;

use crate::font::{self, Weight};
use crate::number::{decimal, exponent, power};
use crate::style::TICK_SIZE;
pub use names::REACH;
use step::Step;

/// A labelled grid line.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Position from 0 (low end) to 1 (high end).
    pub fraction: f64,
    /// What is written there.
    pub label: String,
}

/// One axis of a chart.
#[derive(Debug, Clone, Default)]
pub struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    factor: i32,
    /// The share at the low end that is kept for what has no place.
    band: f64,
    /// Whether every other label of a horizontal axis is written a line lower, all in small letters.
    pub is_staggered: bool,
    /// Labelled grid lines.
    pub ticks: Vec<Tick>,
    /// Positions of grid lines without a label.
    pub minor: Vec<f64>,
}

impl Axis {
    /// A linear axis ending a little beyond `low` and `high`; very large and very small values are
    /// written with a common power of ten.
    pub fn around(low: f64, high: f64) -> Axis {
        Axis::around_in_steps(low, high, 7.0)
    }

    /// As [`Axis::around`], with few enough ticks for their labels to fit side by side into
    /// `length` pixels.
    pub fn around_across(low: f64, high: f64, length: f64) -> Axis {
        let fits = |axis: &Axis| axis.widest_label() * axis.ticks.len() as f64 <= 0.75 * length;
        [7.0, 5.0, 3.0]
            .into_iter()
            .map(|steps| Axis::around_in_steps(low, high, steps))
            .find(fits)
            .unwrap_or_else(|| Axis::around_in_steps(low, high, 2.0))
    }

    fn around_in_steps(low: f64, high: f64, steps: f64) -> Axis {
        let (low, high, factor) = sensible(low, high);
        let air = (high - low) * 0.04;
        let (low, high) = (low - air, high + air);
        let step = Step::covering((high - low) / steps);
        let numbers = step.above(low)..=step.below(high);
        Axis::from_steps(low, high, step, numbers, factor)
    }

    /// A linear axis from exactly zero to a little beyond `high`.
    pub fn from_zero(high: f64) -> Axis {
        let (low, high, factor) = if high > 0.0 { sensible(0.0, high) } else { (0.0, 1.0, 0) };
        let high = high * 1.02;
        let step = Step::covering((high - low) / 6.0);
        Axis::from_steps(0.0, high, step, 0..=step.below(high), factor)
    }

    /// Width of the widest tick label in pixels.
    pub fn widest_label(&self) -> f64 {
        self.ticks.iter().map(|tick| font::width(&tick.label, Weight::Regular, TICK_SIZE)).fold(0.0, f64::max)
    }

    /// A linear axis from exactly `low` to exactly `high` with whole numbers at the ticks.
    pub fn counting(low: f64, high: f64, steps: f64) -> Axis {
        let mut step = Step::covering((high - low) / steps);
        if step.exponent < 0 {
            step = Step { digit: 1, exponent: 0 };
        }
        let (first, last) = (step.above(low), step.below(high));
        Axis::from_steps(low, high, step, first..=last, 0)
    }

    /// A linear axis from `low` to `high` with ticks at every fourth of 0 to 100 %.
    pub fn percent(low: f64, high: f64) -> Axis {
        let mut axis = Axis { low, high, ..Axis::default() };
        let tick = |share: i32| Tick { fraction: axis.fraction(f64::from(share)), label: format!("{share} %") };
        axis.ticks = [0, 25, 50, 75, 100].map(tick).to_vec();
        axis
    }

    fn from_steps(low: f64, high: f64, step: Step, numbers: std::ops::RangeInclusive<i64>, factor: i32) -> Axis {
        let mut axis = Axis { low, high, ..Axis::default() };
        axis.ticks = numbers
            .map(|number| Tick { fraction: axis.fraction(step.value(number)), label: step.label(number) })
            .collect();
        axis.factor = factor;
        axis
    }

    /// The same axis with room for what has no place on it: a `share` of its length below the lowest
    /// value, labelled in its middle.
    pub fn with_band(mut self, share: f64, label: &str) -> Axis {
        self.band = share;
        let above = |fraction: f64| share + (1.0 - share) * fraction;
        for tick in &mut self.ticks {
            tick.fraction = above(tick.fraction);
        }
        for position in &mut self.minor {
            *position = above(*position);
        }
        self.ticks.insert(0, Tick { fraction: share / 2.0, label: label.to_owned() });
        self
    }

    /// The same axis of names in what is left below a share of its length.
    pub fn below_head(mut self, head: f64) -> Axis {
        for tick in &mut self.ticks {
            tick.fraction *= 1.0 - head;
        }
        self
    }

    /// The same axis without ticks beyond `value`.
    pub fn keep_below(mut self, value: f64) -> Axis {
        let end = self.fraction(value);
        self.ticks.retain(|tick| tick.fraction <= end);
        self
    }

    /// Whether `value` has a place: any number on a linear axis, a positive one on a logarithmic axis,
    /// and a zero in the band below that.
    pub fn has(&self, value: f64) -> bool {
        has_a_place(value, self.logarithmic) || self.band > 0.0 && value == 0.0
    }

    /// Where `value` lies: 0 at the low end, 1 at the high end. A zero on a logarithmic axis lies in
    /// the middle of the band below it.
    pub fn fraction(&self, value: f64) -> f64 {
        if self.logarithmic && self.band > 0.0 && value == 0.0 {
            return self.band / 2.0;
        }
        let fraction = if self.logarithmic {
            self.fraction_of_log(libm::log10(value))
        } else {
            (scaled(value, self.factor) - self.low) / (self.high - self.low)
        };
        if self.band > 0.0 { self.band + (1.0 - self.band) * fraction } else { fraction }
    }

    /// Where the value with this decimal logarithm lies on a logarithmic axis.
    pub fn fraction_of_log(&self, log: f64) -> f64 {
        (log - self.low) / (self.high - self.low)
    }

    /// The axis label, with the common power of ten if there is one.
    pub fn label(&self, label: &str) -> String {
        if self.factor == 0 { label.to_owned() } else { format!("{label}, ×{}", power(self.factor)) }
    }
}

/// Whether a value has a place on an axis that may be logarithmic.
pub fn has_a_place(value: f64, log: bool) -> bool {
    value.is_finite() && (value > 0.0 || !log)
}

/// The smallest and the largest of `values`.
pub fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// The ends of a linear axis divided by their common power of ten, never equal.
fn sensible(low: f64, high: f64) -> (f64, f64, i32) {
    let (low, high) = (drop_tiny(low), drop_tiny(high));
    let size = low.abs().max(high.abs());
    if size == 0.0 {
        return (-1.0, 1.0, 0);
    }
    let factor = match exponent(size) {
        small_or_large @ (i32::MIN..=-3 | 5..) => small_or_large,
        _ => 0,
    };
    let (low, high) = (scaled(low, factor), scaled(high, factor));
    let narrow = scaled(size, factor) * 1e-8;
    let air = if low == high {
        scaled(size, factor) / 2.0
    } else if high - low < narrow {
        narrow
    } else {
        0.0
    };
    (low - air, high + air, factor)
}

/// Zero for values so small that their power of ten is no longer a number.
fn drop_tiny(value: f64) -> f64 {
    if value.abs() < 1e-300 { 0.0 } else { value }
}

/// `value` / 10^`factor`.
fn scaled(value: f64, factor: i32) -> f64 {
    if factor == 0 { value } else { value / decimal(1, factor) }
}

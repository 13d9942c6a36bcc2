//! Axes: where a value lies between two ends, which ticks are labelled, and how.

use crate::font::{self, Weight};
use crate::number::{decimal, exact, exponent, minus, power};
use crate::style::TICK_SIZE;

/// Logarithms of 1 to 9, written out so that grid lines depend on no library.
const LOG10: [f64; 9] = [
    0.0,
    std::f64::consts::LOG10_2,
    0.477_121_254_719_662_4,
    2.0 * std::f64::consts::LOG10_2,
    1.0 - std::f64::consts::LOG10_2,
    0.778_151_250_383_643_6,
    0.845_098_040_014_256_8,
    3.0 * std::f64::consts::LOG10_2,
    0.954_242_509_439_324_9,
];

/// An axis has ticks at its own values if there are at most this many.
const MOST_OWN_TICKS: usize = 14;

/// A labelled grid line.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Position from 0 (low end) to 1 (high end).
    pub fraction: f64,
    /// What is written there.
    pub label: String,
}

/// One axis of a chart.
#[derive(Debug, Clone)]
pub struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
    factor: i32,
    /// The share at the low end of a logarithmic axis that is kept for zero.
    zero: f64,
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

    fn from_steps(low: f64, high: f64, step: Step, numbers: std::ops::RangeInclusive<i64>, factor: i32) -> Axis {
        let mut axis =
            Axis { low, high, logarithmic: false, factor: 0, zero: 0.0, ticks: Vec::new(), minor: Vec::new() };
        axis.ticks = numbers
            .map(|number| Tick { fraction: axis.fraction(step.value(number)), label: step.label(number) })
            .collect();
        axis.factor = factor;
        axis
    }

    /// A logarithmic axis over the positive values `low..=high`, drawn `length` pixels long with
    /// at least `room` pixels for a label.
    pub fn logarithmic(low: f64, high: f64, length: f64, room: f64) -> Axis {
        let first = exponent(low);
        let last = if high <= decimal(1, exponent(high)) { exponent(high) } else { exponent(high) + 1 };
        if last - first <= 2 {
            return Axis::few_decades(low, high, first, last, length / room);
        }
        let mut axis = Axis::between_decades(f64::from(first), f64::from(last));
        let fitting = length / f64::from(last - first) / room;
        let every = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|&every| f64::from(every) * fitting >= 1.0)
            .unwrap_or(1000);
        for decade in first..=last {
            let position = axis.fraction_of_log(f64::from(decade));
            if decade.rem_euclid(every) == 0 {
                axis.ticks.push(Tick { fraction: position, label: power(decade) });
            } else if last - first <= 60 {
                axis.minor.push(position);
            }
            if length / f64::from(last - first) >= 40.0 && decade < last {
                for log in &LOG10[1..] {
                    let position = axis.fraction_of_log(f64::from(decade) + log);
                    axis.minor.push(position);
                }
            }
        }
        axis
    }

    /// A logarithmic axis a little beyond the positive `values`, drawn `length` pixels long, with
    /// ticks at the values themselves where these are few; those whose labels would touch keep only
    /// their grid lines.
    pub fn logarithmic_at(values: &[f64], length: f64) -> Axis {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (low, high) = (values.first().copied().unwrap_or(1.0), values.last().copied().unwrap_or(1.0));
        if values.len() > MOST_OWN_TICKS {
            return Axis::logarithmic(low, high, length, 110.0);
        }
        let (low, high) = (libm::log10(low), libm::log10(high));
        let air = if high - low < 1e-6 { 0.5 } else { (high - low) * 0.04 };
        let mut axis = Axis::between_decades(low - air, high + air);
        let mut free = f64::NEG_INFINITY;
        for value in values {
            let (fraction, label) = (axis.fraction(value), exact(value));
            let half = font::width(&label, Weight::Regular, TICK_SIZE) / 2.0 + 8.0;
            if fraction * length - half < free {
                axis.minor.push(fraction);
            } else {
                free = fraction * length + half;
                axis.ticks.push(Tick { fraction, label });
            }
        }
        axis
    }

    /// A logarithmic axis short enough to label 1, 2 and 5 of each decade, if that many fit.
    fn few_decades(low: f64, high: f64, first: i32, last: i32, labels: f64) -> Axis {
        let marks: Vec<(i32, u32)> =
            (first - 1..=last + 1).flat_map(|decade| [1, 2, 5].map(|digit| (decade, digit))).collect();
        let value = |&(decade, digit): &(i32, u32)| decimal(digit, decade);
        let mut start = marks.iter().rposition(|mark| value(mark) <= low).unwrap_or(0);
        let mut end = marks.iter().position(|mark| value(mark) >= high).unwrap_or(marks.len() - 1);
        if end < start + 2 {
            (start, end) = (start.saturating_sub(1), (end + 1).min(marks.len() - 1));
        }
        let log = |(decade, digit): (i32, u32)| f64::from(decade) + LOG10[digit as usize - 1];
        let mut axis = Axis::between_decades(log(marks[start]), log(marks[end]));
        let all_fit = labels * LOG10[1] >= axis.high - axis.low;
        for &(decade, digit) in &marks[start..=end] {
            if digit > 1 && !all_fit {
                axis.minor.push(axis.fraction_of_log(log((decade, digit))));
                continue;
            }
            let label = match digit {
                1 => power(decade),
                _ => format!("{digit}×{}", power(decade)),
            };
            axis.ticks.push(Tick { fraction: axis.fraction_of_log(log((decade, digit))), label });
        }
        for decade in first - 1..=last + 1 {
            for digit in [3, 4, 6, 7, 8, 9] {
                let position = axis.fraction_of_log(log((decade, digit)));
                if (0.0..=1.0).contains(&position) {
                    axis.minor.push(position);
                }
            }
        }
        axis
    }

    fn between_decades(low: f64, high: f64) -> Axis {
        Axis { low, high, logarithmic: true, factor: 0, zero: 0.0, ticks: Vec::new(), minor: Vec::new() }
    }

    /// An axis of names, the first at the high end, each in a row of the same width; names wider
    /// than `longest` pixels are cut.
    pub fn of_names<'a>(names: impl ExactSizeIterator<Item = &'a str>, longest: f64) -> Axis {
        let mut axis = Axis::counting(0.0, 1.0, 1.0);
        let count = names.len() as f64;
        axis.ticks = names
            .enumerate()
            .map(|(index, name)| Tick {
                fraction: 1.0 - (index as f64 + 0.5) / count,
                label: font::shorten(name, Weight::Regular, TICK_SIZE, longest),
            })
            .collect();
        axis
    }

    /// The same logarithmic axis with room for zero: a `share` of its length below the lowest
    /// value, zero in the middle of it.
    pub fn with_zero(mut self, share: f64) -> Axis {
        self.zero = share;
        let above = |fraction: f64| share + (1.0 - share) * fraction;
        for tick in &mut self.ticks {
            tick.fraction = above(tick.fraction);
        }
        for position in &mut self.minor {
            *position = above(*position);
        }
        self.ticks.insert(0, Tick { fraction: share / 2.0, label: "0".to_owned() });
        self
    }

    /// The same axis without ticks beyond `value`.
    pub fn keep_below(mut self, value: f64) -> Axis {
        let end = self.fraction(value);
        self.ticks.retain(|tick| tick.fraction <= end);
        self
    }

    /// Where `value` lies: 0 at the low end, 1 at the high end.
    pub fn fraction(&self, value: f64) -> f64 {
        if self.logarithmic {
            let room = self.zero;
            if room > 0.0 && value == 0.0 {
                return room / 2.0;
            }
            room + (1.0 - room) * self.fraction_of_log(libm::log10(value))
        } else {
            (scaled(value, self.factor) - self.low) / (self.high - self.low)
        }
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

/// The distance between two ticks: 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy)]
struct Step {
    digit: u32,
    exponent: i32,
}

impl Step {
    /// The smallest step that is at least `distance`.
    fn covering(distance: f64) -> Step {
        let start = exponent(distance);
        [(1, start), (2, start), (5, start)]
            .into_iter()
            .map(|(digit, exponent)| Step { digit, exponent })
            .find(|step| decimal(step.digit, step.exponent) >= distance)
            .unwrap_or(Step { digit: 1, exponent: start + 1 })
    }

    fn value(self, number: i64) -> f64 {
        self.label(number).replace('−', "-").parse().expect("a label is a number")
    }

    /// Number of the last step at or below `value`.
    fn below(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) + 1e-9).floor() as i64
    }

    /// Number of the first step at or above `value`.
    fn above(self, value: f64) -> i64 {
        (value / decimal(self.digit, self.exponent) - 1e-9).ceil() as i64
    }

    fn label(self, number: i64) -> String {
        let units = i128::from(number) * i128::from(self.digit);
        if self.exponent >= 0 {
            let zeros = if units == 0 { 0 } else { self.exponent as usize };
            return minus(&format!("{units}{}", "0".repeat(zeros)));
        }
        let decimals = self.exponent.unsigned_abs() as usize;
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        format!("{}{whole}.{part}", if units < 0 { "−" } else { "" })
    }
}

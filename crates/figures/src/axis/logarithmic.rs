//! Logarithmic axes.

use super::{Axis, Tick};
use crate::font::{self, Weight};
use crate::number::{decimal, exact, exponent, power};
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
const LONGEST_OWN_LABEL: usize = 7;

impl Axis {
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

    /// The same logarithmic axis from the last 1, 2 or 5 times a power of ten that is at most `low` to
    /// the first that is at least `high`.
    pub fn cropped(mut self, low: f64, high: f64) -> Axis {
        // Fewer decades are cropped already.
        if self.high - self.low < 2.999 {
            return self;
        }
        let marks = |value: f64| {
            let decades = exponent(value) - 1..=exponent(value) + 1;
            decades.flat_map(|decade| [1, 2, 5].map(|digit| (decade, digit)))
        };
        let log = |(decade, digit): (i32, u32)| f64::from(decade) + LOG10[digit as usize - 1];
        let start = marks(low).rfind(|&(decade, digit)| decimal(digit, decade) <= low).map_or(self.low, log);
        let end = marks(high).find(|&(decade, digit)| decimal(digit, decade) >= high).map_or(self.high, log);
        let (start, end) = (start.max(self.low), end.min(self.high));
        let (from, to) = (self.fraction_of_log(start), self.fraction_of_log(end));
        let place = |fraction: f64| (fraction - from) / (to - from);
        let is_inside = |fraction: f64| (-1e-9..=1.0 + 1e-9).contains(&fraction);
        self.ticks.iter_mut().for_each(|tick| tick.fraction = place(tick.fraction));
        self.ticks.retain(|tick| is_inside(tick.fraction));
        self.minor.iter_mut().for_each(|position| *position = place(*position));
        self.minor.retain(|&position| is_inside(position));
        (self.low, self.high) = (start, end);
        self
    }

    /// A logarithmic axis a little beyond the positive `values`, drawn `length` pixels long, with
    /// ticks at the values themselves where these are few and round; those whose labels would touch keep only
    /// their grid lines.
    pub fn logarithmic_at(values: &[f64], length: f64) -> Axis {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (low, high) = (values.first().copied().unwrap_or(1.0), values.last().copied().unwrap_or(1.0));
        let is_short = |value: &f64| exact(*value).chars().count() <= LONGEST_OWN_LABEL;
        if values.len() > MOST_OWN_TICKS || !values.iter().all(is_short) {
            return Axis::logarithmic(low, high, length, 110.0).cropped(low, high);
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
        Axis { low, high, logarithmic: true, ..Axis::default() }
    }
}

//! Logarithmic axes.

use super::{Axis, Scale, Tick, Ticks, ends};
use crate::Error;
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

/// An axis has ticks at its own values if there are at most this many, all of them short.
const MOST_OWN_TICKS: usize = 14;
const LONGEST_OWN_LABEL: usize = 7;
/// Least pixels for a label of an axis that stands, and of one that lies, if it is a plain number or a power of ten.
const ROOM_UPRIGHT: f64 = 40.0;
const ROOM_PLAIN: f64 = 80.0;
const ROOM_POWER: f64 = 110.0;
/// An axis between these logarithms has plain numbers at its ticks.
const PLAIN: std::ops::RangeInclusive<f64> = -3.1..=4.0;
/// Values within so many decades are too close for ticks between them.
const NARROW: f64 = 0.35;

/// A digit times a power of ten, by the exponent.
type Mark = (i32, u32);

fn value((decade, digit): Mark) -> f64 {
    decimal(digit, decade)
}

fn log((decade, digit): Mark) -> f64 {
    f64::from(decade) + LOG10[digit as usize - 1]
}

/// 1, 2 and 5 times the powers of ten from one below to one above those of two values.
fn marks(low: f64, high: f64) -> Vec<Mark> {
    (exponent(low) - 1..=exponent(high) + 1).flat_map(|decade| [1, 2, 5].map(|digit| (decade, digit))).collect()
}

impl Axis {
    /// A logarithmic axis over the positive of `values`: whole decades, or from 1, 2 or 5 times a power of ten to
    /// another where there are few.
    pub fn logarithmic(label: &str, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let ((low, high), note) = ends(values, true)?;
        let last = if high <= decimal(1, exponent(high)) { exponent(high) } else { exponent(high) + 1 };
        let is_short = last - exponent(low) <= 2;
        let ends = if is_short { around(low, high) } else { (f64::from(exponent(low)), f64::from(last)) };
        Ok(Axis { note, ..Axis::new(label, Ticks::Decades { is_short }, ends.0, ends.1) })
    }

    /// A logarithmic axis a little beyond the positive of `values`; of values very close to each other as
    /// [`Axis::logarithmic`].
    pub fn tight_logarithmic(label: &str, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let ((least, most), note) = ends(values, true)?;
        let (low, high) = (libm::log10(least), libm::log10(most));
        if high - low < NARROW {
            return Ok(Axis { note, ..Axis::logarithmic(label, [least, most])? });
        }
        let (air, is_short) = ((high - low) * 0.04, high - low < 2.5);
        Ok(Axis { note, ..Axis::new(label, Ticks::Decades { is_short }, low - air, high + air) })
    }

    /// A logarithmic axis a little beyond the positive of `values`, with ticks at the values themselves where these
    /// are few and round.
    pub fn logarithmic_at(label: &str, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let values: Vec<f64> = values.into_iter().collect();
        let ((low, high), note) = ends(values.iter().copied(), true)?;
        let mut own: Vec<f64> = values.iter().copied().filter(|&value| super::has_a_place(value, true)).collect();
        own.sort_by(f64::total_cmp);
        own.dedup();
        let is_short = |value: &f64| exact(*value).chars().count() <= LONGEST_OWN_LABEL;
        if own.len() > MOST_OWN_TICKS || !own.iter().all(is_short) {
            return Axis::tight_logarithmic(label, values);
        }
        let (low, high) = (libm::log10(low), libm::log10(high));
        let air = if high - low < 1e-6 { 0.5 } else { (high - low) * 0.04 };
        Ok(Axis { note, ..Axis::new(label, Ticks::Values(own), low - air, high + air) })
    }
}

/// The logarithms of the marks next to two values, at least three marks.
fn around(low: f64, high: f64) -> (f64, f64) {
    let marks = marks(low, high);
    let mut start = marks.iter().rposition(|&mark| value(mark) <= low).unwrap_or(0);
    let mut end = marks.iter().position(|&mark| value(mark) >= high).unwrap_or(marks.len() - 1);
    if end < start + 2 {
        (start, end) = (start.saturating_sub(1), (end + 1).min(marks.len() - 1));
    }
    (log(marks[start]), log(marks[end]))
}

impl Scale {
    /// Ticks at powers of ten, as many as have room; on a short axis also at 2 and 5 times these if all have.
    pub fn decades(&mut self, is_short: bool, length: f64, is_upright: bool) {
        let is_plain = PLAIN.contains(&self.axis.low) && PLAIN.contains(&self.axis.high);
        let room = match is_upright {
            true => ROOM_UPRIGHT,
            false if is_plain => ROOM_PLAIN,
            false => ROOM_POWER,
        };
        let (first, last) = (self.axis.low.floor() as i32, self.axis.high.ceil() as i32);
        let decades = self.axis.high - self.axis.low;
        let all_fit = length / room * LOG10[1] >= decades;
        let every = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|&every| f64::from(every) * length / decades / room >= 1.0)
            .unwrap_or(1000);
        for (decade, digit) in (first..=last).flat_map(|decade| (1..=9).map(move |digit| (decade, digit))) {
            let log = log((decade, digit));
            if !(self.axis.low - 1e-9..=self.axis.high + 1e-9).contains(&log) {
                continue;
            }
            let fraction = self.share(log);
            let (is_labelled, is_line) = match digit {
                1 => (is_short || decade.rem_euclid(every) == 0, decades <= 60.0),
                2 | 5 => (is_short && all_fit, is_short || length / decades >= 55.0),
                _ => (false, is_short || length / decades >= 55.0),
            };
            if is_labelled {
                let label = match digit {
                    _ if is_plain => exact(value((decade, digit))),
                    1 => power(decade),
                    _ => format!("{digit}×{}", power(decade)),
                };
                self.ticks.push(Tick { fraction, label });
            } else if is_line {
                self.minor.push(fraction);
            }
        }
    }

    /// Ticks at `values` in ascending order; those whose labels would touch keep only their grid lines.
    pub fn values(&mut self, values: &[f64], length: f64) {
        let mut free = f64::NEG_INFINITY;
        for &value in values {
            let (fraction, label) = (self.fraction(value), exact(value));
            let half = font::width(&label, Weight::Regular, TICK_SIZE) / 2.0 + 8.0;
            if fraction * length - half < free {
                self.minor.push(fraction);
            } else {
                free = fraction * length + half;
                self.ticks.push(Tick { fraction, label });
            }
        }
    }
}

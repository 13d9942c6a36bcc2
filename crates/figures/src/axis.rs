//! Axes: where a value lies between two ends, which ticks are labelled, and how.

mod logarithmic;
mod names;

use crate::Error;
use crate::marks::widest;
use crate::number::{Step, decimal, exponent, power};
use crate::style::TICK_SIZE;
pub use names::REACH;

/// Pixels that a band leaves to the rest of an axis.
const LEAST_BESIDE_BAND: f64 = 532.0;

/// An axis so long that it has no number any more has no more ticks than this.
const MOST_TICKS: usize = 100;

/// What an axis shows. How many of its ticks can have a label is known when it has a length.
#[derive(Debug, Clone)]
#[must_use]
pub struct Axis {
    label: String,
    ticks: Ticks,
    low: f64,
    high: f64,
    /// The power of ten by which the ends are divided.
    factor: i32,
    /// Pixels at the low end for what has no place on the axis, and the label of these.
    band: Option<(f64, &'static str)>,
    /// Pixels at the high end that hold a label instead of data.
    head: f64,
    /// Pixels from the lower edge of a row up to its name; none for a name in its middle.
    baseline: Option<f64>,
    note: Option<String>,
}

/// Where an axis has its ticks.
#[derive(Debug, Clone)]
enum Ticks {
    /// At multiples of 1, 2 or 5 times a power of ten, about this many.
    Steps(f64),
    /// The same, at whole numbers alone, up to a number, and at the first of all if asked for.
    Whole { steps: f64, last: f64, has_first: bool },
    /// At 0, 25, 50, 75 and 100 %.
    Quarters,
    /// At powers of ten, and at 2 and 5 times these where the axis is short; the ends are decimal logarithms.
    Decades { is_short: bool },
    /// At these values of a logarithmic axis.
    Values(Vec<f64>),
    /// A row for each name, the first on top, at least this many pixels high.
    Rows(Vec<String>, f64),
    /// A strip for each choice, the first at the low end.
    Choices(Vec<String>),
}

impl Axis {
    /// A linear axis that ends a little beyond `values`; very large and very small ones are written with a common
    /// power of ten.
    pub fn linear(label: &str, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let ((low, high), note) = ends(values, false)?;
        let (low, high, factor) = sensible(low, high);
        let air = (high - low) * 0.04;
        Ok(Axis { factor, note, ..Axis::new(label, Ticks::Steps(7.0), low - air, high + air) })
    }

    /// As [`Axis::linear`], from exactly zero where the values start near it.
    pub fn from_zero(label: &str, values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let ((low, high), note) = ends(values, false)?;
        if low < 0.0 || low > 0.2 * high {
            return Ok(Axis { note, ..Axis::linear(label, [low, high])? });
        }
        let (low, high, factor) = if high > 0.0 { sensible(0.0, high) } else { (0.0, 1.0, 0) };
        Ok(Axis { factor, note, ..Axis::new(label, Ticks::Steps(6.0), low.max(0.0), high * 1.02) })
    }

    /// A linear axis from exactly `low` to exactly `high` with about `steps` ticks at whole numbers.
    pub fn whole(label: &str, low: f64, high: f64, steps: f64) -> Axis {
        Axis::new(label, Ticks::Whole { steps, last: high, has_first: false }, low, high)
    }

    /// The same axis of whole numbers with a tick at the first of them too.
    pub fn from_first(mut self) -> Axis {
        if let Ticks::Whole { has_first, .. } = &mut self.ticks {
            *has_first = true;
        }
        self
    }

    /// The same axis of whole numbers without ticks beyond `last`.
    pub(crate) fn labelled_to(mut self, last: f64) -> Axis {
        if let Ticks::Whole { last: end, .. } = &mut self.ticks {
            *end = last;
        }
        self
    }

    /// An axis of whole numbers, with a `share` of its length free at both ends.
    pub fn counting(label: &str, values: impl IntoIterator<Item = f64>, share: f64, steps: f64) -> Result<Axis, Error> {
        let ((low, high), note) = ends(values, false)?;
        let air = ((high - low) * share).max(0.5);
        Ok(Axis { note, ..Axis::whole(label, low - air, high + air, steps) })
    }

    /// An axis of epochs: from zero where they start near it, with a little room at the right end.
    pub fn epochs(values: impl IntoIterator<Item = f64>) -> Result<Axis, Error> {
        let ((low, high), note) = ends(values, false)?;
        let low = if low <= 0.2 * high { 0.0 } else { low };
        let (low, high) = if high - low < 1.0 { ((low - 1.0).max(0.0), high + 1.0) } else { (low, high) };
        let steps = if high < 1e7 { 8.0 } else { 5.0 };
        Ok(Axis { note, ..Axis::whole("epoch", low, high + (high - low) * 0.015, steps) })
    }

    /// A linear axis from `low` to `high` per cent.
    pub fn percent(label: &str, low: f64, high: f64) -> Axis {
        Axis::new(label, Ticks::Quarters, low, high)
    }

    fn new(label: &str, ticks: Ticks, low: f64, high: f64) -> Axis {
        let label = label.to_owned();
        Axis { label, ticks, low, high, factor: 0, band: None, head: 0.0, baseline: None, note: None }
    }

    /// The same axis with a band of so many `pixels` below the lowest value, for what has no place on it. On a
    /// logarithmic axis it is the place of zero.
    pub fn with_band(self, pixels: f64, label: &'static str) -> Axis {
        Axis { band: Some((pixels, label)), ..self }
    }

    /// The same axis with so many `pixels` free at its high end.
    pub fn with_head(self, pixels: f64) -> Axis {
        Axis { head: pixels, ..self }
    }

    /// The same axis of rows with the names so many `pixels` above the lower edges of their rows.
    pub(crate) fn with_baseline(self, pixels: f64) -> Axis {
        Axis { baseline: Some(pixels), ..self }
    }

    /// Whether `value` has a place: any number on a linear axis, a positive one on a logarithmic axis and a zero in
    /// the band below that, the number of a name that is shown.
    pub fn has(&self, value: f64) -> bool {
        match self.ticks {
            Ticks::Rows(..) | Ticks::Choices(_) => self.low.min(self.high) <= value && value <= self.low.max(self.high),
            _ => has_a_place(value, self.is_logarithmic()) || self.band.is_some() && value == 0.0,
        }
    }

    fn is_logarithmic(&self) -> bool {
        matches!(self.ticks, Ticks::Decades { .. } | Ticks::Values(_))
    }

    /// How many values it was made from have no place on it.
    pub fn note(&self) -> Option<String> {
        self.note.clone()
    }

    /// Pixels that an upright axis needs for its rows, its band and its head.
    pub(crate) fn least_height(&self) -> f64 {
        let rows = if let Ticks::Rows(names, row) = &self.ticks { names.len() as f64 * row } else { 0.0 };
        rows + self.head + self.band.map_or(0.0, |band| band.0 + LEAST_BESIDE_BAND)
    }

    /// The axis lying, `length` pixels long.
    pub(crate) fn lying(&self, length: f64) -> Scale {
        self.placed(length, false)
    }

    /// The axis standing, `length` pixels high.
    pub(crate) fn upright(&self, length: f64) -> Scale {
        self.placed(length, true)
    }

    fn placed(&self, length: f64, is_upright: bool) -> Scale {
        let label = match self.factor {
            0 => self.label.clone(),
            factor => format!("{}, ×{}", self.label, power(factor)),
        };
        let band = self.band.map_or(0.0, |band| band.0);
        let free = length - band - self.head;
        let lowered = match (&self.ticks, self.baseline) {
            (Ticks::Rows(names, _), Some(baseline)) => free / names.len() as f64 / 2.0 - baseline,
            _ => 0.0,
        };
        let mut scale = Scale {
            axis: self.clone(),
            label,
            from: (band - lowered) / length,
            to: 1.0 - (self.head + lowered) / length,
            is_staggered: false,
            ticks: Vec::new(),
            minor: Vec::new(),
        };
        match &self.ticks {
            Ticks::Steps(steps) if is_upright => scale.steps(*steps),
            Ticks::Steps(steps) => scale.fitting_steps(*steps, length),
            Ticks::Whole { steps, last, has_first } => scale.whole_steps(*steps, *last, *has_first),
            Ticks::Quarters => scale.ticks_at(Step { digit: 25, exponent: 0 }, " %"),
            Ticks::Decades { is_short } => scale.decades(*is_short, free, is_upright),
            Ticks::Values(values) => scale.values(values, length),
            Ticks::Rows(names, _) => scale.rows(names),
            Ticks::Choices(names) if is_upright => scale.choices_upright(names, length),
            Ticks::Choices(names) => scale.choices_lying(names, length),
        }
        if let Some((_, label)) = self.band {
            scale.ticks.insert(0, Tick { fraction: scale.from / 2.0, label: label.to_owned() });
        }
        scale
    }
}

/// A labelled grid line.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Position from 0 (low end) to 1 (high end).
    pub fraction: f64,
    /// What is written there.
    pub label: String,
}

/// An axis of a certain length.
#[derive(Debug, Clone)]
pub struct Scale {
    axis: Axis,
    /// The label of the axis, with the common power of ten if there is one.
    pub label: String,
    /// Between these shares of its length lie the values.
    from: f64,
    to: f64,
    /// Whether every other label of a lying axis is written a line lower.
    pub is_staggered: bool,
    /// Labelled grid lines.
    pub ticks: Vec<Tick>,
    /// Positions of grid lines without a label.
    pub minor: Vec<f64>,
}

impl Scale {
    /// As [`Axis::has`].
    pub fn has(&self, value: f64) -> bool {
        self.axis.has(value)
    }

    /// Where `value` lies: 0 at the low end, 1 at the high end. A zero on a logarithmic axis lies in the middle of the
    /// band below it.
    pub fn fraction(&self, value: f64) -> f64 {
        if !self.axis.is_logarithmic() {
            self.share(scaled(value, self.axis.factor))
        } else if self.axis.band.is_some() && value == 0.0 {
            self.from / 2.0
        } else {
            self.share(libm::log10(value))
        }
    }

    /// Where a value as the axis has it lies: divided by the common power of ten, or the decimal logarithm.
    pub fn share(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * ((value - self.axis.low) / (self.axis.high - self.axis.low))
    }

    /// Width of the widest tick label in pixels.
    pub fn widest_label(&self) -> f64 {
        widest(self.ticks.iter().map(|tick| tick.label.as_str()), TICK_SIZE)
    }

    /// About as many steps.
    fn steps(&mut self, steps: f64) {
        self.ticks_at(Step::covering((self.axis.high - self.axis.low) / steps), "");
    }

    /// About as many steps at whole numbers.
    fn whole_steps(&mut self, steps: f64, last: f64, has_first: bool) {
        let step = Step::covering((self.axis.high - self.axis.low) / steps);
        let one = Step { digit: 1, exponent: 0 };
        self.ticks_at(if step.exponent < 0 { one } else { step }, "");
        let end = self.fraction(last);
        self.ticks.retain(|tick| tick.fraction <= end);
        let first = one.above(self.axis.low);
        let fraction = self.fraction(first as f64);
        if has_first && self.ticks.first().is_none_or(|tick| tick.fraction > fraction) {
            self.ticks.insert(0, Tick { fraction, label: one.label(first) });
        }
    }

    /// As few steps as it takes for the labels to fit side by side into `length` pixels.
    fn fitting_steps(&mut self, most: f64, length: f64) {
        for steps in [most, 5.0, 3.0, 2.0] {
            self.steps(steps);
            if self.widest_label() * self.ticks.len() as f64 <= 0.75 * length {
                break;
            }
        }
    }

    fn ticks_at(&mut self, step: Step, unit: &str) {
        let tick = |number: i64| Tick {
            fraction: self.share(step.value(number)),
            label: format!("{}{unit}", step.label(number)),
        };
        let numbers = step.above(self.axis.low)..=step.below(self.axis.high);
        self.ticks = numbers.take(MOST_TICKS).map(tick).collect();
    }
}

/// Whether a value has a place on an axis that may be logarithmic.
pub fn has_a_place(value: f64, log: bool) -> bool {
    value.is_finite() && (value > 0.0 || !log)
}

/// The smallest and the largest of `values`.
pub fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().map(|value| (value, value)).reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// The smallest and the largest of the values that have a place, and a note of how many have none.
fn ends(values: impl IntoIterator<Item = f64>, log: bool) -> Result<((f64, f64), Option<String>), Error> {
    let (drawn, left_out): (Vec<f64>, Vec<f64>) = values.into_iter().partition(|&value| has_a_place(value, log));
    let nothing = if left_out.is_empty() { Error::Empty } else { Error::NothingToDraw };
    let why = if log { "zero, negative or not finite" } else { "not finite" };
    let count = left_out.len();
    let note = (count > 0).then(|| format!("values not drawn, as they are {why}: {count}"));
    Ok((range(drawn).ok_or(nothing)?, note))
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

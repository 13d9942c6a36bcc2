//! The colour bar right of a plot: which value has which colour.

use plotters::style::RGBColor;

use crate::Error;
use crate::axis::Axis;
use crate::canvas::{Align, Text};
use crate::font::{self, Weight};
use crate::frame::{Plot, line};
use crate::style::{INK, LABEL_SIZE, TICK_SIZE, ramp};
use crate::trial::{Direction, Objective};

/// Width of the bar, and from the plot to it.
const WIDTH: f64 = 36.0;
const GAP: f64 = 40.0;
/// A tall figure does not need an equally tall bar.
const LONGEST: f64 = 760.0;
/// The length for which an axis along a bar is made.
pub const LENGTH: f64 = LONGEST - 100.0;

/// A colour bar with its axis.
pub struct ColourBar<'a> {
    axis: Axis,
    label: &'a str,
    is_reversed: bool,
}

impl<'a> ColourBar<'a> {
    /// Dark colours for large values.
    pub fn new(axis: Axis, label: &'a str) -> ColourBar<'a> {
        ColourBar { axis, label, is_reversed: false }
    }

    /// Dark colours for small values.
    pub fn reversed(axis: Axis, label: &'a str) -> ColourBar<'a> {
        ColourBar { axis, label, is_reversed: true }
    }

    /// Dark colours for the best values of an objective between `ends`.
    pub fn of_objective(objective: &Objective<'a>, ends: (f64, f64)) -> ColourBar<'a> {
        let is_reversed = objective.direction == Direction::Minimize;
        ColourBar { axis: objective.upright(ends, LENGTH), label: objective.name, is_reversed }
    }

    /// The colour of a value.
    pub fn color(&self, value: f64) -> RGBColor {
        self.color_at(self.axis.fraction(value))
    }

    /// The colour at a fraction of the axis.
    pub fn color_at(&self, fraction: f64) -> RGBColor {
        ramp(if self.is_reversed { 1.0 - fraction } else { fraction })
    }

    /// Where a value lies: 0 at the low end, 1 at the high end.
    pub fn fraction(&self, value: f64) -> f64 {
        self.axis.fraction(value)
    }

    /// Pixels right of the plot.
    pub fn room(&self) -> f64 {
        GAP + WIDTH + 16.0 + self.axis.widest_label() + 62.0 + 24.0
    }

    /// Draws the bar beside a plot.
    pub fn draw(&self, plot: &mut Plot) -> Result<(), Error> {
        let (left, top) = (plot.area.right + GAP, plot.area.top);
        let length = (plot.area.bottom - top).min(LONGEST);
        let steps = length.round() as u32;
        for step in 0..steps {
            let low = top + f64::from(step);
            let fraction = 1.0 - (f64::from(step) + 0.5) / f64::from(steps);
            plot.canvas.rectangle((left, low), (left + WIDTH, low + 1.0), self.color_at(fraction))?;
        }
        let right = left + WIDTH;
        for tick in &self.axis.ticks {
            let y = top + (1.0 - tick.fraction) * length;
            plot.canvas.rectangle((right, y - 1.0), (right + 8.0, y + 1.0), INK)?;
            let at = (right + 16.0, y + font::cap_height(TICK_SIZE) / 2.0);
            plot.canvas.text(line(tick.label.clone(), at, TICK_SIZE, INK, Align::Left));
        }
        let label = self.axis.label(self.label);
        let (label, size) = font::fit(&label, Weight::Regular, LABEL_SIZE, TICK_SIZE, length);
        let x = right + 16.0 + self.axis.widest_label() + 28.0 + font::cap_height(size);
        let at = (x, top + length / 2.0);
        plot.canvas.text(Text { upright: true, ..line(label, at, size, INK, Align::Center) });
        Ok(())
    }
}

//! The colour bar right of a plot: which value has which colour.

use crate::axis::{Axis, Scale};
use crate::canvas::{Align, Canvas, Text};
use crate::font::{self, Weight};
use crate::frame::Area;
use crate::style::{Color, INK, LABEL_SIZE, TICK_SIZE, ramp};

/// Width of the bar, and from the plot to it.
const WIDTH: f64 = 36.0;
const GAP: f64 = 40.0;
/// A tall figure does not need an equally tall bar.
const LONGEST: f64 = 760.0;
/// The length for which the ticks are chosen.
const LENGTH: f64 = 660.0;

/// A colour for each value of an axis.
pub struct ColourBar {
    scale: Scale,
    is_reversed: bool,
}

impl ColourBar {
    /// Dark colours for large values, for small ones if reversed.
    pub fn new(axis: &Axis, is_reversed: bool) -> ColourBar {
        ColourBar { scale: axis.upright(LENGTH), is_reversed }
    }

    /// The colour of a value.
    pub fn color(&self, value: f64) -> Color {
        self.color_at(self.fraction(value))
    }

    /// The colour at a fraction of the axis.
    pub fn color_at(&self, fraction: f64) -> Color {
        ramp(if self.is_reversed { 1.0 - fraction } else { fraction })
    }

    /// Where a value lies: 0 at the low end, 1 at the high end.
    pub fn fraction(&self, value: f64) -> f64 {
        self.scale.fraction(value)
    }

    /// Pixels between the plot and the right edge of the picture.
    pub(crate) fn room(&self) -> f64 {
        GAP + WIDTH + 16.0 + self.scale.widest_label() + 62.0 + 24.0
    }

    /// Draws the bar beside a plot.
    pub(crate) fn draw(&self, canvas: &mut Canvas, beside: Area) {
        let (left, top) = (beside.right + GAP, beside.top);
        let length = (beside.bottom - top).min(LONGEST);
        let steps = length.round() as u32;
        for step in 0..steps {
            let low = top + f64::from(step);
            let fraction = 1.0 - (f64::from(step) + 0.5) / f64::from(steps);
            canvas.rectangle((left, low), (left + WIDTH, low + 1.0), self.color_at(fraction));
        }
        let right = left + WIDTH;
        for tick in &self.scale.ticks {
            let y = top + (1.0 - tick.fraction) * length;
            canvas.rectangle((right, y - 1.0), (right + 8.0, y + 1.0), INK);
            let at = (right + 16.0, y + font::cap_height(TICK_SIZE) / 2.0);
            canvas.text(Text::new(tick.label.clone(), at, TICK_SIZE, INK, Align::Left));
        }
        let (label, size) = font::fit(&self.scale.label, Weight::Regular, LABEL_SIZE, TICK_SIZE, length);
        let x = right + 16.0 + self.scale.widest_label() + 28.0 + font::cap_height(size);
        let at = (x, top + length / 2.0);
        canvas.text(Text { is_upright: true, ..Text::new(label, at, size, INK, Align::Center) });
    }
}

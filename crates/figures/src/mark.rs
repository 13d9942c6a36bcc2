//! What is pointed out inside a plot: a dashed line with its label, words on a white ground.

use plotters::style::RGBColor;

use crate::Error;
use crate::canvas::{Align, Position};
use crate::font::{self, Weight};
use crate::frame::{Plot, line};
use crate::style::{DASHED, LEGEND_SIZE, Stroke, VERMILLION, WHITE};

/// Height of a plot's top that the label of a marked value takes.
pub const HEAD: f64 = 56.0;

/// A vertical dashed line through the plot with its label on top.
pub fn mark(plot: &mut Plot, label: &str, value: f64) -> Result<(), Error> {
    let x = plot.across(plot.x.fraction(value));
    let ends = [(x, plot.area.top + 44.0), (x, plot.area.bottom - 1.0)];
    plot.canvas.line(&ends, Stroke { dash: DASHED, ..Stroke::solid(VERMILLION, 3.0) })?;
    let room = plot.area.right - plot.area.left - 40.0;
    let text = font::shorten(label, Weight::Regular, LEGEND_SIZE, room);
    write_centred(plot, text, (x, plot.area.top + 32.0), (LEGEND_SIZE, VERMILLION))
}

/// Writes on white, centred at a position but never beyond the plot.
pub fn write_centred(
    plot: &mut Plot,
    text: String,
    (x, y): Position,
    (size, color): (f32, RGBColor),
) -> Result<(), Error> {
    let half = font::width(&text, Weight::Regular, size) / 2.0 + 8.0;
    let center = x.min(plot.area.right - half).max(plot.area.left + half + 4.0);
    plot.canvas.rectangle((center - half, y - 26.0), (center + half, y + 8.0), WHITE)?;
    plot.canvas.text(line(text, (center, y), size, color, Align::Center));
    Ok(())
}

/// Writes on white from a position to the right, centred on its height.
pub fn write_beside(plot: &mut Plot, text: String, (x, y): Position, color: RGBColor) -> Result<(), Error> {
    let width = font::width(&text, Weight::Regular, LEGEND_SIZE);
    plot.canvas.rectangle((x - 6.0, y - 16.0), (x + width + 6.0, y + 16.0), WHITE)?;
    let baseline = y + font::cap_height(LEGEND_SIZE) / 2.0;
    plot.canvas.text(line(text, (x, baseline), LEGEND_SIZE, color, Align::Left));
    Ok(())
}

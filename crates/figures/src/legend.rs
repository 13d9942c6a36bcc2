//! Legends: swatches with names in rows above the plot, and the bar of colours right of it.

use crate::axis::{Axis, Scale};
use crate::canvas::{Align, Canvas, Position, Text};
use crate::font::{self, Weight};
use crate::frame::Area;
use crate::style::{Color, INK, LABEL_SIZE, LEGEND_SIZE, MARGIN, MUTED, Marker, Stroke, TICK_SIZE, WIDTH, ramp};

/// Height of a row in pixels.
pub const ROW: f64 = 46.0;

const SWATCH: f64 = 104.0;
const SMALL_SWATCH: f64 = 36.0;
const SWATCH_GAP: f64 = 16.0;
const ITEM_GAP: f64 = 52.0;
/// Longer legends end in a count of what they leave out.
const LONGEST: usize = 24;

/// Width of the bar, and from the plot to it.
const BAR: f64 = 36.0;
const BAR_GAP: f64 = 40.0;
/// A tall figure does not need an equally tall bar.
const LONGEST_BAR: f64 = 760.0;
/// The length for which the ticks are chosen.
const LENGTH: f64 = 660.0;

/// A name and what it looks like in the plot; a remark if it has no look.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// The name.
    pub name: String,
    /// Its line.
    pub stroke: Option<Stroke>,
    /// Its marker, on the line if it has one.
    pub marker: Option<Marker>,
    /// The colour of its area.
    pub fill: Option<Color>,
}

impl Item {
    /// A line.
    pub fn line(name: impl Into<String>, stroke: Stroke) -> Item {
        Item { name: name.into(), stroke: Some(stroke), ..Item::default() }
    }

    /// A dot.
    pub fn dot(name: impl Into<String>, marker: Marker) -> Item {
        Item { name: name.into(), marker: Some(marker), ..Item::default() }
    }

    /// An area.
    pub fn area(name: impl Into<String>, color: Color) -> Item {
        Item { name: name.into(), fill: Some(color), ..Item::default() }
    }

    /// A name alone.
    pub fn remark(name: impl Into<String>) -> Item {
        Item { name: name.into(), ..Item::default() }
    }

    /// Room for the swatch and the gap beside it: a line needs more to show its dashes, a remark has none.
    fn swatch(&self) -> f64 {
        match (self.stroke, self.marker, self.fill) {
            (Some(_), ..) => SWATCH + SWATCH_GAP,
            (None, None, None) => 0.0,
            _ => SMALL_SWATCH + SWATCH_GAP,
        }
    }

    fn width(&self) -> f64 {
        self.swatch() + font::width(&self.name, Weight::Regular, LEGEND_SIZE)
    }

    fn draw(&self, canvas: &mut Canvas, (x, y): Position) {
        let swatch = self.swatch() - SWATCH_GAP;
        if let Some(color) = self.fill {
            canvas.rectangle((x, y - 14.0), (x + SMALL_SWATCH, y + 14.0), color);
        }
        if let Some(stroke) = self.stroke {
            canvas.line(&[(x + 2.0, y), (x + swatch - 2.0, y)], stroke);
        }
        if let Some(marker) = self.marker {
            canvas.marker((x + swatch / 2.0, y), marker);
        }
        let color = if swatch < 0.0 { MUTED } else { INK };
        let at = (x + self.swatch(), y + font::cap_height(LEGEND_SIZE) / 2.0);
        canvas.text(Text::new(self.name.clone(), at, LEGEND_SIZE, color, Align::Left));
    }
}

/// Puts items into rows of the house width.
pub fn rows(items: Vec<Item>) -> Vec<Vec<Item>> {
    let room = f64::from(WIDTH) - 2.0 * MARGIN;
    let mut rows: Vec<Vec<Item>> = Vec::new();
    let mut used = room;
    for item in shortened(items, room) {
        let width = item.width();
        match rows.last_mut() {
            Some(row) if used + ITEM_GAP + width <= room => {
                used += ITEM_GAP + width;
                row.push(item);
            }
            _ => {
                used = width;
                rows.push(vec![item]);
            }
        }
    }
    rows
}

/// Draws rows whose first is centred at `top`.
pub fn draw(canvas: &mut Canvas, rows: &[Vec<Item>], left: f64, top: f64) {
    for (index, row) in rows.iter().enumerate() {
        let mut x = left;
        for item in row {
            item.draw(canvas, (x, top + ROW * index as f64));
            x += item.width() + ITEM_GAP;
        }
    }
}

fn shortened(mut items: Vec<Item>, room: f64) -> Vec<Item> {
    if items.len() > LONGEST {
        let more = items.len() - (LONGEST - 1);
        items.truncate(LONGEST - 1);
        items.push(Item::remark(format!("and {more} more")));
    }
    for item in &mut items {
        let room = room - SWATCH - SWATCH_GAP;
        item.name = font::shorten(&item.name, Weight::Regular, LEGEND_SIZE, room);
    }
    items
}

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
        BAR_GAP + BAR + 16.0 + self.scale.widest_label() + 62.0 + 24.0
    }

    /// Draws the bar beside a plot.
    pub(crate) fn draw(&self, canvas: &mut Canvas, beside: Area) {
        let (left, top) = (beside.right + BAR_GAP, beside.top);
        let length = (beside.bottom - top).min(LONGEST_BAR);
        let steps = length.round() as u32;
        for step in 0..steps {
            let low = top + f64::from(step);
            let fraction = 1.0 - (f64::from(step) + 0.5) / f64::from(steps);
            canvas.rectangle((left, low), (left + BAR, low + 1.0), self.color_at(fraction));
        }
        let right = left + BAR;
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

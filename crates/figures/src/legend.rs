//! Legends: swatches with names, in rows above the plot or in a column beside it.

use crate::canvas::{Align, Canvas, Position, Text};
use crate::font::{self, Weight};
use crate::style::{Color, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, Stroke, WIDTH};

/// Height of a row in pixels.
pub const ROW: f64 = 46.0;

const SWATCH: f64 = 104.0;
const SMALL_SWATCH: f64 = 36.0;
const SWATCH_GAP: f64 = 16.0;
const ITEM_GAP: f64 = 52.0;
/// Longer legends end in a count of what they leave out.
const LONGEST: usize = 24;

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

    /// Room for the swatch: a line needs more to show its dashes.
    fn swatch(&self) -> f64 {
        if self.stroke.is_some() { SWATCH } else { SMALL_SWATCH }
    }

    fn width(&self) -> f64 {
        self.swatch() + SWATCH_GAP + font::width(&self.name, Weight::Regular, LEGEND_SIZE)
    }

    fn draw(&self, canvas: &mut Canvas, (x, y): Position, swatch: f64) {
        if let Some(color) = self.fill {
            canvas.rectangle((x, y - 14.0), (x + SMALL_SWATCH, y + 14.0), color);
        }
        if let Some(stroke) = self.stroke {
            canvas.line(&[(x + 2.0, y), (x + swatch - 2.0, y)], stroke);
        }
        if let Some(marker) = self.marker {
            canvas.marker((x + swatch / 2.0, y), marker);
        }
        let is_remark = self.stroke.is_none() && self.marker.is_none() && self.fill.is_none();
        let color = if is_remark { MUTED } else { INK };
        let at = (x + swatch + SWATCH_GAP, y + font::cap_height(LEGEND_SIZE) / 2.0);
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
            let at = (x, top + ROW * index as f64);
            item.draw(canvas, at, item.swatch());
            x += item.width() + ITEM_GAP;
        }
    }
}

/// Draws items below each other, their names in line.
pub fn draw_column(canvas: &mut Canvas, items: &[Item], left: f64, top: f64) {
    for (index, item) in items.iter().enumerate() {
        item.draw(canvas, (left, top + ROW * index as f64), SWATCH);
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

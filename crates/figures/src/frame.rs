//! What all charts share: title, subtitle, legend, axes, grid and the note at the foot.

use crate::Error;
use crate::axis::Axis;
use crate::canvas::{Align, Canvas, Position, Text};
use crate::font::{self, Weight};
use crate::legend::{self, Item};
use crate::style::{
    GRID, HEIGHT, INK, LABEL_SIZE, MARGIN, MINOR_GRID, MUTED, SMALL_TICK_SIZE, SUBTITLE_SIZE, TICK_SIZE, TITLE_SIZE,
    WIDTH,
};

const TITLE_BASELINE: f64 = 88.0;
const SUBTITLE_BASELINE: f64 = 138.0;
const LEGEND_TOP: f64 = 200.0;
/// From the lower edge of the plot to the lower edge of the picture.
const FOOT: f64 = 126.0;
const NOTE: f64 = 44.0;
/// From the upper to the lower line of staggered labels.
const STAGGER: f64 = 28.0;

/// The four edges of the plot in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// The text and the legend around a plot.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    pub title: &'a str,
    pub subtitle: &'a str,
    pub legend: Vec<Item>,
    pub x_label: &'a str,
    pub y_label: &'a str,
    pub note: Option<String>,
    /// Pixels kept free right of the plot.
    pub right: f64,
    /// Pixels added to the height of the plot.
    pub taller: f64,
    /// As wide as high, whatever room that leaves on the right.
    pub square: bool,
}

impl<'a> Frame<'a> {
    /// A frame without legend and note.
    pub fn new(title: &'a str, subtitle: &'a str, x_label: &'a str, y_label: &'a str) -> Frame<'a> {
        Frame { title, subtitle, x_label, y_label, right: MARGIN, ..Frame::default() }
    }

    /// Draws everything around the data. `axes` is told the height of the plot in pixels.
    pub fn draw(self, axes: impl FnOnce(f64) -> (Axis, Axis)) -> Result<Plot, Error> {
        let (x_label, y_label, is_square) = (self.x_label, self.y_label, self.square);
        let (canvas, mut area) = self.sheet()?;
        let (x, y) = axes(area.bottom - area.top);
        area.left = (area.left + left_room(y_label, &y)).round();
        if is_square {
            area.right = area.left + area.bottom - area.top;
        }
        let mut plot = Plot { canvas, area, x, y };
        plot.grid()?;
        plot.labels(x_label, y_label);
        Ok(plot)
    }

    /// Draws titles, legend and note; also gives the room for plots and what stands left of them.
    pub fn sheet(self) -> Result<(Canvas, Area), Error> {
        let rows = legend::rows(self.legend);
        let extra_rows = rows.len().saturating_sub(3) as f64 * legend::ROW;
        let height = HEIGHT + (extra_rows + self.taller).round() as u32;
        let top = LEGEND_TOP + rows.len() as f64 * legend::ROW + if rows.is_empty() { -10.0 } else { 10.0 };
        let note_room = if self.note.is_some() { NOTE } else { 0.0 };
        let bottom = f64::from(height) - FOOT - note_room;
        let mut canvas = Canvas::new(height);
        titles(&mut canvas, self.title, self.subtitle);
        legend::draw(&mut canvas, &rows, MARGIN, LEGEND_TOP)?;
        if let Some(note) = self.note {
            let at = (MARGIN, f64::from(height) - 30.0);
            canvas.text(line(note, at, TICK_SIZE, MUTED, Align::Left));
        }
        Ok((canvas, Area { left: MARGIN, top, right: f64::from(WIDTH) - self.right, bottom }))
    }
}

/// Room for the labels left of a plot.
pub fn left_room(y_label: &str, y: &Axis) -> f64 {
    let label_room = if y_label.is_empty() { 0.0 } else { 54.0 };
    label_room + y.widest_label() + 18.0
}

/// A plot with its axes, ready for data.
pub struct Plot {
    pub canvas: Canvas,
    pub area: Area,
    pub x: Axis,
    pub y: Axis,
}

impl Plot {
    /// Where a pair of values is drawn.
    pub fn position(&self, x: f64, y: f64) -> Position {
        (self.across(self.x.fraction(x)), self.up(self.y.fraction(y)))
    }

    /// Horizontal position of a fraction of the horizontal axis.
    pub fn across(&self, fraction: f64) -> f64 {
        self.area.left + fraction * (self.area.right - self.area.left)
    }

    /// Vertical position of a fraction of the vertical axis.
    pub fn up(&self, fraction: f64) -> f64 {
        self.area.bottom - fraction * (self.area.bottom - self.area.top)
    }

    /// Draws grid lines and axes.
    pub fn grid(&mut self) -> Result<(), Error> {
        let columns: Vec<f64> = self.x.ticks.iter().map(|tick| tick.fraction).collect();
        let rows: Vec<f64> = self.y.ticks.iter().map(|tick| tick.fraction).collect();
        let minor = (self.x.minor.clone(), self.y.minor.clone());
        for (columns, rows, color) in [(minor.0, minor.1, MINOR_GRID), (columns, rows, GRID)] {
            for x in columns {
                let x = self.across(x);
                let (top, bottom) = (self.area.top, self.area.bottom);
                self.canvas.rectangle((x - 0.75, top), (x + 0.75, bottom), color)?;
            }
            for y in rows {
                let y = self.up(y);
                let (left, right) = (self.area.left, self.area.right);
                self.canvas.rectangle((left, y - 0.75), (right, y + 0.75), color)?;
            }
        }
        let Area { left, top, right, bottom } = self.area;
        self.canvas.rectangle((left - 1.0, top), (left + 1.0, bottom), INK)?;
        self.canvas.rectangle((left - 1.0, bottom - 1.0), (right, bottom + 1.0), INK)
    }

    fn labels(&mut self, x_label: &str, y_label: &str) {
        self.tick_labels(f64::INFINITY);
        let Area { left, right, bottom, .. } = self.area;
        let at = (f64::midpoint(left, right), bottom + if self.x.is_staggered { 98.0 } else { 92.0 });
        let room = 2.0 * (at.0 - MARGIN).min(f64::from(WIDTH) - MARGIN - at.0);
        let (label, size) = font::fit(&self.x.label(x_label), Weight::Regular, LABEL_SIZE, TICK_SIZE, room);
        self.canvas.text(line(label, at, size, INK, Align::Center));
        self.vertical_label(y_label, (self.area.top, bottom));
    }

    /// Writes the labels of the ticks, those of the horizontal axis at most `reach` pixels beyond
    /// its ends.
    pub fn tick_labels(&mut self, reach: f64) {
        let Area { left, top, right, bottom } = self.area;
        let size = if self.x.is_staggered { SMALL_TICK_SIZE } else { TICK_SIZE };
        let below = bottom + 16.0 + font::cap_height(TICK_SIZE);
        for (index, tick) in self.x.ticks.iter().enumerate() {
            let half = font::width(&tick.label, Weight::Regular, size) / 2.0;
            let x = (left + tick.fraction * (right - left)).max(left - reach + half).min(right + reach - half);
            let lower = if self.x.is_staggered && !index.is_multiple_of(2) { STAGGER } else { 0.0 };
            let at = (x.min(f64::from(WIDTH) - 16.0 - half), below + lower);
            self.canvas.text(line(tick.label.clone(), at, size, INK, Align::Center));
        }
        for tick in &self.y.ticks {
            let y = bottom - tick.fraction * (bottom - top) + font::cap_height(TICK_SIZE) / 2.0;
            self.canvas.text(line(tick.label.clone(), (left - 16.0, y), TICK_SIZE, INK, Align::Right));
        }
    }

    /// Writes the label of the vertical axis at the left edge of the picture, between two heights.
    pub fn vertical_label(&mut self, label: &str, (top, bottom): (f64, f64)) {
        let at = (MARGIN + font::cap_height(LABEL_SIZE), f64::midpoint(top, bottom));
        let room = bottom - top + 20.0;
        let (label, size) = font::fit(&self.y.label(label), Weight::Regular, LABEL_SIZE, TICK_SIZE, room);
        self.canvas.text(Text { upright: true, ..line(label, at, size, INK, Align::Center) });
    }
}

/// A horizontal line of regular text.
pub fn line(content: String, at: Position, size: f32, color: plotters::style::RGBColor, align: Align) -> Text {
    Text { content, at, size, weight: Weight::Regular, color, align, upright: false }
}

fn titles(canvas: &mut Canvas, title: &str, subtitle: &str) {
    let room = f64::from(WIDTH) - 2.0 * MARGIN;
    let (title, size) = font::fit(title, Weight::SemiBold, TITLE_SIZE, 32.0, room);
    canvas.text(Text { weight: Weight::SemiBold, ..line(title, (MARGIN, TITLE_BASELINE), size, INK, Align::Left) });
    let (subtitle, size) = font::fit(subtitle, Weight::Regular, SUBTITLE_SIZE, 26.0, room);
    canvas.text(line(subtitle, (MARGIN, SUBTITLE_BASELINE), size, MUTED, Align::Left));
}

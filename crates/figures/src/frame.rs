//! What all charts share: title, subtitle, legend, axes, grid, colour bar and the note at the foot.

use crate::Error;
use crate::axis::{Axis, REACH, Scale};
use crate::canvas::{Align, Canvas, Position, Text};
use crate::font::{self, Weight};
use crate::legend::{self, ColourBar, Item};
use crate::style::{GRID, HEIGHT, INK, LABEL_SIZE, MARGIN, MINOR_GRID, MUTED, TICK_SIZE, TITLE_SIZE, WIDTH};

const TITLE_BASELINE: f64 = 88.0;
const SUBTITLE_BASELINE: f64 = 138.0;
const LEGEND_TOP: f64 = 200.0;
/// From a plot to the one beside it.
const BESIDE: f64 = 50.0;
/// From the lower edge of the plot to the lower edge of the picture.
const FOOT: f64 = 126.0;
const NOTE: f64 = 44.0;
/// From the upper to the lower line of staggered labels.
const STAGGER: f64 = 28.0;
/// An axis that needs more than this makes the picture taller.
const USUAL_HEIGHT: f64 = 700.0;
/// Between panels; below one that is not in the lowest row: its ticks, its label and some air.
const PANEL_GAP: f64 = 56.0;
const PANEL_FOOT: f64 = 136.0;
/// Rows of panels in a figure of the usual height, and what each further one takes.
const USUAL_PANEL_ROWS: usize = 2;
const PANEL_ROW: f64 = 460.0;

/// The four edges of a rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// The right edge.
    pub right: f64,
    /// The lower edge.
    pub bottom: f64,
}

/// What stands around a plot.
#[derive(Default)]
pub struct Frame<'a> {
    /// The quantity or the finding.
    pub title: &'a str,
    /// What it is of.
    pub subtitle: &'a str,
    /// Names of what is drawn.
    pub legend: Vec<Item>,
    /// What stands at the foot.
    pub note: Option<String>,
    /// Pixels kept free between the plot and the right margin.
    pub right: f64,
    /// Pixels added to the height of the plot; fewer than 0 make it lower.
    pub taller: f64,
    /// The colour bar.
    pub bar: Option<&'a ColourBar>,
    /// As wide as high, with the same ticks on both axes, whatever room that leaves on the right.
    pub is_square: bool,
}

impl Frame<'_> {
    /// Draws everything around the data.
    pub fn plot(mut self, x: &Axis, y: &Axis) -> Plot {
        self.taller += (y.least_height() - USUAL_HEIGHT).max(0.0);
        self.note = joined([x.note(), y.note(), self.note.take()]);
        let (bar, is_square) = (self.bar, self.is_square);
        let (canvas, mut area) = self.sheet();
        let height = area.bottom - area.top;
        let y = if is_square { y.lying(height) } else { y.upright(height) };
        area.left = (area.left + left_room(&y)).round();
        if is_square {
            area.right = area.left + height;
        }
        let mut plot = Plot { canvas, area, x: x.lying(area.right - area.left), y, is_empty: true };
        plot.axes(MARGIN);
        if let Some(bar) = bar {
            bar.draw(&mut plot.canvas, area);
        }
        plot
    }

    /// Draws a grid of small plots that share their upright axis; `data` is called for each.
    pub fn panels(mut self, x: &[Axis], y: &Axis, data: impl Fn(&mut Plot, usize)) -> Plot {
        let columns = match x.len() {
            0..=3 => x.len().max(1),
            4 => 2,
            _ => 3,
        };
        let rows = x.len().div_ceil(columns);
        self.taller += rows.saturating_sub(USUAL_PANEL_ROWS) as f64 * PANEL_ROW;
        let bar = self.bar;
        let (canvas, area) = self.sheet();
        let height = (area.bottom - area.top - PANEL_FOOT * (rows - 1) as f64) / rows as f64;
        let y = y.upright(height);
        let left = area.left + left_room(&y);
        let width = (area.right - left - PANEL_GAP * (columns - 1) as f64) / columns as f64;
        let place = |index: usize| {
            let left = (left + (width + PANEL_GAP) * (index % columns) as f64).round();
            let top = area.top + (height + PANEL_FOOT) * (index / columns) as f64;
            Area { left, top, right: left + width, bottom: top + height }
        };
        let mut plot = Plot { canvas, area, x: y.clone(), y: y.clone(), is_empty: true };
        plot.upright_label(MARGIN);
        if let Some(bar) = bar {
            bar.draw(&mut plot.canvas, Area { right: place(columns - 1).right, ..area });
        }
        for (index, x) in x.iter().enumerate() {
            (plot.area, plot.x, plot.y) = (place(index), x.lying(width), y.clone());
            if index % columns > 0 {
                plot.y.ticks.iter_mut().for_each(|tick| tick.label.clear());
            }
            plot.grid();
            plot.tick_labels(REACH);
            let Area { left, right, bottom, .. } = plot.area;
            let below = if plot.x.is_staggered { 108.0 } else { 86.0 };
            plot.lying_label((f64::midpoint(left, right), bottom + below), width);
            data(&mut plot, index);
        }
        plot
    }

    /// Draws titles, legend and note; also gives the room for plots and what stands left of them.
    pub(crate) fn sheet(self) -> (Canvas, Area) {
        let rows = legend::rows(self.legend);
        let extra_rows = rows.len().saturating_sub(3) as f64 * legend::ROW;
        let height = (f64::from(HEIGHT) + extra_rows + self.taller).round() as u32;
        let top = LEGEND_TOP + rows.len() as f64 * legend::ROW + if rows.is_empty() { -10.0 } else { 10.0 };
        let note_room = if self.note.is_some() { NOTE } else { 0.0 };
        let bottom = f64::from(height) - FOOT - note_room;
        let mut canvas = Canvas::new(height);
        let room = f64::from(WIDTH) - 2.0 * MARGIN;
        let (title, size) = font::fit(self.title, Weight::SemiBold, TITLE_SIZE, 32.0, room);
        let title = Text::new(title, (MARGIN, TITLE_BASELINE), size, INK, Align::Left);
        canvas.text(Text { weight: Weight::SemiBold, ..title });
        let (subtitle, size) = font::fit(self.subtitle, Weight::Regular, LABEL_SIZE, TICK_SIZE, room);
        canvas.text(Text::new(subtitle, (MARGIN, SUBTITLE_BASELINE), size, MUTED, Align::Left));
        legend::draw(&mut canvas, &rows, MARGIN, LEGEND_TOP);
        if let Some(note) = self.note {
            canvas.text(Text::new(note, (MARGIN, f64::from(height) - 30.0), TICK_SIZE, MUTED, Align::Left));
        }
        let right = f64::from(WIDTH) - self.bar.map_or(MARGIN + self.right, ColourBar::room);
        (canvas, Area { left: MARGIN, top, right, bottom })
    }
}

/// Room for the labels left of a plot.
fn left_room(y: &Scale) -> f64 {
    let label_room = if y.label.is_empty() { 0.0 } else { 54.0 };
    label_room + y.widest_label() + 18.0
}

/// The notes there are as one.
pub fn joined<const N: usize>(notes: [Option<String>; N]) -> Option<String> {
    notes.into_iter().flatten().reduce(|notes, note| format!("{notes}; {note}"))
}

/// A plot with its axes, ready for data.
pub struct Plot {
    /// The picture being drawn.
    pub canvas: Canvas,
    /// The rectangle between the axes.
    pub area: Area,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    /// Whether no mark was drawn yet.
    pub(crate) is_empty: bool,
}

impl Plot {
    /// Where a pair of values is drawn.
    pub fn position(&self, (x, y): (f64, f64)) -> Position {
        (self.across(x), self.up(y))
    }

    /// Horizontal position of a value.
    pub fn across(&self, value: f64) -> f64 {
        self.area.left + self.x.fraction(value) * (self.area.right - self.area.left)
    }

    /// Vertical position of a value.
    pub fn up(&self, value: f64) -> f64 {
        self.area.bottom - self.y.fraction(value) * (self.area.bottom - self.area.top)
    }

    /// The picture.
    pub fn into_png(self) -> Result<Vec<u8>, Error> {
        if self.is_empty { Err(Error::NothingToDraw) } else { self.canvas.into_png() }
    }

    /// Moves on to the room right of the plot, with axes of its own.
    pub(crate) fn beside(&mut self, x: &Axis, y: &Axis) {
        let label = self.area.right + BESIDE;
        self.y = y.upright(self.area.bottom - self.area.top);
        self.area.left = (label + left_room(&self.y)).round();
        self.area.right = f64::from(WIDTH) - MARGIN;
        self.x = x.lying(self.area.right - self.area.left);
        self.axes(label);
    }

    /// Draws grid, axes and their labels, that of the upright axis from `left` on.
    fn axes(&mut self, left: f64) {
        self.grid();
        self.tick_labels(f64::INFINITY);
        let below = if self.x.is_staggered { 106.0 } else { 92.0 };
        let at = (f64::midpoint(self.area.left, self.area.right), self.area.bottom + below);
        self.lying_label(at, 2.0 * (at.0 - MARGIN).min(f64::from(WIDTH) - MARGIN - at.0));
        self.upright_label(left);
    }

    /// Draws grid lines and axes, on whole pixels.
    fn grid(&mut self) {
        let Area { left, top, right, bottom } = self.area;
        let fractions = |scale: &Scale| scale.ticks.iter().map(|tick| tick.fraction).collect::<Vec<f64>>();
        let minor = (self.x.minor.clone(), self.y.minor.clone());
        for ((columns, rows), color) in [(minor, MINOR_GRID), ((fractions(&self.x), fractions(&self.y)), GRID)] {
            for x in columns.into_iter().map(|fraction| (left + fraction * (right - left)).round()) {
                self.canvas.rectangle((x - 1.0, top), (x + 1.0, bottom), color);
            }
            for y in rows.into_iter().map(|fraction| (bottom - fraction * (bottom - top)).round()) {
                self.canvas.rectangle((left, y - 1.0), (right, y + 1.0), color);
            }
        }
        self.canvas.rectangle((left - 1.0, top), (left + 1.0, bottom), INK);
        self.canvas.rectangle((left - 1.0, bottom - 1.0), (right, bottom + 1.0), INK);
    }

    /// Writes the labels of the ticks, those of the lying axis at most `reach` pixels beyond its ends.
    fn tick_labels(&mut self, reach: f64) {
        let Area { left, top, right, bottom } = self.area;
        let below = bottom + 16.0 + font::cap_height(TICK_SIZE);
        for (index, tick) in self.x.ticks.iter().enumerate() {
            let half = font::width(&tick.label, Weight::Regular, TICK_SIZE) / 2.0;
            let x = (left + tick.fraction * (right - left)).max(left - reach + half).min(right + reach - half);
            let lower = if self.x.is_staggered && !index.is_multiple_of(2) { STAGGER } else { 0.0 };
            let at = (x.min(f64::from(WIDTH) - 16.0 - half), below + lower);
            self.canvas.text(Text::new(tick.label.clone(), at, TICK_SIZE, INK, Align::Center));
        }
        for tick in &self.y.ticks {
            let y = bottom - tick.fraction * (bottom - top) + font::cap_height(TICK_SIZE) / 2.0;
            self.canvas.text(Text::new(tick.label.clone(), (left - 16.0, y), TICK_SIZE, INK, Align::Right));
        }
    }

    fn lying_label(&mut self, at: Position, room: f64) {
        let (label, size) = font::fit(&self.x.label, Weight::Regular, LABEL_SIZE, TICK_SIZE, room);
        self.canvas.text(Text::new(label, at, size, INK, Align::Center));
    }

    /// Writes the label of the upright axis from `left` on.
    fn upright_label(&mut self, left: f64) {
        let Area { top, bottom, .. } = self.area;
        let at = (left + font::cap_height(LABEL_SIZE), f64::midpoint(top, bottom));
        let (label, size) = font::fit(&self.y.label, Weight::Regular, LABEL_SIZE, TICK_SIZE, bottom - top + 20.0);
        self.canvas.text(Text { is_upright: true, ..Text::new(label, at, size, INK, Align::Center) });
    }
}

//! Small plots in a grid that share their vertical axis.

use crate::Error;
use crate::axis::{Axis, REACH};
use crate::canvas::{Align, Canvas};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot, left_room, line};
use crate::style::{INK, LABEL_SIZE, TICK_SIZE};

/// More panels than this are left out and counted in the note.
pub const MOST: usize = 12;
const GAP: f64 = 56.0;
/// Below a panel that is not in the lowest row: its ticks, its label and some air.
const FOOT: f64 = 136.0;
/// Rows that fit into a figure of the usual height, and what each further one takes.
const USUAL_ROWS: usize = 2;
const ROW: f64 = 460.0;

/// What is drawn of the panels.
pub struct Panels<'a> {
    canvas: Canvas,
    areas: Vec<Area>,
    columns: usize,
    y: Axis,
    y_label: &'a str,
}

impl<'a> Panels<'a> {
    /// Room for `count` panels in a frame whose vertical axis they share; `y` is told their height.
    pub fn new(mut frame: Frame<'a>, count: usize, y: impl FnOnce(f64) -> Axis) -> Result<Panels<'a>, Error> {
        let columns = match count {
            0..=3 => count.max(1),
            4 => 2,
            _ => 3,
        };
        let rows = count.div_ceil(columns);
        frame.taller += rows.saturating_sub(USUAL_ROWS) as f64 * ROW;
        let y_label = frame.y_label;
        let (canvas, area) = frame.sheet()?;
        let height = (area.bottom - area.top - FOOT * (rows - 1) as f64) / rows as f64;
        let y = y(height);
        let left = area.left + left_room(y_label, &y);
        let width = (area.right - left - GAP * (columns - 1) as f64) / columns as f64;
        let place = |index: usize| {
            let left = (left + (width + GAP) * (index % columns) as f64).round();
            let top = area.top + (height + FOOT) * (index / columns) as f64;
            Area { left, top, right: left + width, bottom: top + height }
        };
        Ok(Panels { canvas, areas: (0..count).map(place).collect(), columns, y, y_label })
    }

    /// Draws the panel at `index`; `x` is told its width.
    pub fn draw(
        self,
        index: usize,
        x_label: &str,
        x: impl FnOnce(f64) -> Axis,
        data: impl FnOnce(&mut Plot) -> Result<(), Error>,
    ) -> Result<Panels<'a>, Error> {
        let area = self.areas[index];
        let width = area.right - area.left;
        let mut y = self.y.clone();
        if !index.is_multiple_of(self.columns) {
            y.ticks.iter_mut().for_each(|tick| tick.label.clear());
        }
        let mut plot = Plot { canvas: self.canvas, area, x: x(width), y };
        plot.grid()?;
        plot.tick_labels(REACH);
        let (label, size) = font::fit(&plot.x.label(x_label), Weight::Regular, LABEL_SIZE, TICK_SIZE, width);
        let at = (f64::midpoint(area.left, area.right), area.bottom + if plot.x.is_staggered { 100.0 } else { 86.0 });
        plot.canvas.text(line(label, at, size, INK, Align::Center));
        data(&mut plot)?;
        Ok(Panels { canvas: plot.canvas, ..self })
    }

    /// A plot as large as all panels, for what stands beside them; writes the shared label.
    pub fn into_plot(self) -> Plot {
        let first = self.areas[0];
        let last = self.areas[self.areas.len() - 1];
        let right = self.areas.iter().map(|area| area.right).fold(first.right, f64::max);
        let area = Area { right, bottom: last.bottom, ..first };
        let mut plot = Plot { canvas: self.canvas, area, x: self.y.clone(), y: self.y };
        plot.vertical_label(self.y_label, (area.top, area.bottom));
        plot
    }
}

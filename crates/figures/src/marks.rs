//! What data look like in a plot: lines, areas, points, bars, whiskers, cells, and words beside them.
//!
//! What has no place on the axes is left out.

use crate::canvas::{Align, Position, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Plot};
use crate::style::{Color, DASHED, LEGEND_SIZE, Marker, Stroke, VERMILLION, WHITE};

/// A value on the lying axis with one on the upright axis.
pub type Point = (f64, f64);

/// The positions of a line, interrupted between the inner ones.
pub type Runs = Vec<Vec<Position>>;

/// Height of a plot's top that the label of a rule takes.
pub const HEAD: f64 = 56.0;

impl Plot {
    /// A line through points, interrupted where one has no place; a point without neighbours is a dot.
    pub fn line(&mut self, points: impl IntoIterator<Item = Point>, stroke: Stroke) {
        let runs = self.runs(points);
        self.trace(&runs, stroke);
    }

    /// The positions of points, split where one has no place.
    pub fn runs(&self, points: impl IntoIterator<Item = Point>) -> Runs {
        let points: Vec<Point> = points.into_iter().collect();
        let runs = points.split(|&(x, y)| !self.x.has(x) || !self.y.has(y)).filter(|run| !run.is_empty());
        runs.map(|run| run.iter().map(|&point| self.position(point)).collect()).collect()
    }

    /// A line through each run of positions.
    pub fn trace(&mut self, runs: &[Vec<Position>], stroke: Stroke) {
        self.is_empty &= runs.is_empty();
        for run in runs {
            self.canvas.line(run, stroke);
            if let [alone] = run[..] {
                self.canvas.marker(alone, Marker::circle(stroke.color, 5.0));
            }
        }
    }

    /// Lines through runs of positions, and over all of them their markers.
    pub fn traces(&mut self, lines: &[(Runs, Stroke, Option<Marker>)]) {
        for (runs, stroke, _) in lines {
            self.trace(runs, *stroke);
        }
        for (index, (runs, _, marker)) in lines.iter().enumerate() {
            if let Some(marker) = marker {
                self.markers(runs, *marker, (index, lines.len()));
            }
        }
    }

    /// Markers on a line, at all of few positions and at about ten of many, shifted from line to line so that those of
    /// neighbours do not cover each other; the line is number `index` of `lines`.
    pub fn markers(&mut self, runs: &[Vec<Position>], marker: Marker, (index, lines): (usize, usize)) {
        let all = runs.concat();
        let distance = if all.len() <= 30 { 0.0 } else { (self.area.right - self.area.left) / 10.0 };
        let mut next = all.first().map_or(0.0, |first| first.0 + distance * (index as f64 + 0.5) / lines as f64);
        for position in all {
            if distance == 0.0 {
                self.canvas.marker(position, marker);
            } else if position.0 >= next {
                self.canvas.marker(position, marker);
                next += distance * (((position.0 - next) / distance).floor() + 1.0);
            }
        }
    }

    /// A marker at each point.
    pub fn points(&mut self, points: impl IntoIterator<Item = Point>, marker: Marker) {
        for point in points {
            if self.x.has(point.0) && self.y.has(point.1) {
                self.is_empty = false;
                self.canvas.marker(self.position(point), marker);
            }
        }
    }

    /// Mixes a `share` of a colour into the area between two lines, given as (x, one end, other end), interrupted
    /// where either end has no place; a triple without neighbours is a bar.
    pub fn area(&mut self, rows: impl IntoIterator<Item = (f64, f64, f64)>, color: Color, share: f32) {
        let rows: Vec<(f64, f64, f64)> = rows.into_iter().collect();
        for run in rows.split(|&(x, one, other)| !self.x.has(x) || !self.y.has(one) || !self.y.has(other)) {
            let edge = |&(x, one, other): &(f64, f64, f64)| {
                let (one, other) = (self.up(one), self.up(other));
                (self.across(x), one.min(other), one.max(other))
            };
            let mut edges: Vec<(f64, f64, f64)> = run.iter().map(edge).collect();
            if let [(x, top, bottom)] = edges[..] {
                edges = vec![(x - 8.0, top, bottom), (x + 8.0, top, bottom)];
            }
            self.canvas.tint(&edges, color, share);
        }
    }

    /// A filled rectangle between four edges in pixels, as far as it lies inside the axes.
    pub fn bar(&mut self, Area { left, top, right, bottom }: Area, color: Color) {
        self.is_empty = false;
        let (from, to) = ((left.max(self.area.left + 1.0), top), (right, bottom.min(self.area.bottom - 1.0)));
        self.canvas.rectangle(from, to, color);
    }

    /// A coloured cell at each place of a grid over an area in pixels, `gap` pixels between the rows, and between the
    /// columns where these are wide.
    pub fn cells(&mut self, area: Area, [columns, rows]: [usize; 2], gap: f64, color: impl Fn(usize, usize) -> Color) {
        // On whole pixels neighbours do not mix.
        let edge =
            |from: f64, to: f64, index: usize, count: usize| (from + (to - from) * index as f64 / count as f64).round();
        let (least, most) = (self.area.left + 1.0, self.area.bottom - 1.0);
        let gap_right = if area.right - area.left >= 16.0 * columns as f64 { gap } else { 0.0 };
        self.is_empty &= columns * rows == 0;
        for row in 0..rows {
            let top = edge(area.top, area.bottom, row, rows);
            let bottom = edge(area.top, area.bottom, row + 1, rows).min(most);
            let gap_below = if row + 1 < rows { gap } else { 0.0 };
            let colors: Vec<Color> = (0..columns).map(|column| color(column, row)).collect();
            let mut column = 0;
            for run in colors.chunk_by(|one, other| gap_right == 0.0 && one == other) {
                let left = edge(area.left, area.right, column, columns).max(least);
                column += run.len();
                let right = edge(area.left, area.right, column, columns);
                if gap > 0.0 {
                    self.canvas.rectangle((left, top), (right, bottom), WHITE);
                }
                self.canvas.rectangle((left, top), (right - gap_right, bottom - gap_below), run[0]);
            }
        }
    }

    /// A dashed line through the plot at a value of the lying axis, with its label on top.
    pub fn rule(&mut self, label: &str, value: f64) {
        let (x, Area { left, top, right, bottom }) = (self.across(value), self.area);
        let stroke = Stroke { dash: DASHED, ..Stroke::solid(VERMILLION, 3.0) };
        self.canvas.line(&[(x, top + 44.0), (x, bottom - 1.0)], stroke);
        let label = font::shorten(label, Weight::Regular, LEGEND_SIZE, right - left - 40.0);
        self.write_centred(label, (x, top + 32.0), (LEGEND_SIZE, VERMILLION));
    }

    /// Writes on white, centred at a position but never beyond the plot.
    pub fn write_centred(&mut self, text: String, (x, y): Position, (size, color): (f32, Color)) {
        let half = font::width(&text, Weight::Regular, size) / 2.0 + 8.0;
        let center = x.min(self.area.right - half).max(self.area.left + half + 4.0);
        self.canvas.rectangle((center - half, y - 26.0), (center + half, y + 8.0), WHITE);
        self.canvas.text(Text::new(text, (center, y), size, color, Align::Center));
    }

    /// Writes on white from a position to the right, centred on its height.
    pub fn write_beside(&mut self, text: String, (x, y): Position, color: Color) {
        let width = font::width(&text, Weight::Regular, LEGEND_SIZE);
        self.canvas.rectangle((x - 6.0, y - 16.0), (x + width + 6.0, y + 16.0), WHITE);
        self.write(text, (x, y), (LEGEND_SIZE, color), Align::Left);
    }

    /// Writes at a position, centred on its height.
    pub fn write(&mut self, text: impl Into<String>, (x, y): Position, (size, color): (f32, Color), align: Align) {
        self.canvas.text(Text::new(text, (x, y + font::cap_height(size) / 2.0), size, color, align));
    }

    /// Writes a text at the height of each row, all aligned at one place.
    pub fn column<T: Into<String>>(
        &mut self,
        x: f64,
        align: Align,
        look: (f32, Color),
        texts: impl IntoIterator<Item = T>,
    ) {
        for (row, text) in (0..).map(f64::from).zip(texts) {
            self.write(text, (x, self.up(row)), look, align);
        }
    }
}

/// Width of the widest of several texts.
pub fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f32) -> f64 {
    texts.into_iter().map(|text| font::width(text, Weight::Regular, size)).fold(0.0, f64::max)
}

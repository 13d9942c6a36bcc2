//! What is to be told apart, and how well it is: groups of points, pictures, curves of shares, and what is taken for what.

use std::ops::RangeInclusive;

use crate::axis::{Axis, range};
use crate::canvas::{Align, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot};
use crate::legend::Item;
use crate::number::significant;
use crate::style::{
    BLUE, Color, DASHED, INK, LEGEND_SIZE, MISSING, Marker, REFERENCE, Stroke, TICK_SIZE, WHITE, paler, series,
};
use crate::{Error, Line, Point};

/// The line of what tells nothing apart.
const CHANCE: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };
const LEAST_ROW: f64 = 64.0;
/// Pictures in a row, fewer of few, how many there are at most, and what is free between pictures.
const COLUMNS: RangeInclusive<usize> = 4..=10;
const MOST: usize = 120;
const BETWEEN: f64 = 36.0;
/// Height of a name under a picture.
const NAME: f64 = 44.0;
/// What ticks and label of a lying axis would take.
const NO_AXIS: f64 = 84.0;
/// By how much pictures may be taller than a usual figure, at least.
const LOWEST: f64 = -100.0;
/// A scale of grey has so many steps.
const STEPS: f64 = 16.0;

/// Groups of points, each with a name, a colour and a marker of its own.
pub fn groups(
    title: &str,
    subtitle: &str,
    [x_label, y_label]: [&str; 2],
    groups: &[(&str, &[Point])],
) -> Result<Vec<u8>, Error> {
    let all = || groups.iter().flat_map(|(_, points)| points.iter().copied());
    let x = Axis::linear(x_label, all().map(|point| point.0))?;
    let y = Axis::linear(y_label, all().map(|point| point.1))?;
    let radius = if all().count() <= 200 { 9.0 } else { 6.0 };
    let marker = |index: usize| Marker { radius, ..series(index).1 };
    let items = groups.iter().enumerate();
    let legend = items.map(|(index, (name, _))| Item::dot(*name, Marker { radius: 10.0, ..marker(index) })).collect();
    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    for (index, (_, points)) in groups.iter().enumerate() {
        plot.points(points.iter().copied(), marker(index));
    }
    plot.into_png()
}

/// Curves of one share against another from (0, 0) to (1, 1), such as those of `roc_curve`, with the diagonal of what tells
/// nothing apart; the last one is on top.
pub fn curves_of_shares(
    title: &str,
    subtitle: &str,
    [x_label, y_label]: [&str; 2],
    curves: &[Line<'_>],
) -> Result<Vec<u8>, Error> {
    curves.iter().try_for_each(Line::check)?;
    let all = || curves.iter().flat_map(Line::points);
    let ends = || if all().count() > 0 { &[0.0, 1.0][..] } else { &[] }.iter().copied();
    let x = Axis::linear(x_label, all().map(|point| point.0).chain(ends()))?;
    let y = Axis::linear(y_label, all().map(|point| point.1).chain(ends()))?;
    let mut legend: Vec<Item> =
        curves.iter().enumerate().map(|(index, curve)| Item::line(curve.name, series(index).0)).collect();
    legend.push(Item::line("chance", CHANCE));
    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    let corners = [plot.position((0.0, 0.0)), plot.position((1.0, 1.0))];
    plot.canvas.line(&corners, CHANCE);
    for (index, curve) in curves.iter().enumerate() {
        plot.line(curve.points(), series(index).0);
    }
    plot.into_png()
}

/// How often what belongs to each row was taken for each column, `counts` being row by row: a cell is the darker the larger
/// its share of the row is.
pub fn confusion_matrix(
    title: &str,
    subtitle: &str,
    [row_label, column_label]: [&str; 2],
    names: &[&str],
    counts: &[f64],
) -> Result<Vec<u8>, Error> {
    if names.is_empty() {
        return Err(Error::Empty);
    }
    Error::check_lengths(names.len() * names.len(), [counts.len()])?;
    let columns: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let x = Axis::choices(column_label, &columns);
    let y = Axis::rows(row_label, names.iter().copied(), LEAST_ROW);
    let rows = (0..names.len()).take_while(|row| y.has(*row as f64)).count();
    let is_count = |count: &f64| count.is_finite() && *count >= 0.0;
    if !counts.iter().any(is_count) {
        return Err(Error::NothingToDraw);
    }
    let share = |row: usize, column: usize| {
        let row = &counts[row * names.len()..(row + 1) * names.len()];
        let total: f64 = row.iter().copied().filter(is_count).fold(0.0, |sum, count| sum + count);
        if row[column] > 0.0 { row[column] / total } else { 0.0 }
    };
    let mut plot = Frame { title, subtitle, ..Frame::default() }.plot(&x, &y);
    let area = plot.area;
    let shade = |share: f64| paler(BLUE, (share * STEPS).round() / STEPS);
    plot.cells(area, [names.len(), rows], 2.0, |column, row| {
        if is_count(&counts[row * names.len() + column]) { shade(share(row, column)) } else { MISSING }
    });
    for row in 0..rows {
        for (column, count) in
            counts[row * names.len()..][..names.len()].iter().enumerate().filter(|cell| is_count(cell.1))
        {
            let color = if share(row, column) > 0.5 { WHITE } else { INK };
            let at = plot.position((column as f64, row as f64));
            plot.write(significant(*count, 6), at, (LEGEND_SIZE, color), Align::Center);
        }
    }
    plot.into_png()
}

/// A small picture with its name.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// What stands below it.
    pub name: &'a str,
    /// Its pixels, row by row from the top.
    pub pixels: &'a [f64],
    /// Pixels in a row.
    pub width: usize,
}

/// Small pictures in rows, the smallest value of all white and the largest black; the first 120 of more.
pub fn pictures(title: &str, subtitle: &str, pictures: &[Picture<'_>]) -> Result<Vec<u8>, Error> {
    let values = || pictures.iter().flat_map(|picture| picture.pixels).copied();
    if values().next().is_none() {
        return Err(Error::Empty);
    }
    let (low, high) = range(values().filter(|value| value.is_finite())).ok_or(Error::NothingToDraw)?;
    let shown = &pictures[..pictures.len().min(MOST)];
    // About as many as fill a figure of the usual height.
    let usual = ((2.2 * shown.len() as f64).sqrt().ceil() as usize).clamp(*COLUMNS.start(), *COLUMNS.end());
    // One or two more where fewer places of the last row stay empty.
    let empty = |columns: &usize| shown.len().next_multiple_of(*columns) - shown.len();
    let columns = (usual..=(usual + 2).min(*COLUMNS.end())).min_by_key(empty).unwrap_or(usual);
    let more = pictures.len() - shown.len();
    let note = (more > 0).then(|| format!("{more} more are not shown"));
    // Halves, so that the ends of all numbers are not too far apart.
    let grey = |value: f64| -> Color {
        let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        if value.is_finite() {
            paler(INK, if high > low { (share * STEPS).round() / STEPS } else { 1.0 })
        } else {
            MISSING
        }
    };
    let heights: Vec<f64> =
        shown.chunks(columns).map(|row| row.iter().map(Picture::shape).fold(0.0, f64::max)).collect();
    let (_, room) = Frame::default().sheet();
    let side = (room.right - room.left - BETWEEN * (columns - 1) as f64) / columns as f64;
    let height = heights.iter().map(|shape| shape * side + NAME + BETWEEN).sum::<f64>() - BETWEEN;
    // There is no axis at the foot.
    let foot = if note.is_some() { 0.0 } else { NO_AXIS };
    let usual = room.bottom - room.top + foot;
    let taller = (height - usual).max(LOWEST);
    // What a figure of the least height leaves is spread between its rows.
    let spare = (usual + taller - height) / heights.len() as f64;
    let (canvas, mut area) = Frame { title, subtitle, note, taller, ..Frame::default() }.sheet();
    area.bottom = area.top + usual + taller;
    let axis = Axis::whole("", 0.0, 1.0, 1.0);
    let mut plot = Plot { canvas, area, x: axis.lying(1.0), y: axis.upright(1.0), is_empty: true };
    let mut top = area.top;
    for (row, shape) in shown.chunks(columns).zip(heights) {
        for (column, picture) in row.iter().enumerate() {
            let left = (area.left + (side + BETWEEN) * column as f64).round();
            let place = Area { left: left + 2.0, top, right: left + side, bottom: top + picture.shape() * side };
            plot.canvas.rectangle(
                (place.left - 2.0, place.top - 2.0),
                (place.right + 2.0, place.bottom + 2.0),
                paler(INK, 0.25),
            );
            plot.cells(place, [picture.width, picture.rows()], 0.0, |column, row| {
                picture.pixels.get(row * picture.width + column).map_or(MISSING, |value| grey(*value))
            });
            let name = font::shorten(picture.name, Weight::Regular, TICK_SIZE, side + BETWEEN / 2.0);
            let at = (left + side / 2.0, place.bottom + NAME - 10.0);
            plot.canvas.text(Text::new(name, at, TICK_SIZE, INK, Align::Center));
        }
        top += shape * side + NAME + BETWEEN + spare;
    }
    plot.into_png()
}

impl Picture<'_> {
    fn rows(&self) -> usize {
        self.pixels.len().div_ceil(self.width.max(1))
    }

    /// Its height as a multiple of its width.
    fn shape(&self) -> f64 {
        self.rows() as f64 / self.width.max(1) as f64
    }
}

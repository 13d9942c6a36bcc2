//! The values of each level, a panel a factor.

use super::{Factor, LONGEST_LEVEL, MOST, median, note};
use crate::axis::{Axis, range};
use crate::canvas::{Align, Canvas, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot, line};
use crate::legend::Item;
use crate::number::{digits, four_digits};
use crate::style::{
    BLUE, DASHED, INK, LABEL_SIZE, LEGEND_SIZE, MARGIN, MUTED, Marker, Shape, Stroke, TICK_SIZE, VERMILLION, WIDTH,
    paler,
};
use crate::trial::{Objective, has_a_place};
use crate::{Distribution, Error};

/// Height of a level, of the name above a panel and of the tick labels below it.
const ROW: f64 = 40.0;
const HEAD: f64 = 52.0;
const FOOT: f64 = 62.0;
/// Height of the panels in a figure of the usual height.
const USUAL_HEIGHT: f64 = 690.0;
/// Right of a panel: the median of each level.
const MEDIAN_ROOM: f64 = 150.0;
const COLUMN_GAP: f64 = 44.0;

const BASELINE: Stroke = Stroke { color: VERMILLION, width: 3.0, dash: DASHED };
const MEDIAN: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };

/// The objective of each training as a dot, a row a level and a panel a factor, all on the same axis,
/// with the median of each level as a line and in numbers. `baseline` is a dashed line through all
/// panels.
///
/// # Errors
///
/// Without values, or without one that has a place on the axis.
pub fn one_at_a_time(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    factors: &[Factor<'_>],
    baseline: Option<f64>,
) -> Result<Vec<u8>, Error> {
    let shown = &factors[..factors.len().min(MOST)];
    let values = || shown.iter().flat_map(|factor| factor.levels).flat_map(|level| level.values).copied();
    if values().next().is_none() {
        return Err(Error::Empty { what: "values" });
    }
    let Some(ends) = range(values().filter(|&value| has_a_place(value, objective.log))) else {
        return Err(Error::NothingToDraw { what: "values" });
    };
    let baseline = baseline.filter(|&baseline| has_a_place(baseline, objective.log));
    let ends = range([ends.0, ends.1].into_iter().chain(baseline)).unwrap_or(ends);
    let ends = objective.with_air(ends);
    let columns = if shown.len() > 2 { 2 } else { 1 };
    let (places, needed) = places(shown, columns);

    let mut frame = Frame::new(title, subtitle, "", "");
    frame.legend = legend(baseline);
    frame.note = note(factors, shown, &objective);
    frame.taller = (needed - USUAL_HEIGHT).max(0.0);
    let (mut canvas, area) = frame.sheet()?;
    let names: Vec<f64> = (0..columns).map(|column| names_room(shown, &places, column)).collect();
    let total = area.right - area.left - COLUMN_GAP * (columns - 1) as f64;
    let length = total / columns as f64 - names.iter().sum::<f64>() / columns as f64 - MEDIAN_ROOM;
    let x = objective.lying(ends, length);
    // Few levels are drawn further apart than they need be.
    let stretch = ((area.bottom + FOOT - area.top) / needed).max(1.0);
    for (factor, (column, start)) in shown.iter().zip(places) {
        let before = (length + MEDIAN_ROOM + COLUMN_GAP) * column as f64;
        let left = area.left + before + names[..=column].iter().sum::<f64>();
        let top = area.top + start * stretch + HEAD;
        let bottom = top + (HEAD + ROW * factor.levels.len() as f64 + FOOT) * stretch - HEAD - FOOT;
        let area = Area { left: left.round(), top, right: left + length, bottom };
        let levels = Axis::of_names(factor.levels.iter().map(|level| level.name), LONGEST_LEVEL);
        let mut plot = Plot { canvas, area, x: x.clone(), y: levels };
        panel(&mut plot, factor, &objective, baseline)?;
        canvas = plot.canvas;
    }
    label(&mut canvas, &x.label(objective.name), area);
    canvas.into_png()
}

/// Room for the names of the levels in a column.
fn names_room(factors: &[Factor<'_>], places: &[(usize, f64)], column: usize) -> f64 {
    let inside = factors.iter().zip(places).filter(|factor| factor.1.0 == column);
    let names = inside.flat_map(|factor| factor.0.levels).map(|level| level.name);
    names.map(|name| font::width(name, Weight::Regular, TICK_SIZE).min(LONGEST_LEVEL)).fold(0.0, f64::max) + 18.0
}

/// Column and start of each panel, each in the column that is shorter so far; and the height of the
/// taller column.
fn places(factors: &[Factor<'_>], columns: usize) -> (Vec<(usize, f64)>, f64) {
    let mut heights = vec![0.0; columns];
    let mut places = Vec::new();
    for factor in factors {
        let shorter = (1..columns).fold(0, |best, column| if heights[column] < heights[best] { column } else { best });
        places.push((shorter, heights[shorter]));
        heights[shorter] += HEAD + ROW * factor.levels.len() as f64 + FOOT;
    }
    (places, heights.into_iter().fold(1.0, f64::max))
}

fn legend(baseline: Option<f64>) -> Vec<Item> {
    let line = |name: &str, stroke| Item { name: name.to_owned(), stroke: Some(stroke), marker: None, fill: None };
    let mut items = vec![
        Item { name: "a run".to_owned(), stroke: None, marker: Some(Marker { radius: 7.0, ..dot(1) }), fill: None },
        line("median of the level", MEDIAN),
    ];
    items.extend(baseline.map(|baseline| line(&format!("baseline, {}", four_digits(baseline)), BASELINE)));
    items
}

fn dot(values: usize) -> Marker {
    let radius = if values <= 60 { 5.5 } else { 3.5 };
    Marker { shape: Shape::Circle, color: paler(BLUE, 0.7), radius, hollow: false, rim: false }
}

fn panel(plot: &mut Plot, factor: &Factor<'_>, objective: &Objective<'_>, baseline: Option<f64>) -> Result<(), Error> {
    plot.grid()?;
    plot.tick_labels(30.0);
    let Area { left, top, right, bottom } = plot.area;
    let name = font::shorten(factor.name, Weight::SemiBold, LEGEND_SIZE, right - left + MEDIAN_ROOM);
    let at = (left, top - 16.0);
    plot.canvas.text(Text { weight: Weight::SemiBold, ..line(name, at, LEGEND_SIZE, INK, Align::Left) });
    let row = (bottom - top) / factor.levels.len().max(1) as f64;
    for (index, level) in factor.levels.iter().enumerate() {
        let y = plot.up(plot.y.ticks[index].fraction);
        draw_level(plot, level, objective, (y, row))?;
    }
    if let Some(baseline) = baseline {
        let x = plot.across(plot.x.fraction(baseline));
        plot.canvas.line(&[(x, top), (x, bottom - 2.0)], BASELINE)?;
    }
    for (index, level) in factor.levels.iter().enumerate() {
        let y = plot.up(plot.y.ticks[index].fraction);
        let median = median(level.values, objective);
        if let Some(median) = median {
            let (x, half) = (plot.across(plot.x.fraction(median)), 0.42 * row.min(60.0));
            plot.canvas.line(&[(x, y - half), (x, y + half)], MEDIAN)?;
        }
        let text = median.map_or("no value".to_owned(), |median| digits(median, 3));
        let at = (right + MEDIAN_ROOM - 8.0, y + font::cap_height(TICK_SIZE) / 2.0);
        plot.canvas.text(line(text, at, TICK_SIZE, MUTED, Align::Right));
    }
    Ok(())
}

fn draw_level(
    plot: &mut Plot,
    level: &Distribution<'_>,
    objective: &Objective<'_>,
    (y, row): (f64, f64),
) -> Result<(), Error> {
    for (index, &value) in level.values.iter().enumerate() {
        if has_a_place(value, objective.log) {
            // The golden ratio spreads neighbouring values evenly.
            let spread = (index as f64 * 0.618_033_988_749_895 + 0.5).fract() - 0.5;
            let at = (plot.across(plot.x.fraction(value)), y + 0.6 * row.min(60.0) * spread);
            plot.canvas.marker(at, dot(level.values.len()))?;
        }
    }
    Ok(())
}

/// The label of all horizontal axes, once at the foot.
fn label(canvas: &mut Canvas, label: &str, area: Area) {
    let room = f64::from(WIDTH) - 2.0 * MARGIN;
    let (label, size) = font::fit(label, Weight::Regular, LABEL_SIZE, TICK_SIZE, room);
    let at = (f64::midpoint(area.left, area.right), area.bottom + 96.0);
    canvas.text(line(label, at, size, INK, Align::Center));
}

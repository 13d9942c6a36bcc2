//! The values of each level of a factor.

use super::{Factor, LONGEST_LEVEL, median};
use crate::axis::{Axis, has_a_place, range};
use crate::canvas::{Align, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot, line};
use crate::legend::Item;
use crate::number::{digits, four_digits};
use crate::style::{
    BLUE, DASHED, INK, LABEL_SIZE, LEGEND_SIZE, MARGIN, MUTED, Marker, Stroke, TICK_SIZE, VERMILLION, WIDTH, paler,
};
use crate::trial::Objective;
use crate::{Distribution, Error, ends, note_left_out};

/// Height of a level, of the name above all levels and of the tick labels below them.
const ROW: f64 = 40.0;
const HEAD: f64 = 52.0;
const FOOT: f64 = 62.0;
/// Height of all of these in a figure of the usual height.
const USUAL_HEIGHT: f64 = 690.0;
/// Right of the plot: the median of each level.
const MEDIAN_ROOM: f64 = 150.0;

const BASELINE: Stroke = Stroke { color: VERMILLION, width: 3.0, dash: DASHED };
const MEDIAN: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };

/// The objective of each run as a dot, a row a level of the factor, with the median of each level as a
/// line and in numbers. `baseline` is a dashed line through all rows.
///
/// # Errors
///
/// Without values, or without one that has a place on the axis.
pub fn one_at_a_time(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    factor: Factor<'_>,
    baseline: Option<f64>,
) -> Result<Vec<u8>, Error> {
    let values = factor.levels.iter().flat_map(|level| level.values).copied();
    let (ends, left_out) = ends("values", values, |value| has_a_place(value, objective.log))?;
    let baseline = baseline.filter(|&baseline| has_a_place(baseline, objective.log));
    let ends = objective.with_air(range([ends.0, ends.1].into_iter().chain(baseline)).unwrap_or(ends));

    let mut frame = Frame::new(title, subtitle, "", "");
    frame.legend = legend(baseline);
    frame.note = note_left_out(left_out, objective.why_left_out());
    let needed = HEAD + ROW * factor.levels.len() as f64 + FOOT;
    frame.taller = (needed - USUAL_HEIGHT).max(0.0);
    let (canvas, Area { left, top, right, bottom }) = frame.sheet()?;
    let levels = Axis::of_names(factor.levels.iter().map(|level| level.name), LONGEST_LEVEL);
    let names = levels.widest_label() + 18.0;
    let x = objective.lying(ends, right - left - names - MEDIAN_ROOM);
    let label = x.label(objective.name);
    let area = Area { left: (left + names).round(), top: top + HEAD, right: right - MEDIAN_ROOM, bottom };
    let mut plot = Plot { canvas, area, x, y: levels };
    rows(&mut plot, &factor, &objective, baseline)?;
    let (label, size) = font::fit(&label, Weight::Regular, LABEL_SIZE, TICK_SIZE, f64::from(WIDTH) - 2.0 * MARGIN);
    let at = (f64::midpoint(left, right), bottom + 96.0);
    plot.canvas.text(line(label, at, size, INK, Align::Center));
    plot.canvas.into_png()
}

fn legend(baseline: Option<f64>) -> Vec<Item> {
    let run = Item::dot("a run", Marker { radius: 7.0, ..dot(1) });
    let mut items = vec![run, Item::line("median of the level", MEDIAN)];
    items.extend(baseline.map(|baseline| Item::line(format!("baseline, {}", four_digits(baseline)), BASELINE)));
    items
}

fn dot(values: usize) -> Marker {
    let radius = if values <= 60 { 5.5 } else { 3.5 };
    Marker::circle(paler(BLUE, 0.7), radius)
}

fn rows(plot: &mut Plot, factor: &Factor<'_>, objective: &Objective<'_>, baseline: Option<f64>) -> Result<(), Error> {
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

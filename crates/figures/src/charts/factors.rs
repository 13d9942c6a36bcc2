//! What a factor of an experiment does when it alone is varied.

use crate::axis::{Axis, has_a_place};
use crate::canvas::Align;
use crate::frame::Frame;
use crate::legend::Item;
use crate::number::{self, digits, four_digits};
use crate::style::{BLUE, DASHED, INK, MUTED, Marker, Stroke, TICK_SIZE, VERMILLION, paler};
use crate::trial::GOLDEN_RATIO;
use crate::{Distribution, Error, Objective};

const ROW: f64 = 40.0;
/// A row is drawn at most this high, however few there are.
const TALLEST: f64 = 60.0;
/// Right of the plot: the median of each level.
const MEDIAN_ROOM: f64 = 120.0;

const BASELINE: Stroke = Stroke { color: VERMILLION, width: 3.0, dash: DASHED };
const MEDIAN: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };

/// Something that was varied while all else stayed as in the baseline.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its levels, each with the objective of its runs in any order.
    pub levels: &'a [Distribution<'a>],
}

/// The objective of each run as a dot, a row a level of the factor, with the median of each level as a line and in
/// numbers. `baseline` is a dashed line through all rows.
///
/// # Errors
/// Without values, or without one that has a place on the axis.
pub fn one_at_a_time(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    factor: Factor<'_>,
    baseline: Option<f64>,
) -> Result<Vec<u8>, Error> {
    let baseline = baseline.filter(|&baseline| has_a_place(baseline, objective.log));
    let values = factor.levels.iter().flat_map(|level| level.values).copied();
    let note = objective.lying_axis(values.clone())?.note();
    let placed = values.filter(|&value| has_a_place(value, objective.log)).chain(baseline);
    let x = objective.lying_axis(placed)?;
    let y = Axis::rows(factor.name, factor.levels.iter().map(|level| level.name), ROW);
    let run = Marker::circle(paler(BLUE, 0.7), 5.5);
    let mut legend = vec![Item::dot("a run", Marker { radius: 7.0, ..run }), Item::line("median of the level", MEDIAN)];
    legend.extend(baseline.map(|baseline| Item::line(format!("baseline, {}", four_digits(baseline)), BASELINE)));

    let right = MEDIAN_ROOM;
    let mut plot = Frame { title, subtitle, legend, note, right, ..Frame::default() }.plot(&x, &y);
    let row_height = plot.up(1.0) - plot.up(0.0);
    let height = row_height.min(TALLEST);
    for (row, level) in factor.levels.iter().enumerate() {
        let marker = Marker { radius: if level.values.len() <= 60 { 5.5 } else { 3.5 }, ..run };
        for (index, &value) in level.values.iter().enumerate() {
            // The golden ratio spreads neighbouring values evenly.
            let spread = (index as f64 * GOLDEN_RATIO + 0.5).fract() - 0.5;
            plot.points([(value, row as f64 + 0.6 * spread * height / row_height)], marker);
        }
    }
    if let Some(baseline) = baseline {
        let x = plot.across(baseline);
        plot.canvas.line(&[(x, plot.area.top), (x, plot.area.bottom - 2.0)], BASELINE);
    }
    let medians: Vec<Option<f64>> = factor.levels.iter().map(|level| median(level.values, &objective)).collect();
    for (row, median) in medians.iter().enumerate() {
        if let Some(median) = median {
            let (x, y) = plot.position((*median, row as f64));
            plot.canvas.line(&[(x, y - 0.42 * height), (x, y + 0.42 * height)], MEDIAN);
        }
    }
    let texts = medians.iter().map(|median| median.map_or("no value".to_owned(), |median| digits(median, 3)));
    let edge = plot.area.right + MEDIAN_ROOM;
    plot.column(edge, Align::Right, (TICK_SIZE, INK), texts);
    plot.write("median", (edge, plot.area.top - 19.5), (TICK_SIZE, MUTED), Align::Right);
    plot.into_png()
}

/// The median of the values that have a place; none if there are none.
fn median(values: &[f64], objective: &Objective<'_>) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, objective.log)).collect();
    values.sort_by(f64::total_cmp);
    number::median(&values)
}

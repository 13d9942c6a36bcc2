//! The objective over two parameters of a study.

use crate::Error;
use crate::axis::range;
use crate::colour_bar::ColourBar;
use crate::frame::Plot;
use crate::legend::Item;
use crate::rank::{from_best, plane};
use crate::slice::note;
use crate::style::{INK, MISSING, Marker, Shape, VERMILLION, WHITE};
use crate::trial::{Objective, Parameter, TrialPoint, TrialState, check_trials, marker};

/// Side of a cell in pixels, larger where that many cells would take long.
const CELL: f64 = 3.0;
/// About how many distances between cells and trials are computed at most.
const MOST_DISTANCES: f64 = 1e8;
/// The colour scale has this many steps, so that their borders are the lines of a contour plot.
const STEPS: f64 = 12.0;

/// The objective over two parameters: between the trials it is their mean, weighted by the inverse
/// fourth power of the distance on the axes (Shepard's method), in twelve steps of colour, the best
/// the darkest. The trials are dots, the best is a diamond. A choice has a strip of its own.
///
/// # Errors
///
/// Without trials, with a parameter that has another number of values than trials, or without a
/// complete trial that has a value and both parameters.
pub fn contour(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
    [x, y]: [Parameter<'_>; 2],
) -> Result<Vec<u8>, Error> {
    check_trials(trials, &[x, y])?;
    let values = trials.iter().filter_map(|trial| objective.value(trial));
    let Some(ends) = range(values) else {
        return Err(Error::NothingToDraw { what: "trials" });
    };
    let bar = ColourBar::of_objective(&objective, ends);
    let (mut frame, x_axis, y_axis) = plane([title, subtitle], [x, y], &bar);
    let sites: Vec<Site> = from_best(&objective, trials)
        .into_iter()
        .filter_map(|trial| {
            let at = (x.middle(&x_axis, trial)?, y.middle(&y_axis, trial)?);
            let dot = (x.fraction(&x_axis, trial)?, y.fraction_upright(&y_axis, trial)?);
            Some(Site { at, dot, level: bar.fraction(objective.value(&trials[trial])?) })
        })
        .collect();
    if sites.is_empty() {
        return Err(Error::NothingToDraw { what: "trials" });
    }
    frame.note = note(trials.len() - sites.len(), 0);
    frame.legend = legend();
    let mut plot = frame.draw(|_| (x_axis, y_axis))?;
    let strips = [x.choices(), y.choices()];
    fill(&mut plot, &bar, &sites, strips)?;
    for (index, site) in sites.iter().enumerate().rev() {
        let at = (plot.across(site.dot.0), plot.up(site.dot.1));
        plot.canvas.marker(at, if index == 0 { BEST } else { dot(sites.len()) })?;
    }
    bar.draw(&mut plot)?;
    plot.canvas.into_png()
}

/// A trial: where it is on the axes, where its dot is drawn, and where its value is on the scale.
struct Site {
    at: (f64, f64),
    dot: (f64, f64),
    level: f64,
}

fn dot(trials: usize) -> Marker {
    let Marker { radius, .. } = marker(TrialState::Complete, trials);
    Marker { rim: true, ..Marker::circle(INK, radius * 0.7) }
}

const BEST: Marker = Marker { shape: Shape::Diamond, rim: true, ..Marker::circle(VERMILLION, 15.0) };

fn legend() -> Vec<Item> {
    vec![
        Item::dot("complete trial", dot(1)),
        Item::dot("best trial", BEST),
        Item::remark("between trials: mean, weighted by inverse distance"),
    ]
}

fn fill(plot: &mut Plot, bar: &ColourBar<'_>, sites: &[Site], strips: [Option<usize>; 2]) -> Result<(), Error> {
    let (width, height) = (plot.area.right - plot.area.left - 1.0, plot.area.bottom - plot.area.top - 1.0);
    let side = CELL.max((width * height * sites.len() as f64 / MOST_DISTANCES).sqrt());
    // A whole number of cells in each strip, so that no cell belongs to two choices.
    let count = |length: f64, strips: Option<usize>| {
        let strips = strips.unwrap_or(1).max(1);
        (length / side / strips as f64).ceil() as usize * strips
    };
    let (columns, rows) = (count(width, strips[0]), count(height, strips[1]));
    let edge = |index: usize, count: usize, start: f64, length: f64| start + length * index as f64 / count as f64;
    for row in 0..rows {
        for column in 0..columns {
            let at = ((column as f64 + 0.5) / columns as f64, 1.0 - (row as f64 + 0.5) / rows as f64);
            let color = level(at, sites, strips)
                .map_or(MISSING, |level| bar.color_at(((level * STEPS).floor().clamp(0.0, STEPS - 1.0) + 0.5) / STEPS));
            let left = edge(column, columns, plot.area.left + 1.0, width);
            let right = edge(column + 1, columns, plot.area.left + 1.0, width);
            let top = edge(row, rows, plot.area.top, height);
            let bottom = edge(row + 1, rows, plot.area.top, height);
            plot.canvas.rectangle((left, top), (right, bottom), color)?;
        }
    }
    separate(plot, strips)
}

/// White lines between the strips of choices.
fn separate(plot: &mut Plot, [columns, rows]: [Option<usize>; 2]) -> Result<(), Error> {
    for index in 1..columns.unwrap_or(1) {
        let x = plot.across(index as f64 / columns.unwrap_or(1) as f64);
        plot.canvas.rectangle((x - 1.5, plot.area.top), (x + 1.5, plot.area.bottom - 1.0), WHITE)?;
    }
    for index in 1..rows.unwrap_or(1) {
        let y = plot.up(index as f64 / rows.unwrap_or(1) as f64);
        plot.canvas.rectangle((plot.area.left + 1.0, y - 1.5), (plot.area.right, y + 1.5), WHITE)?;
    }
    Ok(())
}

/// Shepard's mean at a place of the axes (D. Shepard, A two-dimensional interpolation function for
/// irregularly-spaced data, 1968); none where no trial has the same choices.
fn level(at: (f64, f64), sites: &[Site], strips: [Option<usize>; 2]) -> Option<f64> {
    let is_apart = |strips: Option<usize>, one: f64, other: f64| {
        strips.is_some_and(|count| (one * count as f64).floor() != (other * count as f64).floor())
    };
    let (mut sum, mut weights) = (0.0, 0.0);
    for site in sites {
        if is_apart(strips[0], at.0, site.at.0) || is_apart(strips[1], at.1, site.at.1) {
            continue;
        }
        let (dx, dy) = (at.0 - site.at.0, at.1 - site.at.1);
        let square = dx * dx + dy * dy + 1e-9;
        let weight = 1.0 / (square * square);
        sum += weight * site.level;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

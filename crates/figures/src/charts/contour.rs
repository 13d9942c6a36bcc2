//! Two parameters of a study against each other, with the objective or its rank as colour.

use std::collections::BTreeSet;

use crate::Error;
use crate::axis::Axis;
use crate::frame::{Area, Frame, Plot};
use crate::legend::{ColourBar, Item};
use crate::style::{INK, MISSING, Marker, Shape, VERMILLION, WHITE};
use crate::trial::{GOLDEN_RATIO, OTHER_RATIO, Parameter, TrialState, Trials, marker};

/// Side of a cell between numbers in pixels, larger where that many cells would take long.
const CELL: f64 = 3.0;
/// About how many distances between cells and trials are computed at most.
const MOST_DISTANCES: f64 = 4e7;
/// The colour scale has this many steps, so that their borders are the lines of a contour plot.
const STEPS: f64 = 12.0;
/// Ticks of the colour bar of ranks.
const RANK_STEPS: f64 = 8.25;
const BEST: Marker = Marker { shape: Shape::Diamond, rim: true, ..Marker::circle(VERMILLION, 15.0) };

/// Two parameters against each other; the colour of a trial is its rank among the complete ones, the best the darkest
/// and on top. The trials of a choice are spread a little.
pub fn rank(trials: &Trials<'_>, parameters: [&Parameter; 2]) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, .. } = *trials;
    let mut ranked = trials.complete(parameters)?;
    objective.rank(&mut ranked);
    let bar = ColourBar::new(
        &Axis::whole("rank, 1 is the best", 1.0, ranked.len().max(2) as f64, RANK_STEPS).from_first(),
        true,
    );
    let [x, y] = parameters.map(Parameter::axis);
    let has = |trial: usize| x.has(parameters[0].values[trial]) && y.has(parameters[1].values[trial]);
    let shown = ranked.iter().filter(|&&(trial, _)| has(trial)).count();
    let note = trials.note(shown, 0);
    let mut plot = Frame { title, subtitle, note, bar: Some(&bar), ..Frame::default() }.plot(&x, &y);
    for (rank, &(trial, _)) in ranked.iter().enumerate().rev() {
        let marker = Marker { color: bar.color(rank as f64 + 1.0), ..marker(TrialState::Complete, shown) };
        plot.points([(parameters[0].spread(trial, GOLDEN_RATIO), parameters[1].spread(trial, OTHER_RATIO))], marker);
    }
    plot.into_png()
}

/// The objective over two parameters: between the trials it is their mean, weighted by the inverse
/// fourth power of the distance on the axes (Shepard's method), in twelve steps of colour, the best
/// the darkest. The trials are dots, the best is a diamond. A choice has a strip of its own, in which only the other
/// parameter makes a distance.
pub fn contour(trials: &Trials<'_>, parameters: [&Parameter; 2]) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, .. } = *trials;
    let mut shown = trials.complete(parameters)?;
    objective.rank(&mut shown);
    let bar = ColourBar::new(&objective.axis(shown.iter().map(|trial| trial.1))?, objective.minimizes());
    let [x, y] = parameters.map(Parameter::axis);
    shown.retain(|&(trial, _)| x.has(parameters[0].values[trial]) && y.has(parameters[1].values[trial]));
    let note = trials.note(shown.len(), 0);
    let radius = 0.7 * marker(TrialState::Complete, shown.len()).radius;
    let dot = Marker { rim: true, ..Marker::circle(INK, radius) };
    let between = match [x.strips(), y.strips()] {
        [Some(_), Some(_)] => "colour: mean of the trials in a cell, spread so that all are seen",
        [None, None] => "between trials: mean, weighted by inverse distance",
        _ => "within a strip: mean, weighted by inverse distance; the trials are spread across it",
    };
    let mut legend = vec![
        Item::dot("complete trial", Marker { radius: 0.7 * marker(TrialState::Complete, 1).radius, ..dot }),
        Item::dot("best trial", BEST),
        Item::remark(between),
    ];
    let strips = [x.strips(), y.strips()];
    let cell =
        |&(trial, _): &(usize, f64)| [0, 1].map(|axis| strips[axis].map(|_| parameters[axis].values[trial] as usize));
    let filled: BTreeSet<[Option<usize>; 2]> = shown.iter().map(cell).collect();
    let all: usize = strips.iter().map(|strips| strips.unwrap_or(1)).product();
    legend.extend((filled.len() < all).then(|| Item::area("no trial", MISSING)));
    let mut plot = Frame { title, subtitle, legend, note, bar: Some(&bar), ..Frame::default() }.plot(&x, &y);
    let sites = shown.iter().map(|&(trial, value)| Site {
        x: plot.x.fraction(parameters[0].values[trial]),
        y: plot.y.fraction(parameters[1].values[trial]),
        level: bar.fraction(value),
    });
    let sites: Vec<Site> = sites.collect();
    fill(&mut plot, &bar, &sites, strips);
    plot.is_empty = true;
    for (index, &(trial, _)) in shown.iter().enumerate().rev() {
        let place = (parameters[0].spread(trial, GOLDEN_RATIO), parameters[1].spread(trial, OTHER_RATIO));
        plot.points([place], if index == 0 { BEST } else { dot });
    }
    plot.into_png()
}

/// A trial: where it is on the axes, and where its value is on the scale of colours.
struct Site {
    x: f64,
    y: f64,
    level: f64,
}

fn fill(plot: &mut Plot, bar: &ColourBar, sites: &[Site], strips: [Option<usize>; 2]) {
    let Area { left, top, right, bottom } = plot.area;
    let inside = Area { left: left + 1.0, top, right, bottom: bottom - 1.0 };
    let (width, height) = (right - left - 1.0, bottom - top - 1.0);
    let side = CELL.max((width * height * sites.len() as f64 / MOST_DISTANCES).sqrt());
    // Within a strip nothing changes from choice to choice.
    let count = |length: f64, strips: Option<usize>| strips.unwrap_or((length / side).ceil() as usize).max(1);
    let [columns, rows] = [count(width, strips[0]), count(height, strips[1])];
    plot.cells(inside, [columns, rows], 0.0, |column, row| {
        let at = ((column as f64 + 0.5) / columns as f64, 1.0 - (row as f64 + 0.5) / rows as f64);
        level(at, sites, strips)
            .map_or(MISSING, |level| bar.color_at(((level * STEPS).floor().clamp(0.0, STEPS - 1.0) + 0.5) / STEPS))
    });
    // White lines between the strips of choices.
    for index in 1..strips[0].unwrap_or(1) {
        let x = plot.across(index as f64 - 0.5);
        plot.canvas.rectangle((x - 1.5, top), (x + 1.5, bottom - 1.0), WHITE);
    }
    for index in 1..strips[1].unwrap_or(1) {
        let y = plot.up(index as f64 - 0.5);
        plot.canvas.rectangle((left + 1.0, y - 1.5), (right, y + 1.5), WHITE);
    }
}

/// Shepard's mean at a place of the axes (D. Shepard, A two-dimensional interpolation function for
/// irregularly-spaced data, 1968); none where no trial has the same choices.
fn level(at: (f64, f64), sites: &[Site], strips: [Option<usize>; 2]) -> Option<f64> {
    let is_apart = |strips: Option<usize>, one: f64, other: f64| {
        strips.is_some_and(|count| (one * count as f64).floor() != (other * count as f64).floor())
    };
    let (mut sum, mut weights) = (0.0, 0.0);
    for site in sites {
        if is_apart(strips[0], at.0, site.x) || is_apart(strips[1], at.1, site.y) {
            continue;
        }
        let dx = if strips[0].is_some() { 0.0 } else { at.0 - site.x };
        let dy = if strips[1].is_some() { 0.0 } else { at.1 - site.y };
        let square = dx * dx + dy * dy + 1e-9;
        let weight = 1.0 / (square * square);
        sum += weight * site.level;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

//! Lines through pairs of values, the markers on them, and the areas between two of them.

use plotters::style::RGBColor;

use crate::Error;
use crate::axis::Axis;
use crate::canvas::Position;
use crate::frame::Plot;
use crate::style::{Marker, Stroke};

/// The positions of pairs of values, split where one has no place on the axes.
pub fn runs(plot: &Plot, pairs: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<Position>> {
    let pairs: Vec<(f64, f64)> = pairs.collect();
    pairs
        .split(|&(x, y)| !plot.x.has(x) || !plot.y.has(y))
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().map(|&(x, y)| plot.position(x, y)).collect())
        .collect()
}

/// Draws a line through each run; a position without neighbours is a dot.
pub fn draw(plot: &mut Plot, runs: &[Vec<Position>], stroke: Stroke) -> Result<(), Error> {
    for run in runs {
        plot.canvas.line(run, stroke)?;
        if let [alone] = run[..] {
            plot.canvas.marker(alone, Marker::circle(stroke.color, 5.0))?;
        }
    }
    Ok(())
}

/// Draws markers at all positions of a short curve; at about ten of a long one, shifted from curve to
/// curve so that markers of neighbours do not cover each other.
pub fn markers(
    plot: &mut Plot,
    runs: &[Vec<Position>],
    marker: Marker,
    (index, curves): (usize, usize),
) -> Result<(), Error> {
    let all = runs.concat();
    let distance = if all.len() <= 30 { 0.0 } else { (plot.area.right - plot.area.left) / 10.0 };
    let mut next = all.first().map_or(0.0, |first| first.0 + distance * (index as f64 + 0.5) / curves as f64);
    for position in all {
        if distance == 0.0 {
            plot.canvas.marker(position, marker)?;
        } else if position.0 >= next {
            plot.canvas.marker(position, marker)?;
            next += distance * (((position.0 - next) / distance).floor() + 1.0);
        }
    }
    Ok(())
}

/// Colours the area between two curves, given as triples (x, one end, other end), interrupted where
/// either end has no place; a triple without neighbours is a bar.
pub fn area(plot: &mut Plot, rows: impl Iterator<Item = (f64, f64, f64)>, color: RGBColor, share: f32) {
    let rows: Vec<(f64, f64, f64)> = rows.collect();
    for run in rows.split(|&(x, one, other)| !plot.x.has(x) || !plot.y.has(one) || !plot.y.has(other)) {
        let edge = |&(x, one, other): &(f64, f64, f64)| {
            let (x, one) = plot.position(x, one);
            let other = plot.up(plot.y.fraction(other));
            (x, one.min(other), one.max(other))
        };
        let mut edges: Vec<(f64, f64, f64)> = run.iter().map(edge).collect();
        if let [(x, top, bottom)] = edges[..] {
            edges = vec![(x - 8.0, top, bottom), (x + 8.0, top, bottom)];
        }
        plot.canvas.tint(&edges, color, share);
    }
}

/// An axis of epochs: from zero where they start near it, with a little room at the right end.
pub fn epochs((low, high): (f64, f64)) -> Axis {
    let low = if low <= 0.2 * high { 0.0 } else { low };
    let (low, high) = if high - low < 1.0 { ((low - 1.0).max(0.0), high + 1.0) } else { (low, high) };
    let steps = if high < 1e7 { 8.0 } else { 5.0 };
    Axis::counting(low, high + (high - low) * 0.015, steps)
}

/// Pairs of an epoch with its value.
pub fn by_epoch<'a>(epoch: &'a [u32], values: &'a [f64]) -> impl Iterator<Item = (f64, f64)> {
    epoch.iter().map(|&epoch| f64::from(epoch)).zip(values.iter().copied())
}

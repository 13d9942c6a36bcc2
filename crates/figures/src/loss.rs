//! Loss by epoch, on a logarithmic axis: one experiment with the published values, or several
//! experiments side by side.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::style::{INK, Marker, Shape, Stroke, series};
use crate::{Curve, Error, Point, check_columns, note_left_out};

/// What the note says of values without a place on a logarithmic axis.
pub const WHY_LEFT_OUT: &str = "zero, negative or not finite";

/// The loss of a training run by epoch, with the published values drawn over it as rings.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a value that has a place on a
/// logarithmic axis.
pub fn training_loss(title: &str, subtitle: &str, curves: &[Curve<'_>], published: &[Point]) -> Result<Vec<u8>, Error> {
    draw(title, subtitle, curves, published)
}

/// The losses of several experiments on one logarithmic axis; colour, dash and marker all differ.
///
/// # Errors
///
/// As [`training_loss`].
pub fn loss_comparison(title: &str, subtitle: &str, curves: &[Curve<'_>]) -> Result<Vec<u8>, Error> {
    draw(title, subtitle, curves, &[])
}

fn draw(title: &str, subtitle: &str, curves: &[Curve<'_>], published: &[Point]) -> Result<Vec<u8>, Error> {
    for curve in curves {
        if curve.epoch.len() != curve.loss.len() {
            check_columns(("epoch", curve.epoch.len()), ("loss", curve.loss.len()))?;
        }
    }
    let values: Vec<(f64, f64)> = curves
        .iter()
        .flat_map(|curve| curve.epoch.iter().zip(curve.loss))
        .map(|(&epoch, &loss)| (f64::from(epoch), loss))
        .chain(published.iter().map(|point| (point.x, point.y)))
        .collect();
    if values.is_empty() {
        return Err(Error::Empty { what: "loss" });
    }
    let drawable: Vec<(f64, f64)> = values.iter().copied().filter(has_a_place).collect();
    let Some((x_low, x_high)) = range(drawable.iter().map(|value| value.0)) else {
        return Err(Error::NothingToDraw { what: "loss" });
    };
    let (y_low, y_high) = range(drawable.iter().map(|value| value.1)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, "epoch", "loss");
    frame.legend = legend(curves, published);
    frame.note = note_left_out(values.len() - drawable.len(), WHY_LEFT_OUT);
    let mut plot = frame.draw(|height| {
        let x = epochs(x_low, x_high);
        let y = Axis::logarithmic(y_low, y_high, height, 40.0);
        (x, y)
    })?;
    for (index, curve) in curves.iter().enumerate() {
        draw_line(&mut plot, index, curve)?;
    }
    for (index, curve) in curves.iter().enumerate() {
        draw_markers(&mut plot, index, curves.len(), curve)?;
    }
    draw_published(&mut plot, published)?;
    plot.canvas.into_png()
}

/// A value printed in the post, drawn over the curves.
const PUBLISHED: Marker = Marker { shape: Shape::Circle, color: INK, radius: 11.0, hollow: true, rim: false };

fn legend(curves: &[Curve<'_>], published: &[Point]) -> Vec<Item> {
    let mut items: Vec<Item> = curves
        .iter()
        .enumerate()
        .map(|(index, curve)| Item {
            name: curve.name.to_owned(),
            stroke: Some(stroke(index, curve)),
            marker: has_markers(curve, curves.len()).then_some(series(index).1),
            fill: None,
        })
        .collect();
    items.extend(published_item(published));
    items
}

/// What the legend says of the published values, if there are any.
pub fn published_item(published: &[Point]) -> Option<Item> {
    let name = "printed in the post".to_owned();
    (!published.is_empty()).then_some(Item { name, stroke: None, marker: Some(PUBLISHED), fill: None })
}

/// Draws the published values that have a place.
pub fn draw_published(plot: &mut Plot, published: &[Point]) -> Result<(), Error> {
    for point in published {
        if has_a_place(&(point.x, point.y)) {
            let at = plot.position(point.x, point.y);
            plot.canvas.marker(at, PUBLISHED)?;
        }
    }
    Ok(())
}

/// From zero where the run starts near it, with a little room at the right end.
pub fn epochs(low: f64, high: f64) -> Axis {
    let low = if low <= 0.2 * high { 0.0 } else { low };
    let (low, high) = if high - low < 1.0 { ((low - 1.0).max(0.0), high + 1.0) } else { (low, high) };
    let steps = if high < 1e7 { 8.0 } else { 5.0 };
    Axis::counting(low, high + (high - low) * 0.015, steps)
}

/// A lone long curve needs no markers; several are told apart by them too.
fn has_markers(curve: &Curve<'_>, curves: usize) -> bool {
    curves > 1 || curve.loss.len() <= 30
}

/// A long curve is drawn thinner, so that its noise stays visible.
fn stroke(index: usize, curve: &Curve<'_>) -> Stroke {
    let (stroke, _) = series(index);
    let width = if curve.loss.len() > 500 { 3.0 } else { 4.0 };
    Stroke { width, ..stroke }
}

fn draw_line(plot: &mut Plot, index: usize, curve: &Curve<'_>) -> Result<(), Error> {
    let (_, marker) = series(index);
    for run in unbroken_runs(plot, curve) {
        plot.canvas.line(&run, stroke(index, curve))?;
        if let [alone] = run[..] {
            let dot = Marker { radius: 5.0, ..marker };
            plot.canvas.marker(alone, dot)?;
        }
    }
    Ok(())
}

fn draw_markers(plot: &mut Plot, index: usize, curves: usize, curve: &Curve<'_>) -> Result<(), Error> {
    if has_markers(curve, curves) {
        let (_, marker) = series(index);
        let all: Vec<Position> = unbroken_runs(plot, curve).concat();
        for at in spaced(&all, plot.area.right - plot.area.left, index, curves) {
            plot.canvas.marker(at, marker)?;
        }
    }
    Ok(())
}

/// The drawn positions of a curve, split where a value has no place.
fn unbroken_runs(plot: &Plot, curve: &Curve<'_>) -> Vec<Vec<Position>> {
    let values: Vec<(f64, f64)> =
        curve.epoch.iter().zip(curve.loss).map(|(&epoch, &loss)| (f64::from(epoch), loss)).collect();
    values
        .split(|value| !has_a_place(value))
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().map(|&(x, y)| plot.position(x, y)).collect())
        .collect()
}

/// All positions of a short curve; of a long one about ten, shifted from curve to curve so that
/// markers of neighbours do not cover each other.
pub fn spaced(all: &[Position], width: f64, index: usize, curves: usize) -> Vec<Position> {
    if all.len() <= 30 {
        return all.to_vec();
    }
    let distance = width / 10.0;
    let first = all[0].0 + distance * (index as f64 + 0.5) / curves as f64;
    let mut next = first;
    let mut kept = Vec::new();
    for &position in all {
        if position.0 >= next {
            kept.push(position);
            next += distance * (((position.0 - next) / distance).floor() + 1.0);
        }
    }
    kept
}

/// Whether a pair has a place on a logarithmic axis.
pub fn has_a_place(&(x, y): &(f64, f64)) -> bool {
    x.is_finite() && y.is_finite() && y > 0.0
}

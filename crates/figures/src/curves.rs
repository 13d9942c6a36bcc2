//! Values by epoch on a logarithmic axis, such as the losses of one or several trainings.

use crate::axis::{Axis, has_a_place, range};
use crate::curve::{self, by_epoch, epochs};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::style::{INK, Marker, Shape, Stroke, series};
use crate::{Error, check_lengths, drawable, note_left_out};

/// A curve: one value an epoch.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The epochs, counted from 1.
    pub epoch: &'a [u32],
    /// The value at each epoch.
    pub value: &'a [f64],
}

/// A single value drawn over a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Position along the horizontal axis: an epoch.
    pub x: f64,
    /// Position along the vertical axis.
    pub y: f64,
}

/// What the note says of values without a place on a logarithmic axis.
pub const WHY_LEFT_OUT: &str = "zero, negative or not finite";

/// Values by epoch on one logarithmic axis; colour, dash and marker of the curves all differ. Points with
/// a name of their own are drawn over them as rings.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a value that has a place on a
/// logarithmic axis.
pub fn curves_by_epoch(
    title: &str,
    subtitle: &str,
    y_label: &str,
    curves: &[Curve<'_>],
    (marked, points): (&str, &[Point]),
) -> Result<Vec<u8>, Error> {
    for curve in curves {
        check_lengths(("epoch", curve.epoch.len()), &[("value", curve.value.len())])?;
    }
    let values = curves.iter().flat_map(|curve| by_epoch(curve.epoch, curve.value));
    let ([x, y], left_out) = extent(values, points)?;

    let mut frame = Frame::new(title, subtitle, "epoch", y_label);
    let items = curves.iter().enumerate().map(|(index, curve)| Item {
        marker: has_markers(curve, curves.len()).then_some(series(index).1),
        ..Item::line(curve.name, stroke(index, curve.value.len()))
    });
    frame.legend = items.chain(ring_item(marked, points)).collect();
    frame.note = note_left_out(left_out, WHY_LEFT_OUT);
    let mut plot = frame.draw(|height| (epochs(x), Axis::logarithmic(y.0, y.1, height, 40.0)))?;
    let runs: Vec<_> = curves.iter().map(|curve| curve::runs(&plot, by_epoch(curve.epoch, curve.value))).collect();
    for (index, curve) in curves.iter().enumerate() {
        curve::draw(&mut plot, &runs[index], stroke(index, curve.value.len()))?;
    }
    for (index, curve) in curves.iter().enumerate() {
        if has_markers(curve, curves.len()) {
            curve::markers(&mut plot, &runs[index], series(index).1, (index, curves.len()))?;
        }
    }
    draw_rings(&mut plot, points)?;
    plot.canvas.into_png()
}

/// The ends of both axes over values and points that have a place, and how many have none.
pub fn extent(values: impl Iterator<Item = (f64, f64)>, points: &[Point]) -> Result<([(f64, f64); 2], usize), Error> {
    let values = values.chain(points.iter().map(|point| (point.x, point.y)));
    let (drawn, left_out) = drawable("values", values, |(x, y)| x.is_finite() && has_a_place(y, true))?;
    let x = range(drawn.iter().map(|pair| pair.0)).unwrap_or((0.0, 0.0));
    let y = range(drawn.iter().map(|pair| pair.1)).unwrap_or((1.0, 1.0));
    Ok(([x, y], left_out))
}

/// What the legend says of points, if there are any.
pub fn ring_item(name: &str, points: &[Point]) -> Option<Item> {
    (!points.is_empty()).then(|| Item::dot(name, RING))
}

/// Draws the points that have a place.
pub fn draw_rings(plot: &mut Plot, points: &[Point]) -> Result<(), Error> {
    for point in points.iter().filter(|point| plot.x.has(point.x) && plot.y.has(point.y)).collect::<Vec<_>>() {
        plot.canvas.marker(plot.position(point.x, point.y), RING)?;
    }
    Ok(())
}

const RING: Marker = Marker { shape: Shape::Circle, color: INK, radius: 11.0, hollow: true, rim: false };

/// A long curve is drawn thinner, so that its noise stays visible.
pub fn stroke(index: usize, epochs: usize) -> Stroke {
    Stroke { width: if epochs > 500 { 3.0 } else { 4.0 }, ..series(index).0 }
}

/// A lone long curve needs no markers; several are told apart by them too.
fn has_markers(curve: &Curve<'_>, curves: usize) -> bool {
    curves > 1 || curve.value.len() <= 30
}

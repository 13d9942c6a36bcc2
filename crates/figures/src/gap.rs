//! The gap between prediction and label at each test point.

use crate::axis::{Axis, range};
use crate::frame::Frame;
use crate::style::{BLUE, Marker, REFERENCE, Shape, Stroke};
use crate::{Error, check_columns, note_left_out};

/// The gap (prediction − label) of each test point as a stem from the zero line.
///
/// # Errors
///
/// With empty columns, columns of different lengths, or no finite pair.
pub fn prediction_gap(title: &str, subtitle: &str, x: &[f64], gap: &[f64]) -> Result<Vec<u8>, Error> {
    check_columns(("x", x.len()), ("gap", gap.len()))?;
    let points: Vec<(f64, f64)> =
        x.iter().copied().zip(gap.iter().copied()).filter(|(x, gap)| x.is_finite() && gap.is_finite()).collect();
    let Some((x_low, x_high)) = range(points.iter().map(|point| point.0)) else {
        return Err(Error::NothingToDraw { what: "gap" });
    };
    let (low, high) = range(points.iter().map(|point| point.1)).unwrap_or((0.0, 0.0));

    let mut frame = Frame::new(title, subtitle, "x", "gap (prediction − label)");
    frame.note = note_left_out(x.len() - points.len(), "not finite");
    let mut plot = frame.draw(|_| {
        let x = Axis::around_across(x_low, x_high, 1400.0);
        let y = Axis::around(low.min(0.0), high.max(0.0));
        (x, y)
    })?;

    let zero = plot.position(x_low, 0.0).1;
    let ends = [(plot.area.left, zero), (plot.area.right, zero)];
    plot.canvas.line(&ends, Stroke::solid(REFERENCE, 3.0))?;
    let few = points.len() <= 60;
    let marker =
        Marker { shape: Shape::Circle, color: BLUE, radius: if few { 10.0 } else { 4.0 }, hollow: false, rim: false };
    for &(x, gap) in &points {
        let at = plot.position(x, gap);
        plot.canvas.line(&[(at.0, zero), at], Stroke::solid(BLUE, if few { 4.0 } else { 1.5 }))?;
    }
    for &(x, gap) in &points {
        let at = plot.position(x, gap);
        plot.canvas.marker(at, marker)?;
    }
    plot.canvas.into_png()
}

//! Values at points as stems from the zero line.

use crate::axis::{Axis, range};
use crate::frame::Frame;
use crate::style::{BLUE, Marker, REFERENCE, Stroke};
use crate::{Error, check_lengths, drawable, note_left_out};

/// The value `y` at each point `x` as a stem from the zero line, such as the gap between prediction and
/// label at each test point.
///
/// # Errors
///
/// With empty columns, columns of different lengths, or no finite pair.
pub fn stems(
    title: &str,
    subtitle: &str,
    [x_label, y_label]: [&str; 2],
    x: &[f64],
    y: &[f64],
) -> Result<Vec<u8>, Error> {
    check_lengths(("x", x.len()), &[("y", y.len())])?;
    let pairs = x.iter().copied().zip(y.iter().copied());
    let (points, left_out) = drawable("values", pairs, |(x, y)| x.is_finite() && y.is_finite())?;
    let (x_low, x_high) = range(points.iter().map(|point| point.0)).unwrap_or((0.0, 0.0));
    let (low, high) = range(points.iter().map(|point| point.1).chain([0.0])).unwrap_or((0.0, 0.0));

    let mut frame = Frame::new(title, subtitle, x_label, y_label);
    frame.note = note_left_out(left_out, "not finite");
    let mut plot = frame.draw(|_| (Axis::around_across(x_low, x_high, 1400.0), Axis::around(low, high)))?;
    let zero = plot.position(x_low, 0.0).1;
    let ends = [(plot.area.left, zero), (plot.area.right, zero)];
    plot.canvas.line(&ends, Stroke::solid(REFERENCE, 3.0))?;
    let (radius, width) = if points.len() <= 60 { (10.0, 4.0) } else { (4.0, 1.5) };
    for &(x, y) in &points {
        let at = plot.position(x, y);
        plot.canvas.line(&[(at.0, zero), at], Stroke::solid(BLUE, width))?;
    }
    for &(x, y) in &points {
        plot.canvas.marker(plot.position(x, y), Marker::circle(BLUE, radius))?;
    }
    plot.canvas.into_png()
}

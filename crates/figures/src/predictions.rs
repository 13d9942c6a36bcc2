//! Predictions against labels, with equal scales on both axes.

use crate::axis::{Axis, range};
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, line};
use crate::legend::{self, Item};
use crate::number::exact;
use crate::style::{BLUE, DASHED, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, REFERENCE, Stroke, WIDTH};
use crate::{Error, check_lengths, drawable, note_left_out};

const IDENTITY: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// Predictions against labels with the identity line; one length means the same on both axes. The legend
/// calls a pair `point`; `facts` about the pairs stand below it, each a name with a number.
///
/// # Errors
///
/// With empty columns, columns of different lengths, or no finite pair.
pub fn predictions(
    title: &str,
    subtitle: &str,
    point: &str,
    label: &[f64],
    predict: &[f64],
    facts: &[(&str, f64)],
) -> Result<Vec<u8>, Error> {
    check_lengths(("label", label.len()), &[("prediction", predict.len())])?;
    let pairs = label.iter().copied().zip(predict.iter().copied());
    let (points, left_out) =
        drawable("predictions", pairs, |(label, predict)| label.is_finite() && predict.is_finite())?;
    let (low, high) = range(points.iter().flat_map(|&(label, predict)| [label, predict])).unwrap_or((0.0, 0.0));
    let radius = if points.len() <= 200 { 10.0 } else { 5.0 };
    let marker = Marker { rim: true, ..Marker::circle(BLUE, radius) };

    let mut frame = Frame::new(title, subtitle, "label", "prediction");
    frame.note = note_left_out(left_out, "not finite");
    frame.square = true;
    let mut plot = frame.draw(|side| {
        let axis = Axis::around_across(low, high, side);
        (axis.clone(), axis)
    })?;
    let corners = [(plot.area.left, plot.area.bottom), (plot.area.right, plot.area.top)];
    plot.canvas.line(&corners, IDENTITY)?;
    for &(label, predict) in &points {
        plot.canvas.marker(plot.position(label, predict), marker)?;
    }
    let items = [Item::dot(point, marker), Item::line("prediction = label", IDENTITY)];
    let (left, top) = (plot.area.right + 80.0, plot.area.top + 20.0);
    legend::draw_column(&mut plot.canvas, &items, left, top)?;
    let mut y = top + 3.0 * legend::ROW;
    let room = f64::from(WIDTH) - MARGIN - left;
    for &(name, value) in facts {
        let name = font::shorten(name, Weight::Regular, LEGEND_SIZE, room);
        plot.canvas.text(line(name, (left, y), LEGEND_SIZE, MUTED, Align::Left));
        plot.canvas.text(line(exact(value), (left, y + 42.0), 34.0, INK, Align::Left));
        y += 112.0;
    }
    plot.canvas.into_png()
}

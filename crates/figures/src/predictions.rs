//! Predictions against labels, with equal scales on both axes.

use crate::axis::{Axis, range};
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::{self, Item};
use crate::number::four_digits;
use crate::style::{BLUE, DASHED, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, REFERENCE, Shape, Stroke, WIDTH};
use crate::{Error, check_columns, note_left_out};

const IDENTITY: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// Predictions against labels with the identity line; one length means the same on both axes.
///
/// # Errors
///
/// With empty columns, columns of different lengths, or no finite pair.
pub fn predictions(title: &str, subtitle: &str, label: &[f64], predict: &[f64]) -> Result<Vec<u8>, Error> {
    check_columns(("label", label.len()), ("prediction", predict.len()))?;
    let points: Vec<(f64, f64)> = label
        .iter()
        .copied()
        .zip(predict.iter().copied())
        .filter(|(label, predict)| label.is_finite() && predict.is_finite())
        .collect();
    let Some((low, high)) = range(points.iter().flat_map(|&(label, predict)| [label, predict])) else {
        return Err(Error::NothingToDraw { what: "prediction" });
    };
    let marker = Marker {
        shape: Shape::Circle,
        color: BLUE,
        radius: if points.len() <= 200 { 10.0 } else { 5.0 },
        hollow: false,
        rim: true,
    };

    let mut frame = Frame::new(title, subtitle, "label", "prediction");
    frame.note = note_left_out(label.len() - points.len(), "not finite");
    frame.square = true;
    let mut plot = frame.draw(|side| {
        let axis = Axis::around_across(low, high, side);
        (axis.clone(), axis)
    })?;
    let corners = [(plot.area.left, plot.area.bottom), (plot.area.right, plot.area.top)];
    plot.canvas.line(&corners, IDENTITY)?;
    for &(label, predict) in &points {
        let at = plot.position(label, predict);
        plot.canvas.marker(at, marker)?;
    }
    beside(&mut plot, marker, &points)?;
    plot.canvas.into_png()
}

/// Legend and summary right of the square plot.
fn beside(plot: &mut Plot, marker: Marker, points: &[(f64, f64)]) -> Result<(), Error> {
    let left = plot.area.right + 80.0;
    let items = [("test point", None, Some(marker)), ("prediction = label", Some(IDENTITY), None)];
    let items = items.map(|(name, stroke, marker)| Item { name: name.to_owned(), stroke, marker, fill: None });
    let top = plot.area.top + 20.0;
    legend::draw_column(&mut plot.canvas, &items, left, top)?;

    let gaps = || points.iter().map(|(label, predict)| predict - label);
    let squares: f64 = gaps().map(|gap| gap * gap).sum();
    let facts = [
        ("points", points.len().to_string()),
        ("root mean square error", four_digits((squares / points.len() as f64).sqrt())),
        ("largest |prediction − label|", four_digits(gaps().map(f64::abs).fold(0.0, f64::max))),
    ];
    let mut y = top + 3.0 * legend::ROW;
    let room = f64::from(WIDTH) - MARGIN - left;
    for (name, value) in facts {
        let name = font::shorten(name, Weight::Regular, LEGEND_SIZE, room);
        plot.canvas.text(line(name, (left, y), LEGEND_SIZE, MUTED, Align::Left));
        plot.canvas.text(line(value, (left, y + 42.0), 34.0, INK, Align::Left));
        y += 112.0;
    }
    Ok(())
}

//! How a measure grows with the size of the work, on two logarithmic axes.

use crate::axis::{Axis, has_a_place, range};
use crate::direct::{self, Line};
use crate::frame::{Frame, Plot};
use crate::style::{Marker, Stroke};
use crate::{Error, drawable, note};

/// Half the length of the caps of a whisker.
const CAP: f64 = 8.0;

/// Lines with markers and whiskers on two logarithmic axes, each with its name at its right end.
/// `limit` is a dashed line without markers, such as what the arithmetic alone allows.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a pair that has a place on
/// logarithmic axes.
pub fn scaling_lines(
    title: &str,
    subtitle: &str,
    x_label: &str,
    y_label: &str,
    lines: &[Line<'_>],
    limit: Option<Line<'_>>,
) -> Result<Vec<u8>, Error> {
    limit.iter().try_for_each(Line::check)?;
    let shown = direct::shown(lines)?;
    let (mut pairs, left_out) = drawable("lines", shown.iter().flat_map(Line::pairs), has_places)?;
    pairs.extend(limit.iter().flat_map(Line::pairs).filter(|&pair| has_places(pair)));
    let sizes: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
    let whiskers = shown.iter().flat_map(whiskers).flat_map(|(_, low, high)| [low, high]);
    let (low, high) = range(pairs.iter().map(|pair| pair.1).chain(whiskers)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, x_label, y_label);
    frame.note = note((shown.len(), lines.len(), "lines"), (left_out, "not finite or not above zero"));
    let length = direct::make_room(&mut frame, shown.iter().chain(&limit));
    let mut plot =
        frame.draw(|height| (Axis::logarithmic_at(&sizes, length), Axis::logarithmic(low, high, height, 40.0)))?;
    direct::draw(&mut plot, shown, limit, draw_whiskers)?;
    plot.canvas.into_png()
}

fn has_places((x, y): (f64, f64)) -> bool {
    has_a_place(x, true) && has_a_place(y, true)
}

/// Size and ends of the whiskers that can be drawn.
fn whiskers(line: &Line<'_>) -> impl Iterator<Item = (f64, f64, f64)> {
    line.spread().filter(|&(x, low, high)| has_places((x, low)) && has_places((x, high)))
}

fn draw_whiskers(plot: &mut Plot, line: &Line<'_>, marker: Marker) -> Result<(), Error> {
    let stroke = Stroke::solid(marker.color, 2.5);
    for (x, low, high) in whiskers(line) {
        let (x, low) = plot.position(x, low);
        let high = plot.up(plot.y.fraction(high));
        plot.canvas.whisker([(x, low), (x, high)], (CAP, 0.0), stroke)?;
    }
    Ok(())
}

//! One value of several subjects side by side.

use crate::axis::{Axis, has_a_place};
use crate::font::{self, Weight};
use crate::frame::Frame;
use crate::mark::write_beside;
use crate::number::four_digits;
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, Stroke, WIDTH};
use crate::{Error, ends, note};

/// Rows beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 60;
/// Rows that fit into a figure of the usual height.
const USUAL_ROWS: usize = 14;
const ROW: f64 = 52.0;
const LONGEST_NAME: f64 = 560.0;

/// The value of each row, a name with a value, as a dot on a logarithmic axis, with the value in numbers
/// beside it. A zero stands at the left edge as a ring.
///
/// # Errors
///
/// Without rows, or without a value that has a place on a logarithmic axis.
pub fn comparison(title: &str, subtitle: &str, x_label: &str, rows: &[(&str, f64)]) -> Result<Vec<u8>, Error> {
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let has_a_place = |value: f64| has_a_place(value, true);
    let ((low, high), edge) = ends("rows", shown.iter().map(|row| row.1), has_a_place)?;

    let mut frame = Frame::new(title, subtitle, x_label, "");
    let why = "no place on a logarithmic axis, a ring at the edge instead";
    frame.note = note((shown.len(), rows.len(), "rows"), (edge, why));
    let names = Axis::of_names(shown.iter().map(|row| row.0), LONGEST_NAME);
    // The least room there is between the names and the values.
    let length = f64::from(WIDTH) - MARGIN - names.widest_label() - 280.0;
    let axis = Axis::logarithmic(low, high, length, 120.0);
    frame.right = shown
        .iter()
        .filter(|row| has_a_place(row.1))
        .map(|row| value_end(row.1) - (1.0 - axis.fraction(row.1)) * length)
        .fold(MARGIN, f64::max);
    frame.taller = shown.len().saturating_sub(USUAL_ROWS) as f64 * ROW;
    let mut plot = frame.draw(|_| (axis, names))?;

    for (index, &(_, value)) in shown.iter().enumerate() {
        let y = plot.up(plot.y.ticks[index].fraction);
        let x = if has_a_place(value) { plot.across(plot.x.fraction(value)) } else { plot.area.left + 18.0 };
        write_beside(&mut plot, four_digits(value), (x + 26.0, y), INK)?;
        if has_a_place(value) {
            plot.canvas.line(&[(plot.area.left, y), (x, y)], Stroke::solid(BLUE, 5.0))?;
            plot.canvas.marker((x, y), Marker::circle(BLUE, 12.0))?;
        } else {
            plot.canvas.marker((x, y), Marker { hollow: true, ..Marker::circle(MUTED, 12.0) })?;
        }
    }
    plot.canvas.into_png()
}

/// From a dot to the right end of its value, with some air.
fn value_end(value: f64) -> f64 {
    26.0 + font::width(&four_digits(value), Weight::Regular, LEGEND_SIZE) + 40.0
}

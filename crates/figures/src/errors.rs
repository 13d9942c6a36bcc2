//! The final errors of several experiments side by side.

use crate::axis::{Axis, range};
use crate::font::{self, Weight};
use crate::frame::Frame;
use crate::mark::write_beside;
use crate::number::four_digits;
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, Shape, Stroke, WIDTH};
use crate::{Error, note_left_out};

/// Rows beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 60;
/// Rows that fit into a figure of the usual height.
const USUAL_ROWS: usize = 14;
const ROW: f64 = 52.0;
const LONGEST_NAME: f64 = 560.0;

/// The root mean square error of each experiment as a dot on a logarithmic axis, with its value
/// beside it. A zero stands at the left edge as a ring.
///
/// # Errors
///
/// Without rows, or without a value that has a place on a logarithmic axis.
pub fn error_comparison(title: &str, subtitle: &str, errors: &[(&str, f64)]) -> Result<Vec<u8>, Error> {
    if errors.is_empty() {
        return Err(Error::Empty { what: "errors" });
    }
    let shown = &errors[..errors.len().min(MOST_ROWS)];
    let has_a_place = |value: f64| value.is_finite() && value > 0.0;
    let drawable = shown.iter().map(|row| row.1).filter(|&value| has_a_place(value));
    let Some((low, high)) = range(drawable) else {
        return Err(Error::NothingToDraw { what: "errors" });
    };

    let mut frame = Frame::new(title, subtitle, "root mean square error", "");
    let edge = shown.iter().filter(|row| !has_a_place(row.1)).count();
    frame.note = if shown.len() < errors.len() {
        Some(format!("{} more rows are not shown", errors.len() - shown.len()))
    } else {
        note_left_out(edge, "no place on a logarithmic axis, a ring at the edge instead")
    };
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
        let text = four_digits(value);
        write_beside(&mut plot, text, (x + 26.0, y), INK)?;
        if has_a_place(value) {
            let ends = [(plot.area.left, y), (x, y)];
            plot.canvas.line(&ends, Stroke::solid(BLUE, 5.0))?;
        }
        let marker = Marker {
            shape: Shape::Circle,
            color: if has_a_place(value) { BLUE } else { MUTED },
            radius: 12.0,
            hollow: !has_a_place(value),
            rim: false,
        };
        plot.canvas.marker((x, y), marker)?;
    }
    plot.canvas.into_png()
}

/// From a dot to the right end of its value, with some air.
fn value_end(value: f64) -> f64 {
    26.0 + font::width(&four_digits(value), Weight::Regular, LEGEND_SIZE) + 40.0
}

//! How much each parameter matters, by several evaluators.

use crate::axis::Axis;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::mark::write_beside;
use crate::number::significant;
use crate::style::{INK, MARGIN, MUTED, series};
use crate::{Error, check_lengths, ends, note};

/// Parameters beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 40;
/// Height of a bar, and of all rows in a figure of the usual height.
const BAR: f64 = 30.0;
const THICKEST: f64 = 44.0;
const USUAL_HEIGHT: f64 = 700.0;
const LONGEST_NAME: f64 = 560.0;
const VALUE_GAP: f64 = 18.0;
const VALUE_ROOM: f64 = 90.0;

/// The importance of each parameter as a horizontal bar for each evaluator, such as fANOVA and
/// PED-ANOVA, with its value; sorted by the first evaluator. An evaluator is a name with an
/// importance for each parameter.
///
/// # Errors
///
/// Without parameters or evaluators, with an evaluator that has another number of values than
/// parameters, or without a finite importance of at least zero.
pub fn parameter_importance(
    title: &str,
    subtitle: &str,
    parameters: &[&str],
    evaluators: &[(&str, &[f64])],
) -> Result<Vec<u8>, Error> {
    for (_, importance) in evaluators {
        check_lengths(("parameters", parameters.len()), &[("importance", importance.len())])?;
    }
    let values = evaluators.iter().flat_map(|evaluator| evaluator.1).copied();
    let ((_, high), left_out) = ends("importance", values, has_a_place)?;
    let mut order: Vec<usize> = (0..parameters.len()).collect();
    let first = |row: usize| Some(evaluators[0].1[row]).filter(|&value| has_a_place(value)).unwrap_or(-1.0);
    order.sort_by(|&one, &other| first(other).total_cmp(&first(one)));
    order.truncate(MOST_ROWS);

    let mut frame = Frame::new(title, subtitle, "importance", "");
    let names = evaluators.iter().enumerate();
    frame.legend = names.map(|(index, (name, _))| Item::area(*name, series(index).0.color)).collect();
    frame.note = note((order.len(), parameters.len(), "parameters"), (left_out, "negative or not finite"));
    frame.right = MARGIN + VALUE_ROOM;
    let least = order.len() as f64 * (evaluators.len() as f64 * BAR + 16.0);
    frame.taller = (least - USUAL_HEIGHT).max(0.0);
    let names = Axis::of_names(order.iter().map(|&row| parameters[row]), LONGEST_NAME);
    let mut row_height = 0.0;
    let mut plot = frame.draw(|height| {
        row_height = height / order.len() as f64;
        (Axis::from_zero(high), names)
    })?;
    let thickness = (0.78 * row_height / evaluators.len() as f64).min(THICKEST);
    for (position, &row) in order.iter().enumerate() {
        let middle = plot.up(plot.y.ticks[position].fraction);
        for (index, evaluator) in evaluators.iter().enumerate() {
            let y = middle + (index as f64 - (evaluators.len() - 1) as f64 / 2.0) * thickness;
            draw_bar(&mut plot, (y, thickness), evaluator.1[row], index)?;
        }
    }
    plot.canvas.into_png()
}

fn has_a_place(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

fn draw_bar(plot: &mut Plot, (y, thickness): (f64, f64), value: f64, index: usize) -> Result<(), Error> {
    let left = plot.area.left + 1.0;
    if !has_a_place(value) {
        return write_beside(plot, "no value".to_owned(), (left + VALUE_GAP, y), MUTED);
    }
    let thinnest = if value > 0.0 { 2.0 } else { 0.0 };
    let right = plot.across(plot.x.fraction(value)).max(left + thinnest);
    let half = thickness / 2.0 - 1.0;
    if right > left {
        plot.canvas.rectangle((left, y - half), (right, y + half), series(index).0.color)?;
    }
    write_beside(plot, written(value), (right + VALUE_GAP, y), INK)
}

/// An importance with two decimals.
fn written(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..0.005 => "< 0.01".to_owned(),
        ..1000.0 => format!("{value:.2}"),
        _ => significant(value, 3),
    }
}

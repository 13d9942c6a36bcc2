//! Where single values fall in the distribution of a study.

use crate::axis::Axis;
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::Item;
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, Shape, Stroke, VERMILLION, WHITE, paler};
use crate::{Error, check_lengths, ends, note};

/// Rows beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 60;
/// Rows that fit into a figure of the usual height.
const USUAL_ROWS: usize = 14;
const ROW: f64 = 50.0;
const LONGEST_NAME: f64 = 600.0;
/// From a dot to its value.
const VALUE_GAP: f64 = 24.0;

/// The percentile of each value in a study, named by `names`, as a dot between 0 and 100 %, with the
/// percentile beside it. The zones from 1 to 99 % and from 25 to 75 % are shaded; a value outside
/// the wider one is a diamond; the legend calls a dot `value`. A percentile that is not a number from 0
/// to 100 stands at the left edge as a ring.
///
/// # Errors
///
/// Without values, with columns of different lengths, or without a percentile from 0 to 100.
pub fn percentiles(
    title: &str,
    subtitle: &str,
    x_label: &str,
    value: &str,
    names: &[&str],
    percentile: &[f64],
) -> Result<Vec<u8>, Error> {
    check_lengths(("names", names.len()), &[("percentile", percentile.len())])?;
    let shown = names.len().min(MOST_ROWS);
    let rows: Vec<(&str, f64)> = names.iter().copied().zip(percentile.iter().copied()).take(shown).collect();
    let (_, missing) = ends("percentile", rows.iter().map(|row| row.1), has_a_place)?;

    let mut frame = Frame::new(title, subtitle, x_label, "");
    frame.legend = legend(value, &rows);
    let why = "not between 0 and 100 %, a ring at the edge instead";
    frame.note = note((shown, names.len(), "rows"), (missing, why));
    frame.right = MARGIN + VALUE_GAP + font::width("> 99.9 %", Weight::Regular, LEGEND_SIZE);
    frame.taller = shown.saturating_sub(USUAL_ROWS) as f64 * ROW;
    // A little room for dots at the ends.
    let axis = Axis::percent(-2.0, 102.0);
    let mut plot = frame.draw(|_| (axis, Axis::of_names(rows.iter().map(|row| row.0), LONGEST_NAME)))?;
    zones(&mut plot)?;
    for (index, &(_, value)) in rows.iter().enumerate() {
        dot(&mut plot, index, value)?;
    }
    plot.canvas.into_png()
}

fn has_a_place(value: f64) -> bool {
    (0.0..=100.0).contains(&value)
}

fn is_outside(value: f64) -> bool {
    !(1.0..=99.0).contains(&value)
}

const INSIDE: Marker = Marker { rim: true, ..Marker::circle(BLUE, 12.0) };
const OUTSIDE: Marker = Marker { shape: Shape::Diamond, color: VERMILLION, ..INSIDE };

fn legend(value: &str, rows: &[(&str, f64)]) -> Vec<Item> {
    let mut items = Vec::new();
    if rows.iter().any(|row| has_a_place(row.1) && !is_outside(row.1)) {
        items.push(Item::dot(value, INSIDE));
    }
    if rows.iter().any(|row| has_a_place(row.1) && is_outside(row.1)) {
        items.push(Item::dot(format!("{value} outside 1–99 %"), OUTSIDE));
    }
    items.push(Item::area("25–75 % of the study", paler(BLUE, INNER)));
    items.push(Item::area("1–99 % of the study", paler(BLUE, OUTER)));
    items
}

const INNER: f64 = 0.20;
const OUTER: f64 = 0.08;

fn zones(plot: &mut Plot) -> Result<(), Error> {
    for (low, high, share) in [(1.0, 99.0, OUTER), (25.0, 75.0, INNER)] {
        let (left, right) = (plot.across(plot.x.fraction(low)), plot.across(plot.x.fraction(high)));
        let (top, bottom) = (plot.area.top, plot.area.bottom - 1.0);
        plot.canvas.rectangle((left, top), (right, bottom), paler(BLUE, share))?;
    }
    let middle = plot.across(plot.x.fraction(50.0));
    let ends = [(middle, plot.area.top), (middle, plot.area.bottom - 4.0)];
    plot.canvas.line(&ends, Stroke::solid(WHITE, 3.0))?;
    // The shading covers the grid; each row needs its line again.
    for index in 0..plot.y.ticks.len() {
        let y = plot.up(plot.y.ticks[index].fraction);
        let ends = [(plot.area.left + 2.0, y), (plot.area.right, y)];
        plot.canvas.line(&ends, Stroke::solid(WHITE, 2.0))?;
    }
    Ok(())
}

fn dot(plot: &mut Plot, index: usize, value: f64) -> Result<(), Error> {
    let y = plot.up(plot.y.ticks[index].fraction);
    let (x, marker, color) = if has_a_place(value) {
        (plot.across(plot.x.fraction(value)), if is_outside(value) { OUTSIDE } else { INSIDE }, INK)
    } else {
        (plot.area.left + 18.0, Marker { color: MUTED, hollow: true, rim: false, ..INSIDE }, MUTED)
    };
    plot.canvas.marker((x, y), marker)?;
    let at = (x + VALUE_GAP, y + font::cap_height(LEGEND_SIZE) / 2.0);
    plot.canvas.text(line(written(value), at, LEGEND_SIZE, color, Align::Left));
    Ok(())
}

/// A percentile as text: whole in the middle, with a decimal near the ends.
fn written(value: f64) -> String {
    match value {
        _ if !has_a_place(value) => "no value".to_owned(),
        ..0.1 => "< 0.1 %".to_owned(),
        99.9.. => "> 99.9 %".to_owned(),
        ..1.95 | 98.05.. => format!("{value:.1} %"),
        _ => format!("{value:.0} %"),
    }
}

//! One coloured cell for each case and epoch.

use crate::axis::{Axis, Tick, range};
use crate::colour_bar::{ColourBar, LENGTH};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::style::{MARGIN, MISSING, WHITE, WIDTH, ZERO};
use crate::{Error, check_lengths, ends, note};

/// Rows beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 120;
/// A row is at least this high, so that the names do not touch.
const ROW: f64 = 31.0;
/// Height of the cells in a figure of the usual height.
const USUAL_HEIGHT: f64 = 700.0;
const LONGEST_NAME: f64 = 680.0;

/// A value of each case (row) at each epoch (column), row after row, as colour on a logarithmic
/// scale. The labels are those of the columns, of the values and of a zero, which has a light colour of its
/// own; values that are missing (negative or not finite) are grey.
///
/// # Errors
///
/// Without values, with another number of values than rows times columns, or without a finite value
/// of at least zero.
pub fn heat_map(
    title: &str,
    subtitle: &str,
    rows: &[&str],
    columns: &[u32],
    values: &[f64],
    [column_label, value_label, zero_label]: [&str; 3],
) -> Result<Vec<u8>, Error> {
    check_lengths(("values", values.len()), &[("rows × columns", rows.len() * columns.len())])?;
    let shown = &rows[..rows.len().min(MOST_ROWS)];
    let values = &values[..shown.len() * columns.len()];
    ends("values", values.iter().copied(), is_present)?;
    let scale = range(values.iter().copied().filter(|&value| is_present(value) && value > 0.0))
        .map(|(low, high)| ColourBar::new(Axis::logarithmic(low, high, LENGTH, 40.0), value_label));

    let mut frame = Frame::new(title, subtitle, column_label, "");
    frame.legend = legend(zero_label, values);
    frame.note = note((shown.len(), rows.len(), "rows"), (0, ""));
    frame.right = scale.as_ref().map_or(MARGIN, ColourBar::room);
    frame.taller = (shown.len() as f64 * ROW - USUAL_HEIGHT).max(0.0);
    let names = Axis::of_names(shown.iter().copied(), LONGEST_NAME);
    let length = f64::from(WIDTH) - frame.right - MARGIN - names.widest_label() - 18.0;
    let mut plot = frame.draw(|_| (epochs(columns, length), names))?;
    for (row, cells) in values.chunks_exact(columns.len()).enumerate() {
        for (column, &value) in cells.iter().enumerate() {
            cell(&mut plot, (row, shown.len()), (column, columns.len()), color(scale.as_ref(), value))?;
        }
    }
    if let Some(scale) = scale {
        scale.draw(&mut plot)?;
    }
    plot.canvas.into_png()
}

fn is_present(value: f64) -> bool {
    value.is_finite() && value >= 0.0
}

fn color(scale: Option<&ColourBar<'_>>, value: f64) -> plotters::style::RGBColor {
    match scale {
        _ if !is_present(value) => MISSING,
        Some(scale) if value > 0.0 => scale.color(value),
        _ => ZERO,
    }
}

fn legend(zero_label: &str, values: &[f64]) -> Vec<Item> {
    let mut items = Vec::new();
    if values.contains(&0.0) {
        items.push(Item::area(zero_label, ZERO));
    }
    if !values.iter().all(|&value| is_present(value)) {
        items.push(Item::area("no value", MISSING));
    }
    items
}

/// A horizontal axis of columns of equal width, as many of them labelled as fit into `length`
/// pixels.
fn epochs(columns: &[u32], length: f64) -> Axis {
    let mut axis = Axis::counting(0.0, 1.0, 1.0);
    let count = columns.len() as f64;
    let tick = |index: usize| Tick { fraction: (index as f64 + 0.5) / count, label: columns[index].to_string() };
    axis.ticks = (0..columns.len()).map(tick).collect();
    let room = axis.widest_label() + 26.0;
    let fitting = length / count / room;
    let every = (0..9)
        .flat_map(|zeros| [1, 2, 5].map(|digit| digit * 10_usize.pow(zeros)))
        .find(|&every| every as f64 * fitting >= 1.0)
        .unwrap_or(columns.len());
    let number = |index: usize| regular_number(columns).map_or(index, |first| first + index);
    let kept: Vec<usize> = (0..columns.len()).filter(|&index| number(index).is_multiple_of(every)).collect();
    axis.ticks = kept.iter().map(|&index| tick(index)).collect();
    if kept.first().is_none_or(|&first| first as f64 * fitting >= 1.0) {
        axis.ticks.insert(0, tick(0));
    }
    axis
}

/// Where columns are neighbouring multiples of their distance (1, 2, 3 or 30, 60, 90): which
/// multiple the first is.
fn regular_number(columns: &[u32]) -> Option<usize> {
    let step = columns.get(1)?.checked_sub(columns[0]).filter(|&step| step > 0)?;
    let is_regular = columns.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(step));
    (is_regular && columns[0].is_multiple_of(step)).then_some((columns[0] / step) as usize)
}

/// Fills a cell; where cells are large enough, a thin white line keeps them apart.
fn cell(
    plot: &mut Plot,
    (row, rows): (usize, usize),
    (column, columns): (usize, usize),
    color: plotters::style::RGBColor,
) -> Result<(), Error> {
    let across = |column: usize| plot.across(column as f64 / columns as f64);
    let down = |row: usize| plot.up(1.0 - row as f64 / rows as f64);
    let (left, right) = (across(column).max(plot.area.left + 1.0), across(column + 1));
    let (top, bottom) = (down(row), down(row + 1).min(plot.area.bottom - 1.0));
    let gap = if right - left >= 16.0 { 1.0 } else { 0.0 };
    let gap_below = if row + 1 < rows { 1.0 } else { 0.0 };
    plot.canvas.rectangle((left, top), (right, bottom), WHITE)?;
    plot.canvas.rectangle((left, top), (right - gap, bottom - gap_below), color)
}

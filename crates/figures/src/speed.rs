//! How long a training step takes in several engines.

use plotters::style::RGBColor;

use crate::axis::{Axis, range};
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::Item;
use crate::mark::{HEAD, mark, write_beside};
use crate::number::{three_digits, two_digits};
use crate::style::{BLUE, GREY_BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Stroke, TICK_SIZE, WIDTH};
use crate::{Error, note_left_out};

/// Rows beyond this many are left out and counted in the note.
const MOST_ROWS: usize = 60;
/// Rows that fit into a figure of the usual height.
const USUAL_ROWS: usize = 14;
const ROW: f64 = 46.0;
const THICKEST: f64 = 54.0;
const LONGEST_NAME: f64 = 520.0;
/// From the end of a bar or whisker to its value.
const VALUE_GAP: f64 = 22.0;
const COLUMN_GAP: f64 = 44.0;
const COLUMN_HEAD: &str = "ratio to the fastest";

/// The time of a training step in one engine, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct SpeedBar<'a> {
    /// What stands beside its bar.
    pub name: &'a str,
    /// The lower end of the whisker; not a number for none.
    pub low: f64,
    /// The median of the repetitions.
    pub median: f64,
    /// The upper end of the whisker; not a number for none.
    pub high: f64,
}

/// The median time of a training step in each engine as a bar on a logarithmic axis, with a
/// whisker for the spread, its value, and its ratio to the fastest. `highlighted` are the positions
/// of our own engines; `limit` is a dashed line with its label, such as the time that the
/// arithmetic alone takes.
///
/// # Errors
///
/// Without bars, or without a median that has a place on a logarithmic axis.
pub fn speed_bars(
    title: &str,
    subtitle: &str,
    bars: &[SpeedBar<'_>],
    limit: Option<(&str, f64)>,
    highlighted: &[usize],
) -> Result<Vec<u8>, Error> {
    if bars.is_empty() {
        return Err(Error::Empty { what: "bars" });
    }
    let shown = &bars[..bars.len().min(MOST_ROWS)];
    let limit = limit.filter(|limit| has_a_place(limit.1));
    let medians = || shown.iter().map(|bar| bar.median).filter(|&median| has_a_place(median));
    let Some((fastest, _)) = range(medians()) else {
        return Err(Error::NothingToDraw { what: "bars" });
    };
    let whiskers = shown.iter().filter_map(whisker).flat_map(|(low, high)| [low, high]);
    let (low, high) = range(medians().chain(whiskers).chain(limit.map(|limit| limit.1))).unwrap_or((fastest, fastest));

    let mut frame = Frame::new(title, subtitle, "microseconds per training step", "");
    frame.legend = legend(shown, highlighted);
    frame.note = if shown.len() < bars.len() {
        Some(format!("{} more rows are not shown", bars.len() - shown.len()))
    } else {
        note_left_out(shown.len() - medians().count(), "not finite or not above zero")
    };
    let ratios: Vec<String> = shown.iter().map(|bar| ratio(bar.median / fastest)).collect();
    let column = ratios.iter().map(|ratio| font::width(ratio, Weight::Regular, LEGEND_SIZE));
    let column = column.fold(font::width(COLUMN_HEAD, Weight::Regular, TICK_SIZE), f64::max) + COLUMN_GAP;
    let names = Axis::of_names(shown.iter().map(|bar| bar.name), LONGEST_NAME);
    // The least room there is between the names and the values.
    let length = f64::from(WIDTH) - 2.0 * MARGIN - names.widest_label() - column - 240.0;
    // A bar has no natural left end on a logarithmic axis: it begins up to a decade below the smallest.
    let axis = Axis::logarithmic((low / 3.0).max(f64::from_bits(1)), high, length, 90.0);
    let overhang = |bar: &SpeedBar<'_>| {
        let width = font::width(&value(bar.median), Weight::Regular, LEGEND_SIZE);
        VALUE_GAP + width - (1.0 - axis.fraction(end(bar))) * length
    };
    let overhang = shown.iter().filter(|bar| has_a_place(bar.median)).map(overhang).fold(0.0, f64::max);
    frame.right = MARGIN + column + overhang;
    frame.taller = shown.len().saturating_sub(USUAL_ROWS) as f64 * ROW;
    let head = if limit.is_some() { HEAD } else { 0.0 };
    let mut row = 0.0;
    let mut plot = frame.draw(|height| {
        row = (height - head) / shown.len() as f64;
        (axis, names.below_head(head / height))
    })?;
    for (index, bar) in shown.iter().enumerate() {
        let color = if highlighted.contains(&index) { BLUE } else { GREY_BLUE };
        draw_bar(&mut plot, index, bar, (0.56 * row).min(THICKEST), color)?;
    }
    if let Some((label, value)) = limit {
        mark(&mut plot, label, value)?;
    }
    for (index, bar) in shown.iter().enumerate() {
        draw_summary(&mut plot, index, bar, &ratios[index])?;
    }
    let at = (f64::from(WIDTH) - MARGIN, plot.area.top - 10.0);
    plot.canvas.text(line(COLUMN_HEAD.to_owned(), at, TICK_SIZE, MUTED, Align::Right));
    plot.canvas.into_png()
}

fn has_a_place(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Both ends of the whisker of a bar that has one.
fn whisker(bar: &SpeedBar<'_>) -> Option<(f64, f64)> {
    (has_a_place(bar.median) && has_a_place(bar.low) && has_a_place(bar.high)).then_some((bar.low, bar.high))
}

/// The right end of a bar with its whisker.
fn end(bar: &SpeedBar<'_>) -> f64 {
    whisker(bar).map_or(bar.median, |(low, high)| bar.median.max(low).max(high))
}

fn value(median: f64) -> String {
    format!("{} µs", three_digits(median))
}

fn ratio(ratio: f64) -> String {
    if has_a_place(ratio) { format!("{} ×", two_digits(ratio)) } else { String::new() }
}

fn legend(bars: &[SpeedBar<'_>], highlighted: &[usize]) -> Vec<Item> {
    let fill = |name: &str, color| Item { name: name.to_owned(), stroke: None, marker: None, fill: Some(color) };
    let ours = (0..bars.len()).filter(|index| highlighted.contains(index)).count();
    let mut items = Vec::new();
    if ours > 0 {
        items.push(fill("this workspace, median", BLUE));
    }
    if ours < bars.len() {
        items.push(fill(if ours > 0 { "others, median" } else { "median" }, GREY_BLUE));
    }
    if bars.iter().any(|bar| whisker(bar).is_some()) {
        let stroke = Some(Stroke::solid(INK, 3.0));
        items.push(Item { name: "spread of the repetitions".to_owned(), stroke, marker: None, fill: None });
    }
    items
}

fn draw_bar(plot: &mut Plot, index: usize, bar: &SpeedBar<'_>, thickness: f64, color: RGBColor) -> Result<(), Error> {
    if !has_a_place(bar.median) {
        return Ok(());
    }
    let y = plot.up(plot.y.ticks[index].fraction);
    let (left, right) = (plot.area.left + 1.0, plot.across(plot.x.fraction(bar.median)));
    plot.canvas.rectangle((left, y - thickness / 2.0), (right, y + thickness / 2.0), color)?;
    let Some(ends) = whisker(bar) else {
        return Ok(());
    };
    let [low, high] = [ends.0, ends.1].map(|value| plot.across(plot.x.fraction(value)));
    let (stroke, cap) = (Stroke::solid(INK, 3.0), thickness / 5.0);
    plot.canvas.line(&[(low, y), (high, y)], stroke)?;
    for x in [low, high] {
        plot.canvas.line(&[(x, y - cap), (x, y + cap)], stroke)?;
    }
    Ok(())
}

/// The value at the end of a bar and its ratio at the right edge.
fn draw_summary(plot: &mut Plot, index: usize, bar: &SpeedBar<'_>, ratio: &str) -> Result<(), Error> {
    let y = plot.up(plot.y.ticks[index].fraction);
    if !has_a_place(bar.median) {
        let at = (plot.area.left + VALUE_GAP, y);
        return write_beside(plot, "no value".to_owned(), at, MUTED);
    }
    let x = plot.across(plot.x.fraction(end(bar))) + VALUE_GAP;
    write_beside(plot, value(bar.median), (x, y), INK)?;
    let at = (f64::from(WIDTH) - MARGIN, y + font::cap_height(LEGEND_SIZE) / 2.0);
    plot.canvas.text(line(ratio.to_owned(), at, LEGEND_SIZE, INK, Align::Right));
    Ok(())
}

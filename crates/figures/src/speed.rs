//! How long something takes in several ways of doing it.

use plotters::style::RGBColor;

use crate::axis::{Axis, has_a_place, range};
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::Item;
use crate::mark::{HEAD, mark, write_beside};
use crate::number::significant;
use crate::style::{BLUE, GREY_BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Stroke, TICK_SIZE, WIDTH};
use crate::{Error, ends, note};

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

/// A duration, in any unit.
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

/// The median duration of each row as a bar on a logarithmic axis, with a whisker for the spread, its
/// value in `unit`, and its ratio to the fastest. `highlighted` are a name for the legend and the
/// positions of the bars that it stands for; `limit` is a dashed line with its label, such as the time
/// that the arithmetic alone takes.
///
/// # Errors
///
/// Without bars, or without a median that has a place on a logarithmic axis.
pub fn speed_bars(
    title: &str,
    subtitle: &str,
    [x_label, unit]: [&str; 2],
    bars: &[SpeedBar<'_>],
    limit: Option<(&str, f64)>,
    highlighted: (&str, &[usize]),
) -> Result<Vec<u8>, Error> {
    let shown = &bars[..bars.len().min(MOST_ROWS)];
    let limit = limit.filter(|limit| has_a_place(limit.1, true));
    let medians = shown.iter().map(|bar| bar.median);
    let ((fastest, slowest), left_out) = ends("bars", medians, |median| has_a_place(median, true))?;
    let whiskers = shown.iter().filter_map(whisker).flat_map(|(low, high)| [low, high]);
    let all = [fastest, slowest].into_iter().chain(whiskers).chain(limit.map(|limit| limit.1));
    let (low, high) = range(all).unwrap_or((fastest, slowest));

    let mut frame = Frame::new(title, subtitle, x_label, "");
    frame.legend = legend(shown, highlighted);
    frame.note = note((shown.len(), bars.len(), "rows"), (left_out, "not finite or not above zero"));
    let ratios: Vec<String> = shown.iter().map(|bar| ratio(bar.median / fastest)).collect();
    let column = ratios.iter().map(|ratio| font::width(ratio, Weight::Regular, LEGEND_SIZE));
    let column = column.fold(font::width(COLUMN_HEAD, Weight::Regular, TICK_SIZE), f64::max) + COLUMN_GAP;
    let names = Axis::of_names(shown.iter().map(|bar| bar.name), LONGEST_NAME);
    // The least room there is between the names and the values.
    let length = f64::from(WIDTH) - 2.0 * MARGIN - names.widest_label() - column - 240.0;
    // A bar has no natural left end on a logarithmic axis: it begins up to a decade below the smallest.
    let axis = Axis::logarithmic((low / 3.0).max(f64::from_bits(1)), high, length, 90.0);
    let overhang = |bar: &SpeedBar<'_>| {
        let width = font::width(&value(bar.median, unit), Weight::Regular, LEGEND_SIZE);
        VALUE_GAP + width - (1.0 - axis.fraction(end(bar))) * length
    };
    let overhang = shown.iter().filter(|bar| has_a_place(bar.median, true)).map(overhang).fold(0.0, f64::max);
    frame.right = MARGIN + column + overhang;
    frame.taller = shown.len().saturating_sub(USUAL_ROWS) as f64 * ROW;
    let head = if limit.is_some() { HEAD } else { 0.0 };
    let mut row = 0.0;
    let mut plot = frame.draw(|height| {
        row = (height - head) / shown.len() as f64;
        (axis, names.below_head(head / height))
    })?;
    for (index, bar) in shown.iter().enumerate() {
        let color = if highlighted.1.contains(&index) { BLUE } else { GREY_BLUE };
        draw_bar(&mut plot, index, bar, (0.56 * row).min(THICKEST), color)?;
    }
    if let Some((label, value)) = limit {
        mark(&mut plot, label, value)?;
    }
    for (index, bar) in shown.iter().enumerate() {
        draw_summary(&mut plot, index, bar, [unit, &ratios[index]])?;
    }
    let at = (f64::from(WIDTH) - MARGIN, plot.area.top - 10.0);
    plot.canvas.text(line(COLUMN_HEAD.to_owned(), at, TICK_SIZE, MUTED, Align::Right));
    plot.canvas.into_png()
}

/// Both ends of the whisker of a bar that has one.
fn whisker(bar: &SpeedBar<'_>) -> Option<(f64, f64)> {
    [bar.median, bar.low, bar.high].iter().all(|&value| has_a_place(value, true)).then_some((bar.low, bar.high))
}

/// The right end of a bar with its whisker.
fn end(bar: &SpeedBar<'_>) -> f64 {
    whisker(bar).map_or(bar.median, |(low, high)| bar.median.max(low).max(high))
}

fn value(median: f64, unit: &str) -> String {
    format!("{} {unit}", significant(median, 3))
}

fn ratio(ratio: f64) -> String {
    if has_a_place(ratio, true) { format!("{} ×", significant(ratio, 2)) } else { String::new() }
}

fn legend(bars: &[SpeedBar<'_>], (name, highlighted): (&str, &[usize])) -> Vec<Item> {
    let count = (0..bars.len()).filter(|index| highlighted.contains(index)).count();
    let mut items = Vec::new();
    if count > 0 {
        items.push(Item::area(format!("{name}, median"), BLUE));
    }
    if count < bars.len() {
        items.push(Item::area(if count > 0 { "others, median" } else { "median" }, GREY_BLUE));
    }
    if bars.iter().any(|bar| whisker(bar).is_some()) {
        items.push(Item::line("spread of the repetitions", Stroke::solid(INK, 3.0)));
    }
    items
}

fn draw_bar(plot: &mut Plot, index: usize, bar: &SpeedBar<'_>, thickness: f64, color: RGBColor) -> Result<(), Error> {
    if !has_a_place(bar.median, true) {
        return Ok(());
    }
    let y = plot.up(plot.y.ticks[index].fraction);
    let (left, right) = (plot.area.left + 1.0, plot.across(plot.x.fraction(bar.median)));
    plot.canvas.rectangle((left, y - thickness / 2.0), (right, y + thickness / 2.0), color)?;
    let Some(ends) = whisker(bar) else {
        return Ok(());
    };
    let [low, high] = [ends.0, ends.1].map(|value| plot.across(plot.x.fraction(value)));
    plot.canvas.whisker([(low, y), (high, y)], (0.0, thickness / 5.0), Stroke::solid(INK, 3.0))
}

/// The value at the end of a bar and its ratio at the right edge.
fn draw_summary(plot: &mut Plot, index: usize, bar: &SpeedBar<'_>, [unit, ratio]: [&str; 2]) -> Result<(), Error> {
    let y = plot.up(plot.y.ticks[index].fraction);
    if !has_a_place(bar.median, true) {
        let at = (plot.area.left + VALUE_GAP, y);
        return write_beside(plot, "no value".to_owned(), at, MUTED);
    }
    let x = plot.across(plot.x.fraction(end(bar))) + VALUE_GAP;
    write_beside(plot, value(bar.median, unit), (x, y), INK)?;
    let at = (f64::from(WIDTH) - MARGIN, y + font::cap_height(LEGEND_SIZE) / 2.0);
    plot.canvas.text(line(ratio.to_owned(), at, LEGEND_SIZE, INK, Align::Right));
    Ok(())
}

//! How the values of several groups spread: a histogram a group, on one logarithmic axis.

use crate::Error;
use crate::axis::{Axis, has_a_place, range};
use crate::frame::{Area, Frame, Plot};
use crate::legend::Item;
use crate::marks::HEAD;
use crate::number::{four_digits, median};
use crate::style::{BLUE, INK, LEGEND_SIZE, MUTED, Stroke, TICK_SIZE, paler};

/// Least height of a row; in it, above the histogram, for the median; below it, for the range.
const ROW: f64 = 176.0;
const ABOVE: f64 = 52.0;
const BELOW: f64 = 64.0;
const MEDIAN: Stroke = Stroke { color: INK, width: 3.0, dash: &[] };
const RANGE: Stroke = Stroke { color: BLUE, width: 4.0, dash: &[] };

/// A group of values whose distribution is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    /// What stands beside its row.
    pub name: &'a str,
    /// The values in any order.
    pub values: &'a [f64],
}

/// The values of each group as a histogram on one logarithmic axis, each group as high as the others. The median stands
/// above it, the range from the smallest to the largest value below it; a vertical line through all rows marks a
/// single value.
///
/// # Errors
/// Without values, or without one above zero.
pub fn distributions(
    title: &str,
    subtitle: &str,
    groups: &[Distribution<'_>],
    marked: Option<(&str, f64)>,
    x_label: &str,
) -> Result<Vec<u8>, Error> {
    let marked = marked.filter(|marked| has_a_place(marked.1, true));
    let values = groups.iter().flat_map(|group| group.values).copied();
    let ends = range(values.clone().filter(|&value| has_a_place(value, true)));
    let x = Axis::logarithmic(x_label, values.chain(ends.and(marked).map(|marked| marked.1)))?;
    let y = Axis::rows("", groups.iter().map(|group| group.name), ROW).with_baseline(BELOW);
    let y = if marked.is_some() { y.with_head(HEAD) } else { y };
    let (low, high) = ends.map_or((1.0, 1.0), |(low, high)| {
        marked.map_or((low, high), |(_, marked)| (low.min(marked), high.max(marked)))
    });
    // Tenths of a decade, unless all values lie within one or over very many.
    let (bins, bin) = match libm::log10(high) - libm::log10(low) {
        ..1.0 => (50.0, "each fiftieth of a decade"),
        40.0.. => (1.0, "each decade"),
        _ => (10.0, "each tenth of a decade"),
    };
    let legend = vec![
        Item::area(format!("values in {bin}, as share of the fullest"), paler(BLUE, 0.55)),
        Item::line("median", MEDIAN),
        Item::line("smallest to largest", RANGE),
    ];
    let sorted = |group: &Distribution<'_>| {
        let mut values: Vec<f64> = group.values.iter().copied().filter(|&value| x.has(value)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let sorted: Vec<Vec<f64>> = groups.iter().map(sorted).collect();

    let note = x.note().map(|_| "the medians are those of the others".to_owned());
    let mut plot = Frame { title, subtitle, legend, note, ..Frame::default() }.plot(&x, &y);
    let height = (plot.up(1.0) - plot.up(0.0)) - ABOVE - BELOW;
    let rows = || sorted.iter().enumerate().filter(|(row, _)| y.has(*row as f64));
    for (row, values) in rows() {
        let baseline = plot.up(row as f64);
        histogram(&mut plot, values, bins, (baseline, height));
    }
    if let Some((label, value)) = marked {
        plot.rule(label, value);
    }
    for (row, values) in rows() {
        let baseline = plot.up(row as f64);
        summary(&mut plot, values, (baseline, height));
    }
    plot.into_png()
}

/// A bar for each bin of sorted values, `height` pixels for the fullest.
fn histogram(plot: &mut Plot, sorted: &[f64], bins: f64, (baseline, height): (f64, f64)) {
    let logs: Vec<f64> = sorted.iter().map(|&value| libm::log10(value)).collect();
    let bin = |log: f64| (log * bins).floor();
    let bars = || logs.chunk_by(|&one, &other| bin(one) == bin(other));
    let most = bars().map(<[f64]>::len).max().unwrap_or(1) as f64;
    let Area { left: first, right: last, .. } = plot.area;
    for bar in bars() {
        let edge = |number: f64| (first + plot.x.share(number / bins) * (last - first)).clamp(first, last);
        let (left, right) = (edge(bin(bar[0])), edge(bin(bar[0]) + 1.0));
        // A single value among a million stays visible.
        let top = baseline - (height * bar.len() as f64 / most).max(2.0);
        plot.bar(Area { left, top, right, bottom: baseline }, paler(BLUE, 0.55));
    }
}

/// The median above the histogram of sorted values, the range below it.
fn summary(plot: &mut Plot, sorted: &[f64], (baseline, height): (f64, f64)) {
    let (Some(&low), Some(&high), Some(median)) = (sorted.first(), sorted.last(), median(sorted)) else {
        let at = (f64::midpoint(plot.area.left, plot.area.right), baseline - 20.0);
        plot.write_centred("no value that can be drawn".to_owned(), at, (TICK_SIZE, MUTED));
        return;
    };
    let x = plot.across(median);
    plot.canvas.line(&[(x, baseline - 2.0), (x, baseline - height - 6.0)], MEDIAN);
    let text = format!("median {}", four_digits(median));
    plot.write_centred(text, (x, baseline - height - 16.0), (LEGEND_SIZE, INK));
    let (left, right, y) = (plot.across(low), plot.across(high), baseline + 14.0);
    plot.canvas.whisker([(left, y), (right, y)], (0.0, 7.0), RANGE);
    let text = match sorted.len() {
        1 => format!("1 value, {}", four_digits(low)),
        count => format!("{count} values, {} to {}", four_digits(low), four_digits(high)),
    };
    plot.write_centred(text, (f64::midpoint(left, right), y + 34.0), (TICK_SIZE, MUTED));
}

//! How often values occur: each of a few whole numbers, or all in bins on a logarithmic axis.

use crate::Error;
use crate::axis::{Axis, has_a_place, range};
use crate::canvas::{Align, Text};
use crate::font;
use crate::frame::{Area, Frame, Plot};
use crate::legend::Item;
use crate::marks::HEAD;
use crate::number::{four_digits, median};
use crate::style::{BLUE, Color, INK, LEGEND_SIZE, MUTED, Stroke, TICK_SIZE, VERMILLION, WHITE, paler};

/// No bar of its own for numbers beyond this.
const LARGEST: u64 = 150;
/// At least this many numbers are shown, however few occur.
const FEWEST: u64 = 20;
/// The last bar is cut where it is this many times taller than every other.
const DWARFING: u64 = 3;
/// Least height of a row; in it, above the histogram, for the median; below it, for the range.
const ROW: f64 = 176.0;
const ABOVE: f64 = 52.0;
const BELOW: f64 = 64.0;
const MEDIAN: Stroke = Stroke { color: INK, width: 3.0, dash: &[] };
const RANGE: Stroke = Stroke { color: BLUE, width: 4.0, dash: &[] };

/// How often each whole number occurs among `values`, as bars; `name` says in the legend what they are.
/// The bar of a `marked` number with a name is pointed out; the legend calls the numbers `symbol`. Numbers
/// beyond the largest shown are gathered in a last bar, cut where it would dwarf all others.
pub fn counts(
    title: &str,
    subtitle: &str,
    [x_label, y_label]: [&str; 2],
    name: &str,
    symbol: &str,
    values: &[f64],
    marked: Option<(&str, f64)>,
) -> Result<Vec<u8>, Error> {
    let placed = |value: f64| (value.is_finite() && value >= 0.0).then(|| value.round() as u64);
    let note = Axis::linear("", values.iter().map(|&value| if value >= 0.0 { value } else { f64::NAN }))?.note();
    let mut numbers: Vec<u64> = values.iter().filter_map(|&value| placed(value)).collect();
    numbers.sort_unstable();
    let marked = marked.and_then(|(name, value)| Some((name, placed(value)?)));
    let largest = numbers[numbers.len() - 1];
    let limit = if largest <= LARGEST { LARGEST } else { numbers[(numbers.len() - 1) * 99 / 100].min(LARGEST) };
    let common = numbers.iter().copied().rfind(|&number| number <= limit);
    let near_marked = marked.map(|marked| marked.1).filter(|&number| number <= LARGEST).map(|number| number + 4);
    let last = common.max(near_marked).unwrap_or(0).next_multiple_of(10).clamp(FEWEST, LARGEST);
    let mut counts = vec![0; last as usize + 1];
    let within = numbers.iter().filter(|&&number| number <= last);
    within.for_each(|&number| counts[number as usize] += 1);
    let beyond = numbers.iter().filter(|&&number| number > last).count() as u64;
    let tallest = counts.iter().copied().max().unwrap_or(0);
    let is_cut = tallest > 0 && beyond / tallest >= DWARFING;

    // Where the last bar stands on the axis of numbers, and half the width of bars there.
    let end = last as f64;
    let half = (end / 60.0).max(0.4);
    let center = end + end / 25.0 + half;
    let right = if beyond > 0 { center + 2.0 * half + end / 25.0 } else { end + 1.0 };
    let x = Axis::whole(x_label, -1.0, right, 10.0).labelled_to(end + 0.5);
    // The room above the bars holds the label of the marked number.
    let highest = if is_cut { tallest } else { tallest.max(beyond) };
    let y = Axis::whole(y_label, 0.0, (highest as f64 * 1.16).max(2.4), 7.0);
    let mut legend = vec![Item::area(name, BLUE)];
    legend.extend(marked.map(|(marked, number)| {
        let hits = counts.get(usize::try_from(number).unwrap_or(usize::MAX));
        let there = hits.map_or("beyond the numbers shown".to_owned(), |hits| format!("{y_label} there: {hits}"));
        Item::area(format!("{marked}: {symbol} = {number}, {there}"), VERMILLION)
    }));
    legend.extend((beyond > 0).then(|| Item::area(format!("{beyond} beyond {symbol} = {last}"), MUTED)));

    let mut plot = Frame { title, subtitle, legend, note, ..Frame::default() }.plot(&x, &y);
    for (number, &count) in counts.iter().enumerate() {
        let color = if marked.is_some_and(|marked| marked.1 == number as u64) { VERMILLION } else { BLUE };
        bar(&mut plot, (number as f64, 0.4), count, color);
    }
    if beyond > 0 {
        bar(&mut plot, (center, half), if is_cut { tallest } else { beyond }, MUTED);
        if is_cut {
            cut(&mut plot, (center, half), tallest, beyond);
        }
        let at = (plot.across(center), plot.area.bottom + 16.0 + font::cap_height(TICK_SIZE));
        plot.canvas.text(Text::new(format!("> {last}"), at, TICK_SIZE, INK, Align::Center));
    }
    if let Some((name, number)) = marked.filter(|marked| marked.1 <= last) {
        // A line from the label down to the bar.
        let (x, top_of_bar) = plot.position((number as f64, counts[number as usize] as f64));
        plot.canvas.line(&[(x, plot.area.top + 44.0), (x, top_of_bar)], Stroke::solid(VERMILLION, 2.5));
        plot.write_centred(format!("{name} {symbol} = {number}"), (x, plot.area.top + 32.0), (LEGEND_SIZE, INK));
    }
    plot.into_png()
}

fn bar(plot: &mut Plot, (center, half): (f64, f64), count: u64, color: Color) {
    if count > 0 {
        let (left, right) = (plot.across(center - half), plot.across(center + half));
        plot.bar(Area { left, right, top: plot.up(count as f64), bottom: plot.area.bottom }, color);
    }
}

/// A slanted gap in the last bar, which is as high as the tallest of the others, and its count above it.
fn cut(plot: &mut Plot, (center, half): (f64, f64), tallest: u64, count: u64) {
    let (left, right, top) = (plot.across(center - half), plot.across(center + half), plot.up(tallest as f64));
    for y in [top + 36.0, top + 54.0] {
        plot.canvas.line(&[(left - 8.0, y + 8.0), (right + 8.0, y - 8.0)], Stroke::solid(WHITE, 6.0));
    }
    plot.write_centred(count.to_string(), (f64::midpoint(left, right), top - 12.0), (TICK_SIZE, INK));
}

/// A group of values whose distribution is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    /// What stands beside its row.
    pub name: &'a str,
    /// The values in any order.
    pub values: &'a [f64],
}

impl Distribution<'_> {
    /// The values that have a place on an axis, in ascending order.
    pub(crate) fn sorted(&self, axis: &Axis) -> Vec<f64> {
        let mut values: Vec<f64> = self.values.iter().copied().filter(|&value| axis.has(value)).collect();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The values of each group as a histogram on one logarithmic axis, each group as high as the others. The median stands
/// above it, the range from the smallest to the largest value below it; a vertical line through all rows marks a
/// single value.
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
    let sorted: Vec<Vec<f64>> = groups.iter().map(|group| group.sorted(&x)).collect();

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

//! How often each of a few whole numbers occurs.

use crate::Error;
use crate::axis::Axis;
use crate::canvas::{Align, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot};
use crate::legend::Item;
use crate::style::{BLUE, Color, INK, LEGEND_SIZE, MUTED, Stroke, TICK_SIZE, VERMILLION, WHITE};

/// No bar of its own for numbers beyond this.
const LARGEST: u64 = 150;
/// At least this many numbers are shown, however few occur.
const FEWEST: u64 = 20;
/// The last bar is cut where it is this many times taller than every other.
const DWARFING: u64 = 3;

/// How often each whole number occurs among `values`, as bars; `name` says in the legend what they are.
/// The bar of a `marked` number with a name is pointed out; the legend calls the numbers `symbol`. Numbers
/// beyond the largest shown are gathered in a last bar, cut where it would dwarf all others.
///
/// # Errors
/// Without values, or without a finite one of at least zero.
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
        let text = format!("{name} {symbol} = {number}");
        let half = font::width(&text, Weight::Regular, LEGEND_SIZE) / 2.0 + 10.0;
        let center = x.max(plot.area.left + half).min(plot.area.right - half);
        let y = plot.area.top + 32.0;
        plot.canvas.rectangle((center - half, y - 30.0), (center + half, y + 9.0), WHITE);
        plot.canvas.text(Text::new(text, (center, y), LEGEND_SIZE, INK, Align::Center));
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
    let text = count.to_string();
    let wide = font::width(&text, Weight::Regular, TICK_SIZE) / 2.0;
    let (x, y) = (f64::midpoint(left, right).min(plot.area.right - wide), top - 12.0);
    plot.canvas.rectangle((x - wide - 6.0, y - 24.0), (x + wide + 6.0, y + 6.0), WHITE);
    plot.canvas.text(Text::new(text, (x, y), TICK_SIZE, INK, Align::Center));
}

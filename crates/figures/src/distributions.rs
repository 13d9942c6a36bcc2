//! How the values of several groups spread: a histogram a group, on one logarithmic axis.

use crate::axis::{Axis, Tick, range};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::mark::{HEAD, mark, write_centred};
use crate::number::four_digits;
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Stroke, TICK_SIZE, WIDTH, paler};
use crate::{Distribution, Error, note_left_out};

/// Groups beyond this many are left out and counted in the note.
const MOST_GROUPS: usize = 12;
/// Least height of a row, and of all rows in a figure of the usual height.
const ROW: f64 = 176.0;
const USUAL_HEIGHT: f64 = 660.0;
/// In a row: above the histogram, for the median; below it, for the range.
const ABOVE: f64 = 52.0;
const BELOW: f64 = 64.0;
const LONGEST_NAME: f64 = 480.0;
const WHY_LEFT_OUT: &str = "zero, negative or not finite; the medians are those of the others";

/// The values of each group as a histogram on one logarithmic axis, each group as high as the
/// others. The median stands above it, the range from the smallest to the largest value below it;
/// a vertical line through all rows marks a single value.
///
/// # Errors
///
/// Without values, or without one that has a place on a logarithmic axis.
pub fn distributions(
    title: &str,
    subtitle: &str,
    groups: &[Distribution<'_>],
    marked: Option<(&str, f64)>,
    x_label: &str,
) -> Result<Vec<u8>, Error> {
    if groups.iter().all(|group| group.values.is_empty()) {
        return Err(Error::Empty { what: "values" });
    }
    let shown = &groups[..groups.len().min(MOST_GROUPS)];
    let spreads: Vec<Option<Spread>> = shown.iter().map(|group| Spread::new(group.values)).collect();
    let ends = spreads.iter().flatten().flat_map(|spread| [spread.low, spread.high]);
    if ends.clone().next().is_none() {
        return Err(Error::NothingToDraw { what: "values" });
    }
    let marked = marked.filter(|marked| has_a_place(marked.1));
    let (low, high) = range(ends.chain(marked.map(|marked| marked.1))).unwrap_or((1.0, 1.0));
    let bins = Bins::new(low, high);

    let mut frame = Frame::new(title, subtitle, x_label, "");
    frame.legend = legend(bins);
    let values: usize = shown.iter().map(|group| group.values.len()).sum();
    let drawn: usize = spreads.iter().flatten().map(|spread| spread.logs.len()).sum();
    frame.note = if shown.len() < groups.len() {
        Some(format!("{} more groups are not shown", groups.len() - shown.len()))
    } else {
        note_left_out(values - drawn, WHY_LEFT_OUT)
    };
    let head = if marked.is_some() { HEAD } else { 0.0 };
    frame.taller = (shown.len() as f64 * ROW + head - USUAL_HEIGHT).max(0.0);
    let names = Axis::of_names(shown.iter().map(|group| group.name), LONGEST_NAME);
    let length = f64::from(WIDTH) - 2.0 * MARGIN - names.widest_label() - 18.0;
    let mut row = 0.0;
    let mut plot = frame.draw(|height| {
        row = (height - head) / shown.len() as f64;
        (Axis::logarithmic(low, high, length, 110.0), baselines(names, height, row))
    })?;
    let lines = plot.y.ticks.iter().map(|tick| plot.up(tick.fraction)).collect::<Vec<f64>>();
    let height = row - ABOVE - BELOW;
    for (spread, &baseline) in spreads.iter().zip(&lines) {
        if let Some(spread) = spread {
            spread.draw_bars(&mut plot, bins, baseline, height)?;
        }
    }
    if let Some((label, value)) = marked {
        mark(&mut plot, label, value)?;
    }
    for (spread, &baseline) in spreads.iter().zip(&lines) {
        if let Some(spread) = spread {
            spread.draw_summary(&mut plot, baseline, height)?;
        } else {
            let text = "no value that can be drawn".to_owned();
            let at = (f64::midpoint(plot.area.left, plot.area.right), baseline - 20.0);
            write_centred(&mut plot, text, at, (TICK_SIZE, MUTED))?;
        }
    }
    plot.canvas.into_png()
}

fn has_a_place(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// The names at the lower edges of the histograms.
fn baselines(mut names: Axis, height: f64, row: f64) -> Axis {
    let count = names.ticks.len();
    let place = |(index, tick): (usize, Tick)| {
        let below = (count - 1 - index) as f64 * row + BELOW;
        Tick { fraction: below / height, ..tick }
    };
    names.ticks = names.ticks.into_iter().enumerate().map(place).collect();
    names
}

fn legend(bins: Bins) -> Vec<Item> {
    let line = |name: &str, stroke| Item { name: name.to_owned(), stroke: Some(stroke), marker: None, fill: None };
    vec![
        Item { name: bins.name().to_owned(), stroke: None, marker: None, fill: Some(paler(BLUE, 0.55)) },
        line("median", Stroke::solid(INK, 3.0)),
        line("smallest to largest", Stroke::solid(BLUE, 4.0)),
    ]
}

/// How many bins of equal width a decade has, or how many decades a bin.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Bins {
    Fiftieths,
    Tenths,
    Decades,
}

impl Bins {
    /// Tenths of a decade, unless all values lie within one or over very many.
    fn new(low: f64, high: f64) -> Bins {
        match libm::log10(high) - libm::log10(low) {
            ..1.0 => Bins::Fiftieths,
            40.0.. => Bins::Decades,
            _ => Bins::Tenths,
        }
    }

    fn a_decade(self) -> f64 {
        match self {
            Bins::Fiftieths => 50.0,
            Bins::Tenths => 10.0,
            Bins::Decades => 1.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Bins::Fiftieths => "values in each fiftieth of a decade, as share of the fullest",
            Bins::Tenths => "values in each tenth of a decade, as share of the fullest",
            Bins::Decades => "values in each decade, as share of the fullest",
        }
    }
}

/// The values of a group that have a place.
struct Spread {
    low: f64,
    high: f64,
    median: f64,
    logs: Vec<f64>,
}

impl Spread {
    /// None if no value has a place.
    fn new(values: &[f64]) -> Option<Spread> {
        let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value)).collect();
        let (low, high) = range(values.iter().copied())?;
        let half = values.len() / 2;
        let is_even = values.len().is_multiple_of(2);
        let (below, &mut upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
        let lower = below.iter().copied().fold(0.0, f64::max);
        let median = if is_even { f64::midpoint(lower, upper) } else { upper };
        let logs = values.iter().map(|&value| libm::log10(value)).collect();
        Some(Spread { low, high, median, logs })
    }

    /// The median above the histogram, the range below it.
    fn draw_summary(&self, plot: &mut Plot, baseline: f64, height: f64) -> Result<(), Error> {
        let x = plot.across(plot.x.fraction(self.median));
        let ends = [(x, baseline - 2.0), (x, baseline - height - 6.0)];
        plot.canvas.line(&ends, Stroke::solid(INK, 3.0))?;
        let text = format!("median {}", four_digits(self.median));
        write_centred(plot, text, (x, baseline - height - 16.0), (LEGEND_SIZE, INK))?;

        let y = baseline + 14.0;
        let [left, right] = [self.low, self.high].map(|value| plot.across(plot.x.fraction(value)));
        let stroke = Stroke::solid(BLUE, 4.0);
        plot.canvas.line(&[(left, y), (right, y)], stroke)?;
        for end in [left, right] {
            plot.canvas.line(&[(end, y - 7.0), (end, y + 7.0)], stroke)?;
        }
        let count = self.logs.len();
        let text = match count {
            1 => format!("1 value, {}", four_digits(self.low)),
            _ => format!("{count} values, {} to {}", four_digits(self.low), four_digits(self.high)),
        };
        write_centred(plot, text, (f64::midpoint(left, right), y + 34.0), (TICK_SIZE, MUTED))
    }

    fn draw_bars(&self, plot: &mut Plot, bins: Bins, baseline: f64, height: f64) -> Result<(), Error> {
        let bin = |log: f64| (log * bins.a_decade()).floor() as i64;
        let first = self.logs.iter().map(|&log| bin(log)).min().unwrap_or(0);
        let mut counts: Vec<u64> = Vec::new();
        for &log in &self.logs {
            let index = (bin(log) - first) as usize;
            if index >= counts.len() {
                counts.resize(index + 1, 0);
            }
            counts[index] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(1) as f64;
        for (index, &count) in counts.iter().enumerate().filter(|bar| *bar.1 > 0) {
            let edge = |number: i64| {
                let x = plot.across(plot.x.fraction_of_log(number as f64 / bins.a_decade()));
                x.clamp(plot.area.left + 1.0, plot.area.right)
            };
            let (left, right) = (edge(first + index as i64), edge(first + index as i64 + 1));
            // A single value among a million stays visible.
            let top = baseline - (height * count as f64 / most).max(2.0);
            plot.canvas.rectangle((left, top), (right, baseline), paler(BLUE, 0.55))?;
        }
        Ok(())
    }
}

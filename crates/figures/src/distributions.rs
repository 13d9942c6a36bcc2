//! How the values of several groups spread: a histogram a group, on one logarithmic axis.

use crate::axis::{Axis, Tick, has_a_place, range};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::mark::{HEAD, mark, write_centred};
use crate::number::{four_digits, median};
use crate::style::{BLUE, INK, LEGEND_SIZE, MARGIN, MUTED, Stroke, TICK_SIZE, WIDTH, paler};
use crate::{Error, ends, note};

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

/// A group of values whose distribution is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    /// What stands beside its row.
    pub name: &'a str,
    /// The values in any order.
    pub values: &'a [f64],
}

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
    let shown = &groups[..groups.len().min(MOST_GROUPS)];
    let values = shown.iter().flat_map(|group| group.values).copied();
    let (ends, left_out) = ends("values", values, |value| has_a_place(value, true))?;
    let spreads: Vec<Option<Spread>> = shown.iter().map(|group| Spread::new(group.values)).collect();
    let marked = marked.filter(|marked| has_a_place(marked.1, true));
    let ends = [ends.0, ends.1].into_iter().chain(marked.map(|marked| marked.1));
    let (low, high) = range(ends).unwrap_or((1.0, 1.0));
    let bins = Bins::new(low, high);

    let mut frame = Frame::new(title, subtitle, x_label, "");
    frame.legend = legend(bins);
    frame.note = note((shown.len(), groups.len(), "groups"), (left_out, WHY_LEFT_OUT));
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
    vec![
        Item::area(bins.name(), paler(BLUE, 0.55)),
        Item::line("median", Stroke::solid(INK, 3.0)),
        Item::line("smallest to largest", Stroke::solid(BLUE, 4.0)),
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

/// The values of a group that have a place, in ascending order.
struct Spread {
    low: f64,
    high: f64,
    median: f64,
    logs: Vec<f64>,
}

impl Spread {
    /// None if no value has a place.
    fn new(values: &[f64]) -> Option<Spread> {
        let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, true)).collect();
        values.sort_by(f64::total_cmp);
        let logs = values.iter().map(|&value| libm::log10(value)).collect();
        Some(Spread { low: *values.first()?, high: *values.last()?, median: median(&values)?, logs })
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
        plot.canvas.whisker([(left, y), (right, y)], (0.0, 7.0), Stroke::solid(BLUE, 4.0))?;
        let count = self.logs.len();
        let text = match count {
            1 => format!("1 value, {}", four_digits(self.low)),
            _ => format!("{count} values, {} to {}", four_digits(self.low), four_digits(self.high)),
        };
        write_centred(plot, text, (f64::midpoint(left, right), y + 34.0), (TICK_SIZE, MUTED))
    }

    fn draw_bars(&self, plot: &mut Plot, bins: Bins, baseline: f64, height: f64) -> Result<(), Error> {
        let bin = |log: f64| (log * bins.a_decade()).floor() as i64;
        let bars = || self.logs.chunk_by(|&one, &other| bin(one) == bin(other));
        let most = bars().map(<[f64]>::len).max().unwrap_or(1) as f64;
        for bar in bars() {
            let edge = |number: i64| {
                let x = plot.across(plot.x.fraction_of_log(number as f64 / bins.a_decade()));
                x.clamp(plot.area.left + 1.0, plot.area.right)
            };
            let (left, right) = (edge(bin(bar[0])), edge(bin(bar[0]) + 1));
            // A single value among a million stays visible.
            let top = baseline - (height * bar.len() as f64 / most).max(2.0);
            plot.canvas.rectangle((left, top), (right, baseline), paler(BLUE, 0.55))?;
        }
        Ok(())
    }
}

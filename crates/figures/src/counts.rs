//! How often each of a few whole numbers occurs.

use crate::axis::Axis;
use crate::canvas::Align;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::legend::Item;
use crate::style::{BLUE, INK, LEGEND_SIZE, MUTED, Stroke, TICK_SIZE, VERMILLION, WHITE};
use crate::{Error, ends, note_left_out};

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
///
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
    let has_a_place = |value: f64| value.is_finite() && value >= 0.0;
    let (_, left_out) = ends("values", values.iter().copied(), has_a_place)?;
    let number = |value: f64| value.round() as u64;
    let mut numbers: Vec<u64> = values.iter().copied().filter(|&value| has_a_place(value)).map(number).collect();
    numbers.sort_unstable();
    let marked = marked.filter(|marked| has_a_place(marked.1)).map(|(name, value)| (name, number(value)));
    let bars = Bars::new(&numbers, symbol, marked);

    let mut frame = Frame::new(title, subtitle, x_label, y_label);
    frame.legend = bars.legend(name, y_label);
    frame.note = note_left_out(left_out, "negative or not finite");
    let mut plot = frame.draw(|_| bars.axes())?;
    bars.draw(&mut plot)?;
    plot.canvas.into_png()
}

/// Counts by number, and how many lie beyond.
struct Bars<'a> {
    counts: Vec<u64>,
    beyond: u64,
    symbol: &'a str,
    marked: Option<(&'a str, u64)>,
}

impl<'a> Bars<'a> {
    /// Counts sorted numbers, of which there is at least one.
    fn new(numbers: &[u64], symbol: &'a str, marked: Option<(&'a str, u64)>) -> Bars<'a> {
        let percentile = numbers[(numbers.len() - 1) * 99 / 100];
        let limit = if numbers[numbers.len() - 1] <= LARGEST { LARGEST } else { percentile.min(LARGEST) };
        let common = numbers.iter().rfind(|&&number| number <= limit);
        let near_marked = marked.map(|marked| marked.1).filter(|&number| number <= LARGEST).map(|n| n + 4);
        let last = common.copied().max(near_marked).unwrap_or(0);
        let last = last.next_multiple_of(10).clamp(FEWEST, LARGEST);
        let mut counts = vec![0; last as usize + 1];
        let mut beyond = 0;
        for &number in numbers {
            match counts.get_mut(number as usize) {
                Some(count) => *count += 1,
                None => beyond += 1,
            }
        }
        Bars { counts, beyond, symbol, marked }
    }

    fn last(&self) -> f64 {
        self.counts.len() as f64 - 1.0
    }

    /// Where the last bar stands on the axis of numbers, and half the width of bars there.
    fn beyond_bar(&self) -> (f64, f64) {
        let half = (self.last() / 60.0).max(0.4);
        (self.last() + self.last() / 25.0 + half, half)
    }

    /// The largest count of a number that has its own bar.
    fn tallest(&self) -> u64 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    fn is_cut(&self) -> bool {
        let tallest = self.tallest();
        tallest > 0 && self.beyond / tallest >= DWARFING
    }

    fn axes(&self) -> (Axis, Axis) {
        let right = if self.beyond > 0 {
            let (center, half) = self.beyond_bar();
            center + 2.0 * half + self.last() / 25.0
        } else {
            self.last() + 1.0
        };
        let tallest = if self.is_cut() { self.tallest() } else { self.tallest().max(self.beyond) };
        let x = Axis::counting(-1.0, right, 10.0);
        // The room above the bars holds the label of the marked number.
        let y = Axis::counting(0.0, (tallest as f64 * 1.16).max(2.4), 7.0);
        (x.keep_below(self.last() + 0.5), y)
    }

    fn legend(&self, name: &str, counted: &str) -> Vec<Item> {
        let (symbol, mut items) = (self.symbol, vec![Item::area(name, BLUE)]);
        if let Some((marked, number)) = self.marked {
            let hits = usize::try_from(number).ok().and_then(|index| self.counts.get(index));
            let name = match hits {
                Some(hits) => format!("{marked}: {symbol} = {number}, {counted} there: {hits}"),
                None => format!("{marked}: {symbol} = {number}, beyond the numbers shown"),
            };
            items.push(Item::area(name, VERMILLION));
        }
        if self.beyond > 0 {
            items.push(Item::area(format!("{} beyond {symbol} = {}", self.beyond, self.last()), MUTED));
        }
        items
    }

    fn draw(&self, plot: &mut Plot) -> Result<(), Error> {
        for (number, &count) in self.counts.iter().enumerate() {
            let is_marked = self.marked.is_some_and(|marked| marked.1 == number as u64);
            let color = if is_marked { VERMILLION } else { BLUE };
            bar(plot, (number as f64, 0.4), count, color)?;
        }
        if self.beyond > 0 {
            let (center, half) = self.beyond_bar();
            if self.is_cut() {
                self.draw_cut(plot, (center, half))?;
            } else {
                bar(plot, (center, half), self.beyond, MUTED)?;
            }
            let at = (plot.position(center, 0.0).0, plot.area.bottom + 16.0 + font::cap_height(TICK_SIZE));
            let label = format!("> {}", self.last());
            plot.canvas.text(line(label, at, TICK_SIZE, INK, Align::Center));
        }
        self.point_out(plot)
    }

    /// The last bar with a slanted gap, as high as the tallest of the others, its count above it.
    fn draw_cut(&self, plot: &mut Plot, (center, half): (f64, f64)) -> Result<(), Error> {
        bar(plot, (center, half), self.tallest(), MUTED)?;
        let (left, top) = plot.position(center - half, self.tallest() as f64);
        let right = plot.position(center + half, 0.0).0;
        for y in [top + 36.0, top + 54.0] {
            let gap = [(left - 8.0, y + 8.0), (right + 8.0, y - 8.0)];
            plot.canvas.line(&gap, Stroke::solid(WHITE, 6.0))?;
        }
        let text = self.beyond.to_string();
        let wide = font::width(&text, Weight::Regular, TICK_SIZE) / 2.0;
        let (x, y) = (f64::midpoint(left, right).min(plot.area.right - wide), top - 12.0);
        plot.canvas.rectangle((x - wide - 6.0, y - 24.0), (x + wide + 6.0, y + 6.0), WHITE)?;
        plot.canvas.text(line(text, (x, y), TICK_SIZE, INK, Align::Center));
        Ok(())
    }

    /// A line from the label down to the bar of the marked number.
    fn point_out(&self, plot: &mut Plot) -> Result<(), Error> {
        let Some((name, number)) = self.marked.filter(|marked| marked.1 <= self.last() as u64) else {
            return Ok(());
        };
        let count = self.counts[number as usize] as f64;
        let (x, top_of_bar) = plot.position(number as f64, count);
        let top = plot.area.top + 44.0;
        plot.canvas.line(&[(x, top), (x, top_of_bar)], Stroke::solid(VERMILLION, 2.5))?;
        let text = format!("{name} {} = {number}", self.symbol);
        let half = font::width(&text, Weight::Regular, LEGEND_SIZE) / 2.0 + 10.0;
        let center = x.max(plot.area.left + half).min(plot.area.right - half);
        let y = plot.area.top + 32.0;
        plot.canvas.rectangle((center - half, y - 30.0), (center + half, y + 9.0), WHITE)?;
        plot.canvas.text(line(text, (center, y), LEGEND_SIZE, INK, Align::Center));
        Ok(())
    }
}

fn bar(plot: &mut Plot, (center, half): (f64, f64), count: u64, color: plotters::style::RGBColor) -> Result<(), Error> {
    if count == 0 {
        return Ok(());
    }
    let (left, top) = plot.position(center - half, count as f64);
    let right = plot.position(center + half, 0.0).0;
    plot.canvas.rectangle((left, top), (right, plot.area.bottom - 1.0), color)
}

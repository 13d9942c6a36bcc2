//! Lines with their names written beside their right ends.

use crate::canvas::{Align, Position};
use crate::curve;
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot, line};
use crate::style::{DASHED, GRID, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, REFERENCE, Stroke, WIDTH, series};
use crate::{Error, check_lengths};

/// Height of a name in pixels.
const ROW: f64 = 38.0;
const LONGEST: f64 = 470.0;
/// From the plot to the names: a thin leader and the swatch.
const LEADER: f64 = 22.0;
const SWATCH: f64 = 52.0;
const GAP: f64 = 14.0;
/// More lines than this are not told apart by their names any more.
const MOST: usize = 16;
/// A line without markers, which bounds the others.
const LIMIT: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// A measure at several places, with its spread.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What stands beside its right end.
    pub name: &'a str,
    /// The places, in ascending order.
    pub x: &'a [f64],
    /// The measure at each place, such as the median of many repetitions.
    pub y: &'a [f64],
    /// The lower ends of the spread, such as the lower quartiles; empty for none.
    pub low: &'a [f64],
    /// The upper ends of the spread; empty for none.
    pub high: &'a [f64],
}

impl Line<'_> {
    /// Refuses columns of different lengths.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let spread = [("low", self.low.len()), ("high", self.high.len())].into_iter().filter(|column| column.1 > 0);
        check_lengths(("x", self.x.len()), &[("y", self.y.len())].into_iter().chain(spread).collect::<Vec<_>>())
    }

    /// Place and measure.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.x.iter().copied().zip(self.y.iter().copied())
    }

    /// Place and both ends of the spread, if it has one.
    pub(crate) fn spread(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.x.iter().zip(self.low).zip(self.high).map(|((&x, &low), &high)| (x, low, high))
    }
}

/// The lines that can be told apart by their names.
///
/// # Errors
///
/// With columns of different lengths.
pub fn shown<'l, 'a>(lines: &'l [Line<'a>]) -> Result<&'l [Line<'a>], Error> {
    lines.iter().try_for_each(Line::check)?;
    Ok(&lines[..lines.len().min(MOST)])
}

/// Keeps room for the names right of the plot; returns about the width of the plot in pixels.
pub fn make_room<'a>(frame: &mut Frame<'_>, lines: impl Iterator<Item = &'a Line<'a>>) -> f64 {
    let width = |line: &Line<'_>| font::width(line.name, Weight::Regular, LEGEND_SIZE).min(LONGEST);
    frame.right = MARGIN + LEADER + SWATCH + GAP + lines.map(width).fold(0.0, f64::max);
    f64::from(WIDTH) - frame.right - 240.0
}

/// Draws lines with markers and a dashed one without, their names, and `beneath` the markers of a line what
/// else belongs to it.
pub fn draw(
    plot: &mut Plot,
    lines: &[Line<'_>],
    limit: Option<Line<'_>>,
    beneath: impl Fn(&mut Plot, &Line<'_>, Marker) -> Result<(), Error>,
) -> Result<(), Error> {
    let looks = lines.iter().enumerate().map(|(index, line)| (line, series(index).0, Some(series(index).1)));
    let mut labels = Vec::new();
    let mut all = Vec::new();
    for (line, stroke, marker) in limit.iter().map(|limit| (limit, LIMIT, None)).chain(looks) {
        let runs = curve::runs(plot, line.pairs());
        curve::draw(plot, &runs, stroke)?;
        let end = runs.last().and_then(|run| run.last());
        labels.extend(end.map(|&end| Label { name: line.name, end, stroke, marker }));
        all.push((line, marker, runs));
    }
    write(plot, labels)?;
    let marked = all.iter().filter_map(|(line, marker, runs)| Some((line, (*marker)?, runs)));
    for (index, (line, marker, runs)) in marked.enumerate() {
        beneath(plot, line, marker)?;
        curve::markers(plot, runs, marker, (index, lines.len()))?;
    }
    Ok(())
}

/// A name and the right end of its line.
struct Label<'a> {
    name: &'a str,
    end: Position,
    stroke: Stroke,
    marker: Option<Marker>,
}

/// Writes the names in the order of the ends, moved apart where these are close.
fn write(plot: &mut Plot, mut labels: Vec<Label<'_>>) -> Result<(), Error> {
    labels.sort_by(|one, other| one.end.1.total_cmp(&other.end.1));
    let (top, bottom) = (plot.area.top + ROW / 2.0, plot.area.bottom - ROW / 2.0);
    let heights = apart(&labels.iter().map(|label| label.end.1).collect::<Vec<f64>>(), ROW, (top, bottom));
    for (label, y) in labels.iter().zip(heights) {
        let left = plot.area.right + LEADER;
        plot.canvas.line(&[label.end, (plot.area.right, y), (left, y)], Stroke::solid(GRID, 2.0))?;
        plot.canvas.line(&[(left, y), (left + SWATCH, y)], label.stroke)?;
        if let Some(marker) = label.marker {
            plot.canvas.marker((left + SWATCH / 2.0, y), marker)?;
        }
        let name = font::shorten(label.name, Weight::Regular, LEGEND_SIZE, LONGEST);
        let at = (left + SWATCH + GAP, y + font::cap_height(LEGEND_SIZE) / 2.0);
        let color = if label.marker.is_some() { INK } else { MUTED };
        plot.canvas.text(line(name, at, LEGEND_SIZE, color, Align::Left));
    }
    Ok(())
}

/// Sorted positions, moved as little as it takes for neighbours to be `distance` apart (by pooling
/// those in each other's way around their mean) and for none to leave the room between `low` and
/// `high`, as far as that has place for all.
fn apart(sorted: &[f64], distance: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let last = sorted.len().saturating_sub(1) as f64;
    let distance = distance.min((high - low) / last.max(1.0));
    // Less its distance from the first, each position only has to be at least the one before.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (index, position) in sorted.iter().enumerate() {
        let mut pool = (position - distance * index as f64, 1);
        while let Some(before) = pools.pop_if(|before| before.0 > pool.0) {
            let count = before.1 + pool.1;
            pool = ((before.0 * before.1 as f64 + pool.0 * pool.1 as f64) / count as f64, count);
        }
        pools.push(pool);
    }
    let starts = pools.iter().flat_map(|&(start, count)| std::iter::repeat_n(start, count));
    starts
        .enumerate()
        .map(|(index, start)| start.min(high - distance * last).max(low) + distance * index as f64)
        .collect()
}

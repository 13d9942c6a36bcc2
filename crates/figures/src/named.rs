//! Lines with their names written beside their right ends.

use crate::Error;
use crate::canvas::{Align, Position, Text};
use crate::font::{self, Weight};
use crate::frame::Plot;
use crate::marks::{Point, widest};
use crate::style::{DASHED, GRID, INK, LEGEND_SIZE, MUTED, Marker, REFERENCE, Stroke, series};

/// Height of a name in pixels.
const ROW: f64 = 38.0;
const LONGEST: f64 = 470.0;
/// From the plot to the names: a thin leader and the swatch.
const LEADER: f64 = 22.0;
const SWATCH: f64 = 52.0;
const GAP: f64 = 14.0;
/// Half the length of the caps of a whisker.
const CAP: f64 = 8.0;
/// A line without markers, which bounds the others.
const LIMIT: Stroke = Stroke { color: REFERENCE, width: 3.0, dash: DASHED };

/// A measure at several places, with its spread.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What the legend calls it, or what stands beside its right end.
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

impl<'a> Line<'a> {
    /// A line without a spread.
    pub fn new(name: &'a str, x: &'a [f64], y: &'a [f64]) -> Line<'a> {
        Line { name, x, y, low: &[], high: &[] }
    }

    /// Refuses columns of different lengths.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let spread = [self.low.len(), self.high.len()].into_iter().filter(|&length| length > 0);
        Error::check_lengths(self.x.len(), [self.y.len()].into_iter().chain(spread))
    }

    /// Place and measure.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> {
        self.x.iter().copied().zip(self.y.iter().copied())
    }

    /// Place and both ends of the spread, if it has one.
    pub(crate) fn spread(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.x.iter().zip(self.low).zip(self.high).map(|((&x, &low), &high)| (x, low, high))
    }
}

/// Pixels that the names take right of the plot.
pub fn room<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> f64 {
    LEADER + SWATCH + GAP + widest(lines.into_iter().map(|line| line.name), LEGEND_SIZE).min(LONGEST)
}

impl Plot {
    /// Lines with markers, whiskers where they have a spread, and their names; `limit` is a dashed one without markers.
    pub fn named_lines(&mut self, lines: &[Line<'_>], limit: Option<&Line<'_>>) {
        let looks = lines.iter().enumerate().map(|(index, line)| (line, series(index).0, Some(series(index).1)));
        let mut labels = Vec::new();
        let mut marked = Vec::new();
        for (line, stroke, marker) in limit.into_iter().map(|limit| (limit, LIMIT, None)).chain(looks) {
            let runs = self.runs(line.points());
            self.trace(&runs, stroke);
            let end = runs.last().and_then(|run| run.last());
            labels.extend(end.map(|&end| Label { name: line.name, end, stroke, marker }));
            marked.extend(marker.map(|marker| (line, marker, runs)));
        }
        self.names(labels);
        for (index, (line, marker, runs)) in marked.iter().enumerate() {
            for (x, low, high) in
                line.spread().filter(|&(x, low, high)| self.x.has(x) && self.y.has(low) && self.y.has(high))
            {
                let ends = [self.position((x, low)), self.position((x, high))];
                self.canvas.whisker(ends, (CAP, 0.0), Stroke::solid(marker.color, 2.5));
            }
            self.markers(runs, *marker, (index, lines.len()));
        }
    }

    /// Writes the names in the order of the ends, moved apart where these are close.
    fn names(&mut self, mut labels: Vec<Label<'_>>) {
        labels.sort_by(|one, other| one.end.1.total_cmp(&other.end.1));
        let (top, bottom) = (self.area.top + ROW / 2.0, self.area.bottom - ROW / 2.0);
        let heights = apart(&labels.iter().map(|label| label.end.1).collect::<Vec<f64>>(), ROW, (top, bottom));
        for (label, y) in labels.iter().zip(heights) {
            let left = self.area.right + LEADER;
            self.canvas.line(&[label.end, (self.area.right, y), (left, y)], Stroke::solid(GRID, 2.0));
            self.canvas.line(&[(left, y), (left + SWATCH, y)], label.stroke);
            if let Some(marker) = label.marker {
                self.canvas.marker((left + SWATCH / 2.0, y), marker);
            }
            let name = font::shorten(label.name, Weight::Regular, LEGEND_SIZE, LONGEST);
            let at = (left + SWATCH + GAP, y + font::cap_height(LEGEND_SIZE) / 2.0);
            let color = if label.marker.is_some() { INK } else { MUTED };
            self.canvas.text(Text::new(name, at, LEGEND_SIZE, color, Align::Left));
        }
    }
}

/// A name and the right end of its line.
struct Label<'a> {
    name: &'a str,
    end: Position,
    stroke: Stroke,
    marker: Option<Marker>,
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

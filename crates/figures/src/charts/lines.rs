//! Lines with their names written beside their right ends.

use crate::axis::{Axis, has_a_place};
use crate::canvas::{Align, Position, Text};
use crate::font::{self, Weight};
use crate::frame::{Frame, Plot};
use crate::marks::{Point, widest};
use crate::style::{DASHED, GRID, INK, LEGEND_SIZE, MUTED, Marker, REFERENCE, Stroke, series};
use crate::{Error, Objective};

/// More lines than this are not told apart by their names any more.
const MOST: usize = 16;
/// Height of the place of zero on a logarithmic axis.
const ZERO_BAND: f64 = 70.0;
/// The share of colour in the area between the quartiles, less where many areas lie over each other.
const SHARE: f32 = 0.16;
const SMALL_SHARE: f32 = 0.07;
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

/// Lines with markers and whiskers on two logarithmic axes, each with its name at its right end. `limit` is a dashed
/// line without markers, such as what the arithmetic alone allows.
pub fn scaling_lines(
    title: &str,
    subtitle: &str,
    [x_label, y_label]: [&str; 2],
    lines: &[Line<'_>],
    limit: Option<Line<'_>>,
) -> Result<Vec<u8>, Error> {
    lines.iter().chain(&limit).try_for_each(Line::check)?;
    let shown = &lines[..lines.len().min(MOST)];
    let has_places = |&(x, y): &Point| has_a_place(x, true) && has_a_place(y, true);
    let limits: Vec<Point> = limit.iter().flat_map(Line::points).filter(has_places).collect();
    let points = || shown.iter().flat_map(Line::points).chain(limits.iter().copied());
    let x = Axis::logarithmic_at(x_label, points().map(|point| point.0))?;
    let y = Axis::tight_logarithmic(y_label, points().map(|point| point.1).chain(spreads(shown, true)))?;
    let right = room(shown.iter().chain(&limit));
    let mut plot = Frame { title, subtitle, right, note: note(lines), ..Frame::default() }.plot(&x, &y);
    plot.named_lines(shown, limit.as_ref());
    plot.into_png()
}

/// The best value so far of many repetitions of a study against the number of trials or the seconds (`x_label`, on a
/// logarithmic axis if `log_x`): for each sampler a line through the medians and an area between the quartiles.
pub fn best_so_far_bands(
    title: &str,
    subtitle: &str,
    (x_label, log_x): (&str, bool),
    objective: Objective<'_>,
    samplers: &[Line<'_>],
) -> Result<Vec<u8>, Error> {
    samplers.iter().try_for_each(Line::check)?;
    let shown = &samplers[..samplers.len().min(MOST)];
    let places = shown.iter().flat_map(|sampler| sampler.x).copied();
    let x = if log_x { Axis::tight_logarithmic(x_label, places)? } else { Axis::from_zero(x_label, places)? };
    let medians = || shown.iter().flat_map(|sampler| sampler.y).copied();
    // Zeros alone have no axis to stand below.
    let _ = objective.axis(medians())?;
    let is_drawn = |value: &f64| !objective.log || *value != 0.0;
    let y = objective.axis(medians().filter(is_drawn).chain(spreads(shown, objective.log)))?;
    // On a logarithmic axis zero has a place of its own, or a line that reaches it would end.
    let y = if medians().all(|value| is_drawn(&value)) { y } else { y.with_band(ZERO_BAND, "0") };
    let right = room(shown);
    let mut plot = Frame { title, subtitle, right, note: note(samplers), ..Frame::default() }.plot(&x, &y);
    let share = if shown.len() > 3 { SMALL_SHARE } else { SHARE };
    for (index, sampler) in shown.iter().enumerate() {
        plot.area(sampler.spread(), series(index).0.color, share);
    }
    let medians: Vec<Line<'_>> = shown.iter().map(|line| Line::new(line.name, line.x, line.y)).collect();
    plot.named_lines(&medians, None);
    plot.into_png()
}

/// Both ends of all spreads, as far as they have a place.
fn spreads(lines: &[Line<'_>], log: bool) -> impl Iterator<Item = f64> {
    lines.iter().flat_map(Line::spread).flat_map(|(_, low, high)| [low, high]).filter(move |&end| has_a_place(end, log))
}

fn note(lines: &[Line<'_>]) -> Option<String> {
    (lines.len() > MOST).then(|| format!("{} more lines are not shown", lines.len() - MOST))
}

/// Pixels that the names take right of the plot.
fn room<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> f64 {
    LEADER + SWATCH + GAP + widest(lines.into_iter().map(|line| line.name), LEGEND_SIZE).min(LONGEST)
}

impl Plot {
    /// Lines with markers, whiskers where they have a spread, and their names; `limit` is a dashed one without markers.
    fn named_lines(&mut self, lines: &[Line<'_>], limit: Option<&Line<'_>>) {
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

//! Names written beside the right ends of their lines.

use crate::Error;
use crate::canvas::{Align, Position};
use crate::font::{self, Weight};
use crate::frame::{Plot, line};
use crate::style::{GRID, INK, LEGEND_SIZE, MUTED, Marker, Stroke};

/// Height of a name in pixels.
const ROW: f64 = 38.0;
const LONGEST: f64 = 470.0;
/// From the plot to the names: a thin leader and the swatch.
const LEADER: f64 = 22.0;
const SWATCH: f64 = 52.0;
const GAP: f64 = 14.0;

/// More lines than this are not told apart by their names any more.
pub const MOST: usize = 16;

/// A name and the right end of its line.
#[derive(Debug, Clone)]
pub struct Label {
    pub name: String,
    /// Where the line ends.
    pub end: Position,
    pub stroke: Stroke,
    pub marker: Option<Marker>,
}

/// Pixels that the names take right of the plot.
pub fn room<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let widest = names.map(|name| font::width(name, Weight::Regular, LEGEND_SIZE).min(LONGEST)).fold(0.0, f64::max);
    LEADER + SWATCH + GAP + widest
}

/// Writes the names in the order of the ends, moved apart where these are close.
pub fn draw(plot: &mut Plot, mut labels: Vec<Label>) -> Result<(), Error> {
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
        let name = font::shorten(&label.name, Weight::Regular, LEGEND_SIZE, LONGEST);
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

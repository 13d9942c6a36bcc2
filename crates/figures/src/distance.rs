//! The distance between losses and those of real Keras by epoch, on a logarithmic axis that also
//! has a place for zero.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::loss::{epochs, spaced};
use crate::style::{INK, Marker, Stroke, ZERO, series};
use crate::{DistanceCurve, Error, check_columns, note_left_out};

/// The band of zeros is at least this high in pixels.
const ZERO_BAND: f64 = 84.0;
/// From the zero of one curve to that of the next, so that none covers another.
const LANE: f64 = 20.0;
/// The axis reaches at least this far, so that it has decades even when every distance is zero.
const LEAST_HIGH: f64 = 1000.0;
const THIN: f64 = 2.0;

/// The distance between losses and real Keras' losses by epoch: for each curve a line through the
/// medians and a thin one through the largest of all cases. Zeros lie in a band of their own at the
/// lower edge, each curve a little below the one before.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a finite distance of at least
/// zero.
pub fn distance_by_epoch(title: &str, subtitle: &str, curves: &[DistanceCurve<'_>]) -> Result<Vec<u8>, Error> {
    for DistanceCurve { epoch, median, largest, .. } in curves {
        for column in [("median", median.len()), ("largest", largest.len())] {
            if column.1 != epoch.len() {
                check_columns(("epoch", epoch.len()), column)?;
            }
        }
    }
    let values: Vec<(f64, f64)> = curves
        .iter()
        .flat_map(|curve| [curve.median, curve.largest].map(|column| curve.epoch.iter().zip(column)))
        .flatten()
        .map(|(&epoch, &distance)| (f64::from(epoch), distance))
        .collect();
    if values.is_empty() {
        return Err(Error::Empty { what: "distance" });
    }
    let drawable = || values.iter().filter(|value| has_a_place(value.1));
    let Some((x_low, x_high)) = range(drawable().map(|value| value.0)) else {
        return Err(Error::NothingToDraw { what: "distance" });
    };
    let positive = drawable().map(|value| value.1).filter(|&distance| distance > 0.0);
    let (y_low, y_high) = range(positive).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, "epoch", "distance to real Keras (units in the last place)");
    frame.legend = legend(curves);
    frame.note = note_left_out(values.len() - drawable().count(), "negative or not finite");
    let lanes = Lanes::new(curves);
    frame.taller = (lanes.height() - 2.0 * ZERO_BAND).max(0.0);
    let mut plot = frame.draw(|height| {
        let y = Axis::logarithmic(y_low.min(1.0), y_high.max(LEAST_HIGH), height - lanes.height(), 40.0);
        (epochs(x_low, x_high), y.with_band(lanes.height() / height, "0"))
    })?;
    zero_band(&mut plot, lanes.height())?;
    let lines: Vec<Lines> =
        curves.iter().enumerate().map(|(index, curve)| Lines::new(&plot, curve, lanes.shift(index))).collect();
    for (index, lines) in lines.iter().enumerate() {
        lines.draw_largest(&mut plot, index)?;
    }
    for (index, lines) in lines.iter().enumerate() {
        lines.draw_median(&mut plot, index)?;
    }
    for (index, lines) in lines.iter().enumerate() {
        let all = lines.median.concat();
        for at in spaced(&all, plot.area.right - plot.area.left, index, curves.len()) {
            plot.canvas.marker(at, marker(index))?;
        }
    }
    plot.canvas.into_png()
}

fn marker(index: usize) -> Marker {
    Marker { radius: 9.0, ..series(index).1 }
}

fn thin(index: usize) -> Stroke {
    Stroke::solid(series(index).0.color, THIN)
}

fn legend(curves: &[DistanceCurve<'_>]) -> Vec<Item> {
    let line = |name: &str, stroke, marker| Item { name: name.to_owned(), stroke: Some(stroke), marker, fill: None };
    let mut items: Vec<Item> = Vec::new();
    if let [curve] = curves {
        items.push(line(&format!("{}: median of the cases", curve.name), series(0).0, Some(marker(0))));
        items.push(line("largest of all cases", thin(0), None));
    } else {
        let names = curves.iter().enumerate();
        items.extend(names.map(|(index, curve)| line(curve.name, series(index).0, Some(marker(index)))));
        items.push(line("median of the cases", Stroke::solid(INK, 4.0), None));
        items.push(line("largest of all cases", Stroke::solid(INK, THIN), None));
    }
    items.push(Item { name: "0: every bit equal".to_owned(), stroke: None, marker: None, fill: Some(ZERO) });
    items
}

/// Where the zeros of each curve lie in their band: curves without zeros need no room.
struct Lanes {
    has_zeros: Vec<bool>,
}

impl Lanes {
    fn new(curves: &[DistanceCurve<'_>]) -> Lanes {
        let has_zeros = |curve: &DistanceCurve<'_>| curve.median.contains(&0.0) || curve.largest.contains(&0.0);
        Lanes { has_zeros: curves.iter().map(has_zeros).collect() }
    }

    fn count(&self, curves: usize) -> f64 {
        self.has_zeros[..curves].iter().filter(|&&has_zeros| has_zeros).count() as f64
    }

    /// Height of the band in pixels.
    fn height(&self) -> f64 {
        ZERO_BAND.max(LANE * (self.count(self.has_zeros.len()) + 1.0))
    }

    /// From the middle of the band down to the zeros of a curve.
    fn shift(&self, index: usize) -> f64 {
        LANE * (self.count(index) - (self.count(self.has_zeros.len()) - 1.0) / 2.0)
    }
}

/// The light band in which the zeros lie.
fn zero_band(plot: &mut Plot, band: f64) -> Result<(), Error> {
    let (left, right, bottom) = (plot.area.left + 1.0, plot.area.right, plot.area.bottom - 1.0);
    plot.canvas.rectangle((left, plot.area.bottom - band + 6.0), (right, bottom), ZERO)
}

/// The positions of a curve's medians and largest values, split where there is no value.
struct Lines {
    median: Vec<Vec<Position>>,
    largest: Vec<Vec<Position>>,
}

impl Lines {
    fn new(plot: &Plot, curve: &DistanceCurve<'_>, lane: f64) -> Lines {
        let runs = |column: &[f64]| -> Vec<Vec<Position>> {
            let values: Vec<(f64, f64)> =
                curve.epoch.iter().zip(column).map(|(&epoch, &distance)| (f64::from(epoch), distance)).collect();
            values
                .split(|value| !has_a_place(value.1))
                .filter(|run| !run.is_empty())
                .map(|run| run.iter().map(|&value| position(plot, value, lane)).collect())
                .collect()
        };
        Lines { median: runs(curve.median), largest: runs(curve.largest) }
    }

    fn draw_largest(&self, plot: &mut Plot, index: usize) -> Result<(), Error> {
        draw_runs(plot, &self.largest, thin(index), 4.0)
    }

    fn draw_median(&self, plot: &mut Plot, index: usize) -> Result<(), Error> {
        draw_runs(plot, &self.median, series(index).0, 5.0)
    }
}

/// Draws lines; a value without neighbours is a dot.
fn draw_runs(plot: &mut Plot, runs: &[Vec<Position>], stroke: Stroke, radius: f64) -> Result<(), Error> {
    for run in runs {
        plot.canvas.line(run, stroke)?;
        if let [alone] = run[..] {
            let dot = Marker { radius, rim: false, color: stroke.color, ..series(0).1 };
            plot.canvas.marker(alone, dot)?;
        }
    }
    Ok(())
}

fn position(plot: &Plot, (epoch, distance): (f64, f64), lane: f64) -> Position {
    let (x, y) = plot.position(epoch, distance);
    (x, if distance == 0.0 { y + lane } else { y })
}

fn has_a_place(distance: f64) -> bool {
    distance.is_finite() && distance >= 0.0
}

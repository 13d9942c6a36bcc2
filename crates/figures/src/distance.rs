//! The distance of many cases from a reference by epoch, on a logarithmic axis that also has a place
//! for zero.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::curve::{self, by_epoch, epochs};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::style::{INK, Marker, Stroke, ZERO, series};
use crate::{Error, check_lengths, drawable, note_left_out};

/// The band of zeros is at least this high in pixels.
const ZERO_BAND: f64 = 84.0;
/// From the zero of one curve to that of the next, so that none covers another.
const LANE: f64 = 20.0;
/// The axis reaches at least this far, so that it has decades even when every distance is zero.
const LEAST_HIGH: f64 = 1000.0;
const THIN: f64 = 2.0;

/// How far many cases are from a reference, by epoch.
#[derive(Debug, Clone, Copy)]
pub struct DistanceCurve<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The epochs, counted from 1.
    pub epoch: &'a [u32],
    /// The median of the cases at each epoch.
    pub median: &'a [f64],
    /// The largest of the cases at each epoch.
    pub largest: &'a [f64],
}

/// The distance of many cases from a reference by epoch: for each curve a line through the
/// medians and a thin one through the largest of all cases. Zeros lie in a band of their own at the
/// lower edge, which the legend calls `zero`, each curve a little below the one before.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a finite distance of at least
/// zero.
pub fn distance_by_epoch(
    title: &str,
    subtitle: &str,
    y_label: &str,
    zero: &str,
    curves: &[DistanceCurve<'_>],
) -> Result<Vec<u8>, Error> {
    for DistanceCurve { epoch, median, largest, .. } in curves {
        check_lengths(("epoch", epoch.len()), &[("median", median.len()), ("largest", largest.len())])?;
    }
    let columns = curves.iter().flat_map(|curve| [(curve.epoch, curve.median), (curve.epoch, curve.largest)]);
    let values = columns.flat_map(|(epoch, column)| by_epoch(epoch, column));
    let has_a_place = |(_, distance): (f64, f64)| distance.is_finite() && distance >= 0.0;
    let (drawn, left_out) = drawable("distance", values, has_a_place)?;
    let x = range(drawn.iter().map(|value| value.0)).unwrap_or((1.0, 1.0));
    let positive = drawn.iter().map(|value| value.1).filter(|&distance| distance > 0.0);
    let (y_low, y_high) = range(positive).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, "epoch", y_label);
    frame.legend = legend(curves, zero);
    frame.note = note_left_out(left_out, "negative or not finite");
    let (band, lanes) = lanes(curves);
    frame.taller = (band - 2.0 * ZERO_BAND).max(0.0);
    let mut plot = frame.draw(|height| {
        let y = Axis::logarithmic(y_low.min(1.0), y_high.max(LEAST_HIGH), height - band, 40.0);
        (epochs(x), y.with_band(band / height, "0"))
    })?;
    let (left, right, bottom) = (plot.area.left + 1.0, plot.area.right, plot.area.bottom - 1.0);
    plot.canvas.rectangle((left, plot.area.bottom - band + 6.0), (right, bottom), ZERO)?;
    for (index, (curve, &lane)) in curves.iter().zip(&lanes).enumerate() {
        let runs = runs(&plot, lane, by_epoch(curve.epoch, curve.largest));
        curve::draw(&mut plot, &runs, thin(index))?;
    }
    let medians = curves.iter().zip(&lanes);
    let medians: Vec<_> =
        medians.map(|(curve, &lane)| runs(&plot, lane, by_epoch(curve.epoch, curve.median))).collect();
    for (index, runs) in medians.iter().enumerate() {
        curve::draw(&mut plot, runs, series(index).0)?;
    }
    for (index, runs) in medians.iter().enumerate() {
        curve::markers(&mut plot, runs, marker(index), (index, curves.len()))?;
    }
    plot.canvas.into_png()
}

fn marker(index: usize) -> Marker {
    Marker { radius: 9.0, ..series(index).1 }
}

fn thin(index: usize) -> Stroke {
    Stroke::solid(series(index).0.color, THIN)
}

fn legend(curves: &[DistanceCurve<'_>], zero: &str) -> Vec<Item> {
    let curve = |index, name: String| Item { marker: Some(marker(index)), ..Item::line(name, series(index).0) };
    let mut items: Vec<Item> = Vec::new();
    if let [only] = curves {
        items.push(curve(0, format!("{}: median of the cases", only.name)));
        items.push(Item::line("largest of all cases", thin(0)));
    } else {
        items.extend(curves.iter().enumerate().map(|(index, one)| curve(index, one.name.to_owned())));
        items.push(Item::line("median of the cases", Stroke::solid(INK, 4.0)));
        items.push(Item::line("largest of all cases", Stroke::solid(INK, THIN)));
    }
    items.push(Item::area(zero, ZERO));
    items
}

/// Height of the band of zeros in pixels, and from its middle down to the lane of each curve: curves without
/// zeros need no room.
fn lanes(curves: &[DistanceCurve<'_>]) -> (f64, Vec<f64>) {
    let has_zeros = |curve: &DistanceCurve<'_>| curve.median.contains(&0.0) || curve.largest.contains(&0.0);
    let count = |curves: &[DistanceCurve<'_>]| curves.iter().filter(|curve| has_zeros(curve)).count() as f64;
    let all = count(curves);
    let shift = |index: usize| LANE * (count(&curves[..index]) - (all - 1.0) / 2.0);
    (ZERO_BAND.max(LANE * (all + 1.0)), (0..curves.len()).map(shift).collect())
}

/// The positions of a curve's values, its zeros moved from the middle of their band to their lane.
fn runs(plot: &Plot, lane: f64, values: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<Position>> {
    let middle = plot.up(plot.y.fraction(0.0));
    let mut runs = curve::runs(plot, values);
    runs.iter_mut().flatten().filter(|at| at.1 == middle).for_each(|at| at.1 += lane);
    runs
}

//! How the values of many runs spread by epoch: medians as lines, quantiles as areas.

use crate::axis::Axis;
use crate::curve::{self, by_epoch, epochs};
use crate::curves::{Point, WHY_LEFT_OUT, draw_rings, extent, ring_item, stroke};
use crate::frame::Frame;
use crate::legend::Item;
use crate::style::{MUTED, paler, series};
use crate::{Error, check_lengths, note_left_out};

/// The share of colour in the area from 1 to 99 %, and that added from 25 to 75 %.
const OUTER: f64 = 0.18;
const INNER: f64 = 0.34;
const QUANTILES: [&str; 5] = ["1 % quantile", "25 % quantile", "50 % quantile", "75 % quantile", "99 % quantile"];

/// How the values of many runs spread, by epoch.
#[derive(Debug, Clone, Copy)]
pub struct Band<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// The 1, 25, 50, 75 and 99 % quantiles at each epoch.
    pub quantiles: [&'a [f64]; 5],
}

/// The values of many runs by epoch, on a logarithmic axis: for each band a line through the
/// medians and two areas, from the 25 to the 75 % and from the 1 to the 99 % quantile. Points with
/// a name of their own are drawn over them as rings.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a value that has a place on a
/// logarithmic axis.
pub fn bands_by_epoch(
    title: &str,
    subtitle: &str,
    y_label: &str,
    epoch: &[u32],
    bands: &[Band<'_>],
    (marked, points): (&str, &[Point]),
) -> Result<Vec<u8>, Error> {
    for band in bands {
        let columns: Vec<_> = QUANTILES.into_iter().zip(band.quantiles.map(<[f64]>::len)).collect();
        check_lengths(("epoch", epoch.len()), &columns)?;
    }
    let columns = bands.iter().flat_map(|band| band.quantiles);
    let ([x, y], left_out) = extent(columns.flat_map(|column| by_epoch(epoch, column)), points)?;

    let mut frame = Frame::new(title, subtitle, "epoch", y_label);
    frame.legend = legend(bands);
    frame.legend.extend(ring_item(marked, points));
    frame.note = note_left_out(left_out, WHY_LEFT_OUT);
    let mut plot = frame.draw(|height| (epochs(x), Axis::logarithmic(y.0, y.1, height, 40.0)))?;
    for (first, last, share) in [(0, 4, OUTER), (1, 3, INNER)] {
        for (index, band) in bands.iter().enumerate() {
            let ends = by_epoch(epoch, band.quantiles[last]).zip(band.quantiles[first]);
            let rows = ends.map(|((epoch, upper), &lower)| (epoch, upper, lower));
            curve::area(&mut plot, rows, series(index).0.color, share as f32);
        }
    }
    for (index, band) in bands.iter().enumerate() {
        let runs = curve::runs(&plot, by_epoch(epoch, band.quantiles[2]));
        curve::draw(&mut plot, &runs, stroke(index, epoch.len()))?;
    }
    draw_rings(&mut plot, points)?;
    plot.canvas.into_png()
}

fn legend(bands: &[Band<'_>]) -> Vec<Item> {
    let medians = bands.iter().enumerate();
    let mut items: Vec<Item> =
        medians.map(|(index, band)| Item::line(format!("{}: median", band.name), series(index).0)).collect();
    if !bands.is_empty() {
        let color = if bands.len() == 1 { series(0).0.color } else { MUTED };
        let inner = 1.0 - (1.0 - OUTER) * (1.0 - INNER);
        items.push(Item::area("25–75 % of the runs", paler(color, inner)));
        items.push(Item::area("1–99 % of the runs", paler(color, OUTER)));
    }
    items
}

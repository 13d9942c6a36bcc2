//! How the losses of many runs spread by epoch: medians as lines, quantiles as areas.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::loss::{WHY_LEFT_OUT, draw_published, epochs, has_a_place, published_item};
use crate::style::{MUTED, Marker, Shape, Stroke, paler, series};
use crate::{Error, LossBand, Point, check_columns, note_left_out};

/// The share of colour in the area from 1 to 99 %, and that added from 25 to 75 %.
const OUTER: f64 = 0.18;
const INNER: f64 = 0.34;
const QUANTILES: [&str; 5] = ["1 % quantile", "25 % quantile", "50 % quantile", "75 % quantile", "99 % quantile"];

/// The losses of many runs by epoch, on a logarithmic axis: for each band a line through the
/// medians and two areas, from the 25 to the 75 % and from the 1 to the 99 % quantile. The published
/// values are drawn over them as rings.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a value that has a place on a
/// logarithmic axis.
pub fn loss_bands(
    title: &str,
    subtitle: &str,
    epoch: &[u32],
    bands: &[LossBand<'_>],
    published: &[Point],
) -> Result<Vec<u8>, Error> {
    for band in bands {
        for (name, column) in QUANTILES.into_iter().zip(band.quantiles) {
            if column.len() != epoch.len() {
                check_columns(("epoch", epoch.len()), (name, column.len()))?;
            }
        }
    }
    let values: Vec<(f64, f64)> = bands
        .iter()
        .flat_map(|band| band.quantiles)
        .flat_map(|column| epoch.iter().zip(column))
        .map(|(&epoch, &loss)| (f64::from(epoch), loss))
        .chain(published.iter().map(|point| (point.x, point.y)))
        .collect();
    if values.is_empty() {
        return Err(Error::Empty { what: "loss" });
    }
    let drawable = || values.iter().filter(|value| has_a_place(value));
    let Some((x_low, x_high)) = range(drawable().map(|value| value.0)) else {
        return Err(Error::NothingToDraw { what: "loss" });
    };
    let (y_low, y_high) = range(drawable().map(|value| value.1)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, "epoch", "loss");
    frame.legend = legend(bands, published);
    frame.note = note_left_out(values.len() - drawable().count(), WHY_LEFT_OUT);
    let mut plot = frame.draw(|height| (epochs(x_low, x_high), Axis::logarithmic(y_low, y_high, height, 40.0)))?;
    for (first, last, share) in [(0, 4, OUTER), (1, 3, INNER)] {
        for (index, band) in bands.iter().enumerate() {
            for area in areas(&plot, epoch, band.quantiles[last], band.quantiles[first]) {
                plot.canvas.tint(&area, series(index).0.color, share as f32);
            }
        }
    }
    for (index, band) in bands.iter().enumerate() {
        draw_median(&mut plot, index, epoch, band.quantiles[2])?;
    }
    draw_published(&mut plot, published)?;
    plot.canvas.into_png()
}

fn legend(bands: &[LossBand<'_>], published: &[Point]) -> Vec<Item> {
    let names = bands.iter().enumerate().map(|(index, band)| Item {
        name: format!("{}: median", band.name),
        stroke: Some(series(index).0),
        marker: None,
        fill: None,
    });
    let color = if bands.len() == 1 { series(0).0.color } else { MUTED };
    let inner = 1.0 - (1.0 - OUTER) * (1.0 - INNER);
    let area = |name: &str, share| {
        let fill = Some(paler(color, share));
        Item { name: name.to_owned(), stroke: None, marker: None, fill }
    };
    let areas = [area("25–75 % of the runs", inner), area("1–99 % of the runs", OUTER)];
    let areas = areas.into_iter().take(if bands.is_empty() { 0 } else { 2 });
    names.chain(areas).chain(published_item(published)).collect()
}

/// The area between two quantiles as (horizontal position, upper edge, lower edge), split where
/// either has no place.
fn areas(plot: &Plot, epoch: &[u32], upper: &[f64], lower: &[f64]) -> Vec<Vec<(f64, f64, f64)>> {
    let values: Vec<(f64, f64, f64)> =
        epoch.iter().zip(upper).zip(lower).map(|((&epoch, &upper), &lower)| (f64::from(epoch), upper, lower)).collect();
    values
        .split(|&(epoch, upper, lower)| !has_a_place(&(epoch, upper)) || !has_a_place(&(epoch, lower)))
        .filter(|run| !run.is_empty())
        .map(|run| {
            let edge = |&(epoch, upper, lower): &(f64, f64, f64)| {
                let (x, top) = plot.position(epoch, upper);
                (x, top, plot.position(epoch, lower).1)
            };
            let edges: Vec<(f64, f64, f64)> = run.iter().map(edge).collect();
            match edges[..] {
                // An epoch without neighbours is a bar.
                [(x, top, bottom)] => vec![(x - 8.0, top, bottom), (x + 8.0, top, bottom)],
                _ => edges,
            }
        })
        .collect()
}

fn draw_median(plot: &mut Plot, index: usize, epoch: &[u32], median: &[f64]) -> Result<(), Error> {
    let (stroke, marker) = series(index);
    let width = if epoch.len() > 500 { 3.0 } else { 4.0 };
    let values: Vec<(f64, f64)> = epoch.iter().zip(median).map(|(&epoch, &loss)| (f64::from(epoch), loss)).collect();
    for run in values.split(|value| !has_a_place(value)) {
        let run: Vec<Position> = run.iter().map(|&(x, y)| plot.position(x, y)).collect();
        plot.canvas.line(&run, Stroke { width, ..stroke })?;
        if let [alone] = run[..] {
            plot.canvas.marker(alone, Marker { shape: Shape::Circle, radius: 6.0, ..marker })?;
        }
    }
    Ok(())
}

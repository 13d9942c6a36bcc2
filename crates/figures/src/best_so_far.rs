//! How fast several samplers find good values: the best so far over many repetitions.

use plotters::style::RGBColor;

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::direct::{self, Label};
use crate::frame::{Frame, Plot};
use crate::loss::spaced;
use crate::style::{MARGIN, WIDTH, series};
use crate::trial::{Objective, has_a_place};
use crate::{Error, check_columns, note_left_out};

/// The share of colour in the area between the quartiles, less where many areas lie over each other.
const SHARE: f32 = 0.16;
const SMALL_SHARE: f32 = 0.07;

/// The best value so far of many repetitions of a study, as quartiles.
#[derive(Debug, Clone, Copy)]
pub struct SamplerBand<'a> {
    /// What stands beside its right end: the sampler.
    pub name: &'a str,
    /// The numbers of trials, or seconds, in ascending order.
    pub x: &'a [f64],
    /// The lower quartile of the best value at each of them.
    pub lower: &'a [f64],
    /// The median.
    pub median: &'a [f64],
    /// The upper quartile.
    pub upper: &'a [f64],
}

/// The best value so far against the number of trials or the seconds (`x_label`, on a logarithmic
/// axis if `log_x`), a line through the medians and an area between the quartiles for each sampler.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a median that has a place on the
/// axes.
pub fn best_so_far_bands(
    title: &str,
    subtitle: &str,
    (x_label, log_x): (&str, bool),
    objective: Objective<'_>,
    bands: &[SamplerBand<'_>],
) -> Result<Vec<u8>, Error> {
    for band in bands {
        for (name, column) in [("lower", band.lower), ("median", band.median), ("upper", band.upper)] {
            if column.len() != band.x.len() {
                check_columns(("x", band.x.len()), (name, column.len()))?;
            }
        }
    }
    if bands.iter().all(|band| band.x.is_empty()) {
        return Err(Error::Empty { what: "bands" });
    }
    let shown = &bands[..bands.len().min(direct::MOST)];
    let scales = Scales { log_x, log_y: objective.log };
    let medians = || shown.iter().flat_map(|band| scales.drawable(band.x, band.median));
    let Some((x_low, x_high)) = range(medians().map(|pair| pair.0)) else {
        return Err(Error::NothingToDraw { what: "bands" });
    };
    let columns = shown.iter().flat_map(|band| [band.lower, band.median, band.upper].map(|column| (band.x, column)));
    let pairs = columns.flat_map(|(x, column)| scales.drawable(x, column));
    let ends = range(pairs.map(|pair| pair.1)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, x_label, objective.name);
    let all: usize = shown.iter().map(|band| band.x.len()).sum();
    frame.note = if shown.len() < bands.len() {
        Some(format!("{} more samplers are not shown", bands.len() - shown.len()))
    } else {
        note_left_out(all - medians().count(), "no place on the axes")
    };
    frame.right = MARGIN + direct::room(shown.iter().map(|band| band.name));
    let length = f64::from(WIDTH) - frame.right - 240.0;
    let mut plot = frame.draw(|height| {
        let x = if log_x {
            Axis::logarithmic(x_low, x_high, length, 110.0).cropped(x_low, x_high)
        } else if x_low >= 0.0 && x_low <= 0.2 * x_high {
            Axis::from_zero(x_high)
        } else {
            Axis::around_across(x_low, x_high, length)
        };
        (x, objective.upright(ends, height))
    })?;
    for (index, band) in shown.iter().enumerate() {
        scales.tint(&mut plot, band, (series(index).0.color, if shown.len() > 5 { SMALL_SHARE } else { SHARE }));
    }
    let mut labels = Vec::new();
    for (index, band) in shown.iter().enumerate() {
        labels.extend(scales.draw_median(&mut plot, index, band)?);
    }
    direct::draw(&mut plot, labels)?;
    for (index, band) in shown.iter().enumerate() {
        let all: Vec<Position> = scales.drawable(band.x, band.median).map(|(x, y)| plot.position(x, y)).collect();
        for at in spaced(&all, plot.area.right - plot.area.left, index, shown.len()) {
            plot.canvas.marker(at, series(index).1)?;
        }
    }
    plot.canvas.into_png()
}

/// Which axes are logarithmic.
#[derive(Debug, Clone, Copy)]
struct Scales {
    log_x: bool,
    log_y: bool,
}

impl Scales {
    fn has_a_place(self, (x, y): (f64, f64)) -> bool {
        has_a_place(x, self.log_x) && has_a_place(y, self.log_y)
    }

    fn drawable(self, x: &[f64], y: &[f64]) -> impl Iterator<Item = (f64, f64)> {
        x.iter().copied().zip(y.iter().copied()).filter(move |&pair| self.has_a_place(pair))
    }

    /// Colours the area between the quartiles, interrupted where either has no place.
    fn tint(self, plot: &mut Plot, band: &SamplerBand<'_>, (color, share): (RGBColor, f32)) {
        let rows: Vec<(f64, f64, f64)> =
            band.x.iter().zip(band.lower).zip(band.upper).map(|((&x, &lower), &upper)| (x, lower, upper)).collect();
        let is_missing =
            |&(x, lower, upper): &(f64, f64, f64)| !self.has_a_place((x, lower)) || !self.has_a_place((x, upper));
        for run in rows.split(is_missing) {
            let edge = |&(x, lower, upper): &(f64, f64, f64)| {
                let (x, one) = plot.position(x, lower);
                let other = plot.up(plot.y.fraction(upper));
                (x, one.min(other), one.max(other))
            };
            let edges: Vec<(f64, f64, f64)> = run.iter().map(edge).collect();
            plot.canvas.tint(&edges, color, share);
        }
    }

    /// Draws the line through the medians; gives its name and right end if there is one.
    fn draw_median(self, plot: &mut Plot, index: usize, band: &SamplerBand<'_>) -> Result<Option<Label>, Error> {
        let (stroke, marker) = series(index);
        let pairs: Vec<(f64, f64)> = band.x.iter().copied().zip(band.median.iter().copied()).collect();
        for run in pairs.split(|&pair| !self.has_a_place(pair)) {
            let run: Vec<Position> = run.iter().map(|&(x, y)| plot.position(x, y)).collect();
            plot.canvas.line(&run, stroke)?;
        }
        let last = pairs.iter().rfind(|&&pair| self.has_a_place(pair));
        let name = band.name.to_owned();
        Ok(last.map(|&(x, y)| Label { name, end: plot.position(x, y), stroke, marker: Some(marker) }))
    }
}

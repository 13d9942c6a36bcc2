//! How fast several samplers find good values: the best so far over many repetitions.

use crate::axis::{Axis, has_a_place, range};
use crate::curve;
use crate::direct::{self, Line};
use crate::frame::Frame;
use crate::style::series;
use crate::trial::Objective;
use crate::{Error, drawable, note};

/// The share of colour in the area between the quartiles, less where many areas lie over each other.
const SHARE: f32 = 0.16;
const SMALL_SHARE: f32 = 0.07;

/// The best value so far of many repetitions of a study against the number of trials or the seconds
/// (`x_label`, on a logarithmic axis if `log_x`): for each sampler a line through the medians and an area
/// between the quartiles.
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
    samplers: &[Line<'_>],
) -> Result<Vec<u8>, Error> {
    let shown = direct::shown(samplers)?;
    let has = |(x, y): (f64, f64)| has_a_place(x, log_x) && has_a_place(y, objective.log);
    let (medians, left_out) = drawable("samplers", shown.iter().flat_map(Line::pairs), has)?;
    let (x_low, x_high) = range(medians.iter().map(|pair| pair.0)).unwrap_or((1.0, 1.0));
    let quartiles = shown.iter().flat_map(Line::spread).flat_map(|(x, low, high)| [(x, low), (x, high)]);
    let all = medians.iter().copied().chain(quartiles.filter(|&pair| has(pair)));
    let ends = range(all.map(|pair| pair.1)).unwrap_or((1.0, 1.0));

    let mut frame = Frame::new(title, subtitle, x_label, objective.name);
    frame.note = note((shown.len(), samplers.len(), "samplers"), (left_out, "no place on the axes"));
    let length = direct::make_room(&mut frame, shown.iter());
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
    let share = if shown.len() > 5 { SMALL_SHARE } else { SHARE };
    for (index, sampler) in shown.iter().enumerate() {
        curve::area(&mut plot, sampler.spread(), series(index).0.color, share);
    }
    direct::draw(&mut plot, shown, None, |_, _, _| Ok(()))?;
    plot.canvas.into_png()
}

//! Lines with their names beside them.

use crate::axis::{Axis, has_a_place};
use crate::frame::Frame;
use crate::named;
use crate::style::series;
use crate::{Error, Line, Objective, Point};

/// More lines than this are not told apart by their names any more.
const MOST: usize = 16;
/// Height of the place of zero on a logarithmic axis.
const ZERO_BAND: f64 = 70.0;
/// The share of colour in the area between the quartiles, less where many areas lie over each other.
const SHARE: f32 = 0.16;
const SMALL_SHARE: f32 = 0.07;

/// Lines with markers and whiskers on two logarithmic axes, each with its name at its right end. `limit` is a dashed
/// line without markers, such as what the arithmetic alone allows.
///
/// # Errors
/// Without values, with columns of different lengths, or without a pair above zero.
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
    let right = named::room(shown.iter().chain(&limit));
    let mut plot = Frame { title, subtitle, right, note: note(lines), ..Frame::default() }.plot(&x, &y);
    plot.named_lines(shown, limit.as_ref());
    plot.into_png()
}

/// The best value so far of many repetitions of a study against the number of trials or the seconds (`x_label`, on a
/// logarithmic axis if `log_x`): for each sampler a line through the medians and an area between the quartiles.
///
/// # Errors
/// Without values, with columns of different lengths, or without a median that has a place on the axes.
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
    let right = named::room(shown);
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

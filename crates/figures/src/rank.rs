//! Two parameters of a study against each other, with the rank of the objective as colour.

use crate::Error;
use crate::axis::Axis;
use crate::colour_bar::{ColourBar, LENGTH};
use crate::frame::Frame;
use crate::slice::note;
use crate::style::{MARGIN, Marker, WIDTH};
use crate::trial::{Objective, Parameter, TrialPoint, TrialState, check_trials, marker};

/// About the height of the plot, for which its axis is made.
const HEIGHT: f64 = 780.0;

/// Two parameters against each other; the colour of a trial is its rank among the complete ones, the
/// best the darkest and on top. The trials of a choice are spread a little.
///
/// # Errors
///
/// Without trials, with a parameter that has another number of values than trials, or without a
/// complete trial that has a value and both parameters.
pub fn rank(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
    [x, y]: [Parameter<'_>; 2],
) -> Result<Vec<u8>, Error> {
    check_trials(trials, &[x, y])?;
    let ranked = from_best(&objective, trials);
    let bar_end = ranked.len().max(2) as f64;
    let bar = ColourBar::reversed(Axis::counting(1.0, bar_end, LENGTH / 80.0), "rank, 1 is the best");
    let (mut frame, x_axis, y_axis) = plane([title, subtitle], [x, y], &bar);
    let places: Vec<(usize, f64, f64)> = ranked
        .iter()
        .enumerate()
        .filter_map(|(rank, &trial)| Some((rank, x.fraction(&x_axis, trial)?, y.fraction_upright(&y_axis, trial)?)))
        .collect();
    if places.is_empty() {
        return Err(Error::NothingToDraw { what: "trials" });
    }
    frame.note = note(trials.len() - places.len(), 0);
    let mut plot = frame.draw(|_| (x_axis, y_axis))?;
    for &(rank, across, up) in places.iter().rev() {
        let at = (plot.across(across), plot.up(up));
        let color = bar.color(rank as f64 + 1.0);
        plot.canvas.marker(at, Marker { color, ..marker(TrialState::Complete, places.len()) })?;
    }
    bar.draw(&mut plot)?;
    plot.canvas.into_png()
}

/// A frame with room for a colour bar, and the axes of two parameters.
pub fn plane<'a>(
    [title, subtitle]: [&'a str; 2],
    [x, y]: [Parameter<'a>; 2],
    bar: &ColourBar<'_>,
) -> (Frame<'a>, Axis, Axis) {
    let mut frame = Frame::new(title, subtitle, x.name, y.name);
    frame.right = bar.room();
    let x_axis = x.axis(f64::from(WIDTH) - MARGIN - frame.right - 220.0);
    (frame, x_axis, y.axis_upright(HEIGHT))
}

/// The positions of the complete trials with a value, from the best to the worst.
pub fn from_best(objective: &Objective<'_>, trials: &[TrialPoint]) -> Vec<usize> {
    let mut ranked: Vec<(f64, usize)> =
        (0..trials.len()).filter_map(|index| objective.value(&trials[index]).map(|value| (value, index))).collect();
    ranked.sort_by(|one, other| {
        let order = one.0.total_cmp(&other.0);
        if objective.is_better(1.0, 0.0) { order.reverse() } else { order }
    });
    ranked.into_iter().map(|trial| trial.1).collect()
}

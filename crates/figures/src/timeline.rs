//! When each trial of a study ran.

use plotters::style::RGBColor;

use crate::axis::{Axis, range};
use crate::frame::Frame;
use crate::legend::Item;
use crate::style::{BLUE, GREY_BLUE, VERMILLION};
use crate::trial::{TrialState, ended};
use crate::{Error, drawable, note_left_out};

const THICKEST: f64 = 26.0;
/// Trials that end at once stay visible.
const SHORTEST: f64 = 6.0;

/// When a trial ran, in seconds since the study began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelineBar {
    /// The number of the trial.
    pub number: u32,
    /// Its start in seconds.
    pub start: f64,
    /// Its end in seconds.
    pub end: f64,
    /// How it ended.
    pub state: TrialState,
}

/// When each trial ran, as a horizontal bar whose colour is how it ended.
///
/// # Errors
///
/// Without trials, or without one whose start and end are finite.
pub fn timeline(title: &str, subtitle: &str, trials: &[TimelineBar]) -> Result<Vec<u8>, Error> {
    let is_whole = |trial: &TimelineBar| trial.start.is_finite() && trial.end.is_finite();
    let (drawn, left_out) = drawable("trials", trials.iter(), is_whole)?;
    let (start, end) = range(drawn.iter().flat_map(|trial| [trial.start, trial.end])).unwrap_or((0.0, 1.0));
    let (first, last) = range(drawn.iter().map(|trial| f64::from(trial.number))).unwrap_or((0.0, 1.0));

    let mut frame = Frame::new(title, subtitle, "seconds since the start of the study", "trial");
    frame.legend = ended(trials.iter().map(|trial| trial.state), |name, state| Item::area(name, color(state)));
    frame.note = note_left_out(left_out, "start or end not finite");
    let mut plot = frame.draw(|_| {
        let x = if start >= 0.0 && start <= 0.2 * end { Axis::from_zero(end) } else { Axis::around(start, end) };
        let air = ((last - first) * 0.02).max(0.8);
        (x, Axis::counting(first - air, last + air, 10.0))
    })?;
    let row = plot.up(plot.y.fraction(0.0)) - plot.up(plot.y.fraction(1.0));
    let half = (0.8 * row).clamp(1.2, THICKEST) / 2.0;
    for trial in drawn {
        let y = plot.up(plot.y.fraction(f64::from(trial.number)));
        let [left, right] = [trial.start, trial.end].map(|time| plot.across(plot.x.fraction(time)));
        let (left, right) = (left.min(right).max(plot.area.left + 1.0), left.max(right));
        plot.canvas.rectangle((left, y - half), (right.max(left + SHORTEST), y + half), color(trial.state))?;
    }
    plot.canvas.into_png()
}

fn color(state: TrialState) -> RGBColor {
    match state {
        TrialState::Complete => BLUE,
        TrialState::Pruned => GREY_BLUE,
        TrialState::Failed => VERMILLION,
    }
}

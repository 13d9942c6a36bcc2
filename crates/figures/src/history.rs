//! The objective of each trial by its number, with the best so far.

use crate::Error;
use crate::axis::{Axis, has_a_place, range};
use crate::canvas::Position;
use crate::frame::Frame;
use crate::legend::Item;
use crate::number::four_digits;
use crate::style::{INK, MISSING, Stroke, paler};
use crate::trial::{Objective, TrialPoint, TrialState, check_some, ended, marker};

/// Height of the band of trials without a value.
const BAND: f64 = 76.0;
const BAND_LABEL: &str = "no value";
const BEST: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };

/// The objective of each trial by its number, and the best so far as a line of steps. Pruned trials
/// stand at their last value; trials without a value that has a place stand in a band at the lower
/// edge.
///
/// # Errors
///
/// Without trials, or without a complete one whose value has a place on the axis.
pub fn optimization_history(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
) -> Result<Vec<u8>, Error> {
    check_some(trials)?;
    let mut trials = trials.to_vec();
    trials.sort_by_key(|trial| trial.number);
    let best = best_so_far(&objective, &trials);
    let Some(&(best_number, best_value)) = best.last() else {
        return Err(Error::NothingToDraw { what: "trials" });
    };
    let value = |trial: &TrialPoint| trial.value.filter(|&value| has_a_place(value, objective.log));
    let ends = range(trials.iter().filter_map(value)).unwrap_or((1.0, 1.0));
    let without = trials.iter().filter(|trial| value(trial).is_none()).count();

    let mut frame = Frame::new(title, subtitle, "trial", objective.name);
    frame.legend = ended(trials.iter().map(|trial| trial.state), |name, state| Item::dot(name, marker(state, 1)));
    frame.legend.push(Item::line(format!("best so far: {} in trial {best_number}", four_digits(best_value)), BEST));
    frame.note = note(&objective, trials.iter().filter(|trial| value(trial).is_none()));
    let band = if without > 0 { BAND } else { 0.0 };
    let mut plot = frame.draw(|height| {
        let y = objective.upright(ends, height - band);
        (numbers(&trials), if without > 0 { y.with_band(band / height, BAND_LABEL) } else { y })
    })?;
    if without > 0 {
        let (left, right, bottom) = (plot.area.left + 1.0, plot.area.right, plot.area.bottom - 1.0);
        plot.canvas.rectangle((left, bottom - band + 8.0), (right, bottom), paler(MISSING, 0.4))?;
    }
    for state in [TrialState::Pruned, TrialState::Failed, TrialState::Complete] {
        for trial in trials.iter().filter(|trial| trial.state == state) {
            let x = plot.across(plot.x.fraction(f64::from(trial.number)));
            let y = value(trial).map_or(plot.area.bottom - band / 2.0 + 4.0, |value| plot.up(plot.y.fraction(value)));
            plot.canvas.marker((x, y), marker(state, trials.len()))?;
        }
    }
    let mut corners: Vec<Position> = Vec::new();
    for (number, value) in best {
        let at = plot.position(f64::from(number), value);
        corners.extend(corners.last().map(|before| (at.0, before.1)));
        corners.push(at);
    }
    corners.extend(trials.last().map(|last| plot.position(f64::from(last.number), best_value)));
    plot.canvas.line(&corners, BEST)?;
    plot.canvas.into_png()
}

/// Says why complete trials stand in the band.
fn note<'a>(objective: &Objective<'_>, without: impl Iterator<Item = &'a TrialPoint>) -> Option<String> {
    let why = if objective.log { "not finite or not above zero" } else { "not finite" };
    match without.filter(|trial| trial.state == TrialState::Complete).count() {
        0 => None,
        1 => Some(format!("1 complete trial is in the lowest band: its value is {why}")),
        count => Some(format!("{count} complete trials are in the lowest band: their values are {why}")),
    }
}

/// An axis of the numbers of trials, with a little room at both ends.
fn numbers(trials: &[TrialPoint]) -> Axis {
    let (low, high) = range(trials.iter().map(|trial| f64::from(trial.number))).unwrap_or((0.0, 1.0));
    let air = ((high - low) * 0.02).max(0.5);
    Axis::counting(low - air, high + air, 8.0)
}

/// The number of each trial that is better than all before, with its value.
fn best_so_far(objective: &Objective<'_>, sorted: &[TrialPoint]) -> Vec<(u32, f64)> {
    let mut best: Vec<(u32, f64)> = Vec::new();
    for trial in sorted {
        if let Some(value) = objective.value(trial)
            && best.last().is_none_or(|before| objective.is_better(value, before.1))
        {
            best.push((trial.number, value));
        }
    }
    best
}

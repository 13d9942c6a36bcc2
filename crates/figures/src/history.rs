//! The objective of each trial by its number, with the best so far.

use crate::Error;
use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::number::four_digits;
use crate::style::{INK, MISSING, Stroke, paler};
use crate::trial::{Objective, TrialPoint, TrialState, check_trials, has_a_place, marker};

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
    check_trials(trials, &[])?;
    let mut trials = trials.to_vec();
    trials.sort_by_key(|trial| trial.number);
    let Some(best) = Best::new(&objective, &trials) else {
        return Err(Error::NothingToDraw { what: "trials" });
    };
    let value = |trial: &TrialPoint| trial.value.filter(|&value| has_a_place(value, objective.log));
    let ends = range(trials.iter().filter_map(value)).unwrap_or((1.0, 1.0));
    let without = trials.iter().filter(|trial| value(trial).is_none()).count();

    let mut frame = Frame::new(title, subtitle, "trial", objective.name);
    frame.legend = legend(&trials, &best);
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
    best.draw(&mut plot)?;
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
pub fn numbers(trials: &[TrialPoint]) -> Axis {
    let (low, high) = range(trials.iter().map(|trial| f64::from(trial.number))).unwrap_or((0.0, 1.0));
    let air = ((high - low) * 0.02).max(0.5);
    Axis::counting(low - air, high + air, 8.0)
}

fn legend(trials: &[TrialPoint], best: &Best) -> Vec<Item> {
    let names = [(TrialState::Complete, "complete"), (TrialState::Pruned, "pruned"), (TrialState::Failed, "failed")];
    let mut items: Vec<Item> = names
        .into_iter()
        .filter_map(|(state, name)| {
            let count = trials.iter().filter(|trial| trial.state == state).count();
            let marker = Some(marker(state, 1));
            (count > 0).then(|| Item { name: format!("{count} {name}"), stroke: None, marker, fill: None })
        })
        .collect();
    let name = format!("best so far: {} in trial {}", four_digits(best.value), best.number);
    items.push(Item { name, stroke: Some(BEST), marker: None, fill: None });
    items
}

/// The best value so far, by number of trial.
struct Best {
    /// The number of each trial that is better than all before, with its value.
    steps: Vec<(f64, f64)>,
    value: f64,
    number: u32,
    last: f64,
}

impl Best {
    fn new(objective: &Objective<'_>, sorted: &[TrialPoint]) -> Option<Best> {
        let mut best: Option<Best> = None;
        for trial in sorted {
            let Some(value) = objective.value(trial) else {
                continue;
            };
            let step = (f64::from(trial.number), value);
            let last = f64::from(sorted[sorted.len() - 1].number);
            match &mut best {
                None => best = Some(Best { steps: vec![step], value, number: trial.number, last }),
                Some(best) if objective.is_better(value, best.value) => {
                    best.steps.push(step);
                    (best.value, best.number) = (value, trial.number);
                }
                Some(_) => {}
            }
        }
        best
    }

    fn draw(&self, plot: &mut Plot) -> Result<(), Error> {
        let mut corners: Vec<Position> = Vec::new();
        for &(number, value) in &self.steps {
            let at = plot.position(number, value);
            corners.extend(corners.last().map(|before| (at.0, before.1)));
            corners.push(at);
        }
        corners.push(plot.position(self.last, self.value));
        plot.canvas.line(&corners, BEST)
    }
}

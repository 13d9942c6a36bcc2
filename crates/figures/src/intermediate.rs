//! The intermediate values of all trials of a study.

use crate::axis::range;
use crate::canvas::Position;
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::loss::epochs;
use crate::style::{BLUE, DASHED, INK, Marker, REFERENCE, Shape, Stroke, VERMILLION, paler};
use crate::trial::{Objective, TrialState, has_a_place};
use crate::{Error, check_columns, note_left_out};

/// The values of a trial while it ran.
#[derive(Debug, Clone, Copy)]
pub struct IntermediateCurve<'a> {
    /// The number of the trial.
    pub number: u32,
    /// The epochs, counted from 1.
    pub epoch: &'a [u32],
    /// The value at each epoch.
    pub value: &'a [f64],
    /// How the trial ended.
    pub state: TrialState,
}

/// The values of all trials by epoch: those of pruned trials grey and dashed, those of failed ones
/// dotted, those of the complete trial with the best last value thick and on top.
///
/// # Errors
///
/// Without any value, with columns of different lengths, or without a value that has a place on the
/// axis.
pub fn intermediate_values(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    curves: &[IntermediateCurve<'_>],
) -> Result<Vec<u8>, Error> {
    for curve in curves {
        if curve.epoch.len() != curve.value.len() {
            check_columns(("epoch", curve.epoch.len()), ("value", curve.value.len()))?;
        }
    }
    let pairs = || curves.iter().flat_map(|curve| curve.epoch.iter().zip(curve.value));
    if pairs().next().is_none() {
        return Err(Error::Empty { what: "values" });
    }
    let drawable = || pairs().filter(|pair| has_a_place(*pair.1, objective.log));
    let Some((first, last)) = range(drawable().map(|pair| f64::from(*pair.0))) else {
        return Err(Error::NothingToDraw { what: "values" });
    };
    let ends = range(drawable().map(|pair| *pair.1)).unwrap_or((1.0, 1.0));
    let best = best(&objective, curves);

    let mut frame = Frame::new(title, subtitle, "epoch", objective.name);
    frame.legend = legend(curves, best);
    let why = if objective.log { "zero, negative or not finite" } else { "not finite" };
    frame.note = note_left_out(pairs().count() - drawable().count(), why);
    let mut plot = frame.draw(|height| (epochs(first, last), objective.upright(ends, height)))?;
    for state in [TrialState::Complete, TrialState::Pruned, TrialState::Failed] {
        for (index, curve) in curves.iter().enumerate() {
            if curve.state == state && best != Some(index) {
                draw(&mut plot, curve, objective.log, stroke(state, curves.len()))?;
            }
        }
    }
    if let Some(best) = best {
        draw(&mut plot, &curves[best], objective.log, BEST)?;
    }
    plot.canvas.into_png()
}

const BEST: Stroke = Stroke { color: INK, width: 5.0, dash: &[] };
const DOTTED: &[f64] = &[3.0, 8.0];

/// How the curve of a trial is drawn: paler and thinner where there are many.
fn stroke(state: TrialState, curves: usize) -> Stroke {
    let (width, share) = match curves {
        0..=12 => (3.5, 1.0),
        13..=60 => (2.5, 0.75),
        _ => (1.8, 0.5),
    };
    match state {
        TrialState::Complete => Stroke::solid(paler(BLUE, share), width),
        TrialState::Pruned => Stroke { dash: DASHED, ..Stroke::solid(paler(REFERENCE, share), width) },
        TrialState::Failed => Stroke { dash: DOTTED, ..Stroke::solid(VERMILLION, width) },
    }
}

/// The position of the complete trial with the best last value.
fn best(objective: &Objective<'_>, curves: &[IntermediateCurve<'_>]) -> Option<usize> {
    let last = |curve: &IntermediateCurve<'_>| {
        let is_complete = curve.state == TrialState::Complete;
        curve.value.last().copied().filter(|&value| is_complete && has_a_place(value, objective.log))
    };
    let mut best: Option<(usize, f64)> = None;
    for (index, curve) in curves.iter().enumerate() {
        if let Some(value) = last(curve)
            && best.is_none_or(|best| objective.is_better(value, best.1))
        {
            best = Some((index, value));
        }
    }
    best.map(|best| best.0)
}

fn legend(curves: &[IntermediateCurve<'_>], best: Option<usize>) -> Vec<Item> {
    let item = |name, stroke| Item { name, stroke: Some(stroke), marker: None, fill: None };
    let mut items = Vec::new();
    let names = [(TrialState::Complete, "complete"), (TrialState::Pruned, "pruned"), (TrialState::Failed, "failed")];
    for (state, name) in names {
        let count = curves.iter().filter(|curve| curve.state == state).count();
        if count > 0 {
            items.push(item(format!("{count} {name}"), stroke(state, curves.len())));
        }
    }
    items.extend(best.map(|best| item(format!("best, trial {}", curves[best].number), BEST)));
    items
}

/// Draws a curve, interrupted where it has no value; a value without neighbours is a dot.
fn draw(plot: &mut Plot, curve: &IntermediateCurve<'_>, log: bool, stroke: Stroke) -> Result<(), Error> {
    let pairs: Vec<(f64, f64)> =
        curve.epoch.iter().zip(curve.value).map(|(&epoch, &value)| (f64::from(epoch), value)).collect();
    for run in pairs.split(|pair| !has_a_place(pair.1, log)) {
        let run: Vec<Position> = run.iter().map(|&(epoch, value)| plot.position(epoch, value)).collect();
        plot.canvas.line(&run, stroke)?;
        if let [alone] = run[..] {
            let (shape, color) = (Shape::Circle, stroke.color);
            plot.canvas.marker(alone, Marker { shape, color, radius: 5.0, hollow: false, rim: false })?;
        }
    }
    Ok(())
}

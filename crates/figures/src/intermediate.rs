//! The intermediate values of all trials of a study.

use crate::axis::{has_a_place, range};
use crate::curve::{self, by_epoch, epochs};
use crate::frame::{Frame, Plot};
use crate::legend::Item;
use crate::style::{BLUE, DASHED, INK, REFERENCE, Stroke, VERMILLION, paler};
use crate::trial::{Objective, TrialState, ended};
use crate::{Error, check_lengths, drawable, note_left_out};

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
        check_lengths(("epoch", curve.epoch.len()), &[("value", curve.value.len())])?;
    }
    let pairs = curves.iter().flat_map(|curve| by_epoch(curve.epoch, curve.value));
    let (drawn, left_out) = drawable("values", pairs, |pair| has_a_place(pair.1, objective.log))?;
    let x = range(drawn.iter().map(|pair| pair.0)).unwrap_or((1.0, 1.0));
    let ends = range(drawn.iter().map(|pair| pair.1)).unwrap_or((1.0, 1.0));
    let best = best(&objective, curves);

    let mut frame = Frame::new(title, subtitle, "epoch", objective.name);
    frame.legend =
        ended(curves.iter().map(|curve| curve.state), |name, state| Item::line(name, stroke(state, curves.len())));
    frame.legend.extend(best.map(|best| Item::line(format!("best, trial {}", curves[best].number), BEST)));
    frame.note = note_left_out(left_out, objective.why_left_out());
    let mut plot = frame.draw(|height| (epochs(x), objective.upright(ends, height)))?;
    for state in [TrialState::Complete, TrialState::Pruned, TrialState::Failed] {
        for (index, curve) in curves.iter().enumerate() {
            if curve.state == state && best != Some(index) {
                draw(&mut plot, curve, stroke(state, curves.len()))?;
            }
        }
    }
    if let Some(best) = best {
        draw(&mut plot, &curves[best], BEST)?;
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
    let last = |index: &usize| curves[*index].value.last().copied().unwrap_or(f64::NAN);
    let ended = |index: &usize| curves[*index].state == TrialState::Complete && has_a_place(last(index), objective.log);
    let better = |best, index| if objective.is_better(last(&index), last(&best)) { index } else { best };
    (0..curves.len()).filter(ended).reduce(better)
}

fn draw(plot: &mut Plot, curve: &IntermediateCurve<'_>, stroke: Stroke) -> Result<(), Error> {
    let runs = curve::runs(plot, by_epoch(curve.epoch, curve.value));
    curve::draw(plot, &runs, stroke)
}

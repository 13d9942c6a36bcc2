//! The objective against each parameter of a study, a panel a parameter.

use crate::axis::{Axis, range};
use crate::colour_bar::{ColourBar, LENGTH};
use crate::frame::Frame;
use crate::panels::{self, Panels};
use crate::style::Marker;
use crate::trial::{Objective, Parameter, TrialPoint, TrialState, check_trials, marker};
use crate::{Error, joined};

/// The objective of the complete trials against each parameter, a panel a parameter; the colour is
/// the number of the trial, and later trials lie on top. The trials of a choice are spread a little.
///
/// # Errors
///
/// Without trials or parameters, with a parameter that has another number of values than trials, or
/// without a complete trial whose value has a place on the axis.
pub fn slice(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
    parameters: &[Parameter<'_>],
) -> Result<Vec<u8>, Error> {
    check_trials(trials, parameters)?;
    let shown = &parameters[..parameters.len().min(panels::MOST)];
    let mut points: Vec<(usize, f64)> =
        (0..trials.len()).filter_map(|index| objective.value(&trials[index]).map(|value| (index, value))).collect();
    points.sort_by_key(|point| trials[point.0].number);
    let Some(ends) = range(points.iter().map(|point| point.1)) else {
        return Err(Error::NothingToDraw { what: "trials" });
    };
    let number = |index: usize| f64::from(trials[index].number);
    let (first, last) = range(points.iter().map(|point| number(point.0))).unwrap_or((0.0, 1.0));
    let bar = ColourBar::new(Axis::counting(first, last.max(first + 1.0), LENGTH / 80.0), "trial");

    let mut frame = Frame::new(title, subtitle, "", objective.name);
    frame.right = bar.room();
    frame.note = note(trials.len() - points.len(), parameters.len() - shown.len());
    let mut panels = Panels::new(frame, shown.len(), |height| objective.upright(ends, height))?;
    for (index, parameter) in shown.iter().enumerate() {
        panels = panels.draw(
            index,
            parameter.name,
            |width| parameter.axis(width),
            |plot| {
                for &(trial, value) in &points {
                    if let Some(fraction) = parameter.fraction(&plot.x, trial) {
                        let at = (plot.across(fraction), plot.up(plot.y.fraction(value)));
                        let color = bar.color(number(trial));
                        plot.canvas.marker(at, Marker { color, ..marker(TrialState::Complete, points.len()) })?;
                    }
                }
                Ok(())
            },
        )?;
    }
    let mut plot = panels.into_plot();
    bar.draw(&mut plot)?;
    plot.canvas.into_png()
}

/// The note of a figure that shows complete trials alone.
pub fn note(without: usize, more: usize) -> Option<String> {
    let trials = match without {
        0 => None,
        1 => Some("1 trial is pruned, failed or without a value and not drawn".to_owned()),
        _ => Some(format!("{without} trials are pruned, failed or without a value and not drawn")),
    };
    let parameters = (more > 0).then(|| format!("{more} more parameters are not shown"));
    joined([trials, parameters])
}

//! All parameters of a study side by side, a line a trial.

use crate::Error;
use crate::axis::{Scale, range};
use crate::canvas::{Align, Canvas, Position, Text};
use crate::colour_bar::ColourBar;
use crate::font::{self, Weight};
use crate::frame::{Area, Frame};
use crate::style::{INK, LEGEND_SIZE, Stroke, TICK_SIZE, WHITE};
use crate::trial::{self, Direction, Objective, Parameter, TrialPoint, from_best};

/// Parameters beyond this many are left out and counted in the note.
const MOST: usize = 11;
/// Above the axes, for their names.
const HEAD: f64 = 62.0;
/// The axes need no labels below them, so they reach further down than others.
const BELOW: f64 = 66.0;
const TICK: f64 = 9.0;
/// From the last axis to the colour bar.
const END: f64 = 24.0;

/// A line for each complete trial, through its objective and each of its parameters on axes of their own; the colour is
/// the objective, the best the darkest and on top. The trials of a choice are spread a little; a line is interrupted
/// where a trial does not have a parameter.
///
/// # Errors
/// Without trials or parameters, with a parameter that has another number of values than trials, or without a complete
/// trial whose value has a place on its axis.
pub fn parallel_coordinates(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
    parameters: &[Parameter<'_>],
) -> Result<Vec<u8>, Error> {
    trial::check(trials, parameters)?;
    let shown = &parameters[..parameters.len().min(MOST)];
    let ranked = from_best(&objective, trials);
    let Some((low, high)) = range(trials.iter().filter_map(|trial| objective.value(trial))) else {
        return Err(Error::NothingToDraw);
    };
    let axis = objective.axis([low, high])?;
    let bar = ColourBar::new(&axis, objective.direction == Direction::Minimize);
    let note = trial::note(trials.len() - ranked.len(), parameters.len() - shown.len());
    let (mut canvas, area) = Frame { title, subtitle, note, bar: Some(&bar), ..Frame::default() }.sheet();
    let area = Area { top: area.top + HEAD, bottom: area.bottom + BELOW, ..area };
    let height = area.bottom - area.top;
    let axes = std::iter::once(axis).chain(shown.iter().map(Parameter::axis));
    let scales: Vec<Scale> = axes.map(|axis| axis.upright(height)).collect();

    // Each axis has its labels on its left, inside its slot.
    let slot = (area.right - area.left) / scales.len() as f64;
    let room = |scale: &Scale| scale.widest_label().min(0.6 * slot) + TICK + 12.0;
    let start = area.left + room(&scales[0]);
    let step = (area.right - start - END) / (scales.len() - 1) as f64;
    let place = |index: usize| start + step * index as f64;
    let up = |fraction: f64| area.bottom - fraction * height;

    let stroke = |value: f64| Stroke::solid(bar.color(value), if ranked.len() > 200 { 1.5 } else { 2.5 });
    for &trial in ranked.iter().rev() {
        let value = trials[trial].value.unwrap_or(f64::NAN);
        let values = std::iter::once(value).chain(shown.iter().map(|parameter| parameter.spread(trial)));
        let places: Vec<Option<Position>> = values
            .zip(&scales)
            .enumerate()
            .map(|(index, (value, scale))| scale.has(value).then(|| (place(index), up(scale.fraction(value)))))
            .collect();
        for run in places.split(Option::is_none) {
            canvas.line(&run.iter().copied().flatten().collect::<Vec<Position>>(), stroke(value));
        }
    }
    for (index, scale) in scales.iter().enumerate() {
        let x = place(index);
        canvas.rectangle((x - 1.5, area.top), (x + 1.5, area.bottom), INK);
        for tick in &scale.ticks {
            let room = if index == 0 { x - area.left - TICK } else { 0.6 * step };
            tick_label(&mut canvas, (x, up(tick.fraction)), &tick.label, room);
        }
        // At both ends a name is moved inwards, towards that of its neighbour.
        let beside_left = if index == 0 { x - area.left + step / 2.0 - 10.0 } else { f64::INFINITY };
        let is_last = index + 1 == scales.len();
        let beside_right = if is_last { area.right + END - x + step / 2.0 - 10.0 } else { f64::INFINITY };
        let room = (step - 16.0).min(beside_left).min(beside_right);
        let (label, size) = font::fit(&scale.label, Weight::Regular, LEGEND_SIZE, 20.0, room);
        let half = font::width(&label, Weight::Regular, size) / 2.0;
        let center = x.max(area.left + half).min(area.right + END - half);
        canvas.text(Text::new(label, (center, area.top - 32.0), size, INK, Align::Center));
    }
    bar.draw(&mut canvas, area);
    canvas.into_png()
}

/// A tick with its label; lines under the label are paled, so that it can be read.
fn tick_label(canvas: &mut Canvas, (x, y): Position, label: &str, room: f64) {
    canvas.rectangle((x - TICK, y - 1.0), (x, y + 1.0), INK);
    let label = font::shorten(label, Weight::Regular, TICK_SIZE, room);
    let right = x - TICK - 6.0;
    let left = right - font::width(&label, Weight::Regular, TICK_SIZE);
    canvas.tint(&[(left - 4.0, y - 15.0, y + 15.0), (right + 4.0, y - 15.0, y + 15.0)], WHITE, 0.82);
    canvas.text(Text::new(label, (right, y + font::cap_height(TICK_SIZE) / 2.0), TICK_SIZE, INK, Align::Right));
}

//! All parameters of a study side by side, a line a trial.

use crate::Error;
use crate::axis::{Axis, range};
use crate::canvas::{Align, Canvas, Position};
use crate::colour_bar::ColourBar;
use crate::font::{self, Weight};
use crate::frame::{Area, Frame, Plot, line};
use crate::rank::from_best;
use crate::slice::note;
use crate::style::{INK, LEGEND_SIZE, Stroke, TICK_SIZE, WHITE};
use crate::trial::{Objective, Parameter, TrialPoint, check_trials};

/// Parameters beyond this many are left out and counted in the note.
const MOST: usize = 11;
/// Above the axes, for their names.
const HEAD: f64 = 62.0;
/// The axes need no labels below them, so they reach further down than others.
const BELOW: f64 = 66.0;
const TICK: f64 = 9.0;

/// A line for each complete trial, through its objective and each of its parameters on axes of their
/// own; the colour is the objective, the best the darkest and on top. The trials of a choice are
/// spread a little; a line is interrupted where a trial does not have a parameter.
///
/// # Errors
///
/// Without trials or parameters, with a parameter that has another number of values than trials, or
/// without a complete trial whose value has a place on its axis.
pub fn parallel_coordinates(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    trials: &[TrialPoint],
    parameters: &[Parameter<'_>],
) -> Result<Vec<u8>, Error> {
    check_trials(trials, parameters)?;
    let shown = &parameters[..parameters.len().min(MOST)];
    let ranked = from_best(&objective, trials);
    let Some(ends) = range(trials.iter().filter_map(|trial| objective.value(trial))) else {
        return Err(Error::NothingToDraw { what: "trials" });
    };
    let bar = ColourBar::of_objective(&objective, ends);
    let mut frame = Frame::new(title, subtitle, "", "");
    frame.right = bar.room();
    frame.note = note(trials.len() - ranked.len(), parameters.len() - shown.len());
    let (canvas, mut area) = frame.sheet()?;
    (area.top, area.bottom) = (area.top + HEAD, area.bottom + BELOW);
    let height = area.bottom - area.top;

    let mut axes = vec![(objective.upright(ends, height), objective.name)];
    axes.extend(shown.iter().map(|parameter| (parameter.axis_upright(height), parameter.name)));
    let slot = (area.right - area.left) / axes.len() as f64;
    let mut drawing = Drawing { canvas, area, places: Vec::new() };
    for (index, (axis, _)) in axes.iter().enumerate() {
        // Each axis has its labels on its left, inside its slot.
        let room = axis.widest_label().min(0.6 * slot) + TICK + 12.0;
        let start = if index == 0 { area.left + room } else { drawing.places[0] };
        let step = (area.right - start - 24.0) / (axes.len() - 1) as f64;
        drawing.places.push(start + step * index as f64);
    }
    let width = if ranked.len() > 200 { 1.5 } else { 2.5 };
    for &trial in ranked.iter().rev() {
        let Some(value) = objective.value(&trials[trial]) else {
            continue;
        };
        let parameters = shown.iter().zip(&axes[1..]).map(|(parameter, axis)| parameter.fraction(&axis.0, trial));
        let fractions: Vec<Option<f64>> = std::iter::once(Some(axes[0].0.fraction(value))).chain(parameters).collect();
        drawing.trial(&fractions, Stroke::solid(bar.color(value), width))?;
    }
    for (index, (axis, name)) in axes.iter().enumerate() {
        drawing.axis(index, axis, name)?;
    }
    let (axis, _) = axes.swap_remove(0);
    let mut plot = Plot { canvas: drawing.canvas, area, x: axis.clone(), y: axis };
    bar.draw(&mut plot)?;
    plot.canvas.into_png()
}

/// The axes being drawn, each at its place.
struct Drawing {
    canvas: Canvas,
    area: Area,
    places: Vec<f64>,
}

impl Drawing {
    fn up(&self, fraction: f64) -> f64 {
        self.area.bottom - fraction * (self.area.bottom - self.area.top)
    }

    /// Draws a line through the places of a trial on the axes, interrupted where it has none.
    fn trial(&mut self, fractions: &[Option<f64>], stroke: Stroke) -> Result<(), Error> {
        let places: Vec<Option<Position>> = self
            .places
            .iter()
            .zip(fractions)
            .map(|(&x, fraction)| fraction.map(|fraction| (x, self.up(fraction))))
            .collect();
        for run in places.split(Option::is_none) {
            let run: Vec<Position> = run.iter().copied().flatten().collect();
            self.canvas.line(&run, stroke)?;
        }
        Ok(())
    }

    fn axis(&mut self, index: usize, axis: &Axis, name: &str) -> Result<(), Error> {
        let x = self.places[index];
        let Area { top, bottom, .. } = self.area;
        self.canvas.rectangle((x - 1.5, top), (x + 1.5, bottom), INK)?;
        let step = self.places.get(1).map_or(self.area.right, |next| next - self.places[0]);
        for tick in &axis.ticks {
            let y = self.up(tick.fraction);
            self.canvas.rectangle((x - TICK, y - 1.0), (x, y + 1.0), INK)?;
            let room = if index == 0 { x - self.area.left - TICK } else { 0.6 * step };
            let label = font::shorten(&tick.label, Weight::Regular, TICK_SIZE, room);
            let width = font::width(&label, Weight::Regular, TICK_SIZE);
            let right = x - TICK - 6.0;
            // Lines under a label are paled, so that it can be read.
            let ground = [(right - width - 4.0, y - 15.0, y + 15.0), (right + 4.0, y - 15.0, y + 15.0)];
            self.canvas.tint(&ground, WHITE, 0.82);
            let at = (right, y + font::cap_height(TICK_SIZE) / 2.0);
            self.canvas.text(line(label, at, TICK_SIZE, INK, Align::Right));
        }
        let label = axis.label(name);
        // At both ends a name is moved inwards, towards that of its neighbour.
        let beside_left = if index == 0 { x - self.area.left + step / 2.0 - 10.0 } else { f64::INFINITY };
        let is_last = index + 1 == self.places.len();
        let beside_right = if is_last { self.area.right + 24.0 - x + step / 2.0 - 10.0 } else { f64::INFINITY };
        let room = (step - 16.0).min(beside_left).min(beside_right);
        let (label, size) = font::fit(&label, Weight::Regular, LEGEND_SIZE, 20.0, room);
        let half = font::width(&label, Weight::Regular, size) / 2.0;
        let center = x.max(self.area.left + half).min(self.area.right + 24.0 - half);
        self.canvas.text(line(label, (center, top - 32.0), size, INK, Align::Center));
        Ok(())
    }
}

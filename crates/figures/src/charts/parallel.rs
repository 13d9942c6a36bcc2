//! All parameters of a study side by side, a line a trial.

use std::collections::HashSet;

use crate::Error;
use crate::axis::Scale;
use crate::canvas::{Align, Position, Text};
use crate::font::{self, Weight};
use crate::frame::{Area, Frame};
use crate::legend::{ColourBar, Item};
use crate::marks::widest;
use crate::style::{INK, LEGEND_SIZE, Stroke, TICK_SIZE, paler};
use crate::trial::{Parameter, Trials};

/// Parameters beyond this many are left out and counted in the note.
const MOST: usize = 11;
/// Of more trials than this, only the best are drawn in full colour.
const MOST_VIVID: usize = 100;
const FAINT: f64 = 0.3;
/// Above the axes, a row of their names.
const NAME: f64 = 40.0;
/// The axes need no labels below them, so they reach further down than others.
const BELOW: f64 = 66.0;
/// Beside a label, inside the two lines of an axis; the first part is a tick.
const TICK: f64 = 8.0;
const BESIDE: f64 = 16.0;

/// A line for each complete trial, through its objective and each of its parameters on axes of their own; the colour is
/// the objective, the best the darkest and on top. An axis is a pair of lines with the labels between them, so no line
/// lies on a label. Of many trials the best are drawn in full colour, the others pale. A line is interrupted where a
/// trial does not have a parameter.
pub fn parallel_coordinates(trials: &Trials<'_>, parameters: &[Parameter]) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, .. } = *trials;
    let mut ranked = trials.complete(parameters)?;
    objective.rank(&mut ranked);
    let shown = &parameters[..parameters.len().min(MOST)];
    let axis = objective.axis(ranked.iter().map(|trial| trial.1))?;
    let bar = ColourBar::new(&axis, objective.minimizes());
    let vivid = if ranked.len() > MOST_VIVID { MOST_VIVID } else { ranked.len() };
    let stroke = |rank: usize, value: f64| {
        let (share, width) = if rank < vivid { (1.0, 2.5) } else { (FAINT, 2.0) };
        Stroke::solid(paler(bar.color(value), share), width)
    };
    let mut legend = Vec::new();
    if ranked.len() > vivid {
        legend.push(Item::line(format!("the best {vivid} of {} trials", ranked.len()), stroke(0, ranked[0].1)));
        legend.push(Item::line(
            "the others; where lines coincide, the best is seen",
            stroke(vivid, ranked[ranked.len() - 1].1),
        ));
    }
    let note = trials.note(ranked.len(), parameters.len() - shown.len());
    let (mut canvas, mut area) = Frame { title, subtitle, legend, note, bar: Some(&bar), ..Frame::default() }.sheet();
    let axes = std::iter::once(axis).chain(shown.iter().map(Parameter::axis));
    let height = area.bottom + BELOW - area.top;
    let labels: Vec<String> = axes.clone().map(|axis| axis.upright(height).label).collect();
    let slot = (area.right - area.left) / labels.len() as f64;
    // Names that do not fit side by side stand in two rows in turn.
    let widest = widest(labels.iter().map(String::as_str), LEGEND_SIZE);
    let rows = if widest > slot - BESIDE { 2 } else { 1 };
    area = Area { top: area.top + NAME * f64::from(rows), bottom: area.bottom + BELOW, ..area };
    let height = area.bottom - area.top;
    let scales: Vec<Scale> = axes.map(|axis| axis.upright(height)).collect();

    let wanted = scales.iter().map(|scale| scale.widest_label() + 2.0 * BESIDE);
    let most = if wanted.clone().sum::<f64>() > 0.6 * (area.right - area.left) { 0.6 * slot } else { f64::INFINITY };
    let widths: Vec<f64> = wanted.map(|width| width.min(most).round()).collect();
    let gap = (area.right - area.left - widths.iter().sum::<f64>()) / (scales.len() - 1) as f64;
    let left = |index: usize| (area.left + widths[..index].iter().sum::<f64>() + gap * index as f64).round();
    let up = |scale: &Scale, value: f64| area.bottom - scale.fraction(value) * height;
    let value = |index: usize, (trial, value)| if index == 0 { value } else { shown[index - 1].values[trial] };
    for index in 1..scales.len() {
        let ends = [left(index - 1) + widths[index - 1], left(index)];
        let mut drawn = HashSet::new();
        let mut lines: Vec<(usize, [Position; 2])> = Vec::new();
        for (rank, &trial) in ranked.iter().enumerate() {
            let values = [value(index - 1, trial), value(index, trial)];
            if scales[index - 1].has(values[0]) && scales[index].has(values[1]) {
                let heights = [up(&scales[index - 1], values[0]), up(&scales[index], values[1])];
                if drawn.insert(heights.map(|height| height.round() as i64)) {
                    lines.push((rank, [(ends[0], heights[0]), (ends[1], heights[1])]));
                }
            }
        }
        for (rank, line) in lines.into_iter().rev() {
            canvas.line(&line, stroke(rank, ranked[rank].1));
        }
    }
    for (index, scale) in scales.iter().enumerate() {
        let (from, to) = (left(index), left(index) + widths[index]);
        let center = f64::midpoint(from, to);
        for x in [from, to] {
            canvas.rectangle((x - 1.0, area.top), (x + 1.0, area.bottom), INK);
        }
        for tick in &scale.ticks {
            let y = area.bottom - tick.fraction * height;
            canvas.rectangle((from, y - 1.0), (from + TICK, y + 1.0), INK);
            canvas.rectangle((to - TICK, y - 1.0), (to, y + 1.0), INK);
            let label = font::shorten(&tick.label, Weight::Regular, TICK_SIZE, widths[index] - 2.0 * TICK);
            let at = (center, y + font::cap_height(TICK_SIZE) / 2.0);
            canvas.text(Text::new(label, at, TICK_SIZE, INK, Align::Center));
        }
        let room = f64::from(rows) * slot - BESIDE;
        let (label, size) = font::fit(&labels[index], Weight::Regular, LEGEND_SIZE, TICK_SIZE, room);
        let half = font::width(&label, Weight::Regular, size) / 2.0;
        let at = center.max(area.left + half).min(area.right - half);
        let row = NAME * f64::from((rows - 1) * u8::from(index.is_multiple_of(2)));
        canvas.text(Text::new(label, (at, area.top - 18.0 - row), size, INK, Align::Center));
    }
    bar.draw(&mut canvas, area);
    canvas.into_png()
}

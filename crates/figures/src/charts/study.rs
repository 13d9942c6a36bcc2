//! The trials of a study: their values by number, by parameter, by epoch, by time, and how these are distributed.

use crate::axis::{Axis, range};
use crate::canvas::Position;
use crate::frame::{Area, Frame};
use crate::legend::{ColourBar, Item};
use crate::number::four_digits;
use crate::style::{
    BLUE, Color, DASHED, GREY_BLUE, INK, MISSING, Marker, REFERENCE, Stroke, VERMILLION, paler, series,
};
use crate::trial::{Direction, GOLDEN_RATIO, Objective, Parameter, TrialPoint, TrialState, Trials, marker};
use crate::{Distribution, Error, Point};

/// Height of the band of trials without a value.
const BAND: f64 = 76.0;
const BEST_SO_FAR: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };
const BEST_CURVE: Stroke = Stroke { color: INK, width: 5.0, dash: &[] };
const DOTTED: &[f64] = &[3.0, 8.0];
/// Of more curves than this, quantiles are drawn: the share of colour from 1 to 99 %, and that added from 25 to 75 %.
const MOST_CURVES: usize = 120;
const OUTER: f64 = 0.18;
const INNER: f64 = 0.34;
/// More panels than this are left out and counted in the note.
const MOST_PANELS: usize = 12;
/// Ticks of a colour bar of whole numbers.
const BAR_STEPS: f64 = 8.25;
const THICKEST: f64 = 26.0;
/// Trials that end at once stay visible on a timeline.
const SHORTEST: f64 = 6.0;

/// The objective of each complete trial by its number, and the best so far as a line of steps. Trials without an objective
/// that has a place stand in a band at the lower edge.
pub fn optimization_history(trials: &Trials<'_>) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, points } = *trials;
    let mut points: Vec<&TrialPoint> = points.iter().collect();
    points.sort_by_key(|trial| trial.number);
    let mut steps: Vec<Point> = Vec::new();
    for (trial, value) in points.iter().filter_map(|trial| Some((trial, objective.value(trial)?))) {
        let before = steps.last().map(|before| before.1);
        if before.is_none_or(|before| objective.is_better(value, before)) {
            let number = f64::from(trial.number);
            steps.extend(before.map(|before| (number, before)));
            steps.push((number, value));
        }
    }
    let x = Axis::counting("trial", points.iter().map(|trial| f64::from(trial.number)), 0.02, 8.0)?;
    let Some(&(best_number, best)) = steps.last() else { return Err(Error::NothingToDraw) };
    steps.extend(points.last().map(|last| (f64::from(last.number), best)));
    let y = objective.axis(points.iter().filter_map(|trial| objective.value(trial)))?;
    let without: Vec<&TrialPoint> = points.iter().copied().filter(|trial| objective.value(trial).is_none()).collect();
    let y = if without.is_empty() { y } else { y.with_band(BAND, "no value") };
    let complete = without.iter().filter(|trial| trial.state == TrialState::Complete).count();
    let why = if objective.log { "not finite or not above zero" } else { "not finite" };
    let note =
        (complete > 0).then(|| format!("complete trials in the lowest band, as their values are {why}: {complete}"));
    let mut legend = trials.ended(|name, state| Item::dot(name, marker(state, 1)));
    legend.push(Item::line(format!("best so far: {} in trial {best_number}", four_digits(best)), BEST_SO_FAR));

    let mut plot = Frame { title, subtitle, legend, note, ..Frame::default() }.plot(&x, &y);
    let Area { bottom, .. } = plot.area;
    if !without.is_empty() {
        plot.bar(Area { top: bottom - 1.0 - BAND + 8.0, ..plot.area }, paler(MISSING, 0.4));
    }
    for state in [TrialState::Pruned, TrialState::Failed, TrialState::Complete] {
        for trial in points.iter().filter(|trial| trial.state == state) {
            let y = objective.value(trial).map_or(bottom - BAND / 2.0 + 4.0, |value| plot.up(value));
            plot.canvas.marker((plot.across(f64::from(trial.number)), y), marker(state, points.len()));
        }
    }
    plot.line(steps, BEST_SO_FAR);
    plot.into_png()
}

/// The objective of the complete trials against each parameter, a panel a parameter; the colour is the number of the
/// trial. The trials of a choice are spread a little, and neither early nor late ones lie on top of the others.
pub fn slice(trials: &Trials<'_>, parameters: &[Parameter]) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, .. } = *trials;
    let mut points = trials.complete(parameters)?;
    let shown = &parameters[..parameters.len().min(MOST_PANELS)];
    let mixed = |index: usize| (index as f64 * GOLDEN_RATIO).fract();
    points.sort_by(|one, other| mixed(one.0).total_cmp(&mixed(other.0)));
    let number = |index: usize| f64::from(trials.points[index].number);
    let (first, last) = range(points.iter().map(|point| number(point.0))).ok_or(Error::NothingToDraw)?;
    let y = objective.axis(points.iter().map(|point| point.1))?;
    let x: Vec<Axis> = shown.iter().map(Parameter::axis).collect();
    let bar = ColourBar::new(&Axis::whole("trial", first, last.max(first + 1.0), BAR_STEPS), false);
    let note = trials.note(points.len(), parameters.len() - shown.len());
    let frame = Frame { title, subtitle, note, bar: Some(&bar), ..Frame::default() };
    let plot = frame.panels(&x, &y, |plot, panel| {
        for &(trial, value) in &points {
            let Marker { radius, .. } = marker(TrialState::Complete, points.len());
            let marker = Marker { rim: true, ..Marker::circle(bar.color(number(trial)), 0.8 * radius) };
            plot.points([(shown[panel].spread(trial, GOLDEN_RATIO), value)], marker);
        }
    });
    plot.into_png()
}

/// What the trials reported by epoch: the curves of pruned trials grey and dashed, those of failed ones dotted, that of
/// trial `best` thick and on top. Of many trials quantiles are drawn instead of their curves.
pub fn intermediate_values(trials: &Trials<'_>, best: Option<u32>) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, objective, points: curves } = *trials;
    let points = || curves.iter().flat_map(|curve| &curve.reports).copied();
    let x = Axis::epochs(points().map(|point| point.0))?;
    let y = objective.axis(points().map(|point| point.1))?;
    let (width, share) = if curves.len() <= 12 { (3.5, 1.0) } else { (2.5, 0.75) };
    let stroke = |state| match state {
        TrialState::Complete => Stroke::solid(paler(BLUE, share), width),
        TrialState::Pruned => Stroke { dash: DASHED, ..Stroke::solid(paler(REFERENCE, share), width) },
        TrialState::Failed => Stroke { dash: DOTTED, ..Stroke::solid(VERMILLION, width) },
    };
    let is_many = curves.len() > MOST_CURVES;
    let mut legend = if is_many {
        let median = format!("median of {} trials", curves.len());
        let both = paler(BLUE, 1.0 - (1.0 - OUTER) * (1.0 - INNER));
        let outer = Item::area("1–99 % of the trials", paler(BLUE, OUTER));
        vec![Item::line(median, series(0).0), Item::area("25–75 % of the trials", both), outer]
    } else {
        trials.ended(|name, state| Item::line(name, stroke(state)))
    };
    legend.extend(best.map(|best| Item::line(format!("best, trial {best}"), BEST_CURVE)));

    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    if is_many {
        let mut sorted: Vec<Point> = points().filter(|point| y.has(point.1)).collect();
        sorted.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let epochs: Vec<&[Point]> = sorted.chunk_by(|one, other| one.0 == other.0).collect();
        let quantile = |of: &[Point], per_cent: usize| of[(of.len() - 1) * per_cent / 100].1;
        for (low, high, share) in [(1, 99, OUTER), (25, 75, INNER)] {
            let rows = epochs.iter().map(|of| (of[0].0, quantile(of, low), quantile(of, high)));
            plot.area(rows, BLUE, share as f32);
        }
        plot.line(epochs.iter().map(|of| (of[0].0, quantile(of, 50))), series(0).0);
    } else {
        for state in [TrialState::Complete, TrialState::Pruned, TrialState::Failed] {
            for curve in curves.iter().filter(|curve| curve.state == state) {
                plot.line(curve.reports.iter().copied(), stroke(state));
            }
        }
    }
    for curve in curves.iter().filter(|curve| Some(curve.number) == best) {
        plot.line(curve.reports.iter().copied(), BEST_CURVE);
    }
    plot.into_png()
}

/// The empirical distribution function of the objective of several studies: the share of trials whose value is at most
/// (when maximising: at least) the one on the lying axis.
pub fn empirical_distribution(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    studies: &[Distribution<'_>],
) -> Result<Vec<u8>, Error> {
    let is_falling = objective.direction == Direction::Maximize;
    let x = objective.lying_axis(studies.iter().flat_map(|study| study.values).copied())?;
    let y = Axis::percent(
        if is_falling { "share of trials at or above" } else { "share of trials at or below" },
        0.0,
        102.0,
    );
    let mut sorted: Vec<Vec<f64>> = studies.iter().map(|study| study.sorted(&x)).collect();
    if is_falling {
        for values in &mut sorted {
            values.reverse();
        }
    }
    let legend = studies.iter().zip(&sorted).enumerate().map(|(index, (study, values))| {
        let trials = if values.len() == 1 { "trial" } else { "trials" };
        Item::line(format!("{}, {} {trials}", study.name, values.len()), series(index).0)
    });
    let mut plot = Frame { title, subtitle, legend: legend.collect(), ..Frame::default() }.plot(&x, &y);
    for (index, values) in sorted.iter().enumerate() {
        let share = |place: usize| 100.0 * (place as f64 / values.len() as f64);
        let steps =
            values.iter().enumerate().flat_map(|(place, &value)| [(value, share(place)), (value, share(place + 1))]);
        let mut corners: Vec<Position> = steps.map(|step| plot.position(step)).collect();
        if let Some(&(_, y)) = corners.last() {
            corners.push((if is_falling { plot.area.left } else { plot.area.right }, y));
            plot.trace(&[corners], series(index).0);
        }
    }
    plot.into_png()
}

/// When each trial ran, as a lying bar whose colour is how it ended.
pub fn timeline(trials: &Trials<'_>) -> Result<Vec<u8>, Error> {
    let Trials { title, subtitle, points, .. } = *trials;
    let ran = || points.iter().filter_map(|trial| Some((trial, trial.seconds?)));
    let x = Axis::from_zero("seconds since the start of the study", ran().flat_map(|(_, seconds)| seconds))?;
    let y = Axis::counting("trial", ran().map(|(trial, _)| f64::from(trial.number)), 0.02, 10.0)?;
    let color = |state| -> Color {
        match state {
            TrialState::Complete => BLUE,
            TrialState::Pruned => GREY_BLUE,
            TrialState::Failed => VERMILLION,
        }
    };
    let legend = trials.ended(|name, state| Item::area(name, color(state)));
    let mut plot = Frame { title, subtitle, legend, ..Frame::default() }.plot(&x, &y);
    let thickness = (0.8 * (plot.up(0.0) - plot.up(1.0))).clamp(1.2, THICKEST);
    for (trial, seconds) in ran().filter(|(_, seconds)| seconds.iter().all(|time| time.is_finite())) {
        let y = plot.up(f64::from(trial.number));
        let [start, end] = seconds.map(|time| plot.across(time));
        let left = start.min(end).max(plot.area.left + 1.0);
        let right = start.max(end).max(left + SHORTEST);
        plot.bar(Area { left, top: y - thickness / 2.0, right, bottom: y + thickness / 2.0 }, color(trial.state));
    }
    plot.into_png()
}

//! A row for each of several subjects: one value, several importances, or all of its runs.

use crate::axis::{Axis, has_a_place};
use crate::canvas::Align;
use crate::frame::{Area, Frame};
use crate::legend::Item;
use crate::marks::widest;
use crate::number::{four_digits, median, significant};
use crate::style::{
    BLUE, DASHED, INK, LEGEND_SIZE, MARGIN, MUTED, Marker, Stroke, TICK_SIZE, VERMILLION, WIDTH, paler, series,
};
use crate::trial::GOLDEN_RATIO;
use crate::{Distribution, Error, Objective};

/// Least height of a row with one value, and of one with runs.
const ROW: f64 = 50.0;
const LEVEL: f64 = 40.0;
/// Runs are spread over at most this height.
const TALLEST: f64 = 100.0;
/// Height of a bar, at least and at most, and between the bars of neighbours.
const BAR: f64 = 30.0;
const THICKEST: f64 = 44.0;
const GAP: f64 = 16.0;
/// From a dot or bar to its value, and by how much less than a dot's that may reach into the margin.
const VALUE_GAP: f64 = 24.0;
const OVERLAP: f64 = 6.0;
/// Right of the plot, for the values of the longest bars.
const VALUE_ROOM: f64 = 96.0;
const BASELINE: Stroke = Stroke { color: VERMILLION, width: 3.0, dash: DASHED };
const MEDIAN: Stroke = Stroke { color: INK, width: 4.0, dash: &[] };

/// The value of each row, a name with a value, as a dot on a logarithmic axis, with the value in numbers beside it. A
/// zero stands at the left edge as a ring.
pub fn comparison(title: &str, subtitle: &str, x_label: &str, rows: &[(&str, f64)]) -> Result<Vec<u8>, Error> {
    let placed = || rows.iter().filter(|row| has_a_place(row.1, true));
    let x = Axis::logarithmic(x_label, placed().map(|row| row.1))
        .map_err(|error| if rows.is_empty() { error } else { Error::NothingToDraw })?;
    let y = Axis::rows("", rows.iter().map(|row| row.0), ROW);
    let count = rows.len() - placed().count();
    let note = (count > 0).then(|| format!("values without a place on the axis, a ring at its edge instead: {count}"));
    let right = overhang(&x, &y, placed().map(|row| (row.1, four_digits(row.1))), 280.0, OVERLAP);
    let mut plot = Frame { title, subtitle, note, right, ..Frame::default() }.plot(&x, &y);
    for (row, &(_, value)) in (0..).map(f64::from).zip(rows).filter(|(row, _)| y.has(*row)) {
        let at = (if x.has(value) { plot.across(value) } else { plot.area.left + 18.0 }, plot.up(row));
        plot.write_beside(four_digits(value), (at.0 + VALUE_GAP, at.1), INK);
        if x.has(value) {
            plot.points([(value, row)], Marker::circle(BLUE, 12.0));
        } else {
            plot.canvas.marker(at, Marker { hollow: true, ..Marker::circle(MUTED, 12.0) });
        }
    }
    plot.into_png()
}

/// Pixels by which texts that start at their values on the lying axis reach beyond the plot.
pub fn overhang(x: &Axis, y: &Axis, texts: impl Iterator<Item = (f64, String)>, beside: f64, gap: f64) -> f64 {
    // The least room there is between the names and the texts.
    let length = f64::from(WIDTH) - MARGIN - y.upright(1.0).widest_label() - beside;
    let scale = x.lying(length);
    let reach = |(value, text): (f64, String)| {
        gap + widest([text.as_str()], LEGEND_SIZE) - (1.0 - scale.fraction(value)) * length
    };
    texts.map(reach).fold(0.0, f64::max)
}

/// The importance of each parameter as a lying bar for each evaluator, such as fANOVA and PED-ANOVA, with its value;
/// sorted by the first evaluator. An evaluator is a name with an importance of at least zero for each parameter.
pub fn parameter_importance(
    title: &str,
    subtitle: &str,
    parameters: &[&str],
    evaluators: &[(&str, &[f64])],
) -> Result<Vec<u8>, Error> {
    Error::check_lengths(parameters.len(), evaluators.iter().map(|evaluator| evaluator.1.len()))?;
    let placed = |value: f64| if value >= 0.0 { value } else { f64::NAN };
    let values: Vec<f64> = evaluators.iter().flat_map(|evaluator| evaluator.1).map(|&value| placed(value)).collect();
    // Bars start at zero.
    let zero = values.iter().find(|value| value.is_finite()).map(|_| 0.0);
    let x = Axis::from_zero("importance", values.iter().copied().chain(zero))?;
    let mut order: Vec<usize> = (0..parameters.len()).collect();
    let first = |row: usize| Some(placed(evaluators[0].1[row])).filter(|value| value.is_finite()).unwrap_or(-1.0);
    order.sort_by(|&one, &other| first(other).total_cmp(&first(one)));
    let y = Axis::rows("", order.iter().map(|&row| parameters[row]), evaluators.len() as f64 * BAR + GAP);
    let looks: Vec<_> = evaluators.iter().enumerate().map(|(at, (name, of))| (series(at).0.color, name, of)).collect();
    let legend = looks.iter().map(|(color, name, _)| Item::area(**name, *color)).collect();

    let mut plot = Frame { title, subtitle, legend, right: VALUE_ROOM, ..Frame::default() }.plot(&x, &y);
    let thickness = (0.78 * (plot.up(1.0) - plot.up(0.0)) / evaluators.len() as f64).min(THICKEST);
    for (place, &row) in order.iter().enumerate().filter(|(place, _)| y.has(*place as f64)) {
        let highest = plot.up(place as f64) - (evaluators.len() - 1) as f64 / 2.0 * thickness;
        for (index, (color, _, values)) in looks.iter().enumerate() {
            let value = placed(values[row]);
            let (left, y) = (plot.area.left + 1.0, highest + index as f64 * thickness);
            if !value.is_finite() {
                plot.write_beside("no value".to_owned(), (left + VALUE_GAP, y), MUTED);
                continue;
            }
            let (half, thinnest) = (thickness / 2.0 - 1.0, if value > 0.0 { 2.0 } else { 0.0 });
            let right = plot.across(value).max(left + thinnest);
            plot.is_empty = false;
            if right > left {
                plot.bar(Area { left, top: y - half, right, bottom: y + half }, *color);
            }
            let text = match value {
                0.0 => "0".to_owned(),
                ..0.005 => "< 0.01".to_owned(),
                ..1000.0 => format!("{value:.2}"),
                _ => significant(value, 3),
            };
            plot.write_beside(text, (right + VALUE_GAP, y), INK);
        }
    }
    plot.into_png()
}

/// Something that was varied while all else stayed as in the baseline.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its levels, each with the objective of its runs in any order.
    pub levels: &'a [Distribution<'a>],
}

/// The objective of each run as a dot, a row a level of the factor, with the median of each level as a line and in
/// numbers. `baseline`, which has a name, is a dashed line through all rows.
pub fn one_at_a_time(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    factor: Factor<'_>,
    baseline: Option<(&str, f64)>,
) -> Result<Vec<u8>, Error> {
    let baseline = baseline.filter(|baseline| has_a_place(baseline.1, objective.log));
    let values = factor.levels.iter().flat_map(|level| level.values).copied();
    let note = objective.lying_axis(values.clone())?.note();
    let placed = values.filter(|&value| has_a_place(value, objective.log)).chain(baseline.map(|of| of.1));
    let x = objective.lying_axis(placed)?;
    let y = Axis::rows(factor.name, factor.levels.iter().map(|level| level.name), LEVEL);
    let run = Marker::circle(paler(BLUE, 0.7), 7.0);
    let mut legend = vec![Item::dot("a run", run), Item::line("median of the row", MEDIAN)];
    legend.extend(baseline.map(|(name, value)| Item::line(format!("{name}, {}", four_digits(value)), BASELINE)));

    let medians: Vec<Option<f64>> = factor.levels.iter().map(|level| median(&level.sorted(&x))).collect();
    let written = |median: &Option<f64>| median.map_or("no value".to_owned(), |median| significant(median, 3));
    let texts: Vec<String> = medians.iter().map(written).collect();
    let right = widest(texts.iter().map(String::as_str).chain(["median"]), TICK_SIZE) + VALUE_GAP;
    let mut plot = Frame { title, subtitle, legend, note, right, ..Frame::default() }.plot(&x, &y);
    let row_height = plot.up(1.0) - plot.up(0.0);
    // A row alone has more room.
    let height = row_height.min(if factor.levels.len() == 1 { 2.2 * TALLEST } else { TALLEST });
    for (row, level) in factor.levels.iter().enumerate() {
        let marker = Marker { radius: if level.values.len() <= 60 { 7.0 } else { 4.0 }, ..run };
        for (index, &value) in level.values.iter().enumerate() {
            let spread = (index as f64 * GOLDEN_RATIO + 0.5).fract() - 0.5;
            plot.points([(value, row as f64 + 0.6 * spread * height / row_height)], marker);
        }
    }
    if let Some((_, value)) = baseline {
        let x = plot.across(value);
        plot.canvas.line(&[(x, plot.area.top), (x, plot.area.bottom - 2.0)], BASELINE);
    }
    for (row, median) in medians.iter().enumerate() {
        if let Some(median) = median {
            let (x, y) = plot.position((*median, row as f64));
            plot.canvas.line(&[(x, y - 0.42 * height), (x, y + 0.42 * height)], MEDIAN);
        }
    }
    let edge = plot.area.right + right;
    plot.column(edge, Align::Right, (TICK_SIZE, INK), texts);
    plot.write("median", (edge, plot.area.top - 19.5), (TICK_SIZE, MUTED), Align::Right);
    plot.into_png()
}

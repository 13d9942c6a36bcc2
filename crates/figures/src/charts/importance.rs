//! How much each parameter matters, by several evaluators.

use crate::Error;
use crate::axis::Axis;
use crate::frame::{Area, Frame};
use crate::legend::Item;
use crate::number::significant;
use crate::style::{INK, MUTED, series};

/// Height of a bar, and between the bars of neighbours.
const BAR: f64 = 30.0;
const GAP: f64 = 16.0;
const THICKEST: f64 = 44.0;
const VALUE_GAP: f64 = 18.0;
const VALUE_ROOM: f64 = 90.0;

/// The importance of each parameter as a lying bar for each evaluator, such as fANOVA and PED-ANOVA, with its value;
/// sorted by the first evaluator. An evaluator is a name with an importance for each parameter.
///
/// # Errors
/// Without parameters or evaluators, with an evaluator that has another number of values than parameters, or without a
/// finite importance of at least zero.
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
    let names = evaluators.iter().enumerate();
    let legend = names.map(|(index, (name, _))| Item::area(*name, series(index).0.color)).collect();

    let mut plot = Frame { title, subtitle, legend, right: VALUE_ROOM, ..Frame::default() }.plot(&x, &y);
    let row = plot.up(1.0) - plot.up(0.0);
    let thickness = (0.78 * row / evaluators.len() as f64).min(THICKEST);
    for (position, &row) in order.iter().enumerate().filter(|(position, _)| y.has(*position as f64)) {
        for (index, evaluator) in evaluators.iter().enumerate() {
            let value = placed(evaluator.1[row]);
            let shift = (index as f64 - (evaluators.len() - 1) as f64 / 2.0) * thickness;
            let (left, y) = (plot.area.left + 1.0, plot.up(position as f64) + shift);
            if !value.is_finite() {
                plot.write_beside("no value".to_owned(), (left + VALUE_GAP, y), MUTED);
                continue;
            }
            let (half, thinnest) = (thickness / 2.0 - 1.0, if value > 0.0 { 2.0 } else { 0.0 });
            let right = plot.across(value).max(left + thinnest);
            plot.is_empty = false;
            if right > left {
                plot.bar(Area { left, top: y - half, right, bottom: y + half }, series(index).0.color);
            }
            plot.write_beside(written(value), (right + VALUE_GAP, y), INK);
        }
    }
    plot.into_png()
}

/// An importance with two decimals.
fn written(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        ..0.005 => "< 0.01".to_owned(),
        ..1000.0 => format!("{value:.2}"),
        _ => significant(value, 3),
    }
}

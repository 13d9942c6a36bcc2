//! How large a share of a study's trials reaches which objective.

use crate::axis::{Axis, has_a_place};
use crate::canvas::Position;
use crate::frame::Frame;
use crate::legend::Item;
use crate::style::{MARGIN, WIDTH, series};
use crate::trial::{Direction, Objective};
use crate::{Distribution, Error, ends, note_left_out};

/// The empirical distribution function of the objective of several studies: the share of trials whose
/// value is at most (when maximising: at least) the one on the horizontal axis.
///
/// # Errors
///
/// Without values, or without one that has a place on the axis.
pub fn empirical_distribution(
    title: &str,
    subtitle: &str,
    objective: Objective<'_>,
    studies: &[Distribution<'_>],
) -> Result<Vec<u8>, Error> {
    let values = studies.iter().flat_map(|study| study.values).copied();
    let (ends, left_out) = ends("values", values, |value| has_a_place(value, objective.log))?;
    let sorted: Vec<Vec<f64>> = studies.iter().map(|study| sorted(study.values, &objective)).collect();
    let y_label = match objective.direction {
        Direction::Minimize => "share of trials at or below",
        Direction::Maximize => "share of trials at or above",
    };
    let mut frame = Frame::new(title, subtitle, objective.name, y_label);
    frame.legend = studies.iter().zip(&sorted).enumerate().map(|(index, study)| item(index, study)).collect();
    frame.note = note_left_out(left_out, objective.why_left_out());
    let length = f64::from(WIDTH) - 2.0 * MARGIN - 140.0;
    let mut plot = frame.draw(|_| (objective.lying(ends, length), Axis::percent(0.0, 102.0)))?;
    for (index, values) in sorted.iter().enumerate() {
        let share = |place: usize| place as f64 / values.len() as f64;
        let mut corners: Vec<Position> = Vec::new();
        for (place, &value) in values.iter().enumerate() {
            let x = plot.across(plot.x.fraction(value));
            let [below, above] = [share(place), share(place + 1)].map(|share| plot.up(plot.y.fraction(100.0 * share)));
            corners.extend([(x, below), (x, above)]);
        }
        if let Some(&(_, y)) = corners.last() {
            let end = if objective.direction == Direction::Minimize { plot.area.right } else { plot.area.left };
            corners.push((end, y));
        }
        plot.canvas.line(&corners, series(index).0)?;
    }
    plot.canvas.into_png()
}

/// The values that can be drawn, from the best to the worst.
fn sorted(values: &[f64], objective: &Objective<'_>) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, objective.log)).collect();
    values.sort_by(f64::total_cmp);
    if objective.direction == Direction::Maximize {
        values.reverse();
    }
    values
}

fn item(index: usize, (study, values): (&Distribution<'_>, &Vec<f64>)) -> Item {
    let trials = if values.len() == 1 { "trial" } else { "trials" };
    Item::line(format!("{}, {} {trials}", study.name, values.len()), series(index).0)
}

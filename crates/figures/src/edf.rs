//! How large a share of a study's trials reaches which objective.

use crate::axis::{Axis, Tick, range};
use crate::canvas::Position;
use crate::frame::Frame;
use crate::legend::Item;
use crate::style::{MARGIN, Stroke, WIDTH, series};
use crate::trial::{Direction, Objective, has_a_place};
use crate::{Distribution, Error, note_left_out};

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
    let all: usize = studies.iter().map(|study| study.values.len()).sum();
    if all == 0 {
        return Err(Error::Empty { what: "values" });
    }
    let sorted: Vec<Vec<f64>> = studies.iter().map(|study| sorted(study.values, &objective)).collect();
    let Some(ends) = range(sorted.iter().flatten().copied()) else {
        return Err(Error::NothingToDraw { what: "values" });
    };
    let y_label = match objective.direction {
        Direction::Minimize => "share of trials at or below",
        Direction::Maximize => "share of trials at or above",
    };
    let mut frame = Frame::new(title, subtitle, objective.name, y_label);
    frame.legend = studies.iter().zip(&sorted).enumerate().map(|(index, study)| item(index, study)).collect();
    let why = if objective.log { "zero, negative or not finite" } else { "not finite" };
    frame.note = note_left_out(all - sorted.iter().map(Vec::len).sum::<usize>(), why);
    let length = f64::from(WIDTH) - 2.0 * MARGIN - 140.0;
    let mut plot = frame.draw(|_| (objective.lying(ends, length), shares()))?;
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
        plot.canvas.line(&corners, stroke(index))?;
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
    let name = format!("{}, {} {trials}", study.name, values.len());
    Item { name, stroke: Some(stroke(index)), marker: None, fill: None }
}

fn stroke(index: usize) -> Stroke {
    series(index).0
}

/// From 0 to 100 %.
fn shares() -> Axis {
    let mut axis = Axis::counting(0.0, 102.0, 5.0);
    axis.ticks = [0, 25, 50, 75, 100]
        .map(|share| Tick { fraction: axis.fraction(f64::from(share)), label: format!("{share} %") })
        .to_vec();
    axis
}

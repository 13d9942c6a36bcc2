//! What each factor of an experiment does when it alone is varied.

mod each;
mod overview;

pub use each::one_at_a_time;
pub use overview::factor_overview;

use crate::Distribution;
use crate::trial::{Objective, has_a_place};

/// Factors beyond this many are left out and counted in the note.
const MOST: usize = 40;
/// The name of a level is cut to this many pixels.
const LONGEST_LEVEL: f64 = 250.0;

/// Something that was varied while all else stayed as in the baseline.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its levels, each with the objective of its trainings in any order.
    pub levels: &'a [Distribution<'a>],
}

/// The median of the values that have a place; none if there are none.
fn median(values: &[f64], objective: &Objective<'_>) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, objective.log)).collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// How many values have no place on the axis.
fn without_place(factors: &[Factor<'_>], objective: &Objective<'_>) -> usize {
    let values = factors.iter().flat_map(|factor| factor.levels).flat_map(|level| level.values);
    values.filter(|&&value| !has_a_place(value, objective.log)).count()
}

/// What the note says of factors and values that are left out.
fn note(all: &[Factor<'_>], shown: &[Factor<'_>], objective: &Objective<'_>) -> Option<String> {
    if shown.len() < all.len() {
        return Some(format!("{} more factors are not shown", all.len() - shown.len()));
    }
    let why = if objective.log { "zero, negative or not finite" } else { "not finite" };
    crate::note_left_out(without_place(shown, objective), why)
}

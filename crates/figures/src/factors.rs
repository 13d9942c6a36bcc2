//! What each factor of an experiment does when it alone is varied.

mod each;
mod overview;

pub use each::one_at_a_time;
pub use overview::factor_overview;

use crate::Distribution;
use crate::axis::has_a_place;
use crate::number;
use crate::trial::Objective;

/// Factors beyond this many are left out and counted in the note.
const MOST: usize = 40;
/// The name of a level is cut to this many pixels.
const LONGEST_LEVEL: f64 = 250.0;

/// Something that was varied while all else stayed as in the baseline.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its levels, each with the objective of its runs in any order.
    pub levels: &'a [Distribution<'a>],
}

/// The median of the values that have a place; none if there are none.
fn median(values: &[f64], objective: &Objective<'_>) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|&value| has_a_place(value, objective.log)).collect();
    values.sort_by(f64::total_cmp);
    number::median(&values)
}

/// What the note says of factors and values that are left out.
fn note(all: &[Factor<'_>], objective: &Objective<'_>) -> Option<String> {
    let shown = &all[..all.len().min(MOST)];
    let values = shown.iter().flat_map(|factor| factor.levels).flat_map(|level| level.values);
    let left_out = values.filter(|&&value| !has_a_place(value, objective.log)).count();
    crate::note((shown.len(), all.len(), "factors"), (left_out, objective.why_left_out()))
}

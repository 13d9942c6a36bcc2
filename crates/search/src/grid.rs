//! Grid search: every combination once, in an order that the study's seed shuffles.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use random::philox::philox4x32_10;

use crate::random::{Purpose, word};
use crate::sampler::{Ask, Sampler};
use crate::scale::Scale;
use crate::space::SpaceError;
use crate::{Assignment, Domain, Parameter, Space, Value};

/// Suggests the first point of the grid that no trial of the history has, whatever became of that trial.
///
/// As in Optuna's `GridSampler` the order is random, so that a study that ends early has seen all parts of the grid.
#[derive(Clone, Debug)]
pub struct Grid {
    seed: u64,
    /// By parameter.
    values: Vec<Vec<Value>>,
    /// How many there are if all parameters exist in each.
    combinations: u64,
    /// What the next suggestion need not work out again. It changes none.
    kept: Arc<Mutex<Kept>>,
}

/// What suggestions have in common.
#[derive(Debug, Default)]
struct Kept {
    /// The shuffled order as far as it has been asked for.
    order: Vec<u64>,
    /// Of the history of the last suggestion: parameters, and the combination that they are.
    points: Vec<(Assignment, Option<u64>)>,
}

impl Grid {
    /// The grid over `space`; `seed` is the study's. A range with more than `points` values has so many on the grid, its
    /// ends among them, at equal distances on its scale; without `points` all.
    ///
    /// # Errors
    ///
    /// If a parameter has infinitely many values and there is no `points`, or there are more than 2⁶³ combinations.
    pub fn new(seed: u64, space: &Space, points: Option<u32>) -> Result<Self, SpaceError> {
        let values: Vec<Vec<Value>> =
            space.parameters().iter().map(|parameter| values(parameter, points)).collect::<Result<_, _>>()?;
        let combinations = values.iter().try_fold(1u64, |product, values| {
            product.checked_mul(values.len() as u64).filter(|product| *product <= 1 << 63)
        });
        match (combinations, space.parameters().first()) {
            (Some(combinations), _) => Ok(Self { seed, values, combinations, kept: Arc::default() }),
            (None, first) => {
                let name = first.map_or("", |first| &first.name);
                Err(SpaceError::new(name, "a grid has at most 2^63 combinations of values"))
            }
        }
    }

    /// The combination that a point is, which tells points apart: a parameter that does not exist counts as its first value.
    /// `None` if `assignment` is no point of the grid.
    fn combination(&self, space: &Space, assignment: &Assignment) -> Option<u64> {
        let mut combination = 0;
        for (of, value) in self.values.iter().zip(space.values(assignment)?) {
            let place = match value {
                Some(value) => of.iter().position(|known| known.same(value))?,
                None => 0,
            };
            combination = combination * of.len() as u64 + place as u64;
        }
        Some(combination)
    }

    /// The indices of a combination, the last parameter changing fastest.
    fn indices(&self, mut combination: u64) -> Vec<usize> {
        let mut indices = vec![0; self.values.len()];
        for (index, values) in indices.iter_mut().zip(&self.values).rev() {
            *index = (combination % values.len() as u64) as usize;
            combination /= values.len() as u64;
        }
        indices
    }

    /// The combination in place `place` of the shuffled order: a Feistel network over the next power of four, walked
    /// until it comes back among the combinations (Black and Rogaway 2002).
    fn shuffled(&self, place: u64) -> u64 {
        let half = (u64::BITS - (self.combinations - 1).leading_zeros()).div_ceil(2).max(1);
        let mask = (1u64 << half) - 1;
        let key = [word(self.seed, Purpose::Grid, 0), word(self.seed, Purpose::Grid, 1)];
        let mut at = place;
        loop {
            let (mut left, mut right) = (at >> half, at & mask);
            for round in 0..8 {
                let mixed = philox4x32_10([right as u32, (right >> 32) as u32, round, 0], key)[0];
                (left, right) = (right, left ^ (u64::from(mixed) & mask));
            }
            at = left << half | right;
            if at < self.combinations {
                return at;
            }
        }
    }
}

impl Sampler for Grid {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        let space = ask.space;
        if self.values.len() != space.parameters().len() {
            return None;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { order, points } = &mut *kept;
        points.truncate(ask.trials.len());
        for (at, trial) in ask.trials.iter().enumerate() {
            let known = points.get(at).is_some_and(|(parameters, _)| parameters.is(&trial.parameters));
            if !known {
                let point = (trial.parameters.clone(), self.combination(space, &trial.parameters));
                if at < points.len() { points[at] = point } else { points.push(point) }
            }
        }
        let others = ask.trials.iter().zip(&*points).filter(|(trial, _)| trial.number != ask.number);
        let visited: HashSet<u64> = others.filter_map(|(_, (_, combination))| *combination).collect();
        for place in 0..self.combinations {
            if place == order.len() as u64 {
                order.push(self.shuffled(place));
            }
            let combination = order[place as usize];
            if visited.contains(&combination) {
                continue;
            }
            let indices = self.indices(combination);
            let candidate = space.assignment(|position| self.values[position][indices[position]].clone());
            // Where a parameter does not exist, several combinations are one point.
            if !visited.contains(&self.combination(space, &candidate)?) {
                return Some(candidate);
            }
        }
        None
    }

    fn learns(&self) -> bool {
        false
    }
}

/// The values of a parameter on the grid.
fn values(parameter: &Parameter, points: Option<u32>) -> Result<Vec<Value>, SpaceError> {
    let domain = &parameter.domain;
    let count = domain.count();
    let points = points.map(u64::from).filter(|_| !matches!(domain, Domain::Categorical { .. }));
    match (points, count) {
        (Some(points), count) if count.is_none_or(|count| count > points) => {
            let scale = Scale::new(domain);
            let (first, last) = match count {
                Some(count) => (scale.place_of(0), scale.place_of(count - 1)),
                None => (scale.low, scale.high),
            };
            let place = |point| first + (last - first) * point as f64 / (points.max(2) - 1) as f64;
            let mut values: Vec<Value> =
                (0..points.max(1)).map(|point| rounded(domain, scale.value(place(point)))).collect();
            // Whole numbers on a logarithmic scale can round to the same one.
            values.dedup_by(|a, b| a.same(b));
            Ok(values)
        }
        (_, Some(count)) => Ok((0..count).map(|index| domain.nth(index)).collect()),
        (_, None) => Err(SpaceError::new(
            &parameter.name,
            "a grid needs a step, a list of values or grid_points, got a continuous range",
        )),
    }
}

/// A number to twelve digits, so that logarithms leave no trace: 0.001, not 0.0010000000000000002.
fn rounded(domain: &Domain, value: Value) -> Value {
    let short = match value {
        Value::Float(number) => format!("{number:.11e}").parse().map_or(Value::Null, Value::Float),
        _ => Value::Null,
    };
    if domain.contains(&short) { short } else { value }
}

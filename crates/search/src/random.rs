//! Random search, and its evenly spread relative: scrambled Sobol points.

use crate::sampler::{Ask, Sampler};
use crate::scale::Scale;
use crate::stream::{Draws, Purpose, word};
use crate::{Assignment, Space, Value};

/// Dimensions and length of one Sobol sequence; what lies beyond comes from a sequence of its own.
const SOBOL_DIMENSIONS: usize = 256;
const SOBOL_LENGTH: u64 = 1 << 16;

/// Independent uniform draws, on every parameter's own scale.
#[derive(Clone, Debug)]
pub struct Random {
    /// The study's seed.
    pub seed: u64,
}

impl Sampler for Random {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        Some(random_point(ask.space, self.seed, Purpose::Random, ask.number))
    }
}

/// Owen-scrambled Sobol points: trial n is point n of the sequence.
#[derive(Clone, Debug)]
pub struct Sobol {
    /// The study's seed.
    pub seed: u64,
}

impl Sampler for Sobol {
    fn suggest(&self, ask: &Ask<'_>) -> Option<Assignment> {
        Some(sobol_point(ask.space, self.seed, Purpose::Sobol, ask.number))
    }
}

/// Parameters from one number in [0, 1) a parameter.
pub(crate) fn at_unit_point(space: &Space, mut unit: impl FnMut(usize) -> f64) -> Assignment {
    let drawn: Vec<Value> = space
        .parameters()
        .iter()
        .enumerate()
        .map(|(position, parameter)| {
            let scale = Scale::new(&parameter.domain);
            scale.value(scale.along(unit(position)))
        })
        .collect();
    active(space, |position| drawn[position].clone())
}

/// Parameters from one value a parameter; those whose conditions fail are left out.
pub(crate) fn active(space: &Space, mut value: impl FnMut(usize) -> Value) -> Assignment {
    let mut values = vec![None; space.parameters().len()];
    for &position in space.parents_first() {
        if space.is_active(position, &values) {
            values[position] = Some(value(position));
        }
    }
    space.assignment(values)
}

pub(crate) fn random_point(space: &Space, seed: u64, purpose: Purpose, number: u64) -> Assignment {
    let mut draws = Draws::new(seed, purpose, number);
    at_unit_point(space, |_| draws.uniform())
}

pub(crate) fn sobol_point(space: &Space, seed: u64, purpose: Purpose, number: u64) -> Assignment {
    let sequence = SobolSequence::new(seed, purpose, number / SOBOL_LENGTH);
    at_unit_point(space, |position| sequence.coordinate((number % SOBOL_LENGTH) as u32, position))
}

/// A scrambled Sobol sequence of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SobolSequence(u32);

impl SobolSequence {
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        Self(word(seed, purpose, number))
    }

    /// Coordinate `dimension` of point `index` (below 2¹⁶), in [0, 1).
    pub(crate) fn coordinate(self, index: u32, dimension: usize) -> f64 {
        let seed = self.0.wrapping_add((dimension / SOBOL_DIMENSIONS) as u32);
        f64::from(sobol_burley::sample(index, (dimension % SOBOL_DIMENSIONS) as u32, seed))
    }
}

//! Randomness as a function of (study seed, trial number, purpose, position): streams of numbers and scrambled Sobol points,
//! and the two samplers that are nothing else.

use random::philox::{Stream, philox4x32_10};

use crate::sampler::{Ask, Sampler};
use crate::scale::Scale;
use crate::{Assignment, Space};

/// Dimensions, four a set, and length of one Sobol sequence; what lies beyond comes from a sequence of its own.
const SOBOL_SETS: usize = 64;
const SOBOL_LENGTH: u64 = 1 << 16;

/// What a stream of numbers is for; streams of different purposes never share a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Random = 0,
    Sobol = 1,
    Tpe = 2,
    TpeStart = 3,
    Gp = 4,
    GpStart = 5,
    Fantasies = 6,
    Forest = 7,
    Grid = 8,
}

/// An endless stream of numbers.
#[derive(Debug)]
pub(crate) struct Draws(Stream);

fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

fn counter(purpose: Purpose, number: u64, block: u32) -> [u32; 4] {
    [block, purpose as u32, number as u32, (number >> 32) as u32]
}

/// 32 bits, the same at every call.
pub(crate) fn word(seed: u64, purpose: Purpose, number: u64) -> u32 {
    philox4x32_10(counter(purpose, number, 0), key(seed))[0]
}

impl Draws {
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        Self(Stream::new(counter(purpose, number, 0), key(seed)))
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        let high = u64::from(self.0.next_u32()) << 21;
        let low = u64::from(self.0.next_u32()) >> 11;
        (high | low) as f64 / (1u64 << 53) as f64
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() * bound as f64) as usize).min(bound - 1)
    }
}

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

    fn learns(&self) -> bool {
        false
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

    fn learns(&self) -> bool {
        false
    }
}

/// Parameters from one number in [0, 1) a parameter.
fn at_unit_point(space: &Space, units: &[f64]) -> Assignment {
    space.assignment(|position| {
        let scale = Scale::new(&space.parameters()[position].domain);
        scale.value(scale.along(units[position]))
    })
}

pub(crate) fn random_point(space: &Space, seed: u64, purpose: Purpose, number: u64) -> Assignment {
    let mut draws = Draws::new(seed, purpose, number);
    let units: Vec<f64> = space.parameters().iter().map(|_| draws.uniform()).collect();
    at_unit_point(space, &units)
}

pub(crate) fn sobol_point(space: &Space, seed: u64, purpose: Purpose, number: u64) -> Assignment {
    let sequence = SobolSequence::new(seed, purpose, number / SOBOL_LENGTH);
    at_unit_point(space, &sequence.point((number % SOBOL_LENGTH) as u32, space.parameters().len()))
}

/// A scrambled Sobol sequence of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SobolSequence(u32);

impl SobolSequence {
    pub(crate) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        Self(word(seed, purpose, number))
    }

    /// The coordinates of point `index` (below 2¹⁶), in [0, 1).
    pub(crate) fn point(self, index: u32, dimensions: usize) -> Vec<f64> {
        let four = |set: usize| {
            let seed = self.0.wrapping_add((set / SOBOL_SETS) as u32);
            sobol_burley::sample_4d(index, (set % SOBOL_SETS) as u32, seed).map(f64::from)
        };
        (0..dimensions.div_ceil(4)).flat_map(four).take(dimensions).collect()
    }
}

//! Randomness as a function of (study seed, trial number, purpose, position).

use random::philox::{Stream, philox4x32_10};

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

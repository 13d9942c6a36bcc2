//! The search's own random numbers: splitmix64 streams, one for every purpose.
//!
//! They are part of the search: which witness a seed leads to depends on every draw. A stream is keyed by what it is
//! drawn for and not by who draws it, so no result depends on threads or on what was searched before. Quality matters
//! little here, speed much: a stirred order costs less than the epoch that it is tried in.

use crate::network::{Order, ROWS};

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Rng(u64);

/// What a stream is drawn for; the numbers keep the streams apart.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Weights and the orders of the first epochs of a start.
    Start,
    /// The orders of the middle epochs, and what is drawn to judge where they lead.
    Middle(u64),
    /// What is drawn to judge a start after its best of few middles.
    Look,
    /// The orders of one of the last epochs, from 0.
    Epoch(usize),
    /// The shuffle of the states that printed one of the last lines.
    Spread,
    /// What is drawn to judge a state that printed one of the last lines.
    Promise,
}

impl Purpose {
    fn number(self) -> u64 {
        match self {
            Self::Start => 1,
            Self::Middle(middle) => middle.wrapping_add(2),
            Self::Look => 1 << 40,
            Self::Epoch(epoch) => epoch as u64,
            Self::Spread => 77,
            Self::Promise => 900,
        }
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014, in
/// Stafford's variant 13).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of a seed, a purpose and a number within the purpose.
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let seed = mix(seed ^ 0x5851_f42d_4c95_7f2d);
        Self(mix(mix(seed.wrapping_add(purpose.number())).wrapping_add(number)))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A whole number below `n`, by the upper half of a product. Its bias, at most n/2³², is of no concern.
    pub fn below(&mut self, n: usize) -> usize {
        (((self.bits() >> 32) * n as u64) >> 32) as usize
    }

    /// A number from 0 up to 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    /// A normal number, after Box and Muller. Logarithm and cosine are the C library's.
    pub fn normal(&mut self) -> f32 {
        let (a, b) = (1.0 - self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
    }

    /// A uniformly random order of the rows, after Fisher and Yates.
    pub fn order(&mut self) -> Order {
        let mut order = std::array::from_fn(|row| row as u8);
        self.shuffle(&mut order);
        order
    }

    /// Shuffles in place, after Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Exchanges 32 random pairs of rows: another order for a sixth of the price of a new one, since one draw of 64
    /// bits serves two pairs.
    pub fn stir(&mut self, order: &mut Order) {
        for _ in 0..16 {
            let bits = self.bits();
            let place = |shift: u32| ((((bits >> shift) & 0xffff) * ROWS as u64) >> 16) as usize;
            order.swap(place(0), place(16));
            order.swap(place(32), place(48));
        }
    }
}

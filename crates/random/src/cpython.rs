//! CPython's `random.Random(seed)` for an integer seed.
//!
//! The key of MT19937 is the seed's magnitude in 32-bit words, least significant first, so `-5` and `5` share a stream.

use crate::mt19937::Mt19937;
use std::fmt;

/// The generator of Python's module `random`.
#[derive(Clone, Debug)]
pub struct Random {
    twister: Mt19937,
}

impl Random {
    /// `random.Random(seed)`, also what `random.seed(seed)` does to the module's own generator.
    pub fn new(seed: i64) -> Self {
        let magnitude = seed.unsigned_abs();
        let key = [magnitude as u32, (magnitude >> 32) as u32];
        let words = if key[1] == 0 { 1 } else { 2 };
        let twister = Mt19937::from_key(&key[..words]).expect("the key has at least one word");
        Self { twister }
    }

    /// `getrandbits(k)`: an integer of `k` random bits, for `k` up to 128.
    ///
    /// Each 32 bits take one word, the least significant first; a last part of fewer bits is the top of its word.
    ///
    /// # Panics
    ///
    /// If `k` is above 128. Python has no limit.
    pub fn getrandbits(&mut self, k: u32) -> u128 {
        assert!(k <= u128::BITS, "k must be <= 128, got {k}");
        let mut bits = 0;
        for shift in (0..k).step_by(32) {
            let word = self.twister.next_u32() >> 32_u32.saturating_sub(k - shift);
            bits |= u128::from(word) << shift;
        }
        bits
    }

    /// `randint(a, b)`: an integer of `a..=b`, both ends included.
    ///
    /// With `n = b - a + 1`, draws as many bits as `n` itself has until they are below `n`. For a power of two that is
    /// one bit more than needed, and every second draw is thrown away.
    ///
    /// # Errors
    ///
    /// [`EmptyRange`] if `b < a`.
    pub fn randint(&mut self, a: i64, b: i64) -> Result<i64, EmptyRange> {
        if b < a {
            return Err(EmptyRange { a, b });
        }
        let n = (i128::from(b) - i128::from(a) + 1) as u128;
        let k = u128::BITS - n.leading_zeros();
        loop {
            let draw = self.getrandbits(k);
            if draw < n {
                return Ok((i128::from(a) + draw as i128) as i64);
            }
        }
    }
}

/// `randint(a, b)` with nothing between `a` and `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmptyRange {
    /// The lower end.
    pub a: i64,
    /// The upper end, below `a`.
    pub b: i64,
}

impl fmt::Display for EmptyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "empty range in randint({}, {})", self.a, self.b)
    }
}

impl std::error::Error for EmptyRange {}

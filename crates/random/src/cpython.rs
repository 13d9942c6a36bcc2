//! CPython's `random.Random(seed)` for an integer seed.
//!
//! The key of MT19937 is the seed's magnitude in 32-bit words, least significant first, so `-5` and `5` share a stream.

use crate::mt19937::Mt19937;

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
        Self { twister: Mt19937::from_key(&key[..words]) }
    }

    /// `randint(a, b)`: an integer of `a..=b`, both ends included.
    ///
    /// With `n = b - a + 1`, draws as many bits as `n` itself has until they are below `n`. For a power of two that is
    /// one bit more than needed, and every second draw is thrown away.
    ///
    /// # Panics
    /// If `b < a`.
    pub fn randint(&mut self, a: i64, b: i64) -> i64 {
        assert!(a <= b, "empty range in randint({a}, {b})");
        let n = (i128::from(b) - i128::from(a) + 1) as u128;
        loop {
            let draw = self.bits(u128::BITS - n.leading_zeros());
            if draw < n {
                return (i128::from(a) + draw as i128) as i64;
            }
        }
    }

    /// `getrandbits(k)` for `k` up to 128: each 32 bits take one word, the least significant first; a last part of fewer
    /// bits is the top of its word.
    fn bits(&mut self, k: u32) -> u128 {
        (0..k).step_by(32).fold(0, |bits, shift| {
            let word = self.twister.next_u32() >> 32_u32.saturating_sub(k - shift);
            bits | u128::from(word) << shift
        })
    }
}

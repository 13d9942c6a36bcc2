//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw (2011).
//!
//! A block of four words is a function of a 128-bit counter and a 64-bit key, so a stream can jump to any of its blocks.
//! All 128-bit values are four words, the least significant first.

/// Multipliers of the two halves of a round.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What the two words of the key grow by between rounds.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;
const BLOCK: u8 = 4;

/// The block of four words at `counter` under `key`.
pub fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for round in 0..ROUNDS {
        if round > 0 {
            k0 = k0.wrapping_add(WEYL[0]);
            k1 = k1.wrapping_add(WEYL[1]);
        }
        let p0 = u64::from(MULTIPLIERS[0]) * u64::from(c0);
        let p1 = u64::from(MULTIPLIERS[1]) * u64::from(c2);
        c0 = (p1 >> 32) as u32 ^ c1 ^ k0;
        c2 = (p0 >> 32) as u32 ^ c3 ^ k1;
        c1 = p1 as u32;
        c3 = p0 as u32;
    }
    [c0, c1, c2, c3]
}

/// The words of the blocks at `counter`, `counter + 1`, ...: an endless iterator.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    /// Counter of the block that holds the next word.
    counter: u128,
    block: [u32; 4],
    /// Words taken from that block; `block` is computed when the first one is.
    taken: u8,
}

impl Stream {
    /// The stream that starts with the block at `counter`.
    pub fn new(counter: [u32; 4], key: [u32; 2]) -> Self {
        let counter = counter.iter().rev().fold(0, |wide, &word| wide << 32 | u128::from(word));
        Self { key, counter, block: [0; 4], taken: 0 }
    }

    /// The next word.
    pub fn next_u32(&mut self) -> u32 {
        if self.taken == 0 {
            self.compute();
        }
        let word = self.block[usize::from(self.taken)];
        self.taken += 1;
        if self.taken == BLOCK {
            self.taken = 0;
            self.counter = self.counter.wrapping_add(1);
        }
        word
    }

    /// Moves on by `blocks` blocks, that is by `4 * blocks` words; the counter wraps at 2¹²⁸.
    pub fn skip_blocks(&mut self, blocks: u128) {
        self.counter = self.counter.wrapping_add(blocks);
        if self.taken > 0 {
            self.compute();
        }
    }

    /// The words of the next sixteen blocks.
    ///
    /// Inlined, so that a caller compiled for wide registers computes the blocks side by side.
    ///
    /// # Panics
    /// If a word of the block that is next was taken already.
    #[inline(always)]
    pub fn next_sixteen_blocks(&mut self) -> [u32; 64] {
        const LOW: u64 = u32::MAX as u64;
        assert_eq!(self.taken, 0, "whole blocks");
        let word = |i: u32| (self.counter >> (32 * i)) as u32;
        let mut words = [0; 64];
        let blocks = words.as_chunks_mut::<4>().0;
        if word(0) > u32::MAX - 16 {
            for block in blocks {
                self.compute();
                *block = self.block;
                self.counter = self.counter.wrapping_add(1);
            }
            return words;
        }
        // Words in the low halves of u64, as products of 32 bits take and leave them; what is above does not matter.
        let mut c0: [u64; 16] = std::array::from_fn(|block| u64::from(word(0)) + block as u64);
        let [mut c1, mut c2, mut c3] = [1, 2, 3].map(|i| [u64::from(word(i)); 16]);
        let [mut k0, mut k1] = self.key;
        for _ in 0..ROUNDS {
            for i in 0..16 {
                let p0 = u64::from(MULTIPLIERS[0]) * (c0[i] & LOW);
                let p1 = u64::from(MULTIPLIERS[1]) * (c2[i] & LOW);
                c0[i] = p1 >> 32 ^ c1[i] ^ u64::from(k0);
                c2[i] = p0 >> 32 ^ c3[i] ^ u64::from(k1);
                c1[i] = p1;
                c3[i] = p0;
            }
            k0 = k0.wrapping_add(WEYL[0]);
            k1 = k1.wrapping_add(WEYL[1]);
        }
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = [c0[i] as u32, c1[i] as u32, c2[i] as u32, c3[i] as u32];
        }
        self.counter = self.counter.wrapping_add(16);
        words
    }

    fn compute(&mut self) {
        let word = |i: u32| (self.counter >> (32 * i)) as u32;
        self.block = philox4x32_10([word(0), word(1), word(2), word(3)], self.key);
    }
}

impl Iterator for Stream {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        Some(self.next_u32())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    /// Blocks side by side are the blocks one after the other, also where the counter carries.
    #[test]
    fn sixteen_blocks_are_the_next_sixty_four_words() {
        for counter in [[0, 0, 7, 9], [u32::MAX - 16, 5, 1, 2], [u32::MAX - 15, u32::MAX, u32::MAX, 3], [u32::MAX; 4]] {
            let mut stream = Stream::new(counter, [0x1234_5678, 0x9abc_def0]);
            let mut words = stream.clone();
            for _ in 0..3 {
                assert!(stream.next_sixteen_blocks().into_iter().eq(words.by_ref().take(64)));
            }
        }
    }
}

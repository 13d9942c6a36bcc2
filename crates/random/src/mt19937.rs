//! MT19937, the Mersenne Twister of Matsumoto and Nishimura (2002 seeding).
//!
//! NumPy's `RandomState` and CPython's `random` share this core and differ in how they seed it and in what they make of
//! its words.

/// Words of state.
const WORDS: usize = 624;
/// Distance to the word that enters the twist.
const MIDDLE: usize = 397;

/// The generator: 624 words of state and the position of the one that is twisted next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mt19937 {
    state: [u32; WORDS],
    position: usize,
}

impl Mt19937 {
    /// Seeds from one word (`init_genrand`).
    pub const fn new(seed: u32) -> Self {
        let mut state = [seed; WORDS];
        let mut i = 1;
        while i < WORDS {
            let previous = state[i - 1];
            state[i] = (previous ^ (previous >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
            i += 1;
        }
        Self { state, position: 0 }
    }

    /// Seeds from a key of one or more words (`init_by_array`).
    ///
    /// # Panics
    /// If the key is empty.
    pub fn from_key(key: &[u32]) -> Self {
        let mut twister = const { Self::new(19_650_218) };
        let state = &mut twister.state;
        let mut i = 1;
        let advance = |state: &mut [u32; WORDS], i: usize| {
            if i + 1 < WORDS {
                return i + 1;
            }
            state[0] = state[WORDS - 1];
            1
        };
        for step in 0..key.len().max(WORDS) {
            let j = step % key.len();
            let previous = state[i - 1];
            state[i] = (state[i] ^ (previous ^ (previous >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i = advance(state, i);
        }
        for _ in 1..WORDS {
            let previous = state[i - 1];
            state[i] = (state[i] ^ (previous ^ (previous >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i = advance(state, i);
        }
        state[0] = 0x8000_0000;
        twister
    }

    /// The next word, uniform over all of `u32`.
    pub fn next_u32(&mut self) -> u32 {
        // The twist, one word at a time: who draws a few words need not wait for 624.
        let i = self.position;
        let next = if i + 1 == WORDS { 0 } else { i + 1 };
        let joined = (self.state[i] & 0x8000_0000) | (self.state[next] & 0x7fff_ffff);
        let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
        let middle = if i < WORDS - MIDDLE { i + MIDDLE } else { i + MIDDLE - WORDS };
        let mut word = self.state[middle] ^ (joined >> 1) ^ odd;
        self.state[i] = word;
        self.position = next;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// The next two words as one, high word first.
    pub fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    /// The next double in `[0, 1)`, a multiple of 2⁻⁵³ made of 27 and 26 bits (`genrand_res53`).
    pub fn next_f64(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }
}

//! What TensorFlow draws after `tf.random.set_seed`, on the CPU.
//!
//! Three steps lead to a number. [`set_seed`] holds the global seed; an eager op without its own seed takes a pair
//! [`OpSeeds`] from it; a kernel made from the pair holds one Philox stream. Stateless ops skip the first two steps.
//!
//! ```
//! use random::tensorflow::{random_uniform, set_seed};
//!
//! // tf.random.set_seed(42); tf.random.uniform([2])
//! let values = random_uniform(set_seed(42).op_seeds(), 2, 0.0, 1.0);
//! assert_eq!(values[0].to_bits(), 0x3f2a_20be);
//! ```

use crate::cpython::Random;
use crate::normal::truncated_normal;
use crate::philox::{Stream, philox4x32_10};

/// Global and op seeds are taken modulo this.
const MODULUS: i64 = i32::MAX as i64;
/// The key under which stateless ops scramble their seed.
const SCRAMBLE_KEY: [u32; 2] = [0x3ec8_f720, 0x0246_1e29];

/// `tf.random.set_seed(seed)`: the context that later ops take their seeds from.
///
/// Calling it again starts every stream anew, as in TensorFlow, which drops its cached kernels then.
pub fn set_seed(seed: i64) -> Context {
    Context { seed, random: Random::new(seed) }
}

/// A global seed and the generator of eager op seeds.
#[derive(Clone, Debug)]
pub struct Context {
    seed: i64,
    random: Random,
}

impl Context {
    /// Seeds of the next eager op that has none of its own: one draw of `random.Random(seed).randint(0, 2**31 - 1)`.
    pub fn op_seeds(&mut self) -> OpSeeds {
        OpSeeds::new(self.seed, self.random.randint(0, MODULUS))
    }

    /// Seeds of the random op of that number, from 0, among those of a function's graph that have none of their own.
    pub fn op_seeds_of_graph(&self, number: usize) -> OpSeeds {
        OpSeeds::new(self.seed, number as i64)
    }
}

/// The attributes `seed` and `seed2` of a random op.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpSeeds {
    /// From the global seed.
    pub seed: i64,
    /// From the op seed.
    pub seed2: i64,
}

impl OpSeeds {
    /// Both seeds modulo 2³¹ - 1, never negative; (0, 0), which would mean unseeded, becomes (0, 2³¹ - 1).
    pub fn new(global_seed: i64, op_seed: i64) -> Self {
        let (seed, seed2) = (global_seed.rem_euclid(MODULUS), op_seed.rem_euclid(MODULUS));
        if (seed, seed2) == (0, 0) { Self { seed, seed2: MODULUS } } else { Self { seed, seed2 } }
    }

    /// The stream of a kernel: the seed is the key, the second seed the high half of the counter.
    fn stream(self) -> Stream {
        let [k0, k1] = halves(self.seed);
        let [c2, c3] = halves(self.seed2);
        Stream::new([0, 0, c2, c3], [k0, k1])
    }
}

/// The first call of the kernel of `tf.random.uniform` for float32: `size` values of `[low, high)`, in row-major order of
/// whatever shape they fill.
pub fn random_uniform(seeds: OpSeeds, size: usize, low: f64, high: f64) -> Vec<f32> {
    uniform(seeds.stream(), size, low, high)
}

/// The first call of the kernel of `tf.random.truncated_normal` for float32, of mean 0: `size` values within two standard
/// deviations; `deviation` is that before truncation.
pub fn random_truncated_normal(seeds: OpSeeds, size: usize, deviation: f64) -> Vec<f32> {
    scaled(truncated_normal(seeds.stream(), size), deviation)
}

/// The kernel of `tf.random.uniform` for float32 of `[0, 1)`, whose calls go on in one stream.
#[derive(Clone, Debug)]
pub struct RandomUniform {
    stream: Stream,
}

impl RandomUniform {
    /// The kernel before its first call.
    pub fn new(seeds: OpSeeds) -> Self {
        Self { stream: seeds.stream() }
    }

    /// One call: as many values as there is room, in row-major order of whatever shape they fill. Reserves 256 blocks a value.
    pub fn fill(&mut self, values: &mut [f32]) {
        for (value, word) in values.iter_mut().zip(self.stream.clone()) {
            *value = unit_f32(word);
        }
        self.stream.skip_blocks(256 * values.len() as u128);
    }
}

/// The kernel of `tf.random.shuffle` for one axis.
#[derive(Clone, Debug)]
pub struct RandomShuffle {
    stream: Stream,
}

impl RandomShuffle {
    /// The kernel before its first call.
    pub fn new(seeds: OpSeeds) -> Self {
        Self { stream: seeds.stream() }
    }

    /// Shuffles the numbers from 0 on into `order`: for each `i` but the last, swaps entry `i` with entry
    /// `i + w mod (n - i)`, `w` the next word. `reciprocals` are those of its length.
    ///
    /// Reserves the blocks that hold `n - 1` words; fewer than two entries draw nothing.
    ///
    /// Inlined, so that a caller compiled for wide registers draws the words side by side. Allocates nothing.
    ///
    /// # Panics
    /// If there are fewer reciprocals than entries.
    #[expect(clippy::inline_always, reason = "else it is compiled without the caller's instructions")]
    #[inline(always)]
    pub fn order(&mut self, order: &mut [u32], reciprocals: &[Reciprocal]) {
        let n = order.len();
        let reciprocals = &reciprocals[..n];
        for (index, entry) in order.iter_mut().enumerate() {
            *entry = index as u32;
        }
        let mut stream = self.stream.clone();
        let last = n.saturating_sub(1);
        for first in (0..last).step_by(64) {
            let words = stream.next_sixteen_blocks();
            let count = 64.min(last - first);
            let mut distances = [0; 64];
            let drawn = words.iter().zip(&reciprocals[first..first + count]);
            for (distance, (&word, reciprocal)) in distances.iter_mut().zip(drawn) {
                *distance = reciprocal.remainder(word);
            }
            let rest = &mut order[first..];
            for (i, &distance) in distances[..count].iter().enumerate() {
                rest.swap(i, i + distance as usize);
            }
        }
        self.skip_calls(1, n);
    }

    /// Leaves out `calls` calls with `n` entries each.
    pub fn skip_calls(&mut self, calls: u64, n: usize) {
        let blocks = n.saturating_sub(1).div_ceil(4) as u128;
        self.stream.skip_blocks(blocks * u128::from(calls));
    }
}

/// Takes words modulo a number without dividing.
#[derive(Clone, Copy, Debug)]
pub struct Reciprocal {
    divisor: u32,
    /// 2³² / divisor, rounded down; of one, one less.
    reciprocal: u32,
}

impl Reciprocal {
    /// Of n, n − 1, …, 1: what the entries of an order of `n` samples are drawn from.
    pub fn of_order(n: usize) -> Vec<Self> {
        let of =
            |divisor| Self { divisor, reciprocal: ((1_u64 << 32) / u64::from(divisor)).min(u32::MAX.into()) as u32 };
        (1..=n as u32).rev().map(of).collect()
    }

    /// `word % divisor`.
    #[expect(clippy::inline_always, reason = "else it is compiled without the caller's instructions")]
    #[inline(always)]
    pub fn remainder(self, word: u32) -> u32 {
        // The quotient, or one less: a reciprocal below the true one by less than one loses less than one.
        let quotient = ((u64::from(word) * u64::from(self.reciprocal)) >> 32) as u32;
        let remainder = word.wrapping_sub(quotient.wrapping_mul(self.divisor));
        remainder.min(remainder.wrapping_sub(self.divisor))
    }
}

/// `tf.random.stateless_uniform([size], seed, low, high)` for float32, by the default algorithm of the CPU.
pub fn stateless_random_uniform(seed: [i64; 2], size: usize, low: f64, high: f64) -> Vec<f32> {
    uniform(stateless_stream(seed), size, low, high)
}

/// `tf.random.stateless_truncated_normal([size], seed, 0, deviation)` for float32, by the default algorithm of the CPU.
pub fn stateless_random_truncated_normal(seed: [i64; 2], size: usize, deviation: f64) -> Vec<f32> {
    scaled(truncated_normal(stateless_stream(seed), size), deviation)
}

/// The stream of a stateless op.
fn stateless_stream(seed: [i64; 2]) -> Stream {
    let [a0, a1] = halves(seed[0]);
    let [b0, b1] = halves(seed[1]);
    let [k0, k1, c2, c3] = philox4x32_10([a0, a1, b0, b1], SCRAMBLE_KEY);
    Stream::new([0, 0, c2, c3], [k0, k1])
}

/// A word as a float32 of `[0, 1)`: the low 23 bits, a multiple of 2⁻²³.
pub fn unit_f32(word: u32) -> f32 {
    f32::from_bits(0x3f80_0000 | (word & 0x007f_ffff)) - 1.0
}

/// Bounds are rounded to float32 first; then every operation is rounded on its own.
fn uniform(words: Stream, size: usize, low: f64, high: f64) -> Vec<f32> {
    let (low, high) = (low as f32, high as f32);
    let range = high - low;
    words.take(size).map(|word| unit_f32(word) * range + low).collect()
}

/// The product is an op of its own.
fn scaled(numbers: Vec<f32>, deviation: f64) -> Vec<f32> {
    numbers.into_iter().map(|number| number * deviation as f32).collect()
}

/// The low and the high word.
fn halves(seed: i64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

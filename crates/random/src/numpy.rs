//! NumPy's legacy generator, `numpy.random.RandomState`.
//!
//! NumPy froze this stream (NEP 19): a seed gives the same numbers in every release. The methods here take scalars and a
//! length and return a vector; a call of Python's form without `size` is the same call with length 1.
//!
//! ```
//! use random::numpy::RandomState;
//!
//! assert_eq!(RandomState::new(1234).randint(0, 100, 4), [47, 83, 38, 53]);
//! ```

use crate::glibc::ln;
use crate::mt19937::Mt19937;

/// The state of one stream.
#[derive(Clone, Debug)]
pub struct RandomState {
    twister: Mt19937,
    /// The second number of a normal pair, which the next normal draw takes.
    gauss: Option<f64>,
}

impl RandomState {
    /// `RandomState(seed)` for an integer, also what `numpy.random.seed(seed)` does.
    pub fn new(seed: u32) -> Self {
        Self { twister: Mt19937::new(seed), gauss: None }
    }

    /// `randint(low, high, size)`: `size` integers of `low..high`, uniform, of the dtype int64.
    ///
    /// # Panics
    /// If `low` is not below `high`.
    pub fn randint(&mut self, low: i64, high: i64, size: usize) -> Vec<i64> {
        assert!(low < high, "low must be below high, got {low} and {high}");
        let last = high.wrapping_sub(low) as u64 - 1;
        (0..size).map(|_| low.wrapping_add(self.at_most(last) as i64)).collect()
    }

    /// `uniform(low, high, size)`: `low + (high - low) * random_sample()`, in float64, two words each.
    ///
    /// # Panics
    /// If `high - low` is infinite or not a number.
    pub fn uniform(&mut self, low: f64, high: f64, size: usize) -> Vec<f64> {
        let range = high - low;
        assert!(range.is_finite(), "high - low must be finite, got {high} and {low}");
        (0..size).map(|_| low + range * self.twister.next_f64()).collect()
    }

    /// `normal(loc, scale, size)`: `loc + scale * standard_normal()`, in float64.
    ///
    /// NumPy asks the C library for logarithms; these are the GNU C library's on processors with fused multiply-adds.
    pub fn normal(&mut self, loc: f64, scale: f64, size: usize) -> Vec<f64> {
        (0..size).map(|_| loc + scale * self.standard_normal()).collect()
    }

    /// A number of the standard normal distribution by Marsaglia's polar form of the Box–Muller transform: a point of the unit
    /// disc gives two numbers, the first of which is kept for the next call.
    fn standard_normal(&mut self) -> f64 {
        if let Some(kept) = self.gauss.take() {
            return kept;
        }
        loop {
            let [first, second] = [0, 1].map(|_| 2.0 * self.twister.next_f64() - 1.0);
            let square = first * first + second * second;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * ln(square) / square).sqrt();
                self.gauss = Some(factor * first);
                return factor * second;
            }
        }
    }

    /// `permutation(n)`: the integers `0..n` in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..n as i64).collect();
        self.shuffle(&mut order);
        order
    }

    /// `shuffle(x)`: Fisher-Yates from the last element down, in place.
    pub fn shuffle<T>(&mut self, x: &mut [T]) {
        for i in (1..x.len()).rev() {
            let j = self.at_most(i as u64);
            x.swap(i, j as usize);
        }
    }

    /// An integer of `0..=range` by masked rejection: a draw keeps the low bits that `range` needs and is repeated while
    /// it is above `range`. Up to 32 bits it comes from one word, above from two; a `range` of 0 draws nothing.
    fn at_most(&mut self, range: u64) -> u64 {
        let mask = u64::MAX.checked_shr(range.leading_zeros()).unwrap_or(0);
        loop {
            let draw = match range {
                0 => 0,
                1..=0xffff_ffff => u64::from(self.twister.next_u32()),
                _ => self.twister.next_u64(),
            };
            if draw & mask <= range {
                return draw & mask;
            }
        }
    }
}

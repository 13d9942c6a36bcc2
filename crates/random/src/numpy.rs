//! NumPy's legacy generator, `numpy.random.RandomState`.
//!
//! NumPy froze this stream (NEP 19): a seed gives the same numbers in every release. The methods here take one or two
//! scalars and a length and return a vector; a call of Python's form without `size` is the same call with length 1.
//!
//! `standard_normal` takes logarithms from [`f64::ln`], as NumPy takes them from the platform's C library; two libraries
//! can differ in the last bit there. Everything else is integer or correctly rounded arithmetic.
//!
//! ```
//! use random::numpy::RandomState;
//!
//! let mut state = RandomState::new(1234);
//! let ages: Vec<i64> = state.randint(0, 100, 4)?;
//! assert_eq!(ages, [47, 83, 38, 53]);
//! # Ok::<(), random::numpy::Error>(())
//! ```

mod integer;

use crate::mt19937::Mt19937;
use integer::Bounded;
pub use integer::Integer;
use std::fmt;

/// The state of one stream: an MT19937 and, between two calls, the second value of a normal pair.
#[derive(Clone, Debug)]
pub struct RandomState {
    twister: Mt19937,
    spare_normal: Option<f64>,
}

impl RandomState {
    /// `RandomState(seed)` for an integer, also what `numpy.random.seed(seed)` does.
    pub fn new(seed: u32) -> Self {
        Self { twister: Mt19937::new(seed), spare_normal: None }
    }

    /// `RandomState([a, b, ...])` for a list of integers below 2³².
    ///
    /// A list of one integer is another seed than that integer.
    ///
    /// # Errors
    ///
    /// [`Error::EmptySeed`] for an empty list.
    pub fn from_array(seed: &[u32]) -> Result<Self, Error> {
        let twister = Mt19937::from_key(seed).ok_or(Error::EmptySeed)?;
        Ok(Self { twister, spare_normal: None })
    }

    /// `randint(low, high, size, dtype)`: `size` integers of `low..high`, uniform, the dtype being `T`.
    ///
    /// The bounds are wider than any dtype, so that `high` can be one past its maximum. Values come by masked
    /// rejection; 8-bit, 16-bit and boolean values are cut from 32-bit words, low bits first, and what is left of a word
    /// is dropped when the call ends.
    ///
    /// # Errors
    ///
    /// A bound outside the dtype, or no integer between the bounds. As in NumPy, `size` 0 checks nothing.
    pub fn randint<T: Integer>(&mut self, low: i128, high: i128, size: usize) -> Result<Vec<T>, Error> {
        if size == 0 {
            return Ok(Vec::new());
        }
        let last = high.saturating_sub(1);
        if low < T::MIN {
            return Err(Error::LowOutOfBounds(T::DTYPE));
        }
        if last > T::MAX {
            return Err(Error::HighOutOfBounds(T::DTYPE));
        }
        if low > last {
            return Err(if low == 0 { Error::HighNotPositive } else { Error::LowNotBelowHigh });
        }
        let mut bounded = Bounded::new(T::BITS, (last - low) as u64);
        Ok((0..size).map(|_| T::at(low + i128::from(bounded.next(&mut self.twister)))).collect())
    }

    /// `random_sample(size)`: `size` doubles of `[0, 1)`, two words each.
    pub fn random_sample(&mut self, size: usize) -> Vec<f64> {
        (0..size).map(|_| self.twister.next_f64()).collect()
    }

    /// `uniform(low, high, size)`: `low + (high - low) * random_sample()`, in float64.
    ///
    /// # Errors
    ///
    /// [`Error::RangeNotFinite`] if `high - low` is infinite or not a number.
    pub fn uniform(&mut self, low: f64, high: f64, size: usize) -> Result<Vec<f64>, Error> {
        let range = high - low;
        if !range.is_finite() {
            return Err(Error::RangeNotFinite);
        }
        Ok((0..size).map(|_| low + range * self.twister.next_f64()).collect())
    }

    /// `standard_normal(size)`: `size` doubles of mean 0 and variance 1, by Marsaglia's polar method.
    ///
    /// A pair gives two values. The second waits for the next call, whatever other methods draw in between.
    pub fn standard_normal(&mut self, size: usize) -> Vec<f64> {
        (0..size).map(|_| self.next_normal()).collect()
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
            let j = Bounded::new(64, i as u64).next(&mut self.twister);
            x.swap(i, j as usize);
        }
    }

    /// `choice(n, size, replace)` without weights: `size` integers of `0..n`.
    ///
    /// With replacement this is `randint`; without, it is the head of a whole permutation of `n`.
    ///
    /// # Errors
    ///
    /// `n` 0 with a `size` above 0; or a `size` above `n` without replacement.
    pub fn choice(&mut self, n: usize, size: usize, replace: bool) -> Result<Vec<i64>, Error> {
        if n == 0 && size > 0 {
            return Err(Error::EmptyPopulation);
        }
        if replace {
            return self.randint(0, n as i128, size);
        }
        if size > n {
            return Err(Error::SampleTooLarge);
        }
        let mut order = self.permutation(n);
        order.truncate(size);
        Ok(order)
    }

    fn next_normal(&mut self) -> f64 {
        if let Some(value) = self.spare_normal.take() {
            return value;
        }
        loop {
            let x1 = 2.0 * self.twister.next_f64() - 1.0;
            let x2 = 2.0 * self.twister.next_f64() - 1.0;
            let r2 = x1 * x1 + x2 * x2;
            if r2 < 1.0 && r2 != 0.0 {
                let f = (-2.0 * r2.ln() / r2).sqrt();
                self.spare_normal = Some(f * x1);
                return f * x2;
            }
        }
    }
}

/// What NumPy refuses, in NumPy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A seed list without elements.
    EmptySeed,
    /// `low` is below the minimum of the dtype named here.
    LowOutOfBounds(&'static str),
    /// `high - 1` is above the maximum of the dtype named here.
    HighOutOfBounds(&'static str),
    /// No integer lies in `low..high`.
    LowNotBelowHigh,
    /// The same with `low` 0.
    HighNotPositive,
    /// `high - low` of `uniform` is not finite.
    RangeNotFinite,
    /// `choice` from nothing.
    EmptyPopulation,
    /// `choice` without replacement of more than there is.
    SampleTooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySeed => f.write_str("Seed must be non-empty"),
            Self::LowOutOfBounds(dtype) => write!(f, "low is out of bounds for {dtype}"),
            Self::HighOutOfBounds(dtype) => write!(f, "high is out of bounds for {dtype}"),
            Self::LowNotBelowHigh => f.write_str("low >= high"),
            Self::HighNotPositive => f.write_str("high <= 0"),
            Self::RangeNotFinite => f.write_str("Range exceeds valid bounds"),
            Self::EmptyPopulation => f.write_str("a must be greater than 0 unless no samples are taken"),
            Self::SampleTooLarge => f.write_str("Cannot take a larger sample than population when 'replace=False'"),
        }
    }
}

impl std::error::Error for Error {}

//! The random streams of NumPy, TensorFlow, CPython and Keras, bit for bit.
//!
//! | module | what it repeats |
//! |---|---|
//! | [`numpy`] | `numpy.random.RandomState`, the legacy generator behind `numpy.random.seed` |
//! | [`cpython`] | `random.Random(seed)`: `randint` |
//! | [`mt19937`] | the Mersenne Twister under both |
//! | [`philox`] | Philox4x32-10, the counter-based generator under TensorFlow |
//! | [`tensorflow`] | op seeds after `tf.random.set_seed`, the kernels of uniform, truncated normal and shuffle |
//! | [`keras`] | initial weights and batch orders of a Keras program |
//!
//! A seed that gives a number in Python gives the same bits here. The golden files under `tests/golden` come from
//! NumPy, CPython, TensorFlow and Keras themselves; `tests/golden/generate.py` makes them.
//!
//! ```
//! use random::keras::{EpochOrders, Initializers};
//!
//! // tf.random.set_seed(42), then Dense(16) and Dense(1) on one feature.
//! let mut weights = Initializers::tf_legacy(42);
//! let first = weights.glorot_uniform(1, 16);
//! let second = weights.glorot_uniform(16, 1);
//! assert_eq!(first[0].to_bits(), 0x3e48_38bc);
//! assert_eq!(second[0].to_bits(), 0x3e64_9b24);
//!
//! // The order in which the first epoch of fit visits 100 samples.
//! let mut order = [0; 100];
//! EpochOrders::new(42, 100).fill(&mut order);
//! assert_eq!(order[..4], [43, 98, 55, 26]);
//! ```

pub mod cpython;
pub mod glibc;
pub mod keras;
pub mod mt19937;
mod normal;
pub mod numpy;
pub mod philox;
pub mod tensorflow;

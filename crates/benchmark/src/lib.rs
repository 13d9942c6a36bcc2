//! Benchmarks of training hot loops, built from an experiment's manifest.
//!
//! What is timed is what the experiment runs: the same `fit` on the same data. Data are made outside the
//! timing, every iteration of `fit` starts from a fresh seeded model, and the loss must fall before anything
//! is timed.

mod machine;
mod shape;
#[cfg(feature = "criterion")]
mod training;

pub use machine::{load, processor};
pub use shape::Shape;
#[cfg(feature = "criterion")]
pub use training::{time, training};

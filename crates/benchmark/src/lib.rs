//! Benchmarks of what experiments run, one line an experiment; one that trains as another does has none.
//!
//! [`training!`] times the training of a manifest: the same `fit` on the same data as in the experiment. Data are made outside
//! the timing, every iteration of `fit` starts from a fresh seeded model, and the loss must fall before anything is timed.
//! [`program!`] times the experiment's own program on a short manifest, from its start to its report: what a search or a
//! study of seeds runs.
//!
//! ```text
//! //! The training of `my-experiment`: `cargo bench -p my-experiment`.
//! benchmark::training!();
//! ```
//!
//! A [`Shape`] says how much there is to compute:
//!
//! ```rust,ignore
#![doc = include_str!("../tests/it/front_page.rs")]
//! ```

mod machine;
#[cfg(feature = "criterion")]
mod program;
mod shape;
#[cfg(feature = "criterion")]
mod training;

pub use machine::{load, processor};
#[cfg(feature = "criterion")]
pub use program::program;
pub use shape::Shape;
#[cfg(feature = "criterion")]
pub use training::{criterion, training};

/// The `main` of a bench that times the training of the experiment's manifest, by the manifest's engine or by those named:
/// `training!("libtorch", "exact")`.
#[macro_export]
macro_rules! training {
    ($($engine:literal),*) => {
        fn main() {
            $crate::training(env!("CARGO_MANIFEST_DIR"), &[$($engine),*]);
        }
    };
}

/// The `main` of a bench that times the experiment's program with these overrides: `program!("search.trials=16")`.
#[macro_export]
macro_rules! program {
    ($($set:literal),*) => {
        fn main() {
            $crate::program(env!("CARGO_PKG_NAME"), env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))), &[$($set),*]);
        }
    };
}

//! Keras' semantics for dense networks: layers, initializers, losses, metrics, optimizers, callbacks, `compile`, `fit`,
//! `evaluate` and `predict`, as the Keras of a manifest's flow computes them.
//!
//! Two engines have one meaning. `libtorch` is the readable definition: tch tensors on any device; its losses follow
//! real Keras' to rounding. [`Compiled::trained_output`] and [`loss()`] say what is trained; `fit` runs what autograd makes of
//! them, bit for bit, in tensors that are made once. `exact` repeats real Keras' order of operations on the CPU: its
//! losses are real Keras' bit for bit. `tests/it/golden.rs` compares both with recorded runs.
//!
//! Numbers depend on the manifest alone: [`Runtime`] pins libtorch's threads and CPU code path before the
//! first tensor, and every random draw comes from the `random` crate.
//!
//! ```rust,ignore
#![doc = include_str!("../tests/it/front_page.rs")]
//! ```

mod callbacks;
mod definition;
mod dropout;
mod elementwise;
mod exact;
mod fit;
mod formula;
mod glibc;
mod libtorch;
mod loss;
mod matrix_product;
mod metrics;
mod model;
mod optimization;
mod optimizer;
mod optimizer_state;
mod program;
mod python;
pub mod recorded;
mod recorded_data;
mod runtime;
mod sequential;
mod sweep;
mod training;
mod weights;
mod words;

pub use callbacks::{Callback, Mode, RateFrom};
pub use definition::loss;
pub use exact::{Peak, State, Trainer, peak, supports};
pub use fit::{Epoch, Evaluation, Fit, History};
pub use loss::Loss;
pub use metrics::Metric;
pub use model::{Activation, Dense, Dropout, KernelInitializer, Layer, Model, Regularizer};
pub use optimization::{Clipping, LearningRateSchedule, Optimization};
pub use optimizer::Optimizer;
pub use optimizer_state::OptimizerState;
pub use program::Program;
pub use recorded_data::RecordedData;
pub use runtime::{Error, Runtime};
pub use sequential::{Compiled, Sequential};
pub use sweep::{Configuration, Member, Samples, Trained, sweep};
pub use training::{Device, Engine, Flow, SeedScan, Seeds, Training};
pub use weights::Labelled;

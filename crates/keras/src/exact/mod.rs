//! Engine `exact`: Dense stacks on the CPU, to the last bit of every float32 that Keras on TensorFlow 2.12.1 computes.
//!
//! Each operation repeats the rounding and the order of additions of the TensorFlow kernel that Keras runs, with
//! oneDNN's default settings on AVX2 or AVX-512. Products are fused into sums only where those kernels do so. Of the
//! platform's libm only the fused multiply-add takes part, where the processor has none, and that has one correct result:
//! no bit depends on the machine. `data/keras/README.md` lists what was compared with recorded runs of real Keras.

// What is not inlined into the functions compiled for more than the portable instructions is compiled without these.
#![allow(clippy::inline_always)]
// Several registers are counted by one number; iterators over them would hide which belong together.
#![allow(clippy::needless_range_loop)]
// Pointers and registers. Every unsafe function asks what `Lanes` asks, of memory that its documentation names; `step` and
// `peak` alone call them from safe code, and say there why they may.
#![allow(unsafe_code, unsafe_op_in_unsafe_fn)]

mod activation;
#[cfg(test)]
mod definition;
mod eigen;
mod fit;
mod floats;
mod gelu;
mod gradients;
mod instructions;
mod lanes;
mod network;
mod optimizer;
mod peak;
mod products;
mod row_loss;
mod rsqrt;
mod separate;
mod shallow;
mod softmax;
mod step;
mod subnormals;
mod sums;
mod trainer;

pub use fit::supports;
pub(crate) use fit::{Exact, Loop};
pub(crate) use instructions::{Instructions, Level};
pub use peak::{Peak, peak};
pub(crate) use sums::sum;
pub use trainer::{State, Trainer};

//! The network in training: what it is made of, and one epoch of it on the fastest path of the processor.
//!
//! Dense(16) and Dense(1), both linear, on one input column; Adam; the mean squared error; 100 rows in batches of 32.
//! Every operation is in float32 and in the order of engine `exact`, so a loss here is a loss there, bit for bit.

use crate::fast::Instructions;

/// Rows of the training data.
pub const ROWS: usize = 100;
/// Units of the hidden layer.
pub const UNITS: usize = 16;
/// Weights that a start chooses: the two kernels. Biases start at zero.
pub const KERNELS: usize = 2 * UNITS;
/// Rows of a full batch.
pub const BATCH: usize = 32;
/// Steps of an epoch: three full batches and one of four rows.
pub const STEPS: usize = 4;
/// Epochs of the training.
pub const EPOCHS: usize = 100;

/// The rows of an epoch in their order.
pub type Order = [u8; ROWS];

/// What a training needs besides weights and orders.
#[derive(Debug, Clone)]
pub struct Network {
    /// Scaled inputs. There is one for every value that a `u8` has, so that no order reaches outside; those beyond the
    /// rows are zero and of no meaning.
    pub x: [f32; 256],
    /// Scaled labels, likewise.
    pub y: [f32; 256],
    /// Adam's step size of every step of the training.
    pub alpha: [f32; EPOCHS * STEPS],
    /// `1 − β₁` and `1 − β₂`.
    pub one_minus: [f32; 2],
    /// Adam's ε.
    pub epsilon: f32,
    /// Which instructions the processor has.
    pub instructions: Instructions,
}

/// Weights, and the first and second moments of each.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct State {
    /// Kernel of the hidden layer.
    pub w1: [f32; UNITS],
    /// Bias of the hidden layer.
    pub b1: [f32; UNITS],
    /// Kernel of the output layer.
    pub w2: [f32; UNITS],
    /// First moments of the three, in this order.
    pub m: [[f32; UNITS]; 3],
    /// Second moments of the three.
    pub v: [[f32; UNITS]; 3],
    /// Bias of the output layer, its first and its second moment.
    pub bias: [f32; 3],
}

impl State {
    /// Before training, from the kernels of the hidden and the output layer.
    pub fn new(kernels: &[f32; KERNELS]) -> Self {
        let zero = [0.0; UNITS];
        let w1 = std::array::from_fn(|unit| kernels[unit]);
        let w2 = std::array::from_fn(|unit| kernels[UNITS + unit]);
        Self { w1, b1: zero, w2, m: [zero; 3], v: [zero; 3], bias: [0.0; 3] }
    }

    /// A digest of all bits, for telling states apart and for giving each its own random numbers, which is why it is part
    /// of the search. Two floats make a word; zeros fill the last sixteen floats.
    pub fn digest(&self) -> u64 {
        let arrays = [&self.w1, &self.b1, &self.w2].into_iter().chain(&self.m).chain(&self.v);
        let mut last = [0.0; UNITS];
        last[..3].copy_from_slice(&self.bias);
        let mut digest = 0x9e37_79b9_7f4a_7c15_u64;
        for array in arrays.chain([&last]) {
            for pair in array.chunks_exact(2) {
                let word = u64::from(pair[0].to_bits()) | (u64::from(pair[1].to_bits()) << 32);
                digest = (digest ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
                digest ^= digest >> 32;
            }
        }
        digest
    }
}

impl Network {
    /// Trains `state` for the epoch of that number, from 0; returns its loss as the log reports it.
    #[inline]
    pub fn epoch(&self, state: &mut State, order: &Order, epoch: usize) -> f32 {
        self.instructions.epoch(self, state, order, epoch)
    }

    /// The loss of the next epoch, which `state` does not live through.
    #[inline]
    pub fn try_epoch(&self, state: &State, order: &Order, epoch: usize) -> f32 {
        let mut state = *state;
        self.epoch(&mut state, order, epoch)
    }

    /// Adam's step sizes of this epoch.
    #[inline]
    pub fn alphas(&self, epoch: usize) -> &[f32; STEPS] {
        self.alpha[epoch * STEPS..].first_chunk().expect("an epoch of the training")
    }
}

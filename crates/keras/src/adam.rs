//! The part of Adam that depends on the step alone, shared by both engines.

// What is not inlined into the functions compiled for more than the portable instructions is compiled without these.
#![expect(clippy::inline_always)]

use crate::Flow;

use crate::glibc::Base;

/// `α = η √(1−β₂ᵗ) / (1−β₁ᵗ)` for t = 1, 2, …, every operation in float32: early in a training `1 − β₂ᵗ` keeps few of
/// its digits, and Keras' losses show it. The powers are the C library's `powf`, which TensorFlow calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    learning_rate: f32,
    betas: [Base; 2],
    step: u32,
}

impl Schedule {
    pub(crate) fn new(learning_rate: f64, beta_1: f64, beta_2: f64) -> Self {
        let betas = [beta_1, beta_2].map(|beta| Base::new(beta as f32));
        Self { learning_rate: learning_rate as f32, betas, step: 0 }
    }

    /// α of the next step.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        self.step = self.step.saturating_add(1);
        let [power_1, power_2] = self.betas.map(|beta| beta.power(self.step as f32));
        self.learning_rate * (1.0 - power_2).sqrt() / (1.0 - power_1)
    }
}

/// `1 − β` as the flow's optimiser rounds it: of the float32 β in the legacy kernels, of the float64 β in the classes
/// of tf.keras 2.11 and later.
pub(crate) fn one_minus(beta: f64, flow: Flow) -> f32 {
    match flow {
        Flow::TfLegacy => 1.0 - beta as f32,
        Flow::KerasSetRandomSeed => (1.0 - beta) as f32,
    }
}

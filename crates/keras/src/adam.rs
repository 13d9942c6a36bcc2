//! The part of Adam that depends on the step alone, shared by both engines.

use manifest::Flow;

/// `α = η √(1−β₂ᵗ) / (1−β₁ᵗ)` for t = 1, 2, …, every operation in float32: early in a training `1 − β₂ᵗ` keeps few of
/// its digits, and Keras' losses show it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    learning_rate: f32,
    betas: [f32; 2],
    powers: [f64; 2],
    step: u32,
}

/// The steps at which TensorFlow's `pow(0.999, step)` is not the correctly rounded power and `1 − pow` shows it
/// (compared with TensorFlow 2.12.1 for every step at which that difference is below one).
const POW_ABOVE: [u32; 2] = [2958, 3606];

impl Schedule {
    pub(crate) fn new(learning_rate: f64, beta_1: f64, beta_2: f64) -> Self {
        Self { learning_rate: learning_rate as f32, betas: [beta_1 as f32, beta_2 as f32], powers: [1.0; 2], step: 0 }
    }

    /// α of the next step.
    pub(crate) fn next(&mut self) -> f32 {
        for (power, &beta) in self.powers.iter_mut().zip(&self.betas) {
            *power *= f64::from(beta);
        }
        self.step = self.step.saturating_add(1);
        let [power_1, mut power_2] = self.powers.map(|power| power as f32);
        if self.betas[1] == 0.999 && POW_ABOVE.contains(&self.step) {
            power_2 = power_2.next_up();
        }
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

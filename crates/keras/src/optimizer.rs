//! The optimizers with Keras' parameters and defaults, and what both engines compute of them alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Flow;
use crate::glibc::Base;

/// An optimizer with its parameters, told apart by `name`; parameters left out take Keras' defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimizer {
    /// Plain stochastic gradient descent.
    Sgd {
        /// The step size.
        #[serde(default = "learning_rate_of_sgd")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
    },
    /// Gradient descent with momentum: Keras' `SGD` with `momentum` set.
    Momentum {
        /// The step size.
        #[serde(default = "learning_rate_of_sgd")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The share of the last step that is kept.
        #[serde(default = "momentum")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        momentum: f64,
        /// Whether the gradient is taken ahead of the step, after Nesterov.
        #[serde(default)]
        nesterov: bool,
    },
    /// RMSprop.
    Rmsprop {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of squared gradients.
        #[serde(default = "rho")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        rho: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
    /// Adam.
    Adam {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of gradients.
        #[serde(default = "beta_1")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_1: f64,
        /// The decay of the mean of squared gradients.
        #[serde(default = "beta_2")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_2: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
}

/// `learning_rate` of Keras' SGD, with and without momentum.
fn learning_rate_of_sgd() -> f64 {
    0.01
}

/// `learning_rate` of Keras' RMSprop and Adam.
fn learning_rate() -> f64 {
    0.001
}

/// `momentum` where it is not zero; Keras' guides use 0.9.
fn momentum() -> f64 {
    0.9
}

/// `rho` of Keras' RMSprop.
fn rho() -> f64 {
    0.9
}

/// `beta_1` of Keras' Adam.
fn beta_1() -> f64 {
    0.9
}

/// `beta_2` of Keras' Adam.
fn beta_2() -> f64 {
    0.999
}

/// `epsilon` of Keras' RMSprop and Adam.
fn epsilon() -> f64 {
    1e-7
}

/// The part of Adam that depends on the step alone: `α = η √(1−β₂ᵗ) / (1−β₁ᵗ)` for t = 1, 2, …, every operation in float32: early in a training `1 − β₂ᵗ` keeps few of
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
    #[expect(clippy::inline_always, reason = "else it is compiled without the caller's instructions")]
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

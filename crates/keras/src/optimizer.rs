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
        /// Whether the largest mean of squared gradients so far divides (Reddi et al. 2018).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        amsgrad: bool,
    },
    /// Adam with weights that shrink by `learning_rate · weight_decay` of themselves before each step (Loshchilov and Hutter
    /// 2019); biases too, as in Keras.
    Adamw {
        /// How much weights shrink, in shares of the step size.
        #[serde(default = "weight_decay")]
        #[schemars(extend("minimum" = 0))]
        weight_decay: f64,
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
    /// Adam with the largest recent gradient in place of the mean of squares (Kingma and Ba 2015, section 7.1).
    Adamax {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of gradients.
        #[serde(default = "beta_1")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_1: f64,
        /// The decay of the largest gradient.
        #[serde(default = "beta_2")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_2: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
    /// Gradient descent divided by the root of the sum of squared gradients (Duchi et al. 2011).
    Adagrad {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// Where the sum of squared gradients begins.
        #[serde(default = "initial_accumulator_value")]
        #[schemars(extend("minimum" = 0))]
        initial_accumulator_value: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
}

impl Optimizer {
    /// The step size.
    pub fn learning_rate(mut self) -> f64 {
        *self.learning_rate_mut()
    }

    /// The step size, to be changed.
    pub(crate) fn learning_rate_mut(&mut self) -> &mut f64 {
        match self {
            Self::Sgd { learning_rate }
            | Self::Momentum { learning_rate, .. }
            | Self::Rmsprop { learning_rate, .. }
            | Self::Adam { learning_rate, .. }
            | Self::Adamw { learning_rate, .. }
            | Self::Adamax { learning_rate, .. }
            | Self::Adagrad { learning_rate, .. } => learning_rate,
        }
    }
}

/// What parameters are that a manifest leaves out: functions, as serde asks for.
macro_rules! defaults {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $(
            $(#[$doc])*
            fn $name() -> $type {
                $value
            }
        )*
    };
}
pub(crate) use defaults;

defaults! {
    /// `learning_rate` of Keras' SGD, with and without momentum.
    learning_rate_of_sgd: f64 = 0.01;
    /// `learning_rate` of Keras' other optimizers.
    learning_rate: f64 = 0.001;
    /// `momentum` where it is not zero; Keras' guides use 0.9.
    momentum: f64 = 0.9;
    /// `rho` of Keras' RMSprop.
    rho: f64 = 0.9;
    /// `weight_decay` of Keras' AdamW.
    weight_decay: f64 = 0.004;
    /// `initial_accumulator_value` of Keras' Adagrad.
    initial_accumulator_value: f64 = 0.1;
    /// `beta_1` of Keras' Adam, AdamW and Adamax.
    beta_1: f64 = 0.9;
    /// `beta_2` of Keras' Adam, AdamW and Adamax.
    beta_2: f64 = 0.999;
    /// `epsilon` of Keras' optimizers.
    epsilon: f64 = 1e-7;
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

    /// Goes on with this step size.
    pub(crate) fn set_learning_rate(&mut self, learning_rate: f32) {
        self.learning_rate = learning_rate;
    }

    /// The step size.
    pub(crate) fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    /// α of the next step.
    #[expect(clippy::inline_always, reason = "else it is compiled without the caller's instructions")]
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        self.step = self.step.saturating_add(1);
        let [power_1, power_2] = self.betas.map(|beta| beta.power(self.step as f32));
        self.learning_rate * (1.0 - power_2).sqrt() / (1.0 - power_1)
    }

    /// Of Adamax `1−β₁ᵗ` of the next step.
    pub(crate) fn next_correction(&mut self) -> f32 {
        self.step = self.step.saturating_add(1);
        1.0 - self.betas[0].power(self.step as f32)
    }
}

/// `1 − β` as the flow's optimiser rounds it: of the float32 β in the legacy kernels, of the float64 β in the classes
/// of tf.keras 2.11 and later and of Keras 3.
pub(crate) fn one_minus(beta: f64, flow: Flow) -> f32 {
    match flow {
        Flow::TfLegacy => 1.0 - beta as f32,
        Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215 | Flow::Keras3 => (1.0 - beta) as f32,
    }
}

//! The optimizers, with Keras' parameters and defaults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

impl Optimizer {
    /// The step size.
    pub fn learning_rate(&self) -> f64 {
        match *self {
            Self::Sgd { learning_rate }
            | Self::Momentum { learning_rate, .. }
            | Self::Rmsprop { learning_rate, .. }
            | Self::Adam { learning_rate, .. } => learning_rate,
        }
    }
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

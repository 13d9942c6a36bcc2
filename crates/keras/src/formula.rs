//! Activations as functions of one number, with Keras' default parameters, where neither libtorch nor a kernel of its own
//! computes them: what both engines mean by them.

use crate::{Activation, Flow};

/// An activation as its flow's version of Keras has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formula {
    activation: Activation,
    is_keras_3: bool,
}

/// `scale` and `scale · alpha` of `selu` (Klambauer et al. 2017).
pub(crate) const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.758_099_340_847_376_6];

/// The slope of `leaky_relu` below 0: of Keras 2's layer 0.3, of Keras 3's function 0.2.
pub(crate) fn leak(is_keras_3: bool) -> f64 {
    if is_keras_3 { 0.2 } else { 0.3 }
}

impl Formula {
    pub(crate) fn new(activation: Activation, flow: Flow) -> Self {
        Self { activation, is_keras_3: flow == Flow::Keras3 }
    }

    /// The activation of `x`.
    pub(crate) fn value(self, x: f64) -> f64 {
        match self.activation {
            Activation::Elu | Activation::LeakyRelu if x > 0.0 => x,
            Activation::Elu => libm::expm1(x),
            Activation::LeakyRelu => leak(self.is_keras_3) * x,
            Activation::Selu if x > 0.0 => SELU[0] * x,
            Activation::Selu => SELU[1] * libm::expm1(x),
            Activation::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
            Activation::Softsign => x / (1.0 + x.abs()),
            Activation::Exponential => libm::exp(x),
            Activation::HardSigmoid if self.is_keras_3 => (x + 3.0).clamp(0.0, 6.0) / 6.0,
            Activation::HardSigmoid => (0.2 * x + 0.5).clamp(0.0, 1.0),
            Activation::Gelu => 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            _ => x,
        }
    }

    /// Its derivative at `x`.
    pub(crate) fn slope(self, x: f64) -> f64 {
        match self.activation {
            Activation::Elu | Activation::LeakyRelu if x > 0.0 => 1.0,
            Activation::Elu | Activation::Exponential => libm::exp(x),
            Activation::LeakyRelu => leak(self.is_keras_3),
            Activation::Selu if x > 0.0 => SELU[0],
            Activation::Selu => SELU[1] * libm::exp(x),
            Activation::Softplus => 1.0 / (1.0 + libm::exp(-x)),
            Activation::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
            Activation::HardSigmoid => match self.is_keras_3 {
                true if x > -3.0 && x < 3.0 => 1.0 / 6.0,
                false if (0.0..=1.0).contains(&(0.2 * x + 0.5)) => 0.2,
                _ => 0.0,
            },
            Activation::Gelu => {
                let density = libm::exp(-0.5 * x * x) * (0.5 * std::f64::consts::FRAC_2_SQRT_PI);
                0.5 * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))
                    + x * density * std::f64::consts::FRAC_1_SQRT_2
            }
            _ => 1.0,
        }
    }
}

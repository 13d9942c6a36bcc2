//! Activations as functions of one number, with Keras' default parameters, where neither libtorch nor a kernel of its own
//! computes them: what both engines mean by them.

use crate::{Activation, Flow};

/// An activation with the parameters that its flow's version of Keras has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formula {
    activation: Activation,
    pub(crate) hard_sigmoid: HardSigmoid,
    /// The slope of `leaky_relu` below 0: of Keras 2's layer 0.3, of Keras 3's function 0.2.
    pub(crate) leak: f64,
}

/// Keras 2: `clip(0.2 x + 0.5, 0, 1)`; Keras 3: `relu6(x + 3) / 6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HardSigmoid {
    Keras2,
    Keras3,
}

/// `scale` and `scale · alpha` of `selu` (Klambauer et al. 2017).
pub(crate) const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.758_099_340_847_376_6];

impl Formula {
    pub(crate) fn new(activation: Activation, flow: Flow) -> Self {
        let (hard_sigmoid, leak) = match flow {
            Flow::Keras3 => (HardSigmoid::Keras3, 0.2),
            Flow::TfLegacy | Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215 => (HardSigmoid::Keras2, 0.3),
        };
        Self { activation, hard_sigmoid, leak }
    }

    /// The activation of `x`.
    pub(crate) fn value(self, x: f64) -> f64 {
        match self.activation {
            Activation::Elu | Activation::LeakyRelu if x > 0.0 => x,
            Activation::Elu => libm::expm1(x),
            Activation::LeakyRelu => self.leak * x,
            Activation::Selu if x > 0.0 => SELU[0] * x,
            Activation::Selu => SELU[1] * libm::expm1(x),
            Activation::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
            Activation::Softsign => x / (1.0 + x.abs()),
            Activation::Exponential => libm::exp(x),
            Activation::HardSigmoid => match self.hard_sigmoid {
                HardSigmoid::Keras2 => (0.2 * x + 0.5).clamp(0.0, 1.0),
                HardSigmoid::Keras3 => (x + 3.0).clamp(0.0, 6.0) / 6.0,
            },
            Activation::Gelu => 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            _ => x,
        }
    }

    /// Its derivative at `x`.
    pub(crate) fn slope(self, x: f64) -> f64 {
        match self.activation {
            Activation::Elu | Activation::LeakyRelu if x > 0.0 => 1.0,
            Activation::Elu | Activation::Exponential => libm::exp(x),
            Activation::LeakyRelu => self.leak,
            Activation::Selu if x > 0.0 => SELU[0],
            Activation::Selu => SELU[1] * libm::exp(x),
            Activation::Softplus => 1.0 / (1.0 + libm::exp(-x)),
            Activation::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
            Activation::HardSigmoid => match self.hard_sigmoid {
                HardSigmoid::Keras2 if (0.0..=1.0).contains(&(0.2 * x + 0.5)) => 0.2,
                HardSigmoid::Keras3 if x > -3.0 && x < 3.0 => 1.0 / 6.0,
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

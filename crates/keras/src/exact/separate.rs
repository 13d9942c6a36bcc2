//! Activations that no kernel joins to a matrix product: Eigen computes them and their gradients over a whole tensor.
//!
//! As in [`super::eigen`], whole groups of eight values of a tensor without gaps are computed in registers, the rest one by one.
//! Where both have the same bits they are not told apart.

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use crate::formula::{SELU, leak};
use crate::glibc::{expf, log1pf};
use crate::{Activation, Flow};

use super::eigen::{LOGISTIC_ONE, exp, log1p, logistic};
use super::gelu;

/// An activation of this kind in a flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Separate {
    activation: Activation,
    /// Of a one-unit layer's `hard_sigmoid` in Keras 3: the 3 that it adds is added to the bias before. There both are additions
    /// that broadcast, and the graph's optimiser takes the smaller shapes first.
    pub(super) to_bias: Option<f32>,
    /// Whether it is that of Keras 3, with the logistic function, which is the slope of softplus, and the error function of a newer
    /// Eigen.
    newer: bool,
    /// Whether a product takes the activation with it where nothing is trained: Keras 3's `gelu` of several units.
    joined: bool,
    /// Whether the graph knows that the gradient by the activations has as many rows as these.
    knows_rows: bool,
}

/// Where rows of values lie that belong to one tensor.
#[derive(Clone, Copy)]
pub(super) struct Strided {
    pub(super) rows: usize,
    pub(super) units: usize,
    pub(super) stride: usize,
}

impl Separate {
    /// Nothing if a product takes the activation with it.
    pub(super) fn new(activation: Activation, units: usize, flow: Flow, knows_rows: bool) -> Option<Self> {
        if let Activation::Linear
        | Activation::Relu
        | Activation::Tanh
        | Activation::Sigmoid
        | Activation::Elu
        | Activation::Softmax = activation
        {
            return None;
        }
        let newer = flow == Flow::Keras3;
        let to_bias = (newer && units == 1 && activation == Activation::HardSigmoid).then_some(3.0);
        let joined = newer && units > 1 && activation == Activation::Gelu;
        Some(Self { activation, to_bias, newer, joined, knows_rows })
    }

    /// Whether the activation, and whether its gradient, is a product that the scale of a dropout above joins: the graph's
    /// optimiser multiplies constants first, and scalars before tensors. Of the activation it does so if it knows its size, which
    /// is when every batch is `whole`; of exponential's gradient it takes the factors in another order.
    pub(super) fn joins_scale(self, whole: bool) -> [bool; 2] {
        match self.activation {
            Activation::Gelu => [whole, false],
            Activation::HardSigmoid => [whole && self.newer, self.newer],
            Activation::Softplus => [false, self.knows_rows],
            _ => [false; 2],
        }
    }

    /// Takes `values` to their activations times the scale that is joined, and leaves what they were in `before`.
    pub(super) fn apply(self, values: &mut [f32], before: &mut [f32], at: Strided, scale: f32, trains: bool) {
        at.each(|place, in_register| {
            before[place] = values[place];
            values[place] = if self.joined && !trains {
                gelu::joined(values[place])
            } else {
                self.value(values[place], scale, in_register)
            };
        });
    }

    /// Takes the gradient by `outputs` to the gradient by what was `before` the activation, times the scale that is joined.
    pub(super) fn gradient(self, outputs: &[f32], before: &[f32], gradient: &mut [f32], at: Strided, scale: f32) {
        at.each(|place, in_register| {
            gradient[place] = self.slope(before[place], outputs[place], gradient[place], scale, in_register);
        });
    }

    fn value(self, x: f32, joined: f32, in_register: bool) -> f32 {
        let exp = |x| if in_register { exp(x) } else { expf(x) };
        let [scale, scale_alpha] = SELU.map(|constant| constant as f32);
        match self.activation {
            Activation::Selu if x < 0.0 => scale_alpha * (exp(x) - 1.0),
            Activation::Selu => scale * x,
            Activation::Softplus => {
                /// `ln ε + 2`, beyond which the result is one of the first two.
                const THRESHOLD: f32 = f32::from_bits(0xc15f_1402);

                let e = exp(x);
                if x > -THRESHOLD {
                    x
                } else if x < THRESHOLD {
                    e
                } else if in_register {
                    log1p(e)
                } else {
                    log1pf(e)
                }
            }
            Activation::Softsign => x / (1.0 + x.abs()),
            Activation::Exponential => exp(x),
            // The graph's optimiser multiplies by what it would divide by.
            Activation::HardSigmoid if self.newer => self.plus_3(x).clamp(0.0, 6.0) * (1.0 / 6.0 * joined),
            Activation::HardSigmoid => (x * 0.2 + 0.5).clamp(0.0, 1.0),
            Activation::LeakyRelu if x > 0.0 => x,
            Activation::LeakyRelu => leak(self.newer) as f32 * x,
            Activation::Gelu => 0.5 * x * (self.twice_the_share(x, in_register) * joined),
            _ => x,
        }
    }

    fn slope(self, x: f32, y: f32, g: f32, joined: f32, in_register: bool) -> f32 {
        let [scale, scale_alpha] = SELU.map(|constant| constant as f32);
        match self.activation {
            Activation::Selu if y < 0.0 => g * (y + scale_alpha),
            Activation::Selu => g * scale,
            Activation::Softplus => g * (self.logistic(x, in_register) * joined),
            Activation::Softsign => {
                let q = 1.0 + x.abs();
                g / (q * q)
            }
            Activation::Exponential => g * y,
            Activation::HardSigmoid => match self.newer {
                true if self.plus_3(x) > 0.0 && self.plus_3(x) < 6.0 => g * (1.0 / 6.0 * joined),
                false if (0.0..=1.0).contains(&(x * 0.2 + 0.5)) => g * 0.2,
                _ => 0.0,
            },
            Activation::LeakyRelu if x > 0.0 => g,
            Activation::LeakyRelu => g * leak(self.newer) as f32,
            Activation::Gelu => {
                let u = x * FRAC_1_SQRT_2;
                let e = if in_register { exp(-(u * u)) } else { expf(-(u * u)) };
                // The graph's optimiser multiplies the constants first, and moves their product to a factor of its shape.
                let constants = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
                let by_share =
                    if self.knows_rows { constants * e * (g * (0.5 * x)) } else { g * (constants * (0.5 * x)) * e };
                g * 0.5 * self.twice_the_share(x, in_register) + by_share
            }
            _ => g,
        }
    }

    /// Twice the normal distribution's share below `x`.
    fn twice_the_share(self, x: f32, in_register: bool) -> f32 {
        if self.newer { gelu::erfc(-x * FRAC_1_SQRT_2, in_register) } else { 1.0 + gelu::erf(x * FRAC_1_SQRT_2) }
    }

    fn plus_3(self, x: f32) -> f32 {
        if self.to_bias.is_some() { x } else { x + 3.0 }
    }

    fn logistic(self, x: f32, in_register: bool) -> f32 {
        let e = match (in_register, self.newer) {
            (true, true) => return logistic(x),
            (false, true) => expf(x.min(LOGISTIC_ONE)),
            (true, false) => exp(x),
            (false, false) => expf(x),
        };
        if e == f32::INFINITY { 1.0 } else { e / (1.0 + e) }
    }
}

impl Strided {
    /// Calls `each` with the place of every value, and whether it is one of a whole group of eight of the tensor.
    fn each(self, mut each: impl FnMut(usize, bool)) {
        let registers = self.rows * self.units / 8 * 8;
        for row in 0..self.rows {
            for unit in 0..self.units {
                each(row * self.stride + unit, row * self.units + unit < registers);
            }
        }
    }
}

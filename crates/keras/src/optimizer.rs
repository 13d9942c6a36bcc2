//! Optimisers as Keras 2 (TensorFlow 2.12.1) computes them, on flat parameters.

use manifest::Optimizer as Rule;
use tch::Tensor;

/// An optimiser's rule, its moments and its step count.
///
/// Formulas (g gradient, w parameters, η learning rate), each with Keras' own placement of ε:
///
/// * `sgd`: `w −= η g`
/// * `momentum`: `m = μ m − η g; w += m`, Nesterov `w += μ m − η g` (Sutskever et al. 2013)
/// * `rmsprop`: `v = ρ v + (1−ρ) g²; w −= η g / (√v + ε)`
/// * `adam`: `m += (g−m)(1−β₁); v += (g²−v)(1−β₂); w −= α m / (√v + ε)` with
///   `α = η √(1−β₂ᵗ) / (1−β₁ᵗ)` (Kingma and Ba 2015, section 2, the "ε̂" form). libtorch's own Adam
///   instead adds ε after the bias of v is corrected.
///
/// Constants are rounded to float32 first, as in TensorFlow's kernels.
#[derive(Debug)]
pub struct Optimizer {
    rule: Rule,
    first: Tensor,
    second: Tensor,
    scratch: Tensor,
    beta_1_power: f64,
    beta_2_power: f64,
}

impl Optimizer {
    /// An optimiser with zero moments for parameters of this shape, device and precision.
    pub fn new(rule: Rule, parameters: &Tensor) -> Self {
        Self {
            rule,
            first: parameters.zeros_like(),
            second: parameters.zeros_like(),
            scratch: parameters.zeros_like(),
            beta_1_power: 1.0,
            beta_2_power: 1.0,
        }
    }

    /// One update of `parameters` from `gradients`, in place; both flat and of equal length.
    ///
    /// Callers hold autograd off.
    pub fn update(&mut self, parameters: &mut Tensor, gradients: &Tensor) {
        let Self { first: m, second: v, scratch, .. } = self;
        match self.rule {
            Rule::Sgd { learning_rate } => {
                let _ = gradients.mul_scalar_out(scratch, single(learning_rate));
                let _ = parameters.g_sub_(scratch);
            }
            Rule::Momentum { learning_rate, momentum, nesterov } => {
                let _ = gradients.mul_scalar_out(scratch, single(learning_rate));
                let _ = m.g_mul_scalar_(single(momentum)).g_sub_(scratch);
                if nesterov {
                    let _ = parameters.g_sub_(scratch);
                    let _ = m.mul_scalar_out(scratch, single(momentum));
                    let _ = parameters.g_add_(scratch);
                } else {
                    let _ = parameters.g_add_(m);
                }
            }
            Rule::Rmsprop { learning_rate, rho, epsilon } => {
                let _ = gradients.square_out(scratch);
                let _ = v.lerp_(scratch, 1.0 - single(rho));
                let _ = v.sqrt_out(scratch);
                let _ = scratch.g_add_scalar_(single(epsilon)).g_mul_scalar_(-1.0 / single(learning_rate));
                let _ = parameters.addcdiv_(gradients, scratch);
            }
            Rule::Adam { learning_rate, beta_1, beta_2, epsilon } => {
                self.beta_1_power *= single(beta_1);
                self.beta_2_power *= single(beta_2);
                let alpha = adam_alpha(learning_rate as f32, self.beta_1_power as f32, self.beta_2_power as f32);
                let _ = m.lerp_(gradients, 1.0 - single(beta_1));
                let _ = gradients.square_out(scratch);
                let _ = v.lerp_(scratch, 1.0 - single(beta_2));
                let _ = v.sqrt_out(scratch);
                // Dividing by −α folds the step size into the one division.
                let _ = scratch.g_add_scalar_(single(epsilon)).g_mul_scalar_(-1.0 / f64::from(alpha));
                let _ = parameters.addcdiv_(m, scratch);
            }
        }
    }
}

/// `η √(1−β₂ᵗ) / (1−β₁ᵗ)`, every operation in float32: early in a training `1 − β₂ᵗ` keeps few of its digits,
/// and Keras' losses show it.
fn adam_alpha(learning_rate: f32, beta_1_power: f32, beta_2_power: f32) -> f32 {
    learning_rate * (1.0 - beta_2_power).sqrt() / (1.0 - beta_1_power)
}

/// A manifest's constant as TensorFlow holds it.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

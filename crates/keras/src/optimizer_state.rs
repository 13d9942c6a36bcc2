//! Optimisers as Keras 2 (TensorFlow 2.12.1) computes them, on flat parameters.

use tch::Tensor;

use crate::elementwise::square_root;
use crate::optimizer::{Schedule, one_minus};
use crate::{Flow, Optimizer as Rule};

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
/// Constants are rounded to float32 first, as in TensorFlow's kernels. After `keras.utils.set_random_seed` the newer
/// classes of tf.keras 2.11 and later run: they round `1 − β` differently and put rmsprop's ε under the root.
#[derive(Debug)]
pub struct OptimizerState {
    rule: Rule,
    flow: Flow,
    first: Tensor,
    second: Tensor,
    scratch: Tensor,
    schedule: Option<Schedule>,
}

impl OptimizerState {
    /// An optimiser with zero moments for parameters of this shape, device and precision.
    pub fn new(rule: Rule, flow: Flow, parameters: &Tensor) -> Self {
        let schedule = match rule {
            Rule::Adam { learning_rate, beta_1, beta_2, .. } => Some(Schedule::new(learning_rate, beta_1, beta_2)),
            _ => None,
        };
        let zeros = || parameters.zeros_like();
        Self { rule, flow, first: zeros(), second: zeros(), scratch: zeros(), schedule }
    }

    /// The first and second moments, flat, in the order of the parameters.
    pub(crate) fn moments(&mut self) -> [&mut Tensor; 2] {
        [&mut self.first, &mut self.second]
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
                let _ = v.lerp_(scratch, f64::from(one_minus(rho, self.flow)));
                match self.flow {
                    Flow::TfLegacy => {
                        scratch.copy_(v);
                        square_root(scratch);
                        let _ = scratch.g_add_scalar_(single(epsilon));
                    }
                    Flow::KerasSetRandomSeed => {
                        let _ = v.add_scalar_out(scratch, single(epsilon));
                        square_root(scratch);
                    }
                }
                let _ = scratch.g_mul_scalar_(-1.0 / single(learning_rate));
                let _ = parameters.addcdiv_(gradients, scratch);
            }
            Rule::Adam { beta_1, beta_2, epsilon, .. } => {
                let alpha = self.schedule.as_mut().map_or(0.0, Schedule::next);
                let _ = m.lerp_(gradients, f64::from(one_minus(beta_1, self.flow)));
                let _ = gradients.square_out(scratch);
                let _ = v.lerp_(scratch, f64::from(one_minus(beta_2, self.flow)));
                scratch.copy_(v);
                square_root(scratch);
                // Dividing by −α folds the step size into the one division.
                let _ = scratch.g_add_scalar_(single(epsilon)).g_mul_scalar_(-1.0 / f64::from(alpha));
                let _ = parameters.addcdiv_(m, scratch);
            }
        }
    }
}

/// A manifest's constant as TensorFlow holds it.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

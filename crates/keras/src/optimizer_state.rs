//! Optimisers as Keras 2 (TensorFlow 2.12.1) computes them, on flat parameters.

use tch::Tensor;

use crate::elementwise::{adam, square_root};
use crate::optimization::{LearningRates, Optimization};
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
///   instead adds ε after the bias of v is corrected. With `amsgrad`, the largest v so far stands for v.
/// * `adamw`: `w −= η λ w` with the weight decay λ, then as `adam`
/// * `adamax`: `m += (g−m)(1−β₁); v = max(β₂ v, |g|); w −= η / (1−β₁ᵗ) · m / (v + ε)`
/// * `adagrad`: `v += g²; w −= η g / (√v + ε)`
///
/// Constants are rounded to float32 first, as in TensorFlow's kernels. After `keras.utils.set_random_seed` the newer
/// classes of tf.keras 2.11 and later, or those of Keras 3, run: they round `1 − β` differently and put the ε of rmsprop and adagrad under the root.
#[derive(Debug)]
pub struct OptimizerState {
    rule: Rule,
    flow: Flow,
    first: Tensor,
    second: Tensor,
    /// Of `amsgrad` the largest second moments; else empty.
    largest: Tensor,
    scratch: Tensor,
    schedule: Option<Schedule>,
    rates: Option<LearningRates>,
}

impl OptimizerState {
    /// An optimiser with zero moments for parameters of this shape, device and precision.
    pub fn new(optimizer: impl Into<Optimization>, flow: Flow, parameters: &Tensor) -> Self {
        let Optimization { rule, schedule: rates, .. } = optimizer.into();
        let schedule = match rule {
            Rule::Adam { learning_rate, beta_1, beta_2, .. }
            | Rule::Adamw { learning_rate, beta_1, beta_2, .. }
            | Rule::Adamax { learning_rate, beta_1, beta_2, .. } => Some(Schedule::new(learning_rate, beta_1, beta_2)),
            _ => None,
        };
        let zeros = || parameters.zeros_like();
        let mut second = zeros();
        if let Rule::Adagrad { initial_accumulator_value, .. } = rule {
            let _ = second.fill_(single(initial_accumulator_value));
        }
        let amsgrad = matches!(rule, Rule::Adam { amsgrad: true, .. });
        let largest = if amsgrad { zeros() } else { parameters.narrow(0, 0, 0).zeros_like() };
        Self {
            rule,
            flow,
            first: zeros(),
            second,
            largest,
            scratch: zeros(),
            schedule,
            rates: rates.map(LearningRates::new),
        }
    }

    /// The step size of the steps to come, as float32.
    pub(crate) fn learning_rate(&self) -> f32 {
        self.rule.learning_rate() as f32
    }

    /// Goes on with this step size.
    pub(crate) fn set_learning_rate(&mut self, learning_rate: f32) {
        *self.rule.learning_rate_mut() = f64::from(learning_rate);
        if let Some(schedule) = &mut self.schedule {
            schedule.set_learning_rate(learning_rate);
        }
    }

    /// The first and second moments, and with `amsgrad` the largest second ones, flat, in the order of the parameters.
    pub(crate) fn moments(&mut self) -> Vec<&mut Tensor> {
        let Self { first, second, largest, .. } = self;
        [first, second, largest].into_iter().filter(|moment| moment.numel() > 0).collect()
    }

    /// One update of `parameters` from `gradients`, in place; both flat and of equal length.
    ///
    /// Callers hold autograd off.
    pub fn update(&mut self, parameters: &mut Tensor, gradients: &Tensor) {
        if let Some(rate) = self.rates.as_mut().map(LearningRates::next) {
            self.set_learning_rate(rate);
        }
        let Self { first: m, second: v, largest, scratch, .. } = self;
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
            Rule::Rmsprop { learning_rate, epsilon, .. } | Rule::Adagrad { learning_rate, epsilon, .. } => {
                let _ = gradients.square_out(scratch);
                let _ = match self.rule {
                    Rule::Rmsprop { rho, .. } => v.lerp_(scratch, f64::from(one_minus(rho, self.flow))),
                    _ => v.g_add_(scratch),
                };
                if self.flow == Flow::TfLegacy {
                    scratch.copy_(v);
                    square_root(scratch);
                    let _ = scratch.g_add_scalar_(single(epsilon));
                } else {
                    let _ = v.add_scalar_out(scratch, single(epsilon));
                    square_root(scratch);
                }
                let _ = scratch.g_mul_scalar_(-1.0 / single(learning_rate));
                let _ = parameters.addcdiv_(gradients, scratch);
            }
            Rule::Adamax { learning_rate, beta_1, beta_2, epsilon } => {
                let correction = self.schedule.as_mut().map_or(1.0, Schedule::next_correction);
                let _ = m.lerp_(gradients, f64::from(one_minus(beta_1, self.flow)));
                let _ = v.g_mul_scalar_(single(beta_2));
                let _ = gradients.abs_out(scratch);
                *v = v.maximum(scratch);
                let _ = v.add_scalar_out(scratch, single(epsilon));
                let _ = scratch.g_mul_scalar_(-f64::from(correction) / single(learning_rate));
                let _ = parameters.addcdiv_(m, scratch);
            }
            Rule::Adam { beta_1, beta_2, epsilon, .. } | Rule::Adamw { beta_1, beta_2, epsilon, .. } => {
                if let Rule::Adamw { learning_rate, weight_decay, .. } = self.rule {
                    let _ = parameters.g_mul_scalar_(1.0 - single(weight_decay) * single(learning_rate));
                }
                let alpha = self.schedule.as_mut().map_or(0.0, Schedule::next);
                let factors = [beta_1, beta_2].map(|beta| one_minus(beta, self.flow));
                if largest.numel() == 0 && adam([parameters, m, v], gradients, factors, epsilon as f32, alpha) {
                    return;
                }
                let _ = m.lerp_(gradients, f64::from(factors[0]));
                let _ = gradients.square_out(scratch);
                let _ = v.lerp_(scratch, f64::from(factors[1]));
                if largest.numel() > 0 {
                    *largest = largest.maximum(v);
                    scratch.copy_(largest);
                } else {
                    scratch.copy_(v);
                }
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

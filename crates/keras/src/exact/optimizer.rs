//! Optimisers, one rounding an operation, as the kernels and graphs of Keras compute them.

use manifest::{Flow, Optimizer as Rule};

use super::rsqrt::rsqrt;
use crate::adam::{Schedule, one_minus};

/// A rule with its constants in float32, and how far its schedule is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Update {
    Sgd { learning_rate: f32 },
    Momentum { learning_rate: f32, momentum: f32, nesterov: bool },
    Rmsprop { learning_rate: f32, rho: f32, one_minus_rho: f32, epsilon: f32, flow: Flow },
    Adam { schedule: Schedule, one_minus: [f32; 2], epsilon: f32 },
}

impl Update {
    /// Before the first step.
    pub(crate) fn new(rule: Rule, flow: Flow) -> Self {
        match rule {
            Rule::Sgd { learning_rate } => Self::Sgd { learning_rate: learning_rate as f32 },
            Rule::Momentum { learning_rate, momentum, nesterov } => {
                Self::Momentum { learning_rate: learning_rate as f32, momentum: momentum as f32, nesterov }
            }
            Rule::Rmsprop { learning_rate, rho, epsilon } => Self::Rmsprop {
                learning_rate: learning_rate as f32,
                rho: rho as f32,
                one_minus_rho: one_minus(rho, flow),
                epsilon: epsilon as f32,
                flow,
            },
            Rule::Adam { learning_rate, beta_1, beta_2, epsilon } => Self::Adam {
                schedule: Schedule::new(learning_rate, beta_1, beta_2),
                one_minus: [one_minus(beta_1, flow), one_minus(beta_2, flow)],
                epsilon: epsilon as f32,
            },
        }
    }

    /// One step; the slices are flat and of equal length, `first` and `second` are the moments, and `tensors` has the
    /// sizes of kernels and biases in their order.
    #[inline(always)]
    pub(crate) fn apply(
        &mut self,
        parameters: &mut [f32],
        gradients: &[f32],
        first: &mut [f32],
        second: &mut [f32],
        tensors: &[usize],
    ) {
        let moments = first.iter_mut().zip(second);
        let all = parameters.iter_mut().zip(gradients).zip(moments);
        match *self {
            Self::Sgd { learning_rate } => {
                for ((w, &g), _) in all {
                    *w -= g * learning_rate;
                }
            }
            Self::Momentum { learning_rate, momentum, nesterov } => {
                for ((w, &g), (m, _)) in all {
                    *m = *m * momentum - g * learning_rate;
                    *w += if nesterov { *m * momentum - g * learning_rate } else { *m };
                }
            }
            Self::Rmsprop { learning_rate, rho, one_minus_rho, epsilon, flow } => {
                for ((w, &g), (root, v)) in all {
                    *v = rho * *v + one_minus_rho * (g * g);
                    match flow {
                        Flow::TfLegacy => *w -= learning_rate * g / (v.sqrt() + epsilon),
                        Flow::KerasSetRandomSeed => *root = *v + epsilon,
                    }
                }
                if flow == Flow::KerasSetRandomSeed {
                    divide_by_roots(learning_rate, parameters, gradients, first, tensors);
                }
            }
            Self::Adam { ref mut schedule, one_minus, epsilon } => {
                let alpha = schedule.next();
                for ((w, &g), (m, v)) in all {
                    *m += (g - *m) * one_minus[0];
                    *v += (g * g - *v) * one_minus[1];
                    *w -= *m * alpha / (v.sqrt() + epsilon);
                }
            }
        }
    }
}

/// `w −= η g / √r` of every tensor, `r` in `roots`, as the newer RMSprop's graph computes it.
#[inline(always)]
fn divide_by_roots(
    learning_rate: f32,
    parameters: &mut [f32],
    gradients: &[f32],
    roots: &mut [f32],
    tensors: &[usize],
) {
    let mut start = 0;
    for &size in tensors {
        let range = start..start + size;
        rsqrt(&mut roots[range.clone()]);
        for ((w, &g), &root) in parameters[range.clone()].iter_mut().zip(&gradients[range.clone()]).zip(&roots[range]) {
            // TensorFlow's graph optimiser reorders the product of a scalar and two tensors.
            *w -= if size == 1 { learning_rate * (g * root) } else { (learning_rate * root) * g };
        }
        start += size;
    }
}

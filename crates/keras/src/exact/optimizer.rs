//! Optimisers, one rounding an operation, as the kernels and graphs of Keras compute them.

use crate::{Flow, Optimizer as Rule};

use super::lanes::{LANES, Lanes};
use super::network::Network;
use super::rsqrt::rsqrt;
use crate::optimizer::{Schedule, one_minus};

/// A rule with its constants in float32, and how far its schedule is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Update {
    Sgd { learning_rate: f32 },
    Momentum { learning_rate: f32, momentum: f32, nesterov: bool },
    Rmsprop { learning_rate: f32, rho: f32, one_minus_rho: f32, epsilon: f32, flow: Flow },
    Adam { schedule: Schedule, one_minus: [f32; 2], epsilon: f32 },
}

/// Where parameters, gradients and the two moments begin, each of equal layout.
#[derive(Clone, Copy)]
pub(super) struct Pointers {
    pub(super) parameters: *mut f32,
    pub(super) gradients: *const f32,
    pub(super) first: *mut f32,
    pub(super) second: *mut f32,
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

    /// Goes on to the next step: Adam's `α` in it.
    ///
    /// Apart from [`Self::apply`] so that it can be computed before the gradient is known.
    #[inline(always)]
    pub(super) fn next_alpha(&mut self) -> f32 {
        if let Self::Adam { schedule, .. } = self { schedule.next() } else { 0.0 }
    }

    /// One step on `length` parameters, whole registers of them; `layout` says where its tensors lie.
    ///
    /// # Safety
    /// As [`Lanes`].
    #[inline(always)]
    pub(super) unsafe fn apply<L: Lanes>(&self, alpha: f32, state: Pointers, length: usize, layout: &Network) {
        let Pointers { parameters, gradients, first, second } = state;
        macro_rules! each {
            ($at:ident, $w:ident, $g:ident, $body:block) => {
                for $at in (0..length).step_by(LANES) {
                    let ($w, $g) = (L::load(parameters.add($at)), L::load(gradients.add($at)));
                    let updated: L = $body;
                    updated.store(parameters.add($at));
                }
            };
        }
        match *self {
            Self::Sgd { learning_rate } => {
                let rate = L::splat(learning_rate);
                each!(at, w, g, { w.sub(g.mul(rate)) });
            }
            Self::Momentum { learning_rate, momentum, nesterov } => {
                let (rate, momentum) = (L::splat(learning_rate), L::splat(momentum));
                each!(at, w, g, {
                    let m = L::load(first.add(at)).mul(momentum).sub(g.mul(rate));
                    m.store(first.add(at));
                    w.add(if nesterov { m.mul(momentum).sub(g.mul(rate)) } else { m })
                });
            }
            Self::Rmsprop { learning_rate, rho, one_minus_rho, epsilon, flow } => {
                let (rate, epsilon) = (L::splat(learning_rate), L::splat(epsilon));
                let (rho, one_minus_rho) = (L::splat(rho), L::splat(one_minus_rho));
                let legacy = flow == Flow::TfLegacy;
                each!(at, w, g, {
                    let v = rho.mul(L::load(second.add(at))).add(one_minus_rho.mul(g.mul(g)));
                    v.store(second.add(at));
                    if legacy { w.sub(rate.mul(g).div(v.sqrt().add(epsilon))) } else { w }
                });
                if !legacy {
                    let slice = |at| std::slice::from_raw_parts_mut(at, length);
                    let gradients = std::slice::from_raw_parts(gradients, length);
                    divide_by_roots(self, slice(parameters), gradients, slice(first), slice(second), layout);
                }
            }
            Self::Adam { one_minus, epsilon, .. } => {
                let alpha = L::splat(alpha);
                let (one_minus, epsilon) = ([L::splat(one_minus[0]), L::splat(one_minus[1])], L::splat(epsilon));
                each!(at, w, g, {
                    let (m, v) = (L::load(first.add(at)), L::load(second.add(at)));
                    let m = m.add(g.sub(m).mul(one_minus[0]));
                    let v = v.add(g.mul(g).sub(v).mul(one_minus[1]));
                    m.store(first.add(at));
                    v.store(second.add(at));
                    w.sub(m.mul(alpha).div(v.sqrt().add(epsilon)))
                });
            }
        }
    }
}

/// `w −= η g / √(v + ε)` of every tensor, as the newer RMSprop's graph computes it; `roots` is scratch.
fn divide_by_roots(
    update: &Update,
    parameters: &mut [f32],
    gradients: &[f32],
    roots: &mut [f32],
    second: &[f32],
    layout: &Network,
) {
    let Update::Rmsprop { learning_rate, epsilon, .. } = *update else { return };
    for tensor in layout.tensors() {
        let mut size = 0;
        for place in tensor.places() {
            roots[size] = second[place] + epsilon;
            size += 1;
        }
        rsqrt(&mut roots[..size]);
        for (place, &root) in tensor.places().zip(&*roots) {
            let g = gradients[place];
            // TensorFlow's graph optimiser reorders the product of a scalar and two tensors.
            parameters[place] -= if size == 1 { learning_rate * (g * root) } else { (learning_rate * root) * g };
        }
    }
}

//! Optimisers, one rounding an operation, as the kernels and graphs of Keras compute them.

use crate::{Clipping, Flow, Optimizer as Rule};

use super::lanes::{LANES, Lanes};
use super::network::{Network, Tensor};
use super::rsqrt::rsqrt;
use crate::optimization::LearningRates;
use crate::optimizer::{Schedule, one_minus};

/// A rule with its constants in float32, and how far its schedule is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Update {
    Sgd {
        learning_rate: f32,
    },
    Momentum {
        learning_rate: f32,
        momentum: f32,
        nesterov: bool,
    },
    Rmsprop {
        learning_rate: f32,
        rho: f32,
        one_minus_rho: f32,
        epsilon: f32,
        flow: Flow,
    },
    Adam {
        schedule: Schedule,
        one_minus: [f32; 2],
        epsilon: f32,
        amsgrad: bool,
        weight_decay: Option<f32>,
        decay: Option<f32>,
        /// Whether a schedule sets the learning rate.
        follows: bool,
    },
    Adamax {
        schedule: Schedule,
        learning_rate: f32,
        one_minus_beta_1: f32,
        beta_2: f32,
        epsilon: f32,
        flow: Flow,
    },
    Adagrad {
        learning_rate: f32,
        initial: f32,
        epsilon: f32,
        flow: Flow,
    },
}

/// Where parameters, gradients and the moments begin, each of equal layout; `largest` is there with `amsgrad`.
#[derive(Clone, Copy)]
pub(super) struct Pointers {
    pub(super) parameters: *mut f32,
    pub(super) gradients: *const f32,
    pub(super) first: *mut f32,
    pub(super) second: *mut f32,
    pub(super) largest: *mut f32,
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
            Rule::Adam { learning_rate, beta_1, beta_2, epsilon, .. }
            | Rule::Adamw { learning_rate, beta_1, beta_2, epsilon, .. } => {
                let weight_decay =
                    if let Rule::Adamw { weight_decay, .. } = rule { Some(weight_decay as f32) } else { None };
                Self::Adam {
                    schedule: Schedule::new(learning_rate, beta_1, beta_2),
                    one_minus: [one_minus(beta_1, flow), one_minus(beta_2, flow)],
                    epsilon: epsilon as f32,
                    amsgrad: matches!(rule, Rule::Adam { amsgrad: true, .. }),
                    weight_decay,
                    // The graph's optimiser multiplies the two scalars first.
                    decay: weight_decay.map(|weight_decay| weight_decay * learning_rate as f32),
                    follows: false,
                }
            }
            Rule::Adamax { learning_rate, beta_1, beta_2, epsilon } => Self::Adamax {
                schedule: Schedule::new(learning_rate, beta_1, beta_2),
                learning_rate: learning_rate as f32,
                one_minus_beta_1: one_minus(beta_1, flow),
                beta_2: beta_2 as f32,
                epsilon: epsilon as f32,
                flow,
            },
            Rule::Adagrad { learning_rate, initial_accumulator_value, epsilon } => Self::Adagrad {
                learning_rate: learning_rate as f32,
                initial: initial_accumulator_value as f32,
                epsilon: epsilon as f32,
                flow,
            },
        }
    }

    /// What second moments are before the first step.
    pub(super) fn initial_second(&self) -> f32 {
        if let Self::Adagrad { initial, .. } = *self { initial } else { 0.0 }
    }

    /// Whether the largest second moments are kept.
    pub(super) fn keeps_largest(&self) -> bool {
        matches!(self, Self::Adam { amsgrad: true, .. })
    }

    /// Goes on with this step size.
    pub(crate) fn set_learning_rate(&mut self, to: f32) {
        match self {
            Self::Sgd { learning_rate }
            | Self::Momentum { learning_rate, .. }
            | Self::Rmsprop { learning_rate, .. }
            | Self::Adamax { learning_rate, .. }
            | Self::Adagrad { learning_rate, .. } => {
                *learning_rate = to;
            }
            Self::Adam { schedule, weight_decay, decay, .. } => {
                schedule.set_learning_rate(to);
                *decay = weight_decay.map(|weight_decay| weight_decay * to);
            }
        }
    }

    /// Goes on with the next learning rate of a schedule.
    pub(super) fn follow(&mut self, rates: &mut LearningRates) {
        let (initial, factor) = (rates.initial(), rates.next_factor());
        self.set_learning_rate(initial * factor);
        if let Self::Adam { weight_decay: Some(weight_decay), decay, follows, .. } = self {
            // The graph's optimiser multiplies the two constants first.
            (*decay, *follows) = (Some(*weight_decay * initial * factor), true);
        }
    }

    /// The learning rate, which is 1 from then on, where clipping is to multiply gradients by it.
    pub(super) fn take_learning_rate(&mut self, flow: Flow, clipping: Clipping) -> Option<f32> {
        match (self, flow, clipping) {
            (
                Self::Sgd { learning_rate } | Self::Momentum { learning_rate, .. },
                Flow::Keras3,
                Clipping::GlobalClipnorm(_),
            ) => Some(std::mem::replace(learning_rate, 1.0)),
            _ => None,
        }
    }

    /// Goes on to the next step: Adam's `α` in it, of Adamax the factor of its step.
    ///
    /// Apart from [`Self::apply`] so that it can be computed before the gradient is known.
    #[inline(always)]
    pub(super) fn next_alpha(&mut self) -> f32 {
        match self {
            Self::Adam { schedule, .. } => schedule.next(),
            Self::Adamax { schedule, learning_rate, flow: Flow::TfLegacy, .. } => {
                *learning_rate / schedule.next_correction()
            }
            Self::Adamax { schedule, .. } => schedule.next_correction(),
            _ => 0.0,
        }
    }

    /// One step on `length` parameters, whole registers of them; `layout` says where its tensors lie.
    ///
    /// # Safety
    /// As [`Lanes`].
    #[expect(clippy::too_many_lines, reason = "an optimizer after the other")]
    #[inline(always)]
    pub(super) unsafe fn apply<L: Lanes>(&self, alpha: f32, state: Pointers, length: usize, layout: &Network) {
        let Pointers { parameters, gradients, first, second, largest } = state;
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
                    divide_by_roots(self, [parameters, first, second], gradients, length, layout);
                }
            }
            Self::Adagrad { learning_rate, epsilon, flow, .. } => {
                let (rate, epsilon) = (L::splat(learning_rate), L::splat(epsilon));
                let legacy = flow == Flow::TfLegacy;
                each!(at, w, g, {
                    let v = L::load(second.add(at)).add(g.mul(g));
                    v.store(second.add(at));
                    if legacy { w.sub(g.mul(rate).div(v.sqrt().add(epsilon))) } else { w }
                });
                if !legacy {
                    divide_by_roots(self, [parameters, first, second], gradients, length, layout);
                }
            }
            Self::Adamax { learning_rate, one_minus_beta_1, beta_2, epsilon, flow, .. } => {
                let (alpha, rate, epsilon) = (L::splat(alpha), L::splat(learning_rate), L::splat(epsilon));
                let (one_minus_beta_1, beta_2) = (L::splat(one_minus_beta_1), L::splat(beta_2));
                let legacy = flow == Flow::TfLegacy;
                each!(at, w, g, {
                    let (m, decayed) = (L::load(first.add(at)), beta_2.mul(L::load(second.add(at))));
                    let m = m.add(g.sub(m).mul(one_minus_beta_1));
                    let v = L::select(decayed.below(g.abs()), g.abs(), decayed);
                    m.store(first.add(at));
                    v.store(second.add(at));
                    let v = v.add(epsilon);
                    w.sub(if legacy { alpha.mul(m.div(v)) } else { rate.mul(m).div(alpha.mul(v)) })
                });
            }
            Self::Adam { one_minus, epsilon, amsgrad: true, .. } => {
                let alpha = L::splat(alpha);
                let (one_minus, epsilon) = ([L::splat(one_minus[0]), L::splat(one_minus[1])], L::splat(epsilon));
                each!(at, w, g, {
                    let (m, v, before) = (L::load(first.add(at)), L::load(second.add(at)), L::load(largest.add(at)));
                    let m = m.add(g.sub(m).mul(one_minus[0]));
                    let v = v.add(g.mul(g).sub(v).mul(one_minus[1]));
                    m.store(first.add(at));
                    v.store(second.add(at));
                    let v = L::select(before.below(v), v, before);
                    v.store(largest.add(at));
                    w.sub(m.mul(alpha).div(v.sqrt().add(epsilon)))
                });
            }
            Self::Adam { one_minus, epsilon, decay, weight_decay, follows, schedule, .. } => {
                if let (Some(decay), Some(weight_decay)) = (decay, weight_decay) {
                    // With a schedule a tensor of one number is multiplied as it is written.
                    let single = layout.tensors().filter_map(Tensor::single).filter(|_| follows);
                    let single: Vec<(usize, f32)> = single
                        .map(|place| (place, *parameters.add(place)))
                        .map(|(place, w)| (place, w - w * weight_decay * schedule.learning_rate()))
                        .collect();
                    let decay = L::splat(decay);
                    each!(at, w, _g, { w.sub(w.mul(decay)) });
                    for (place, w) in single {
                        *parameters.add(place) = w;
                    }
                }
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

/// `w −= η g / √(v + ε)` of every tensor, as the graphs of the newer RMSprops and Adagrads compute it; `values` are parameters,
/// scratch and second moments.
///
/// # Safety
/// All four pointers are valid for `length` floats, and those of `values` do not overlap.
unsafe fn divide_by_roots(
    update: &Update,
    values: [*mut f32; 3],
    gradients: *const f32,
    length: usize,
    layout: &Network,
) {
    let (Update::Rmsprop { learning_rate, epsilon, flow, .. } | Update::Adagrad { learning_rate, epsilon, flow, .. }) =
        *update
    else {
        return;
    };
    let [parameters, roots, second] = values.map(|at| std::slice::from_raw_parts_mut(at, length));
    let gradients = std::slice::from_raw_parts(gradients, length);
    for tensor in layout.tensors() {
        let mut size = 0;
        for place in tensor.places() {
            roots[size] = second[place] + epsilon;
            size += 1;
        }
        rsqrt(&mut roots[..size], flow);
        for (place, &root) in tensor.places().zip(&*roots) {
            let g = gradients[place];
            parameters[place] -= match flow {
                Flow::Keras3 => (learning_rate * g) * root,
                // TensorFlow's graph optimiser reorders the product of a scalar and two tensors.
                _ if size == 1 => learning_rate * (g * root),
                _ => (learning_rate * root) * g,
            };
        }
    }
}

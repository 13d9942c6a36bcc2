//! What lies between the backward pass and the optimizer's step: the penalties' gradients, and clipping.

use crate::{Clipping, Flow, Loss, Regularizer};

use super::network::{Network, Tensor};
use super::sums::sum;

/// A batch's loss with all penalties of these parameters.
#[inline(never)]
pub(super) fn with_penalties(loss: f32, (kind, flow): (Loss, Flow), network: &Network, parameters: &[f32]) -> f32 {
    let of = |(tensor, Regularizer { l1, l2 }): (Tensor, Regularizer)| {
        let values: Vec<f32> = tensor.places().map(|place| parameters[place]).collect();
        let part = |factor: f64, of: fn(f32) -> f32| {
            let values: Vec<f32> = values.iter().map(|&value| of(value)).collect();
            (factor > 0.0).then(|| factor as f32 * sum(&values))
        };
        [part(l1, f32::abs), part(l2, |value| value * value)].into_iter().flatten()
    };
    if flow == Flow::Keras3 {
        let penalties = network.penalized().filter_map(|(_, penalized)| of(penalized).reduce(|a, b| a + b));
        return sum(&std::iter::once(loss).chain(penalties).collect::<Vec<_>>());
    }
    // TensorFlow's graph optimiser makes one sum of all parts, in the alphabetical order of their names.
    let mut named: Vec<_> = network.penalized().collect();
    named.sort_by_key(|&(number, _)| {
        let (layer, is_kernel) = (number / 2, number % 2 == 0);
        let name = if layer == 0 { "dense/".to_owned() } else { format!("dense_{layer}/") };
        (name, is_kernel)
    });
    let mut parts: Vec<f32> = named.into_iter().flat_map(|(_, penalized)| of(penalized)).collect();
    let before_dense = matches!(kind, Loss::BinaryCrossentropy { .. } | Loss::CategoricalCrossentropy { .. });
    parts.insert(if before_dense { 0 } else { parts.len() }, loss);
    // `AddN` takes what eight does not divide first, at least two, and adds the sums of eight each to it.
    let first = (parts.len() + 6) % 8 + 2;
    let in_order = |parts: &[f32]| parts.iter().copied().reduce(|total, part| total + part);
    let (first, rest) = parts.split_at(first.min(parts.len()));
    in_order(first).into_iter().chain(rest.chunks(8).filter_map(in_order)).reduce(|a, b| a + b).unwrap_or(loss)
}

/// Adds the penalties' gradients.
#[inline(never)]
pub(super) fn add_penalties(network: &Network, parameters: &[f32], gradients: &mut [f32]) {
    for (_, (tensor, Regularizer { l1, l2 })) in network.penalized() {
        let (l1, l2) = (l1 as f32, l2 as f32);
        for place in tensor.places() {
            let w = parameters[place];
            let sign = if w == 0.0 { 0.0 } else { 1_f32.copysign(w) };
            gradients[place] += match (l1 > 0.0, l2 > 0.0) {
                (true, true) => l1 * sign + l2 * (2.0 * w),
                (true, false) => l1 * sign,
                _ => l2 * (2.0 * w),
            };
        }
    }
}

/// Cuts gradients as TensorFlow's `clip_by_value`, `clip_by_norm` of each tensor and `clip_by_global_norm` do. The last of them
/// multiplies gradients by `rate` too if there is one.
#[inline(never)]
pub(super) fn clip(clipping: Clipping, flow: Flow, rate: Option<f32>, network: &Network, gradients: &mut [f32]) {
    let squares = |gradients: &[f32], tensor: Tensor, part: f32| -> f32 {
        let squares: Vec<f32> = tensor.places().map(|place| gradients[place] * gradients[place] * part).collect();
        sum(&squares)
    };
    match clipping {
        Clipping::Clipvalue(most) => {
            let most = most as f32;
            for g in gradients {
                // What is not a number stays that.
                *g = if *g > most { most } else { *g };
                *g = if *g < -most { -most } else { *g };
            }
        }
        Clipping::Clipnorm(most) => {
            let most = most as f32;
            for tensor in network.tensors() {
                let norm = squares(gradients, tensor, 1.0).sqrt();
                let longer = if norm < most { most } else { norm };
                for place in tensor.places() {
                    gradients[place] = gradients[place] * most / longer;
                }
            }
        }
        Clipping::GlobalClipnorm(most) => {
            let most = most as f32;
            // Keras 2 halves the squares and doubles their sum.
            let part = if flow == Flow::Keras3 { 1.0 } else { 0.5 };
            let parts: Vec<f32> = network.tensors().map(|tensor| squares(gradients, tensor, part)).collect();
            let norm = (sum(&parts) / part).sqrt();
            // An infinite norm makes gradients that are no numbers.
            let scale = if norm.is_finite() { most * (1.0 / norm).min(1.0 / most) } else { f32::NAN };
            for tensor in network.tensors() {
                let is_one_number = tensor.single().is_some();
                for place in tensor.places() {
                    let g = gradients[place];
                    gradients[place] = match rate {
                        None => g * scale,
                        // TensorFlow's graph optimiser multiplies scalars before tensors that have more numbers.
                        Some(rate) if is_one_number => (g * rate) * scale,
                        Some(rate) => g * (scale * rate),
                    };
                }
            }
        }
    }
}

//! Engine `libtorch`: what lies between the backward pass and the optimizer's step.

use tch::Tensor;

use crate::sequential::{Dense, values};
use crate::{Clipping, Regularizer};

/// Adds the gradients of the layers' penalties.
///
/// Callers of this and of [`clip`] hold autograd off.
pub(crate) fn add_penalties(layers: &mut [Dense]) {
    for layer in layers {
        let Dense { kernel, kernel_gradient, bias, bias_gradient, regularizers, .. } = layer;
        for (weight, gradient, regularizer) in
            [(kernel, kernel_gradient, regularizers[0]), (bias, bias_gradient, regularizers[1])]
        {
            let Some(Regularizer { l1, l2 }) = regularizer else { continue };
            let _ = gradient.g_add_(&(weight.sgn() * l1 + &*weight * (2.0 * l2)));
        }
    }
}

/// Cuts gradients: their values, each tensor's norm, or the norm of all together.
pub(crate) fn clip(clipping: Clipping, layers: &mut [Dense], gradients: &mut Tensor) {
    let squares = |gradient: &Tensor| values(&gradient.square().sum(None))[0];
    match clipping {
        Clipping::Clipvalue(most) => drop(gradients.clamp_(-most, most)),
        Clipping::Clipnorm(most) => {
            let all = layers.iter_mut().flat_map(|layer| [&mut layer.kernel_gradient, &mut layer.bias_gradient]);
            for gradient in all {
                let norm = f64::from(squares(gradient).sqrt());
                if norm > most {
                    let _ = gradient.g_mul_scalar_(most / norm);
                }
            }
        }
        Clipping::GlobalClipnorm(most) => {
            let norm = f64::from(squares(gradients).sqrt());
            if norm > most {
                let _ = gradients.g_mul_scalar_(most / norm);
            }
        }
    }
}

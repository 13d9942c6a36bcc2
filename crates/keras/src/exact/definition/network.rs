//! A stack of Dense layers.

use crate::{Activation, Layer};

use super::activation;
use super::sums::{bias_gradient, matmul, matmul_transpose_a, matmul_transpose_b};

/// A stack of Dense layers: its shape, not its parameters.
///
/// Parameters lie in one flat slice: kernel, bias, kernel, bias, and so on; kernels row-major `[inputs, units]`.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// Inputs of the first layer.
    pub(super) features: usize,
    layers: Vec<(usize, Activation)>,
}

/// Values and gradients of a batch, for each layer; kept from batch to batch so that a step allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    outputs: Vec<Vec<f32>>,
    gradients: Vec<Vec<f32>>,
}

impl Network {
    /// The shape of these layers above `features` inputs.
    pub(super) fn new(layers: &[Layer], features: usize) -> Self {
        let layers = layers.iter().map(|Layer::Dense(layer)| (layer.units as usize, layer.activation)).collect();
        Self { features, layers }
    }

    /// Inputs, units, activation and place of the first parameter of each layer.
    fn places(&self) -> impl Iterator<Item = (usize, usize, Activation, usize)> + '_ {
        let mut inputs = self.features;
        let mut start = 0;
        self.layers.iter().map(move |&(units, activation)| {
            let place = (inputs, units, activation, start);
            start += (inputs + 1) * units;
            inputs = units;
            place
        })
    }

    /// The number of parameters.
    pub(super) fn parameters(&self) -> usize {
        self.places().map(|(inputs, units, ..)| (inputs + 1) * units).sum()
    }

    /// Room for batches of up to `rows` rows.
    pub(super) fn workspace(&self, rows: usize) -> Workspace {
        let room: Vec<Vec<f32>> = self.layers.iter().map(|&(units, _)| vec![0.0; rows * units]).collect();
        Workspace { outputs: room.clone(), gradients: room }
    }

    /// Runs a batch through the layers; gives the last layer's outputs.
    pub(super) fn forward<'a>(&self, parameters: &[f32], x: &[f32], workspace: &'a mut Workspace) -> &'a [f32] {
        let rows = x.len() / self.features;
        for (layer, (inputs, units, activation, start)) in self.places().enumerate() {
            let (before, from_here) = workspace.outputs.split_at_mut(layer);
            let x = before.last().map_or(x, |outputs| &outputs[..rows * inputs]);
            let out = &mut from_here[0][..rows * units];
            let (kernel, bias) = parameters[start..start + (inputs + 1) * units].split_at(inputs * units);
            matmul(x, kernel, out, inputs, units);
            for out in out.chunks_exact_mut(units) {
                for (out, &bias) in out.iter_mut().zip(bias) {
                    *out += bias;
                }
            }
            activation::apply(activation, out);
        }
        let units = self.layers.last().map_or(0, |&(units, _)| units);
        workspace.outputs.last().map_or(&[], |outputs| &outputs[..rows * units])
    }

    /// Where the loss's gradient by the last layer's outputs goes before [`Network::backward`].
    pub(super) fn output_and_gradient<'a>(
        &self,
        rows: usize,
        workspace: &'a mut Workspace,
    ) -> (&'a [f32], &'a mut [f32]) {
        let units = self.layers.last().map_or(0, |&(units, _)| units);
        let last = self.layers.len() - 1;
        (&workspace.outputs[last][..rows * units], &mut workspace.gradients[last][..rows * units])
    }

    /// The gradient by the parameters, after [`Network::forward`] of the same batch.
    pub(super) fn backward(&self, parameters: &[f32], x: &[f32], workspace: &mut Workspace, gradient: &mut [f32]) {
        let rows = x.len() / self.features;
        let mut start = self.parameters();
        for (layer, &(units, activation)) in self.layers.iter().enumerate().rev() {
            let inputs = if layer == 0 { self.features } else { self.layers[layer - 1].0 };
            start -= (inputs + 1) * units;
            let (before, from_here) = workspace.gradients.split_at_mut(layer);
            let delta = &mut from_here[0][..rows * units];
            activation::gradient(activation, &workspace.outputs[layer][..rows * units], delta);
            let x = if layer == 0 { x } else { &workspace.outputs[layer - 1][..rows * inputs] };
            let (kernel, bias) = gradient[start..start + (inputs + 1) * units].split_at_mut(inputs * units);
            matmul_transpose_a(x, delta, kernel, inputs, units);
            bias_gradient(delta, bias);
            if let Some(out) = before.last_mut() {
                let kernel = &parameters[start..start + inputs * units];
                matmul_transpose_b(delta, kernel, &mut out[..rows * inputs], inputs, units);
            }
        }
    }
}

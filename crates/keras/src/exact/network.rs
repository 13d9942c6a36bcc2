//! The shape of a stack of Dense layers and where its values lie in memory.

use crate::dropout::Dropouts;
use crate::{Activation, Flow, Layer, Regularizer};

use super::lanes::LANES;
use crate::sequential::initial_state;

/// A stack of Dense layers: its shape, not its parameters.
///
/// Outside the engine parameters are flat without gaps: kernel, bias, kernel, bias, and so on; kernels row-major
/// `[inputs, units]`. Inside, every row of a kernel and every bias begins a register and is padded to whole ones; the
/// kernel of a single unit is one row.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// Inputs of the first layer.
    pub(super) features: usize,
    pub(super) layers: Vec<Dense>,
    /// All layers as the manifest has them.
    stack: Vec<Layer>,
}

/// One layer and the places of its parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dense {
    pub(super) inputs: usize,
    pub(super) units: usize,
    pub(super) activation: Activation,
    /// Where the padded kernel begins.
    pub(super) kernel: usize,
    /// Where the padded bias begins.
    pub(super) bias: usize,
    /// The penalties of the kernel and of the bias.
    pub(super) regularizers: [Option<Regularizer>; 2],
}

/// A kernel or a bias among padded parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensor {
    start: usize,
    rows: usize,
    columns: usize,
    stride: usize,
}

/// How far apart rows of that many values begin: whole registers, or side by side if they have one value.
pub(super) fn stride(columns: usize) -> usize {
    if columns == 1 { 1 } else { columns.next_multiple_of(LANES) }
}

impl Tensor {
    /// The place of its value if it has but one.
    pub(super) fn single(self) -> Option<usize> {
        (self.rows * self.columns == 1).then_some(self.start)
    }

    /// The places of the values in their order without gaps.
    pub(super) fn places(self) -> impl Iterator<Item = usize> {
        (0..self.rows).flat_map(move |row| {
            let start = self.start + row * self.stride;
            start..start + self.columns
        })
    }
}

impl Network {
    /// The shape of these layers above `features` inputs.
    pub(super) fn new(layers: &[Layer], features: usize) -> Self {
        let stack = layers.to_vec();
        let (mut inputs, mut end) = (features, 0);
        let layers = layers
            .iter()
            .filter_map(Layer::as_dense)
            .map(|layer| {
                let units = layer.units as usize;
                let kernel = end;
                let bias = kernel + (inputs * stride(units)).next_multiple_of(LANES);
                end = bias + units.next_multiple_of(LANES);
                let regularizers = [layer.kernel_regularizer, layer.bias_regularizer];
                let dense = Dense { inputs, units, activation: layer.activation, kernel, bias, regularizers };
                inputs = units;
                dense
            })
            .collect();
        Self { features, layers, stack }
    }

    /// The dropout layers before the first step from a seed.
    pub(super) fn dropouts(&self, flow: Flow, seed: i64) -> Dropouts {
        if self.stack.len() == self.layers.len() {
            return Dropouts::default();
        }
        initial_state(&self.stack, self.features, flow, seed).1
    }

    /// Units of the last layer.
    pub(super) fn outputs(&self) -> usize {
        self.layers.last().map_or(self.features, |layer| layer.units)
    }

    /// The number of parameters, without gaps.
    pub(super) fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| (layer.inputs + 1) * layer.units).sum()
    }

    /// The number of places of the padded parameters: whole registers.
    pub(super) fn padded(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.bias + layer.units.next_multiple_of(LANES))
    }

    /// Kernels and biases in the order of the parameters.
    pub(super) fn tensors(&self) -> impl Iterator<Item = Tensor> {
        self.layers.iter().flat_map(|layer| {
            let &Dense { inputs, units, kernel, bias, .. } = layer;
            let kernel = Tensor { start: kernel, rows: inputs, columns: units, stride: stride(units) };
            [kernel, Tensor { start: bias, rows: 1, columns: units, stride: units }]
        })
    }

    /// Kernels and biases that have a penalty, in their order and with their number among all.
    pub(super) fn penalized(&self) -> impl Iterator<Item = (usize, (Tensor, Regularizer))> {
        let regularizers = self.layers.iter().flat_map(|layer| layer.regularizers);
        let all = self.tensors().zip(regularizers).enumerate();
        all.filter_map(|(number, (tensor, regularizer))| Some((number, (tensor, regularizer?))))
    }

    /// Writes values without gaps to their padded places.
    ///
    /// # Panics
    /// If there are not as many values as parameters.
    pub(super) fn spread(&self, values: &[f32], padded: &mut [f32]) {
        assert_eq!(values.len(), self.parameters(), "as many values as parameters");
        let places = self.tensors().flat_map(Tensor::places);
        for (place, &value) in places.zip(values) {
            padded[place] = value;
        }
    }

    /// Reads padded values without their gaps into `values`, as far as it reaches.
    pub(super) fn gather(&self, padded: &[f32], values: &mut [f32]) {
        let places = self.tensors().flat_map(Tensor::places);
        for (place, value) in places.zip(values) {
            *value = padded[place];
        }
    }

    /// The weights from which a training starts, without gaps.
    pub(super) fn initial_weights(&self, flow: Flow, seed: i64) -> Vec<f32> {
        initial_state(&self.stack, self.features, flow, seed).0
    }
}

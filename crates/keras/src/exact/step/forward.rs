//! A batch through the layers.

use crate::Activation;
use crate::exact::activation;
use crate::exact::eigen;
use crate::exact::lanes::Lanes;
use crate::exact::network::{Dense, stride};
use crate::exact::products::{Matrix, Scalars, Shape, dots, product};
use crate::exact::separate::Strided;
use crate::exact::shallow::{self, Hidden};

use super::Step;

impl Step {
    /// Runs a batch through the layers, in `predict` without what Eigen does afterwards.
    #[inline(always)]
    pub(super) unsafe fn forward<L: Lanes>(&mut self, rows: usize, predict: bool) {
        let parameters = self.parameters.pointer();
        for layer in 0..self.network.layers.len() {
            let Dense { inputs, units, mut activation, kernel, bias, .. } = self.network.layers[layer];
            if predict && layer + 1 == self.network.layers.len() && eigen::serves(activation, self.flow) {
                activation = Activation::Linear;
            }
            if self.training {
                self.drop_inputs(layer, rows);
            }
            let x = self.input(layer);
            let out = self.outputs[layer].pointer();
            let (kernel, bias) = (parameters.add(kernel), parameters.add(bias));
            let to_bias = self.before[layer].as_ref().and_then(|(separate, _)| separate.to_bias);
            let one_bias = to_bias.map_or(*bias, |constant| *bias + constant);
            match (units, rows) {
                // One row is fused in order.
                (1, 1) => {
                    let mut sum = -0.0_f32;
                    for term in 0..inputs {
                        sum = (*x.at.add(term)).mul_add(*kernel.add(term), sum);
                    }
                    *out = sum + one_bias;
                }
                (1, _) => dots::<L>(x, kernel, inputs, rows, out, Some(one_bias)),
                _ if inputs == 1 => {
                    let outputs = Matrix { at: out, stride: stride(units) };
                    shallow::forward::<L>(Hidden { x: x.at, outputs, rows, units }, kernel, bias, activation);
                    self.apply_separate(layer, rows);
                    continue;
                }
                _ => {
                    let x = Scalars { at: x.at, row_step: x.stride, term_step: 1 };
                    let w = Matrix { at: kernel, stride: stride(units) };
                    let out = Matrix { at: out, stride: stride(units) };
                    let shape = Shape { rows, columns: units, terms: inputs, blocks: rows > 1 };
                    product::<L>(x, w, out, shape, Some(bias));
                }
            }
            activation::apply::<L>(activation, out, rows * stride(units));
            self.apply_separate(layer, rows);
        }
    }

    /// Applies the activation of a layer to whose product it is not joined.
    #[inline(always)]
    fn apply_separate(&mut self, layer: usize, rows: usize) {
        let [scale, _] = self.joined_scale(layer);
        if let Some((separate, before)) = &mut self.before[layer] {
            let units = self.network.layers[layer].units;
            let rows = Strided { rows, units, stride: stride(units) };
            separate.apply(
                self.outputs[layer].values_mut(),
                before.values_mut(),
                rows,
                scale.unwrap_or(1.0),
                self.trains,
            );
        }
    }

    /// The scale of a dropout above a layer, if a step is taken, where the layer's activation and its gradient are multiplied by it.
    #[inline(always)]
    pub(super) fn joined_scale(&self, layer: usize) -> [Option<f32>; 2] {
        let Some((separate, _)) = self.before[layer].as_ref().filter(|_| self.training) else { return [None; 2] };
        let scale = self.dropouts.scale(layer + 1);
        let whole = (self.y.len() / self.labels).is_multiple_of(self.batch_size);
        separate.joins_scale(whole).map(|joins| scale.filter(|_| joins))
    }

    /// Drops inputs of a layer that a dropout stands before.
    #[inline(never)]
    fn drop_inputs(&mut self, layer: usize, rows: usize) {
        let inputs = self.network.layers[layer].inputs;
        let is_joined = layer.checked_sub(1).is_some_and(|below| self.joined_scale(below)[0].is_some());
        let Some(factors) = self.dropouts.draw(layer, rows * inputs) else { return };
        let from = layer.checked_sub(1).map_or(self.batch_x.values(), |before| self.outputs[before].values());
        let to = self.dropped[layer].values_mut().chunks_mut(stride(inputs));
        for ((to, from), factors) in to.zip(from.chunks(stride(inputs))).zip(factors.chunks(inputs)) {
            for ((to, from), factor) in to.iter_mut().zip(from).zip(factors) {
                // What is dropped is 0, whatever it was.
                *to = match *factor {
                    0.0 => 0.0,
                    _ if is_joined => *from,
                    factor => from * factor,
                };
            }
        }
    }

    /// What a layer's rows are computed from.
    #[inline(always)]
    pub(super) fn input(&mut self, layer: usize) -> Matrix {
        if self.training && self.dropouts.stands_before(layer) {
            return Matrix { at: self.dropped[layer].pointer(), stride: stride(self.network.layers[layer].inputs) };
        }
        match layer.checked_sub(1) {
            None => Matrix { at: self.batch_x.pointer(), stride: stride(self.network.features) },
            Some(before) => {
                Matrix { at: self.outputs[before].pointer(), stride: stride(self.network.layers[before].units) }
            }
        }
    }

    /// A batch through the two layers of a [shallow](Self::shallow) network.
    #[inline(always)]
    pub(super) unsafe fn shallow_forward<L: Lanes>(&mut self, rows: usize, [hidden, output]: [Dense; 2]) {
        let parameters = self.parameters.pointer();
        let (layer, predictions) = (self.hidden(hidden, rows), self.outputs[1].pointer());
        let place = |dense: Dense| [dense.kernel, dense.bias].map(|at| parameters.add(at).cast_const());
        let (own, [kernel, bias], activation) = (place(hidden), place(output), hidden.activation);
        if shallow::is_computed_anew(activation) {
            shallow::forward_to_output::<L>(layer, own, activation, [kernel, bias], predictions);
        } else {
            shallow::forward::<L>(layer, own[0], own[1], activation);
            dots::<L>(layer.outputs, kernel, hidden.units, rows, predictions, Some(*bias));
        }
    }

    /// The layers of a network of one hidden layer between a single input and a single linear output, as the post's,
    /// for more rows than one, while nothing is dropped. Its steps leave out what need not be written in between, with the same
    /// sums; the logistic function's gradient is here of whole eights.
    #[inline(always)]
    pub(super) fn shallow(&self, rows: usize) -> Option<[Dense; 2]> {
        if self.training {
            return None;
        }
        match self.network.layers[..] {
            [hidden, output]
                if rows > 1
                    && (hidden.activation != Activation::Sigmoid || (rows * hidden.units).is_multiple_of(8))
                    && (hidden.inputs, output.units, output.activation) == (1, 1, Activation::Linear)
                    && hidden.units > 1
                    && self.before[0].is_none() =>
            {
                Some([hidden, output])
            }
            _ => None,
        }
    }

    #[inline(always)]
    pub(super) fn hidden(&mut self, hidden: Dense, rows: usize) -> Hidden {
        let outputs = Matrix { at: self.outputs[0].pointer(), stride: stride(hidden.units) };
        Hidden { x: self.batch_x.pointer(), outputs, rows, units: hidden.units }
    }
}

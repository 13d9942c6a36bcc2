//! The gradient by the parameters.

use crate::Flow;
use crate::exact::activation;
use crate::exact::lanes::Lanes;
use crate::exact::network::{Dense, stride};
use crate::exact::products::{
    BLOCK, Matrix, Scalars, Shape, column_sums, dots, dots_by_column, lanes_by_column, product, sum, transpose,
};
use crate::exact::separate::Strided;
use crate::exact::shallow;

use super::Step;

impl Step {
    /// The gradient by the parameters, after [`Self::forward`] of the same batch and the loss's gradient.
    #[inline(always)]
    pub(super) unsafe fn backward<L: Lanes>(&mut self, rows: usize) {
        let (parameters, gradients) = (self.parameters.pointer(), self.gradients.pointer());
        for layer in (0..self.network.layers.len()).rev() {
            let Dense { inputs, units, activation, kernel, bias, .. } = self.network.layers[layer];
            let x = self.input(layer);
            let g = Matrix { at: self.deltas[layer].pointer(), stride: stride(units) };
            let outputs = self.outputs[layer].pointer();
            let [_, scale] = self.joined_scale(layer);
            if let Some((separate, before)) = &self.before[layer] {
                let rows = Strided { rows, units, stride: g.stride };
                let (outputs, deltas) = (self.outputs[layer].values(), self.deltas[layer].values_mut());
                separate.gradient(outputs, before.values(), deltas, rows, scale.unwrap_or(1.0));
            } else {
                activation::gradient::<L>(activation, outputs, g.at, [rows, units, g.stride]);
            }
            let out = gradients.add(kernel);
            if units == 1 {
                // The kernel is one row.
                let g = Scalars { at: g.at, row_step: 0, term_step: 1 };
                let shape = Shape { rows: 1, columns: inputs, terms: rows, blocks: false };
                product::<L>(g, x, Matrix { at: out, stride: 0 }, shape, None);
                let mut sum = -0.0;
                for row in 0..rows {
                    sum += *g.at.add(row);
                }
                *gradients.add(bias) = if self.flow == Flow::Keras3 { self.whole_sum::<L>(g.at, rows) } else { sum };
            } else {
                let x = Scalars { at: x.at, row_step: 1, term_step: x.stride };
                let shape = Shape { rows: inputs, columns: units, terms: rows, blocks: inputs > 1 };
                product::<L>(x, g, Matrix { at: out, stride: stride(units) }, shape, None);
                column_sums::<L>(g, rows, units, gradients.add(bias));
            }
            if let Some(before) = layer.checked_sub(1) {
                let out = Matrix { at: self.deltas[before].pointer(), stride: stride(inputs) };
                self.input_gradient::<L>(parameters.add(kernel), g, out, [rows, inputs, units]);
                if self.training {
                    self.drop_gradients(layer, rows);
                }
            }
        }
    }

    /// The gradient by the parameters of a [shallow](Self::shallow) network.
    #[inline(always)]
    pub(super) unsafe fn shallow_backward<L: Lanes>(&mut self, rows: usize, [hidden, output]: [Dense; 2]) {
        let (parameters, gradients) = (self.parameters.pointer(), self.gradients.pointer());
        let (layer, g) = (self.hidden(hidden, rows), self.deltas[1].pointer());
        let kernel = parameters.add(output.kernel);
        let to_output = [output.kernel, output.bias].map(|at| gradients.add(at));
        let to_hidden = [hidden.kernel, hidden.bias].map(|at| gradients.add(at));
        let own = [hidden.kernel, hidden.bias].map(|at| parameters.add(at).cast_const());
        shallow::backward::<L>(layer, own, hidden.activation, g, kernel, to_output, to_hidden);
        if self.flow == Flow::Keras3 {
            *to_output[1] = self.whole_sum::<L>(g, rows);
        }
    }

    /// The gradient `[rows, inputs]` by a layer's inputs, `g · kernelᵀ`.
    ///
    /// One unit gives products; one row, or one input of sixteen rows and more, is a matrix-vector product; up to fifteen
    /// rows go by lanes; more are fused and in order, by blocks.
    #[inline(always)]
    unsafe fn input_gradient<L: Lanes>(
        &mut self,
        kernel: *mut f32,
        g: Matrix,
        out: Matrix,
        [rows, inputs, units]: [usize; 3],
    ) {
        if units == 1 {
            if inputs == 1 {
                for row in 0..rows {
                    *out.at.add(row) = *g.at.add(row) * *kernel;
                }
                return;
            }
            let g = Scalars { at: g.at, row_step: 1, term_step: 0 };
            let shape = Shape { rows, columns: inputs, terms: 1, blocks: false };
            product::<L>(g, Matrix { at: kernel, stride: 0 }, out, shape, None);
            return;
        }
        if inputs == 1 && rows >= 16 {
            dots::<L>(g, kernel, units, rows, out.at, None);
            return;
        }
        // A kernel of one row is its own transpose.
        let mut to = Matrix { at: kernel, stride: 1 };
        if inputs > 1 {
            to = Matrix { at: self.transposed.pointer(), stride: stride(inputs) };
            transpose::<L>(Matrix { at: kernel, stride: stride(units) }, to, inputs, units);
        }
        match rows {
            1 => dots_by_column::<L>(g.at, to, units, inputs, out.at),
            2..16 => {
                for row in 0..rows {
                    lanes_by_column::<L>(g.row(row), to, units, inputs, out.row(row));
                }
            }
            _ => {
                let g = Scalars { at: g.at, row_step: g.stride, term_step: 1 };
                let shape = Shape { rows, columns: inputs, terms: units, blocks: units > BLOCK };
                product::<L>(g, to, out, shape, None);
            }
        }
    }

    /// A one-unit layer's bias gradient in Keras 3, which adds such a bias by an op that broadcasts: its gradient is `Sum` of the
    /// column, not `BiasAddGrad`.
    #[inline(always)]
    unsafe fn whole_sum<L: Lanes>(&mut self, column: *const f32, rows: usize) -> f32 {
        let terms = self.terms.pointer();
        terms.copy_from_nonoverlapping(column, rows);
        sum::<L>(terms, rows)
    }

    /// Takes the gradient by a layer's inputs to that by what they were before some were dropped.
    #[inline(never)]
    fn drop_gradients(&mut self, layer: usize, rows: usize) {
        let inputs = self.network.layers[layer].inputs;
        let is_joined = self.joined_scale(layer - 1)[1].is_some();
        let Some(factors) = self.dropouts.factors(layer) else { return };
        let gradients = self.deltas[layer - 1].values_mut().chunks_mut(stride(inputs));
        for (gradients, factors) in gradients.zip(factors.chunks(inputs)).take(rows) {
            for (gradient, factor) in gradients.iter_mut().zip(factors) {
                match *factor {
                    0.0 => *gradient = 0.0,
                    _ if is_joined => {}
                    factor => *gradient *= factor,
                }
            }
        }
    }
}

//! A network in training: its parameters, its data, and the memory of a step. Nothing is allocated from step to step.

mod compiled;

use crate::{Activation, Loss, Training};
use random::keras::EpochOrders;

use super::activation;
use super::eigen;
use super::floats::Floats;
use super::instructions::{Instructions, Level};
use super::lanes::{LANES, Lanes};
use super::loss::value_and_gradient;
use super::network::{Dense, Network, stride};
use super::optimizer::{Pointers, Update};
use super::products::{BLOCK, Matrix, Scalars, Shape, column_sums, dots, dots_by_column, lanes_by_column, product};
use super::shallow::{self, Hidden};
use super::subnormals::SubnormalsAsZeros;

/// Rows of a batch of `predict`.
const PREDICT_ROWS: usize = 32;

/// Calls what is compiled for the instructions that the processor has.
macro_rules! call {
    ($step:expr, $function:ident, $($argument:expr),*) => {
        match $step.instructions.level() {
            Level::Portable => compiled::portable::$function($step, $($argument),*),
            // SAFETY: the level says that the processor has them.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { compiled::avx2::$function($step, $($argument),*) },
            // SAFETY: the level says that the processor has them.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { compiled::avx512::$function($step, $($argument),*) },
        }
    };
}

/// A network in training. Parameters and what is shaped like them lie where the network says; the memory of a batch has room
/// for its rows, rounded up to whole registers.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) network: Network,
    pub(super) update: Update,
    pub(super) instructions: Instructions,
    loss: Loss,
    batch_size: usize,
    /// Row-major `[samples, features]` without gaps.
    x: Vec<f32>,
    y: Vec<f32>,
    /// Padded, like gradients and moments.
    pub(super) parameters: Floats,
    pub(super) first: Floats,
    pub(super) second: Floats,
    gradients: Floats,
    batch_x: Floats,
    batch_y: Floats,
    terms: Floats,
    /// Of each layer: `[rows, units]`, rows padded.
    outputs: Vec<Floats>,
    deltas: Vec<Floats>,
    /// A kernel with rows and columns exchanged.
    transposed: Floats,
}

impl Step {
    /// A network with zero parameters and moments on row-major `x` and `y`.
    pub(super) fn new(network: Network, training: &Training, x: &[f32], y: &[f32]) -> Self {
        let rows = training.batch_size.min(y.len()).max(PREDICT_ROWS).next_multiple_of(LANES);
        let parameters = Floats::zeros(network.padded());
        let room: Vec<Floats> = network.layers.iter().map(|layer| Floats::zeros(rows * stride(layer.units))).collect();
        let transposed = network.layers.iter().skip(1).map(|layer| layer.units * stride(layer.inputs)).max();
        Self {
            update: Update::new(training.optimizer, training.flow),
            instructions: Instructions::fastest(),
            loss: training.loss,
            batch_size: training.batch_size,
            x: x.to_vec(),
            y: y.to_vec(),
            first: parameters.clone(),
            second: parameters.clone(),
            gradients: parameters.clone(),
            parameters,
            batch_x: Floats::zeros(rows * stride(network.features)),
            batch_y: Floats::zeros(rows),
            terms: Floats::zeros(rows),
            outputs: room.clone(),
            deltas: room,
            transposed: Floats::zeros(transposed.unwrap_or(0)),
            network,
        }
    }

    /// Goes back to the first step with these parameters (without gaps) and this training's constants.
    pub(super) fn restart(&mut self, training: &Training, parameters: &[f32]) {
        self.update = Update::new(training.optimizer, training.flow);
        self.network.spread(parameters, self.parameters.values_mut());
        self.first.values_mut().fill(0.0);
        self.second.values_mut().fill(0.0);
    }

    /// One epoch in the next of `orders`, or in the order that stands in `order`; returns the mean of the batch losses
    /// weighted by their rows, as Keras' metric keeps it in float32, and writes each to `batch_losses`.
    pub(super) fn epoch(
        &mut self,
        orders: Option<&mut EpochOrders>,
        order: &mut [u32],
        batch_losses: &mut [f32],
    ) -> f32 {
        let _while = SubnormalsAsZeros::new();
        call!(self, epoch, orders, order, batch_losses)
    }

    /// One step on the samples of `batch`; returns the loss before the update.
    pub(super) fn step(&mut self, batch: &[u32]) -> f32 {
        let _while = SubnormalsAsZeros::new();
        call!(self, step, batch)
    }

    /// The loss of all samples in their order, a mean over the batches as that of [`Self::epoch`]; nothing is trained.
    pub(super) fn evaluate(&mut self) -> f32 {
        let _while = SubnormalsAsZeros::new();
        let order: Vec<u32> = (0..self.y.len() as u32).collect();
        call!(self, evaluate, &order)
    }

    /// Predictions for row-major `x` in batches of 32 rows, as `predict` makes them.
    ///
    /// There the last layer's tanh and sigmoid are not joined to its product.
    pub(super) fn predict(&mut self, x: &[f32], predictions: &mut Vec<f32>) {
        let _while = SubnormalsAsZeros::new();
        predictions.clear();
        let units = self.network.outputs();
        let last = self.network.layers.last().map_or(Activation::Linear, |layer| layer.activation);
        for x in x.chunks(PREDICT_ROWS * self.network.features) {
            let rows = x.len() / self.network.features;
            call!(self, predict, x);
            let outputs = self.outputs.last().map_or(&[][..], Floats::values);
            let first = predictions.len();
            predictions.extend((0..rows * units).map(|i| outputs[i / units * stride(units) + i % units]));
            eigen::apply(last, &mut predictions[first..]);
        }
    }

    #[inline(always)]
    unsafe fn epoch_with<L: Lanes>(
        &mut self,
        orders: Option<&mut EpochOrders>,
        order: &mut [u32],
        batch_losses: &mut [f32],
    ) -> f32 {
        if let Some(orders) = orders {
            orders.fill(order);
        }
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for (batch, kept) in order.chunks(self.batch_size).zip(batch_losses) {
            let loss = self.step_with::<L>(batch);
            *kept = loss;
            let rows = batch.len() as f32;
            total += loss * rows;
            count += rows;
        }
        total / count
    }

    #[inline(always)]
    unsafe fn step_with<L: Lanes>(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        let alpha = self.update.next_alpha();
        let loss = self.loss_with::<L>(batch);
        self.backward::<L>(rows);
        let state = Pointers {
            parameters: self.parameters.pointer(),
            gradients: self.gradients.pointer(),
            first: self.first.pointer(),
            second: self.second.pointer(),
        };
        self.update.apply::<L>(alpha, state, self.network.padded(), &self.network);
        loss
    }

    /// The loss of a batch, and its gradient by the output.
    #[inline(always)]
    unsafe fn loss_with<L: Lanes>(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        self.gather(batch);
        self.forward::<L>(rows, false);
        let last = self.network.layers.len() - 1;
        let (predictions, gradient) = (self.outputs[last].pointer(), self.deltas[last].pointer());
        let (targets, terms) = (self.batch_y.pointer(), self.terms.pointer());
        value_and_gradient::<L>(self.loss, predictions, targets, gradient, terms, rows)
    }

    #[inline(always)]
    unsafe fn evaluate_with<L: Lanes>(&mut self, order: &[u32]) -> f32 {
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for batch in order.chunks(self.batch_size) {
            let loss = self.loss_with::<L>(batch);
            let rows = batch.len() as f32;
            total += loss * rows;
            count += rows;
        }
        total / count
    }

    #[inline(always)]
    unsafe fn predict_with<L: Lanes>(&mut self, x: &[f32]) {
        let (features, stride) = (self.network.features, stride(self.network.features));
        let batch = self.batch_x.values_mut();
        for (row, x) in x.chunks_exact(features).enumerate() {
            batch[row * stride..row * stride + features].copy_from_slice(x);
        }
        self.forward::<L>(x.len() / features, true);
    }

    /// Copies the samples of a batch side by side.
    #[inline(always)]
    fn gather(&mut self, batch: &[u32]) {
        let (features, stride) = (self.network.features, stride(self.network.features));
        let (batch_x, batch_y) = (self.batch_x.values_mut(), self.batch_y.values_mut());
        if features == 1 {
            for ((x, y), &sample) in batch_x.iter_mut().zip(batch_y).zip(batch) {
                *x = self.x[sample as usize];
                *y = self.y[sample as usize];
            }
            return;
        }
        for (row, &sample) in batch.iter().enumerate() {
            let from = sample as usize * features;
            batch_x[row * stride..row * stride + features].copy_from_slice(&self.x[from..from + features]);
            batch_y[row] = self.y[sample as usize];
        }
    }

    /// What a layer's rows are computed from.
    #[inline(always)]
    fn input(&mut self, layer: usize) -> Matrix {
        match layer.checked_sub(1) {
            None => Matrix { at: self.batch_x.pointer(), stride: stride(self.network.features) },
            Some(before) => {
                Matrix { at: self.outputs[before].pointer(), stride: stride(self.network.layers[before].units) }
            }
        }
    }

    /// The layers of a network of one hidden layer between a single input and a single linear output, as the post's,
    /// for more rows than one.
    #[inline(always)]
    fn shallow(&self, rows: usize) -> Option<[Dense; 2]> {
        match self.network.layers[..] {
            [hidden, output]
                if rows > 1
                    && (hidden.inputs, output.units, output.activation) == (1, 1, Activation::Linear)
                    && hidden.units > 1 =>
            {
                Some([hidden, output])
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn hidden(&mut self, hidden: Dense, rows: usize) -> Hidden {
        let outputs = Matrix { at: self.outputs[0].pointer(), stride: stride(hidden.units) };
        Hidden { x: self.batch_x.pointer(), outputs, rows, units: hidden.units }
    }

    /// Runs a batch through the layers, in `predict` without what Eigen does afterwards.
    #[inline(always)]
    unsafe fn forward<L: Lanes>(&mut self, rows: usize, predict: bool) {
        let parameters = self.parameters.pointer();
        if let Some([hidden, output]) = self.shallow(rows)
            && hidden.units % LANES == 0
        {
            let (layer, predictions) = (self.hidden(hidden, rows), self.outputs[1].pointer());
            let place = |dense: Dense| [dense.kernel, dense.bias].map(|at| parameters.add(at).cast_const());
            let (output, activation) = (place(output), hidden.activation);
            shallow::forward_to_output::<L>(layer, place(hidden), activation, output, predictions);
            return;
        }
        for layer in 0..self.network.layers.len() {
            let Dense { inputs, units, mut activation, kernel, bias } = self.network.layers[layer];
            if predict && layer + 1 == self.network.layers.len() && eigen::serves(activation) {
                activation = Activation::Linear;
            }
            let x = self.input(layer);
            let out = self.outputs[layer].pointer();
            let (kernel, bias) = (parameters.add(kernel), parameters.add(bias));
            match (units, rows) {
                // One row is fused in order.
                (1, 1) => {
                    let mut sum = -0.0_f32;
                    for term in 0..inputs {
                        sum = (*x.at.add(term)).mul_add(*kernel.add(term), sum);
                    }
                    *out = sum + *bias;
                }
                (1, _) => dots::<L>(x, kernel, inputs, rows, out, Some(*bias)),
                _ if inputs == 1 => {
                    let outputs = Matrix { at: out, stride: stride(units) };
                    shallow::forward::<L>(Hidden { x: x.at, outputs, rows, units }, kernel, bias, activation);
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
        }
    }

    /// The gradient by the parameters, after [`Self::forward`] of the same batch and the loss's gradient.
    #[inline(always)]
    unsafe fn backward<L: Lanes>(&mut self, rows: usize) {
        let (parameters, gradients) = (self.parameters.pointer(), self.gradients.pointer());
        if let Some([hidden, output]) = self.shallow(rows)
            && (hidden.activation != Activation::Sigmoid || (rows * hidden.units).is_multiple_of(8))
        {
            let (layer, g) = (self.hidden(hidden, rows), self.deltas[1].pointer());
            let kernel = parameters.add(output.kernel);
            let to_output = [output.kernel, output.bias].map(|at| gradients.add(at));
            let to_hidden = [hidden.kernel, hidden.bias].map(|at| gradients.add(at));
            shallow::backward::<L>(layer, hidden.activation, g, kernel, to_output, to_hidden);
            return;
        }
        for layer in (0..self.network.layers.len()).rev() {
            let Dense { inputs, units, activation, kernel, bias } = self.network.layers[layer];
            let x = self.input(layer);
            let g = Matrix { at: self.deltas[layer].pointer(), stride: stride(units) };
            let outputs = self.outputs[layer].pointer();
            activation::gradient::<L>(activation, outputs, g.at, [rows, units, g.stride]);
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
                *gradients.add(bias) = sum;
            } else {
                let x = Scalars { at: x.at, row_step: 1, term_step: x.stride };
                let shape = Shape { rows: inputs, columns: units, terms: rows, blocks: inputs > 1 };
                product::<L>(x, g, Matrix { at: out, stride: stride(units) }, shape, None);
                column_sums::<L>(g, rows, units, gradients.add(bias));
            }
            if let Some(before) = layer.checked_sub(1) {
                let out = Matrix { at: self.deltas[before].pointer(), stride: stride(inputs) };
                self.input_gradient::<L>(parameters.add(kernel), g, out, [rows, inputs, units]);
            }
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
        let to = Matrix { at: self.transposed.pointer(), stride: stride(inputs) };
        transpose(Matrix { at: kernel, stride: stride(units) }, to, inputs, units);
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
}

/// Writes a matrix `[rows, columns]` with rows and columns exchanged, in squares that stay in the cache.
#[inline(always)]
unsafe fn transpose(from: Matrix, to: Matrix, rows: usize, columns: usize) {
    const SQUARE: usize = 16;
    for first_row in (0..rows).step_by(SQUARE) {
        for first_column in (0..columns).step_by(SQUARE) {
            for column in first_column..columns.min(first_column + SQUARE) {
                for row in first_row..rows.min(first_row + SQUARE) {
                    *to.row(column).add(row) = *from.row(row).add(column);
                }
            }
        }
    }
}

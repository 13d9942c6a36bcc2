//! A network in training: its parameters, its data, and the memory of a step. Nothing is allocated from step to step.

mod compiled;

use crate::metrics::Running;
use crate::{Activation, Clipping, Flow, Labelled, Loss, Training};
use random::keras::EpochOrders;

use super::activation;
use super::eigen;
use super::floats::Floats;
use super::gradients::{add_penalties, clip, with_penalties};
use super::instructions::{Instructions, Level};
use super::lanes::{LANES, Lanes};
use super::loss::value_and_gradient;
use super::network::{Dense, Network, stride};
use super::optimizer::{Pointers, Update};
use super::products::{
    BLOCK, Matrix, Scalars, Shape, column_sums, dots, dots_by_column, lanes_by_column, product, sum,
};
use super::row_loss::RowLoss;
use super::separate::{Separate, Strided};
use super::shallow::{self, Hidden};
use super::softmax::{sigmoid, softmax};
use super::subnormals::SubnormalsAsZeros;
use crate::dropout::Dropouts;
use crate::optimization::LearningRates;

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
    /// The learning rates of a schedule by steps.
    pub(super) rates: Option<LearningRates>,
    pub(super) instructions: Instructions,
    flow: Flow,
    loss: Loss,
    /// Whether any parameter has a penalty.
    penalized: bool,
    clipping: Option<Clipping>,
    pub(super) dropouts: Dropouts,
    /// Whether values are dropped now.
    training: bool,
    /// If the loss is not the mean over one column.
    row_loss: Option<RowLoss>,
    metrics: Option<Running>,
    /// The last layer's activation, which is linear in the network if the loss is computed without it.
    pub(super) last: Activation,
    batch_size: usize,
    /// Label columns.
    labels: usize,
    /// Row-major `[samples, features]` without gaps.
    x: Vec<f32>,
    y: Vec<f32>,
    /// Of the samples, if they have any.
    weights: Option<Vec<f32>>,
    /// Padded, like gradients and moments.
    pub(super) parameters: Floats,
    pub(super) first: Floats,
    pub(super) second: Floats,
    /// Of `amsgrad`; else empty.
    pub(super) largest: Floats,
    gradients: Floats,
    batch_x: Floats,
    batch_y: Floats,
    batch_weights: Vec<f32>,
    /// A batch's predictions without gaps, for metrics.
    predictions: Vec<f32>,
    terms: Floats,
    /// Of each layer: `[rows, units]`, rows padded.
    outputs: Vec<Floats>,
    deltas: Vec<Floats>,
    /// Of the layers whose activation is not joined to their product: what it was applied to.
    before: Vec<Option<(Separate, Floats)>>,
    /// Of each layer: its inputs without what was dropped, `[rows, inputs]`, rows padded; empty where none are dropped.
    dropped: Vec<Floats>,
    /// A kernel with rows and columns exchanged.
    transposed: Floats,
}

impl Step {
    /// A network with zero parameters and moments on these rows, with the weights of their losses.
    pub(super) fn new(mut network: Network, training: &Training, data: Labelled, weights: Option<Vec<f32>>) -> Self {
        let Labelled { x, y, .. } = data;
        let (units, loss) = (network.outputs(), training.loss);
        let labels = loss.label_columns(units);
        let rows = training.batch_size.min(y.len() / labels).max(PREDICT_ROWS).next_multiple_of(LANES);
        let last = match network.layers.last_mut() {
            Some(layer) if loss.is_of_logits() => std::mem::take(&mut layer.activation),
            layer => layer.map_or(Activation::Linear, |layer| layer.activation),
        };
        let parameters = Floats::zeros(network.padded());
        let room: Vec<Floats> = network.layers.iter().map(|layer| Floats::zeros(rows * stride(layer.units))).collect();
        let before = network.layers.iter().zip(&room).map(|(layer, room)| {
            Separate::new(layer.activation, layer.units, training.flow).map(|separate| (separate, room.clone()))
        });
        let before = before.collect();
        let dropouts = network.dropouts(training.flow, training.seed);
        let room_for_inputs = |(number, layer): (usize, &Dense)| {
            Floats::zeros(if dropouts.stands_before(number) { rows * stride(layer.inputs) } else { 0 })
        };
        let dropped = network.layers.iter().enumerate().map(room_for_inputs).collect();
        let penalized = network.penalized().next().is_some();
        let transposed = network.layers.iter().skip(1).map(|layer| layer.units * stride(layer.inputs)).max();
        let update = Update::new(training.optimizer.rule, training.flow);
        Self {
            largest: Floats::zeros(if update.keeps_largest() { network.padded() } else { 0 }),
            update,
            rates: training.optimizer.schedule.map(LearningRates::new),
            instructions: Instructions::fastest(),
            flow: training.flow,
            loss,
            row_loss: RowLoss::new(loss, units, rows, weights.is_some(), training.flow),
            metrics: Running::new(training, units),
            last,
            labels,
            penalized,
            clipping: training.optimizer.clipping,
            dropouts,
            training: false,
            batch_size: training.batch_size,
            x: x.to_vec(),
            y: y.to_vec(),
            weights,
            first: parameters.clone(),
            second: parameters.clone(),
            gradients: parameters.clone(),
            parameters,
            batch_x: Floats::zeros(rows * stride(network.features)),
            batch_y: Floats::zeros(rows * labels),
            batch_weights: vec![0.0; rows],
            predictions: Vec::new(),
            terms: Floats::zeros(rows),
            outputs: room.clone(),
            deltas: room,
            before,
            dropped,
            transposed: Floats::zeros(transposed.unwrap_or(0)),
            network,
        }
    }

    /// Goes back to the first step with these parameters (without gaps) and this training's constants.
    pub(super) fn restart(&mut self, training: &Training, parameters: &[f32]) {
        self.update = Update::new(training.optimizer.rule, training.flow);
        self.rates = training.optimizer.schedule.map(LearningRates::new);
        self.restart_dropouts(training, training.seed);
        self.network.spread(parameters, self.parameters.values_mut());
        self.first.values_mut().fill(0.0);
        self.second.values_mut().fill(self.update.initial_second());
        self.largest.values_mut().fill(0.0);
    }

    /// Goes back to what is dropped in the first step from this seed.
    pub(super) fn restart_dropouts(&mut self, training: &Training, seed: i64) {
        self.dropouts = self.network.dropouts(training.flow, seed);
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
        if self.is_plain() {
            return call!(self, epoch, orders, order, batch_losses);
        }
        self.metrics.iter_mut().for_each(Running::restart);
        if let Some(orders) = orders {
            orders.fill(order);
        }
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for (batch, kept) in order.chunks(self.batch_size).zip(batch_losses) {
            *kept = call!(self, step, batch);
            let rows = batch.len() as f32;
            total += *kept * rows;
            count += rows;
        }
        total / count
    }

    /// Whether steps compute nothing but the mean over one column, its gradient and the update, and so ask no further.
    pub(super) fn is_plain(&self) -> bool {
        let of_predictions = self.row_loss.is_some() || self.metrics.is_some();
        let of_gradients = self.penalized || self.clipping.is_some();
        !of_predictions && !of_gradients && self.rates.is_none() && self.dropouts.is_empty()
    }

    /// One step on the samples of `batch`; returns the loss before the update.
    pub(super) fn step(&mut self, batch: &[u32]) -> f32 {
        let _while = SubnormalsAsZeros::new();
        call!(self, step, batch)
    }

    /// The loss of all samples in their order, a mean over the batches as that of [`Self::epoch`]; nothing is trained.
    pub(super) fn evaluate(&mut self) -> f32 {
        let _while = SubnormalsAsZeros::new();
        self.metrics.iter_mut().for_each(Running::restart);
        let order: Vec<u32> = (0..(self.y.len() / self.labels) as u32).collect();
        call!(self, evaluate, &order)
    }

    /// Predictions for row-major `x` in batches of 32 rows, as `predict` makes them.
    ///
    /// There the last layer's tanh and sigmoid are not joined to its product, but in Keras 3.
    pub(super) fn predict(&mut self, x: &[f32], predictions: &mut Vec<f32>) {
        let _while = SubnormalsAsZeros::new();
        predictions.clear();
        let units = self.network.outputs();
        for x in x.chunks(PREDICT_ROWS * self.network.features) {
            let rows = x.len() / self.network.features;
            call!(self, predict, x);
            let first = predictions.len();
            without_gaps(self.outputs.last(), [rows, units], predictions);
            let values = &mut predictions[first..];
            match self.last {
                Activation::Softmax => softmax(values, units),
                // Keras 3 joins it to the product, which here is followed by nothing.
                Activation::Sigmoid if self.flow == Flow::Keras3 && self.loss.is_of_logits() => {
                    for value in values {
                        *value = sigmoid(*value);
                    }
                }
                last if eigen::serves(last, self.flow) => eigen::apply(last, values, self.flow),
                _ => {}
            }
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
            let loss = self.step_with::<L, true>(batch);
            *kept = loss;
            let rows = batch.len() as f32;
            total += loss * rows;
            count += rows;
        }
        total / count
    }

    #[inline(always)]
    unsafe fn step_with<L: Lanes, const PLAIN: bool>(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        if !PLAIN && let Some(rates) = &mut self.rates {
            self.update.set_learning_rate(rates.next());
        }
        let alpha = self.update.next_alpha();
        self.training = !PLAIN && !self.dropouts.is_empty();
        let loss = self.loss_with::<L, PLAIN>(batch);
        self.backward::<L>(rows);
        self.training = false;
        if !PLAIN && self.penalized {
            add_penalties(&self.network, self.parameters.values(), self.gradients.values_mut());
        }
        if !PLAIN && let Some(clipping) = self.clipping {
            clip(clipping, self.flow, &self.network, self.gradients.values_mut());
        }
        let state = Pointers {
            parameters: self.parameters.pointer(),
            gradients: self.gradients.pointer(),
            first: self.first.pointer(),
            second: self.second.pointer(),
            largest: self.largest.pointer(),
        };
        self.update.apply::<L>(alpha, state, self.network.padded(), &self.network);
        loss
    }

    /// The loss of a batch, and its gradient by the output.
    #[inline(always)]
    unsafe fn loss_with<L: Lanes, const PLAIN: bool>(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        self.gather::<PLAIN>(batch);
        self.forward::<L>(rows, false);
        let last = self.network.layers.len() - 1;
        if !PLAIN && let Some(loss) = &mut self.row_loss {
            let (outputs, labels) = (self.outputs[last].values(), self.batch_y.values());
            let weights = self.weights.is_some().then(|| &self.batch_weights[..rows]);
            let loss = loss.value_and_gradient(outputs, labels, weights, self.deltas[last].values_mut(), rows);
            self.measure(rows);
            return self.penalized(loss);
        }
        if !PLAIN && self.metrics.is_some() {
            self.measure(rows);
        }
        let (predictions, gradient) = (self.outputs[last].pointer(), self.deltas[last].pointer());
        let (targets, terms) = (self.batch_y.pointer(), self.terms.pointer());
        let loss = value_and_gradient::<L>(self.loss, predictions, targets, gradient, terms, rows);
        if PLAIN { loss } else { self.penalized(loss) }
    }

    /// A batch's loss with the penalties.
    #[inline(always)]
    fn penalized(&self, loss: f32) -> f32 {
        if self.penalized {
            with_penalties(loss, (self.loss, self.flow), &self.network, self.parameters.values())
        } else {
            loss
        }
    }

    /// Adds a batch's predictions to the metrics, if there are any.
    #[inline(never)]
    fn measure(&mut self, rows: usize) {
        let Some(metrics) = &mut self.metrics else { return };
        self.predictions.clear();
        let units = self.network.outputs();
        without_gaps(self.outputs.last(), [rows, units], &mut self.predictions);
        if self.loss.is_of_logits() {
            match self.last {
                Activation::Softmax => softmax(&mut self.predictions, units),
                last => eigen::apply(last, &mut self.predictions, self.flow),
            }
        }
        metrics.update(&self.predictions, &self.batch_y.values()[..rows * self.labels]);
    }

    /// The metrics of the batches since the last epoch or evaluation began.
    pub(super) fn metrics(&self) -> Vec<f32> {
        self.metrics.as_ref().map_or_else(Vec::new, Running::values)
    }

    #[inline(always)]
    unsafe fn evaluate_with<L: Lanes>(&mut self, order: &[u32]) -> f32 {
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for batch in order.chunks(self.batch_size) {
            let loss = self.loss_with::<L, false>(batch);
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
    fn gather<const PLAIN: bool>(&mut self, batch: &[u32]) {
        let (features, stride) = (self.network.features, stride(self.network.features));
        if !PLAIN && let Some(weights) = &self.weights {
            for (weight, &sample) in self.batch_weights.iter_mut().zip(batch) {
                *weight = weights[sample as usize];
            }
        }
        let (batch_x, batch_y) = (self.batch_x.values_mut(), self.batch_y.values_mut());
        if features == 1 && (PLAIN || self.labels == 1) {
            for ((x, y), &sample) in batch_x.iter_mut().zip(batch_y).zip(batch) {
                *x = self.x[sample as usize];
                *y = self.y[sample as usize];
            }
            return;
        }
        for (row, &sample) in batch.iter().enumerate() {
            let from = sample as usize * features;
            batch_x[row * stride..row * stride + features].copy_from_slice(&self.x[from..from + features]);
            if PLAIN {
                batch_y[row] = self.y[sample as usize];
                continue;
            }
            let from = sample as usize * self.labels;
            batch_y[row * self.labels..(row + 1) * self.labels].copy_from_slice(&self.y[from..from + self.labels]);
        }
    }

    /// What a layer's rows are computed from.
    #[inline(always)]
    fn input(&mut self, layer: usize) -> Matrix {
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

    /// The layers of a network of one hidden layer between a single input and a single linear output, as the post's,
    /// for more rows than one, while nothing is dropped.
    #[inline(always)]
    fn shallow(&self, rows: usize) -> Option<[Dense; 2]> {
        if self.training {
            return None;
        }
        match self.network.layers[..] {
            [hidden, output]
                if rows > 1
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
        if let Some((separate, before)) = &mut self.before[layer] {
            let units = self.network.layers[layer].units;
            let rows = Strided { rows, units, stride: stride(units) };
            separate.apply(self.outputs[layer].values_mut(), before.values_mut(), rows);
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
            if self.flow == Flow::Keras3 {
                *to_output[1] = self.whole_sum::<L>(g, rows);
            }
            return;
        }
        for layer in (0..self.network.layers.len()).rev() {
            let Dense { inputs, units, activation, kernel, bias, .. } = self.network.layers[layer];
            let x = self.input(layer);
            let g = Matrix { at: self.deltas[layer].pointer(), stride: stride(units) };
            let outputs = self.outputs[layer].pointer();
            if let Some((separate, before)) = &self.before[layer] {
                let rows = Strided { rows, units, stride: g.stride };
                let (outputs, deltas) = (self.outputs[layer].values(), self.deltas[layer].values_mut());
                separate.gradient(outputs, before.values(), deltas, rows);
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

    /// Drops inputs of a layer that a dropout stands before.
    #[inline(never)]
    fn drop_inputs(&mut self, layer: usize, rows: usize) {
        let inputs = self.network.layers[layer].inputs;
        let Some(factors) = self.dropouts.draw(layer, rows * inputs) else { return };
        let from = layer.checked_sub(1).map_or(self.batch_x.values(), |before| self.outputs[before].values());
        let to = self.dropped[layer].values_mut().chunks_mut(stride(inputs));
        for ((to, from), factors) in to.zip(from.chunks(stride(inputs))).zip(factors.chunks(inputs)) {
            for ((to, from), factor) in to.iter_mut().zip(from).zip(factors) {
                // What is dropped is 0, whatever it was.
                *to = if *factor == 0.0 { 0.0 } else { from * factor };
            }
        }
    }

    /// Takes the gradient by a layer's inputs to that by what they were before some were dropped.
    #[inline(never)]
    fn drop_gradients(&mut self, layer: usize, rows: usize) {
        let inputs = self.network.layers[layer].inputs;
        let Some(factors) = self.dropouts.factors(layer) else { return };
        let gradients = self.deltas[layer - 1].values_mut().chunks_mut(stride(inputs));
        for (gradients, factors) in gradients.zip(factors.chunks(inputs)).take(rows) {
            for (gradient, factor) in gradients.iter_mut().zip(factors) {
                *gradient = if *factor == 0.0 { 0.0 } else { *gradient * factor };
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

/// Adds padded rows of so many units to `values`, without their gaps.
fn without_gaps(padded: Option<&Floats>, [rows, units]: [usize; 2], values: &mut Vec<f32>) {
    let padded = padded.map_or(&[][..], Floats::values);
    values.extend((0..rows * units).map(|i| padded[i / units * stride(units) + i % units]));
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

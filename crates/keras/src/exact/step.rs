//! A network in training: its parameters, its data, and the memory of a step. Nothing is allocated from step to step.

use crate::metrics::Running;
use crate::{Activation, Clipping, Flow, Labelled, Loss, Training};
use random::keras::EpochOrders;

use super::eigen;
use super::floats::Floats;
use super::gradients::{add_penalties, clip};
use super::instructions::{Instructions, Level};
use super::lanes::{LANES, Lanes};
use super::network::{Dense, Network, stride};
use super::optimizer::{Pointers, Update};
use super::row_loss::RowLoss;
use super::separate::Separate;
use super::softmax::sigmoid;
use super::subnormals::SubnormalsAsZeros;
use crate::dropout::Dropouts;
use crate::optimization::LearningRates;

/// Rows of a batch of `predict`.
const PREDICT_ROWS: usize = 32;

/// Calls what is compiled for the instructions that the processor has.
macro_rules! call {
    ($instructions:expr, $function:ident($($argument:expr),*)) => {
        match $instructions.level() {
            Level::Portable => compiled::portable::$function($($argument),*),
            // SAFETY: the level says that the processor has them.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { compiled::avx2::$function($($argument),*) },
            // SAFETY: the level says that the processor has them.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { compiled::avx512::$function($($argument),*) },
        }
    };
}

mod backward;
mod compiled;
mod forward;
mod loss;

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
    /// Whether a training's step is taken now, not an evaluation or a prediction.
    trains: bool,
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
    /// A network with zero parameters and moments on these rows.
    pub(super) fn new(mut network: Network, training: &Training, data: Labelled) -> Self {
        let Labelled { x, y, sample_weight: weights } = data;
        let (units, loss) = (network.outputs(), training.loss);
        let labels = loss.label_columns(units);
        let rows = training.batch_size.min(y.len() / labels).max(PREDICT_ROWS).next_multiple_of(LANES);
        let last = match network.layers.last_mut() {
            Some(layer) if loss.is_of_logits() => std::mem::take(&mut layer.activation),
            layer => layer.map_or(Activation::Linear, |layer| layer.activation),
        };
        let parameters = Floats::zeros(network.padded());
        let room: Vec<Floats> = network.layers.iter().map(|layer| Floats::zeros(rows * stride(layer.units))).collect();
        // With weights, these losses have gradients of a number of rows that the graph cannot tell from the network's, unless
        // every batch is whole. The gradients of these activations have the outputs' rows again.
        let of_classes =
            matches!(loss, Loss::CategoricalCrossentropy { .. } | Loss::SparseCategoricalCrossentropy { .. });
        let whole = (y.len() / labels).is_multiple_of(training.batch_size);
        let knows_rows = training.flow != Flow::Keras3 || whole || weights.is_none() || !of_classes;
        let before = network.layers.iter().zip(&room).enumerate().map(|(number, (layer, room))| {
            let mut above = network.layers[number + 1..].iter().map(|layer| layer.activation);
            let knows_rows = knows_rows || above.any(|above| matches!(above, Activation::Tanh | Activation::Sigmoid));
            let separate = Separate::new(layer.activation, layer.units, training.flow, knows_rows)?;
            Some((separate, room.clone()))
        });
        let before = before.collect();
        let dropouts = network.dropouts(training.flow, training.seed);
        let room_for_inputs = |(number, layer): (usize, &Dense)| {
            Floats::zeros(if dropouts.stands_before(number) { rows * stride(layer.inputs) } else { 0 })
        };
        let dropped = network.layers.iter().enumerate().map(room_for_inputs).collect();
        let penalized = network.penalized().next().is_some();
        let transposed =
            network.layers.iter().skip(1).map(|layer| layer.units.next_multiple_of(8) * stride(layer.inputs)).max();
        let update = Update::new(training.optimizer.rule, training.flow);
        Self {
            largest: Floats::zeros(if update.keeps_largest() { network.padded() } else { 0 }),
            update,
            rates: training.optimizer.schedule.map(LearningRates::new),
            instructions: Instructions::fastest(),
            flow: training.flow,
            loss,
            row_loss: RowLoss::new(loss, [units, rows], weights.is_some(), whole, training.flow),
            metrics: Running::new(training, units),
            last,
            labels,
            penalized,
            clipping: training.optimizer.clipping,
            dropouts,
            trains: true,
            training: false,
            batch_size: training.batch_size,
            x: x.to_vec(),
            y: y.to_vec(),
            weights: weights.map(<[f32]>::to_vec),
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
        self.metrics.iter_mut().for_each(Running::restart);
        if let Some(orders) = orders {
            call!(self.instructions, fill(orders, order));
        }
        if self.is_plain() && self.shallow(LANES).is_some() {
            return call!(self.instructions, epoch(self, order, batch_losses));
        }
        self.mean_of_batches(order, |step, number, batch| {
            batch_losses[number] = step.any_step(batch);
            batch_losses[number]
        })
    }

    /// The mean of what is lost in each batch of `order`, weighted by their rows.
    #[inline(always)]
    fn mean_of_batches(&mut self, order: &[u32], mut loss: impl FnMut(&mut Self, usize, &[u32]) -> f32) -> f32 {
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for (number, batch) in order.chunks(self.batch_size).enumerate() {
            let rows = batch.len() as f32;
            total += loss(self, number, batch) * rows;
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
        self.any_step(batch)
    }

    /// The same for whatever network and loss, where subnormals are zeros already.
    fn any_step(&mut self, batch: &[u32]) -> f32 {
        if let Some(rates) = &mut self.rates {
            self.update.follow(rates);
        }
        let alpha = self.update.next_alpha();
        self.training = !self.dropouts.is_empty();
        let loss = self.loss(batch);
        call!(self.instructions, backward(self, batch.len()));
        self.training = false;
        if self.penalized {
            add_penalties(&self.network, self.parameters.values(), self.gradients.values_mut());
        }
        let mut update = self.update;
        if let Some(clipping) = self.clipping {
            let rate = update.take_learning_rate(self.flow, clipping);
            clip(clipping, self.flow, rate, &self.network, self.gradients.values_mut());
        }
        call!(self.instructions, update(self, &update, alpha));
        loss
    }

    /// A [plain](Self::is_plain) step of a network that is [shallow](Self::shallow) in this batch.
    #[inline(always)]
    unsafe fn shallow_step_with<L: Lanes>(&mut self, batch: &[u32], layers: [Dense; 2]) -> f32 {
        let alpha = self.update.next_alpha();
        self.gather(batch);
        self.shallow_forward::<L>(batch.len(), layers);
        let loss = self.mean_loss::<L>(batch.len());
        self.shallow_backward::<L>(batch.len(), layers);
        let update = self.update;
        self.update_with::<L>(&update, alpha);
        loss
    }

    #[inline(always)]
    unsafe fn update_with<L: Lanes>(&mut self, update: &Update, alpha: f32) {
        let state = Pointers {
            parameters: self.parameters.pointer(),
            gradients: self.gradients.pointer(),
            first: self.first.pointer(),
            second: self.second.pointer(),
            largest: self.largest.pointer(),
        };
        update.apply::<L>(alpha, state, self.network.padded(), &self.network);
    }

    /// The loss of all samples in their order, a mean over the batches as that of [`Self::epoch`]; nothing is trained.
    pub(super) fn evaluate(&mut self) -> f32 {
        let _while = SubnormalsAsZeros::new();
        self.metrics.iter_mut().for_each(Running::restart);
        let order: Vec<u32> = (0..(self.y.len() / self.labels) as u32).collect();
        self.trains = false;
        let loss = self.mean_of_batches(&order, |step, _, batch| step.loss(batch));
        self.trains = true;
        loss
    }

    /// Predictions for row-major `x` in batches of 32 rows, as `predict` makes them.
    ///
    /// There the last layer's tanh and sigmoid are not joined to its product, but in Keras 3.
    pub(super) fn predict(&mut self, x: &[f32], predictions: &mut Vec<f32>) {
        let _while = SubnormalsAsZeros::new();
        predictions.clear();
        self.trains = false;
        let units = self.network.outputs();
        for x in x.chunks(PREDICT_ROWS * self.network.features) {
            let rows = x.len() / self.network.features;
            let stride = stride(self.network.features);
            let to = self.batch_x.values_mut().chunks_mut(stride);
            for (to, from) in to.zip(x.chunks_exact(self.network.features)) {
                to[..from.len()].copy_from_slice(from);
            }
            call!(self.instructions, forward(self, rows, true));
            let first = predictions.len();
            without_gaps(self.outputs.last(), [rows, units], predictions);
            let values = &mut predictions[first..];
            match self.last {
                Activation::Softmax => call!(self.instructions, softmax(values, units)),
                // Keras 3 joins it to the product, which here is followed by nothing.
                Activation::Sigmoid if self.flow == Flow::Keras3 && self.loss.is_of_logits() => {
                    for value in values {
                        *value = sigmoid(*value);
                    }
                }
                last if eigen::serves(last, self.flow) => {
                    call!(self.instructions, apply_eigen(last, values, self.flow));
                }
                _ => {}
            }
        }
        self.trains = true;
    }

    /// The metrics of the batches since the last epoch or evaluation began.
    pub(super) fn metrics(&self) -> Vec<f32> {
        self.metrics.as_ref().map_or_else(Vec::new, Running::values)
    }
}

/// Runs chains of fused multiply-adds for [`super::peak()`].
pub(super) fn chains(instructions: Instructions, rounds: u32) -> f64 {
    call!(instructions, chains(rounds))
}

/// Adds padded rows of so many units to `values`, without their gaps.
fn without_gaps(padded: Option<&Floats>, [rows, units]: [usize; 2], values: &mut Vec<f32>) {
    let padded = padded.map_or(&[][..], Floats::values);
    if units == stride(units) {
        values.extend_from_slice(&padded[..rows * units]);
        return;
    }
    for row in padded.chunks(stride(units)).take(rows) {
        values.extend_from_slice(&row[..units]);
    }
}

//! A batch's rows, its loss and its metrics.

use crate::Activation;
use crate::exact::gradients::with_penalties;
use crate::exact::lanes::Lanes;
use crate::exact::loss::value_and_gradient;
use crate::exact::network::stride;
use crate::exact::row_loss::Batch;

use super::{Level, Step, compiled, without_gaps};

impl Step {
    /// The loss of a batch, and its gradient by the output.
    #[inline(always)]
    pub(super) unsafe fn loss_with<L: Lanes, const PLAIN: bool>(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        self.gather::<PLAIN>(batch);
        self.forward::<L>(rows, false);
        let last = self.network.layers.len() - 1;
        if !PLAIN && let Some(loss) = &mut self.row_loss {
            let (outputs, labels) = (self.outputs[last].values(), self.batch_y.values());
            let weights = self.weights.is_some().then(|| &self.batch_weights[..rows]);
            let (batch, gradient) = (Batch { outputs, labels, weights, rows }, self.deltas[last].values_mut());
            let loss = call!(self.instructions, row_loss(loss, batch, gradient));
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
                Activation::Softmax => call!(self.instructions, softmax(&mut self.predictions, units)),
                last => call!(self.instructions, apply_eigen(last, &mut self.predictions, self.flow)),
            }
        }
        metrics.update(&self.predictions, &self.batch_y.values()[..rows * self.labels]);
    }
}

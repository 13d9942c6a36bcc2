//! A batch's rows, its loss and its metrics.

use crate::exact::gradients::with_penalties;
use crate::exact::lanes::{LANES, Lanes};
use crate::exact::network::stride;
use crate::exact::products::sum;
use crate::exact::row_loss::Batch;
use crate::{Activation, Loss};

use super::{Level, Step, compiled, without_gaps};

impl Step {
    /// The loss of a batch, and its gradient by the output.
    pub(super) fn loss(&mut self, batch: &[u32]) -> f32 {
        let rows = batch.len();
        self.gather(batch);
        call!(self.instructions, forward(self, rows, false));
        let last = self.network.layers.len() - 1;
        if let Some(loss) = &mut self.row_loss {
            let (outputs, labels) = (self.outputs[last].values(), self.batch_y.values());
            let weights = self.weights.is_some().then(|| &self.batch_weights[..rows]);
            let (batch, gradient) = (Batch { outputs, labels, weights, rows }, self.deltas[last].values_mut());
            let loss = call!(self.instructions, row_loss(loss, batch, gradient));
            self.measure(rows);
            return self.penalized(loss);
        }
        self.measure(rows);
        let loss = call!(self.instructions, mean_loss(self, rows));
        self.penalized(loss)
    }

    /// The mean over one column, and its gradient by the predictions.
    #[inline(always)]
    pub(super) unsafe fn mean_loss<L: Lanes>(&mut self, rows: usize) -> f32 {
        let last = self.network.layers.len() - 1;
        let (predictions, gradient) = (self.outputs[last].pointer(), self.deltas[last].pointer());
        let (targets, terms) = (self.batch_y.pointer(), self.terms.pointer());
        let share = 1.0 / rows as f32;
        // Writes the terms and the gradient, given the value and the slope of an error.
        macro_rules! each {
            ($share:expr, |$error:ident, $factor:ident| $value_and_slope:expr) => {
                for at in (0..rows).step_by(LANES) {
                    let $error = L::load(predictions.add(at)).sub(L::load(targets.add(at)));
                    let $factor = L::splat($share);
                    let (value, slope): (L, L) = $value_and_slope;
                    value.store(terms.add(at));
                    slope.store(gradient.add(at));
                }
            };
        }
        match self.loss {
            Loss::Mse => each!(2.0 * share, |error, share| (error.mul(error), share.mul(error))),
            Loss::Mae => each!(share, |error, share| (error.abs(), share.mul(sign(error)))),
            // The other losses are of rows.
            _ => each!(share, |error, share| {
                let half = L::splat(0.5);
                let near = error.abs().at_most(L::splat(1.0));
                let value = L::select(near, half.mul(error.mul(error)), error.abs().sub(half));
                (value, share.mul(L::select(near, error, sign(error))))
            }),
        }
        sum::<L>(terms, rows) / rows as f32
    }

    /// Copies the samples of a batch side by side.
    #[inline(always)]
    pub(super) fn gather(&mut self, batch: &[u32]) {
        let (features, stride) = (self.network.features, stride(self.network.features));
        if let Some(weights) = &self.weights {
            for (weight, &sample) in self.batch_weights.iter_mut().zip(batch) {
                *weight = weights[sample as usize];
            }
        }
        let (batch_x, batch_y) = (self.batch_x.values_mut(), self.batch_y.values_mut());
        if features == 1 && self.labels == 1 {
            for ((x, y), &sample) in batch_x.iter_mut().zip(batch_y).zip(batch) {
                *x = self.x[sample as usize];
                *y = self.y[sample as usize];
            }
            return;
        }
        for (row, &sample) in batch.iter().enumerate() {
            let from = sample as usize * features;
            batch_x[row * stride..row * stride + features].copy_from_slice(&self.x[from..from + features]);
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

/// One with the sign of the error; zero and what is not a number stay what they are.
#[inline(always)]
unsafe fn sign<L: Lanes>(error: L) -> L {
    let magnitude = error.abs();
    L::select(L::splat(0.0).below(magnitude), L::splat(1.0).copysign(error), magnitude)
}

//! Engine `libtorch`: training steps on tch tensors.

use std::ops::Range;

use tch::Tensor;

use crate::Compiled;
use crate::pass::{Batch, Pass};

/// The data on the device, this epoch's order of it, and views of its batches.
#[derive(Debug)]
pub(crate) struct Loop {
    data: [Tensor; 2],
    shuffled: [Tensor; 2],
    batches: Vec<Batch>,
    batch_losses: Tensor,
    /// For whole batches, and for the last one of an epoch.
    passes: [Pass; 2],
}

impl Loop {
    /// Puts row-major `x` and `y` on the model's device.
    pub(crate) fn new(model: &Compiled, x: &[f32], y: &[f32], batches: &[Range<usize>]) -> Self {
        let data = [model.tensor(x, model.features), model.tensor(y, model.outputs)];
        let shuffled = data.each_ref().map(Tensor::copy);
        let batch_losses = Tensor::zeros([batches.len() as i64], (model.runtime.kind, model.runtime.device));
        let passes = [batches.first(), batches.last()].map(|rows| Pass::new(model, rows.map_or(0, Range::len)));
        let batches = batches
            .iter()
            .enumerate()
            .map(|(number, rows)| {
                let [x, y] = shuffled.each_ref().map(|data| data.narrow(0, rows.start as i64, rows.len() as i64));
                Batch { transposed: x.tr(), x, y, loss: batch_losses.get(number as i64) }
            })
            .collect();
        Self { data, shuffled, batches, batch_losses, passes }
    }

    /// Brings the rows into this epoch's order, once for all its batches.
    pub(crate) fn gather(&mut self, order: &[u32]) {
        let order: Vec<i64> = order.iter().map(|&row| i64::from(row)).collect();
        let order = Tensor::from_slice(&order).to_device(self.data[0].device());
        for (data, shuffled) in self.data.iter().zip(&self.shuffled) {
            let _ = data.index_select_out(shuffled, 0, &order);
        }
    }

    /// One training step on the batch of that number.
    pub(crate) fn step(&mut self, model: &mut Compiled, batch: usize) {
        let last = batch + 1 == self.batches.len();
        let pass = &mut self.passes[usize::from(last)];
        tch::no_grad(|| {
            pass.run(&model.layers, model.training.loss, &self.batches[batch]);
            model.optimizer.update(&mut model.parameters, &model.gradients);
        });
    }

    pub(crate) fn batch_losses(&self) -> Vec<f32> {
        Vec::try_from(self.batch_losses.to_kind(tch::Kind::Float)).expect("a vector of losses")
    }
}

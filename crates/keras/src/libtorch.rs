//! Engine `libtorch`: training steps on tch tensors with autograd, in the open.

use std::ops::Range;

use tch::Tensor;

use crate::{Compiled, loss};

/// The data on the device, this epoch's order of it, and views of its batches.
#[derive(Debug)]
pub(crate) struct Loop {
    data: [Tensor; 2],
    shuffled: [Tensor; 2],
    batches: Vec<Batch>,
    batch_losses: Tensor,
}

#[derive(Debug)]
struct Batch {
    x: Tensor,
    y: Tensor,
    loss: Tensor,
}

impl Loop {
    /// Puts row-major `x` and `y` on the model's device.
    pub(crate) fn new(model: &Compiled, x: &[f32], y: &[f32], batches: &[Range<usize>]) -> Self {
        let data = [model.tensor(x, model.features), model.tensor(y, model.outputs)];
        let shuffled = data.each_ref().map(Tensor::copy);
        let batch_losses = Tensor::zeros([batches.len() as i64], (model.runtime.kind, model.runtime.device));
        let batches = batches
            .iter()
            .enumerate()
            .map(|(number, rows)| {
                let [x, y] = shuffled.each_ref().map(|data| data.narrow(0, rows.start as i64, rows.len() as i64));
                Batch { x, y, loss: batch_losses.get(number as i64) }
            })
            .collect();
        Self { data, shuffled, batches, batch_losses }
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
        let Batch { x, y, loss: batch_loss } = &mut self.batches[batch];

        let prediction = model.forward(x);
        let loss = loss(model.training.loss, &prediction, y);
        let _ = model.gradients.zero_();
        loss.backward();
        tch::no_grad(|| {
            model.optimizer.update(&mut model.parameters, &model.gradients);
            batch_loss.copy_(&loss);
        });
    }

    pub(crate) fn batch_losses(&self) -> Vec<f32> {
        Vec::try_from(self.batch_losses.to_kind(tch::Kind::Float)).expect("a vector of losses")
    }
}

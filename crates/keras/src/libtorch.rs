//! Engine `libtorch`: training steps on tch tensors.

use std::ops::Range;

use tch::Tensor;

use crate::Compiled;
use crate::pass::{Batch, Pass};

/// The data on the device, this epoch's order of it, and its batches.
#[derive(Debug)]
pub(crate) struct Loop {
    data: [Tensor; 2],
    shuffled: [Tensor; 2],
    batches: Batches,
    validation: Option<Evaluation>,
}

impl Loop {
    /// Puts row-major `x` and `y` on the model's device.
    pub(crate) fn new(
        model: &Compiled,
        x: &[f32],
        y: &[f32],
        batches: &[Range<usize>],
        validation: Option<Evaluation>,
    ) -> Self {
        let data = [model.tensor(x, model.features), model.tensor(y, model.outputs)];
        let shuffled = data.each_ref().map(Tensor::copy);
        let batches = Batches::new(model, &shuffled, batches);
        Self { data, shuffled, batches, validation }
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
        let (pass, batch) = self.batches.at(batch);
        tch::no_grad(|| {
            pass.run(&model.layers, model.training.loss, batch);
            model.optimizer.update(&mut model.parameters, &model.gradients);
        });
    }

    pub(crate) fn batch_losses(&self) -> Vec<f32> {
        self.batches.losses()
    }

    /// The loss of every batch of the validation rows.
    pub(crate) fn validate(&mut self, model: &Compiled) -> Option<Vec<f32>> {
        self.validation.as_mut().map(|validation| validation.losses(model))
    }
}

/// Rows on the device whose loss is computed, in batches.
#[derive(Debug)]
pub(crate) struct Evaluation {
    batches: Batches,
}

impl Evaluation {
    /// Puts row-major `x` and `y` on the model's device.
    pub(crate) fn new(model: &Compiled, x: &[f32], y: &[f32], batches: &[Range<usize>]) -> Self {
        let data = [model.tensor(x, model.features), model.tensor(y, model.outputs)];
        Self { batches: Batches::new(model, &data, batches) }
    }

    /// The loss of every batch, with the model's weights as they are.
    pub(crate) fn losses(&mut self, model: &Compiled) -> Vec<f32> {
        for number in 0..self.batches.all.len() {
            let (pass, batch) = self.batches.at(number);
            tch::no_grad(|| pass.evaluate(&model.layers, model.training.loss, batch));
        }
        self.batches.losses()
    }
}

/// Views of the batches of rows, room for their losses and for the passes over them.
#[derive(Debug)]
struct Batches {
    all: Vec<Batch>,
    losses: Tensor,
    /// For whole batches, and for the last one.
    passes: [Pass; 2],
}

impl Batches {
    fn new(model: &Compiled, data: &[Tensor; 2], batches: &[Range<usize>]) -> Self {
        let losses = Tensor::zeros([batches.len() as i64], (model.runtime.kind, model.runtime.device));
        let passes = [batches.first(), batches.last()].map(|rows| Pass::new(model, rows.map_or(0, Range::len)));
        let view = |(number, rows): (usize, &Range<usize>)| {
            let [x, y] = data.each_ref().map(|data| data.narrow(0, rows.start as i64, rows.len() as i64));
            Batch { transposed: x.tr(), x, y, loss: losses.get(number as i64) }
        };
        Self { all: batches.iter().enumerate().map(view).collect(), losses, passes }
    }

    /// The batch of that number and the tensors of a pass over it.
    fn at(&mut self, number: usize) -> (&mut Pass, &Batch) {
        let last = number + 1 == self.all.len();
        (&mut self.passes[usize::from(last)], &self.all[number])
    }

    fn losses(&self) -> Vec<f32> {
        Vec::try_from(self.losses.to_kind(tch::Kind::Float)).expect("a vector of losses")
    }
}

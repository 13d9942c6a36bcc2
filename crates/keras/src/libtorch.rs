//! Engine `libtorch`: training steps in tensors that are made once, of which each does what autograd would run on the public
//! definition, `loss(prediction, y).backward()`, operation by operation and bit for bit, without its bookkeeping.
//!
//! A step's arithmetic is small; what takes time is allocating its tensors and recording its graph.

use std::ops::Range;

use tch::{Reduction, Tensor};

use crate::elementwise;
use crate::sequential::{Compiled, Dense};
use crate::{Activation, Loss};

/// The data on the device, this epoch's order of it, and its batches.
#[derive(Debug)]
pub(crate) struct Loop {
    data: [Tensor; 2],
    shuffled: [Tensor; 2],
    pub(crate) batches: Batches,
    pub(crate) validation: Option<Batches>,
}

impl Loop {
    /// A loop over `x` and `y` on the model's device.
    pub(crate) fn new(
        model: &Compiled,
        data: [Tensor; 2],
        batches: &[Range<usize>],
        validation: Option<Batches>,
    ) -> Self {
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
            pass.evaluate(&model.layers, model.training.loss, batch);
            pass.backward(&model.layers, &batch.transposed);
            model.optimizer.update(&mut model.parameters, &model.gradients);
        });
    }
}

/// Views of the batches of rows on the model's device, room for their losses and for the passes over them.
#[derive(Debug)]
pub(crate) struct Batches {
    all: Vec<Batch>,
    losses: Tensor,
    /// For whole batches, and for the last one.
    passes: [Pass; 2],
}

impl Batches {
    pub(crate) fn new(model: &Compiled, data: &[Tensor; 2], batches: &[Range<usize>]) -> Self {
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

    /// The loss of every batch, with the model's weights as they are.
    pub(crate) fn evaluate(&mut self, model: &Compiled) -> Vec<f32> {
        for number in 0..self.all.len() {
            let (pass, batch) = self.at(number);
            tch::no_grad(|| pass.evaluate(&model.layers, model.training.loss, batch));
        }
        self.losses()
    }

    /// The loss of every batch when it was last passed.
    pub(crate) fn losses(&self) -> Vec<f32> {
        Vec::try_from(self.losses.to_kind(tch::Kind::Float)).expect("a vector of losses")
    }
}

/// The tensors of a pass over one number of rows.
#[derive(Debug)]
struct Pass {
    layers: Vec<Room>,
    /// The derivative of the loss by itself.
    one: Tensor,
}

/// A layer's output and the loss' derivative by it, both `[rows, units]`.
#[derive(Debug)]
struct Room {
    output: Tensor,
    transposed: Tensor,
    delta: Tensor,
}

/// A batch on the device: inputs, inputs transposed, labels, and the scalar that becomes its loss.
#[derive(Debug)]
struct Batch {
    x: Tensor,
    transposed: Tensor,
    y: Tensor,
    loss: Tensor,
}

impl Pass {
    /// Room for batches of `rows`.
    fn new(model: &Compiled, rows: usize) -> Self {
        let options = (model.runtime.kind, model.runtime.device);
        let room = |layer: &Dense| {
            let shape = [rows as i64, layer.bias.size1().expect("a bias has one dimension")];
            let output = Tensor::zeros(shape, options);
            Room { transposed: output.tr(), delta: output.zeros_like(), output }
        };
        Self { layers: model.layers.iter().map(room).collect(), one: Tensor::ones([], options) }
    }

    /// Writes the batch's loss.
    ///
    /// Callers of this and of [`Self::backward`] hold autograd off.
    fn evaluate(&mut self, layers: &[Dense], loss: Loss, batch: &Batch) {
        self.forward(layers, &batch.x);
        self.loss(loss, batch);
    }

    /// `h = activation(x · kernel + bias)`, layer by layer.
    fn forward(&mut self, layers: &[Dense], x: &Tensor) {
        let mut h = x;
        for (layer, room) in layers.iter().zip(&mut self.layers) {
            let _ = layer.bias.addmm_out(&room.output, h, &layer.kernel);
            match layer.activation {
                Activation::Linear => {}
                Activation::Relu => drop(room.output.relu_()),
                Activation::Tanh => elementwise::tanh(&mut room.output),
                Activation::Sigmoid => elementwise::sigmoid(&mut room.output),
            }
            h = &room.output;
        }
    }

    /// The loss and its derivative by the prediction.
    fn loss(&mut self, loss: Loss, batch: &Batch) {
        let Self { layers, one } = self;
        let Room { output, delta, .. } = layers.last_mut().expect("a model has layers");
        let Batch { y, loss: mean, .. } = batch;
        // A loss by `…_out` may not be reduced at once: libtorch first resizes the result to the unreduced shape.
        let each = match loss {
            Loss::Mse => output.mse_loss_out(delta, y, Reduction::None),
            Loss::Mae => output.sub_out(delta, y).abs(),
            Loss::Huber => output.huber_loss_out(delta, y, Reduction::None, 1.0),
        };
        let _ = each.mean_out(mean, None::<i64>, false, None);
        let _ = match loss {
            Loss::Mse => output.mse_loss_backward_grad_input(delta, one, y, Reduction::Mean),
            // The mean's share of every error, with the error's sign.
            Loss::Mae => delta.sgn_().g_div_scalar_(output.numel() as f64),
            Loss::Huber => output.huber_loss_backward_out(delta, one, y, Reduction::Mean, 1.0),
        };
    }

    /// Writes the gradients, from the last layer to the first: `δ` through the activation, then `∂bias = Σ δ` over the rows,
    /// `∂kernel = hᵀ · δ` with the layer's input h, and `δ · kernelᵀ` for the layer below.
    fn backward(&mut self, layers: &[Dense], x_transposed: &Tensor) {
        for (number, layer) in layers.iter().enumerate().rev() {
            let (below, above) = self.layers.split_at(number);
            let Room { output, delta, .. } = &above[0];
            let _ = match layer.activation {
                Activation::Linear => None,
                Activation::Relu => Some(output.threshold_backward_grad_input(delta, delta, 0)),
                Activation::Tanh => Some(Tensor::tanh_backward_grad_input(delta, delta, output)),
                Activation::Sigmoid => Some(Tensor::sigmoid_backward_grad_input(delta, delta, output)),
            };
            let _ = delta.sum_intlist_out(&layer.bias_gradient, 0, false, None);
            let input = below.last().map_or(x_transposed, |below| &below.transposed);
            let _ = input.mm_out(&layer.kernel_gradient, delta);
            if let Some(below) = below.last() {
                let _ = delta.mm_out(&below.delta, &layer.kernel_transposed);
            }
        }
    }
}

//! A batch's forward and backward pass in tensors that are made once: what autograd would run on the public
//! definition, `loss(prediction, y).backward()`, operation by operation and bit for bit, without its bookkeeping.
//!
//! A step's arithmetic is small; what takes time is allocating its tensors and recording its graph.

use crate::{Activation, Loss};
use tch::{Reduction, Tensor};

use crate::elementwise;
use crate::sequential::{Compiled, Dense};

/// The tensors of a pass over one number of rows.
#[derive(Debug)]
pub(crate) struct Pass {
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
pub(crate) struct Batch {
    pub(crate) x: Tensor,
    pub(crate) transposed: Tensor,
    pub(crate) y: Tensor,
    pub(crate) loss: Tensor,
}

impl Pass {
    /// Room for batches of `rows`.
    pub(crate) fn new(model: &Compiled, rows: usize) -> Self {
        let options = (model.runtime.kind, model.runtime.device);
        let room = |layer: &Dense| {
            let shape = [rows as i64, layer.bias.size1().expect("a bias has one dimension")];
            let output = Tensor::zeros(shape, options);
            Room { transposed: output.tr(), delta: output.zeros_like(), output }
        };
        Self { layers: model.layers.iter().map(room).collect(), one: Tensor::ones([], options) }
    }

    /// Writes the batch's loss and the gradients of all layers.
    ///
    /// Callers hold autograd off.
    pub(crate) fn run(&mut self, layers: &[Dense], loss: Loss, batch: &Batch) {
        self.evaluate(layers, loss, batch);
        self.backward(layers, &batch.transposed);
    }

    /// Writes the batch's loss alone.
    ///
    /// Callers hold autograd off.
    pub(crate) fn evaluate(&mut self, layers: &[Dense], loss: Loss, batch: &Batch) {
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

    /// From the last layer to the first: `δ` through the activation, then `∂bias = Σ δ` over the rows,
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

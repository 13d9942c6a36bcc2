//! Engine `libtorch`: training steps in tensors that are made once, of which each does what autograd would run on the public
//! definition, `loss(prediction, y).backward()`, operation by operation and bit for bit, without its bookkeeping.
//!
//! A step's arithmetic is small; what takes time is allocating its tensors and recording its graph.

use std::ops::Range;

use tch::{Reduction, Tensor};

use crate::definition;
use crate::dropout::Dropouts;
use crate::elementwise;
use crate::formula::Formula;
use crate::matrix_product::product;
use crate::metrics::Running;
use crate::sequential::{Compiled, Dense, values};
use crate::{Activation, Clipping, Loss, Regularizer};

/// The data on the device, this epoch's order of it, and its batches.
#[derive(Debug)]
pub(crate) struct Loop {
    /// Inputs, labels and, if there are any, weights.
    data: Vec<Tensor>,
    shuffled: Vec<Tensor>,
    pub(crate) batches: Batches,
    pub(crate) validation: Option<Batches>,
}

impl Loop {
    /// A loop over tensors on the model's device.
    pub(crate) fn new(
        model: &Compiled,
        data: Vec<Tensor>,
        batches: &[Range<usize>],
        validation: Option<Batches>,
    ) -> Self {
        let shuffled: Vec<Tensor> = data.iter().map(Tensor::copy).collect();
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
        let (pass, batch, metrics) = self.batches.at(batch);
        tch::no_grad(|| {
            pass.drop_out(&mut model.dropouts, batch);
            pass.evaluate(model, batch, metrics);
            pass.backward(&model.layers, &batch.transposed);
            if model.penalized() {
                add_penalties(&mut model.layers);
            }
            if let Some(clipping) = model.training.optimizer.clipping {
                clip(clipping, &mut model.layers, &mut model.gradients);
            }
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
    metrics: Option<Running>,
}

impl Batches {
    pub(crate) fn new(model: &Compiled, data: &[Tensor], batches: &[Range<usize>]) -> Self {
        let losses = Tensor::zeros([batches.len() as i64], (model.runtime.kind, model.runtime.device));
        let passes = [batches.first(), batches.last()].map(|rows| Pass::new(model, rows.map_or(0, Range::len)));
        let view = |(number, rows): (usize, &Range<usize>)| {
            let part = |data: &Tensor| data.narrow(0, rows.start as i64, rows.len() as i64);
            let (x, y, weights) = (part(&data[0]), part(&data[1]), data.get(2).map(part));
            Batch { transposed: x.tr(), x, y, weights, loss: losses.get(number as i64) }
        };
        let metrics = Running::new(&model.training, model.outputs);
        Self { all: batches.iter().enumerate().map(view).collect(), losses, passes, metrics }
    }

    /// Goes back to before the first batch.
    pub(crate) fn restart_metrics(&mut self) {
        self.metrics.iter_mut().for_each(Running::restart);
    }

    /// The metrics of the batches passed since.
    pub(crate) fn metrics(&self) -> Vec<f32> {
        self.metrics.as_ref().map_or_else(Vec::new, Running::values)
    }

    /// The batch of that number, the tensors of a pass over it, and the metrics.
    fn at(&mut self, number: usize) -> (&mut Pass, &Batch, Option<&mut Running>) {
        let last = number + 1 == self.all.len();
        (&mut self.passes[usize::from(last)], &self.all[number], self.metrics.as_mut())
    }

    /// The loss of every batch, with the model's weights as they are.
    pub(crate) fn evaluate(&mut self, model: &Compiled) -> Vec<f32> {
        self.restart_metrics();
        for number in 0..self.all.len() {
            let (pass, batch, metrics) = self.at(number);
            tch::no_grad(|| pass.evaluate(model, batch, metrics));
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
    /// What each layer's inputs are multiplied by in training, `[rows, inputs]`; `None` where none are dropped.
    dropped: Vec<Option<Tensor>>,
    /// Of each layer; linear where the loss has the activation in it.
    activations: Vec<Activation>,
    /// The derivative of the loss by itself.
    one: Tensor,
}

/// A layer's output and the loss' derivative by it, both `[rows, units]`.
#[derive(Debug)]
struct Room {
    output: Tensor,
    /// The derivative by what the activation was applied to, of activations for which libtorch's own backward pass is not used.
    slope: Option<(Formula, Tensor)>,
    transposed: Tensor,
    delta: Tensor,
}

/// A batch on the device: inputs, inputs transposed, labels, weights, and the scalar that becomes its loss.
#[derive(Debug)]
struct Batch {
    x: Tensor,
    transposed: Tensor,
    y: Tensor,
    weights: Option<Tensor>,
    loss: Tensor,
}

impl Pass {
    /// Room for batches of `rows`.
    fn new(model: &Compiled, rows: usize) -> Self {
        let options = (model.runtime.kind, model.runtime.device);
        let room = |layer: &Dense| {
            let shape = [rows as i64, layer.bias.size1().expect("a bias has one dimension")];
            let output = Tensor::zeros(shape, options);
            let slope = match layer.activation {
                Activation::Linear
                | Activation::Relu
                | Activation::Tanh
                | Activation::Sigmoid
                | Activation::Softmax => None,
                other => Some((Formula::new(other, model.training.flow), output.zeros_like())),
            };
            Room { transposed: output.tr(), delta: output.zeros_like(), slope, output }
        };
        let mut activations: Vec<Activation> = model.layers.iter().map(|layer| layer.activation).collect();
        if let (true, Some(last)) = (model.training.loss.is_of_logits(), activations.last_mut()) {
            *last = Activation::Linear;
        }
        let dropped = model.layers.iter().map(|_| None).collect();
        let layers = model.layers.iter().map(room).collect();
        Self { layers, dropped, activations, one: Tensor::ones([], options) }
    }

    /// Draws what the step on the batch drops.
    fn drop_out(&mut self, dropouts: &mut Dropouts, batch: &Batch) {
        if dropouts.is_empty() {
            return;
        }
        for (number, dropped) in self.dropped.iter_mut().enumerate() {
            let input = number.checked_sub(1).map_or(&batch.x, |below| &self.layers[below].output);
            let factors = dropouts.draw(number, input.numel());
            *dropped = factors.map(|factors| Tensor::from_slice(factors).to_device(input.device()).view_as(input));
        }
    }

    /// Writes the batch's loss, and adds its predictions to the metrics.
    ///
    /// Callers of this and of [`Self::backward`] hold autograd off.
    fn evaluate(&mut self, model: &Compiled, batch: &Batch, metrics: Option<&mut Running>) {
        self.forward(&model.layers, &batch.x);
        let (loss, last) = (model.training.loss, model.layers.last());
        self.loss(loss, batch);
        if model.penalized() {
            let _ = batch.loss.shallow_clone().g_add_(&model.penalty());
        }
        let (Some(metrics), Some(room), Some(last)) = (metrics, self.layers.last(), last) else { return };
        let mut predictions = room.output.copy();
        match last.activation {
            Activation::Sigmoid if loss.is_of_logits() => elementwise::sigmoid(&mut predictions),
            Activation::Softmax => predictions = definition::softmax(&predictions),
            _ => {}
        }
        metrics.update(&values(&predictions), &values(&batch.y));
    }

    /// `h = activation(x · kernel + bias)`, layer by layer.
    fn forward(&mut self, layers: &[Dense], x: &Tensor) {
        let mut h = x;
        for (number, (layer, room)) in layers.iter().zip(&mut self.layers).enumerate() {
            match &self.dropped[number] {
                None => product(&room.output, h, &layer.kernel, Some(&layer.bias)),
                Some(factors) => product(&room.output, &(h * factors), &layer.kernel, Some(&layer.bias)),
            }
            match self.activations[number] {
                Activation::Linear | Activation::Softmax => {}
                Activation::Relu => drop(room.output.relu_()),
                Activation::Tanh => elementwise::tanh(&mut room.output),
                Activation::Sigmoid => elementwise::sigmoid(&mut room.output),
                _ => {
                    if let Some((formula, slope)) = &mut room.slope {
                        elementwise::activate(*formula, &mut room.output, slope);
                    }
                }
            }
            h = &room.output;
        }
    }

    /// The loss and its derivative by the prediction; of a cross-entropy or with weights by autograd, which here begins at the last
    /// layer.
    fn loss(&mut self, loss: Loss, batch: &Batch) {
        let Self { layers, one, .. } = self;
        let Room { output, delta, .. } = layers.last_mut().expect("a model has layers");
        let Batch { y, weights, loss: mean, .. } = batch;
        if loss.is_of_logits() || weights.is_some() {
            let output = output.detach().set_requires_grad(true);
            let value = tch::with_grad(|| match weights {
                Some(weights) => definition::weighted(loss, &output, y, weights),
                None => definition::loss(loss, &output, y),
            });
            value.backward();
            mean.shallow_clone().copy_(&value.detach());
            delta.copy_(&output.grad());
            return;
        }
        // A loss by `…_out` may not be reduced at once: libtorch first resizes the result to the unreduced shape.
        let each = match loss {
            Loss::Mse => output.mse_loss_out(delta, y, Reduction::None),
            Loss::Mae => output.sub_out(delta, y).abs(),
            _ => output.huber_loss_out(delta, y, Reduction::None, 1.0),
        };
        let _ = each.mean_out(mean, None::<i64>, false, None);
        let _ = match loss {
            Loss::Mse => output.mse_loss_backward_grad_input(delta, one, y, Reduction::Mean),
            // The mean's share of every error, with the error's sign.
            Loss::Mae => delta.sgn_().g_div_scalar_(output.numel() as f64),
            _ => output.huber_loss_backward_out(delta, one, y, Reduction::Mean, 1.0),
        };
    }

    /// Writes the gradients, from the last layer to the first: `δ` through the activation, then `∂bias = Σ δ` over the rows,
    /// `∂kernel = hᵀ · δ` with the layer's input h, and `δ · kernelᵀ` for the layer below.
    fn backward(&mut self, layers: &[Dense], x_transposed: &Tensor) {
        for (number, layer) in layers.iter().enumerate().rev() {
            let (below, above) = self.layers.split_at(number);
            let Room { output, delta, slope, .. } = &above[0];
            let _ = match self.activations[number] {
                Activation::Linear | Activation::Softmax => None,
                Activation::Relu => Some(output.threshold_backward_grad_input(delta, delta, 0)),
                Activation::Tanh => Some(Tensor::tanh_backward_grad_input(delta, delta, output)),
                Activation::Sigmoid => Some(Tensor::sigmoid_backward_grad_input(delta, delta, output)),
                _ => slope.as_ref().map(|(_, slope)| delta.mul_out(delta, slope)),
            };
            let _ = delta.sum_intlist_out(&layer.bias_gradient, 0, false, None);
            let input = below.last().map_or(x_transposed, |below| &below.transposed);
            let dropped = self.dropped[number].as_ref();
            match dropped {
                None => product(&layer.kernel_gradient, input, delta, None),
                Some(factors) => product(&layer.kernel_gradient, &(input * factors.tr()), delta, None),
            }
            if let Some(below) = below.last() {
                product(&below.delta, delta, &layer.kernel_transposed, None);
                if let Some(factors) = dropped {
                    let _ = below.delta.shallow_clone().g_mul_(factors);
                }
            }
        }
    }
}

/// Adds the gradients of the layers' penalties.
///
/// Callers of this and of [`clip`] hold autograd off.
fn add_penalties(layers: &mut [Dense]) {
    for layer in layers {
        let Dense { kernel, kernel_gradient, bias, bias_gradient, regularizers, .. } = layer;
        for (weight, gradient, regularizer) in
            [(kernel, kernel_gradient, regularizers[0]), (bias, bias_gradient, regularizers[1])]
        {
            let Some(Regularizer { l1, l2 }) = regularizer else { continue };
            let _ = gradient.g_add_(&(weight.sgn() * l1 + &*weight * (2.0 * l2)));
        }
    }
}

/// Cuts gradients: their values, each tensor's norm, or the norm of all together.
fn clip(clipping: Clipping, layers: &mut [Dense], gradients: &mut Tensor) {
    let squares = |gradient: &Tensor| values(&gradient.square().sum(None))[0];
    match clipping {
        Clipping::Clipvalue(most) => drop(gradients.clamp_(-most, most)),
        Clipping::Clipnorm(most) => {
            let all = layers.iter_mut().flat_map(|layer| [&mut layer.kernel_gradient, &mut layer.bias_gradient]);
            for gradient in all {
                let norm = f64::from(squares(gradient).sqrt());
                if norm > most {
                    let _ = gradient.g_mul_scalar_(most / norm);
                }
            }
        }
        Clipping::GlobalClipnorm(most) => {
            let norm = f64::from(squares(gradients).sqrt());
            if norm > most {
                let _ = gradients.g_mul_scalar_(most / norm);
            }
        }
    }
}

//! `Sequential`: a stack of Dense layers whose parameters lie in one flat tensor.

use random::keras::Initializers;
use tch::{Kind, Reduction, Tensor};

use crate::elementwise;
use crate::exact::Exact;
use crate::{Activation, Engine, Error, Flow, Layer, Loss, Model, OptimizerState, Runtime, Training, supports};

/// A stack of Dense layers that is not compiled yet.
#[derive(Debug, Clone)]
pub struct Sequential {
    model: Model,
}

impl From<&Model> for Sequential {
    fn from(model: &Model) -> Self {
        Self { model: model.clone() }
    }
}

impl Sequential {
    /// Draws the initial weights (glorot_uniform kernels, zero biases) for inputs of `features` columns as the training's
    /// flow does for its seed, and sets up optimiser and loss on the training's device.
    ///
    /// # Errors
    /// [`Error::NoLayers`] if there are no layers, [`Error::Unsupported`] if the engine is `exact` and does not do this,
    /// [`Error::NoSuchDevice`] if there is no such device.
    pub fn compile(self, training: &Training, features: usize) -> Result<Compiled, Error> {
        self.compile_on(&Runtime::new(training.device)?, training, features)
    }

    /// As [`Sequential::compile`], on the runtime's device and in its precision.
    ///
    /// # Errors
    /// As [`Sequential::compile`].
    pub fn compile_on(self, runtime: &Runtime, training: &Training, features: usize) -> Result<Compiled, Error> {
        if self.model.layers.is_empty() {
            return Err(Error::NoLayers);
        }
        if training.engine == Engine::Exact {
            supports(&self.model, training).map_err(Error::Unsupported)?;
        }
        let runtime = *runtime;
        let mut shapes = Vec::new();
        let mut inputs = features;
        for units in self.model.units() {
            shapes.push((inputs, units as usize));
            inputs = units as usize;
        }
        let initial = initial_weights(&shapes, training.flow, training.seed);
        let parameters = Tensor::from_slice(&initial).to_device(runtime.device).to_kind(runtime.kind);
        let gradients = parameters.zeros_like();
        let mut offset = 0;
        let mut view = |shape: &[i64]| {
            let length = shape.iter().product();
            let weight = parameters.narrow(0, offset, length).view(shape).set_requires_grad(true);
            let gradient = gradients.narrow(0, offset, length).view(shape);
            // Only a backward pass creates `.grad`; its tensor is then given the memory of the flat gradients.
            weight.sum(None).backward();
            tch::no_grad(|| {
                let _ = weight.grad().set_source_tensor_(&gradient);
            });
            offset += length;
            (weight, gradient)
        };
        let dense = |(&(inputs, units), Layer::Dense(layer)): (&(usize, usize), &Layer)| {
            let (kernel, kernel_gradient) = view(&[inputs as i64, units as i64]);
            let (bias, bias_gradient) = view(&[units as i64]);
            let kernel_transposed = kernel.detach().tr();
            Dense { kernel, kernel_transposed, kernel_gradient, bias, bias_gradient, activation: layer.activation }
        };
        Ok(Compiled {
            runtime,
            features,
            outputs: inputs,
            training: training.clone(),
            optimizer: OptimizerState::new(training.optimizer, training.flow, &parameters),
            layers: shapes.iter().zip(&self.model.layers).map(dense).collect(),
            parameters,
            gradients,
            exact: (training.engine == Engine::Exact).then(|| Exact::new(&self.model.layers, features, training)),
        })
    }
}

/// The weights from which a training starts: glorot_uniform kernels of these shapes `(inputs, units)`, drawn as the flow
/// does for the seed, and zero biases; flat: kernel, bias, kernel, bias, …; kernels row-major.
pub(crate) fn initial_weights(shapes: &[(usize, usize)], flow: Flow, seed: i64) -> Vec<f32> {
    let mut initializers = match flow {
        Flow::TfLegacy => Initializers::tf_legacy(seed),
        Flow::KerasSetRandomSeed => Initializers::keras_set_random_seed(seed),
    };
    let mut weights = Vec::new();
    for &(inputs, units) in shapes {
        weights.extend(initializers.glorot_uniform(inputs, units));
        weights.resize(weights.len() + units, 0.0);
    }
    weights
}

/// One layer's views into the model's flat parameters and gradients.
#[derive(Debug)]
pub(crate) struct Dense {
    pub(crate) kernel: Tensor,
    pub(crate) kernel_transposed: Tensor,
    pub(crate) kernel_gradient: Tensor,
    pub(crate) bias: Tensor,
    pub(crate) bias_gradient: Tensor,
    pub(crate) activation: Activation,
}

/// A model with weights, an optimiser and a loss.
///
/// Parameters, gradients and the optimiser's moments are flat tensors in the order kernel, bias, kernel,
/// bias, …; the layers hold views. One update is therefore a few operations whatever the depth.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) runtime: Runtime,
    pub(crate) features: usize,
    pub(crate) outputs: usize,
    pub(crate) training: Training,
    pub(crate) optimizer: OptimizerState,
    pub(crate) parameters: Tensor,
    pub(crate) gradients: Tensor,
    /// Present if the engine is `exact`.
    pub(crate) exact: Option<Exact>,
    pub(crate) layers: Vec<Dense>,
}

impl Compiled {
    /// The model's output for `x` of shape `[rows, features]`: a tensor `[rows, units of the last layer]`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut h = x.shallow_clone();
        for layer in &self.layers {
            h = layer.bias.addmm(&h, &layer.kernel);
            h = match layer.activation {
                Activation::Linear => h,
                Activation::Relu => h.relu(),
                Activation::Tanh => with_values(h.tanh(), &h, elementwise::tanh),
                Activation::Sigmoid => with_values(h.sigmoid(), &h, elementwise::sigmoid),
            };
        }
        h
    }

    /// Predictions for row-major `x` (`rows × features`), float32, row-major `rows × units of the last layer`.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` is not whole rows.
    pub fn predict(&self, x: &[f32]) -> Result<Vec<f32>, Error> {
        self.check_rows("x", x)?;
        Ok(match &self.exact {
            None => values(&tch::no_grad(|| self.forward(&self.tensor(x, self.features)))),
            Some(exact) => exact.predict(&self.training, &self.parameters, x),
        })
    }

    /// All weights, float32, flat in the order kernel, bias, kernel, bias, …; kernels are row-major.
    pub fn weights(&self) -> Vec<f32> {
        values(&self.parameters)
    }

    /// The flat parameters themselves, in the runtime's precision; writing to them changes the model.
    pub fn parameters(&self) -> Tensor {
        self.parameters.shallow_clone()
    }

    /// The flat gradients themselves, into which every backward pass adds, in the order of the parameters.
    pub fn gradients(&self) -> Tensor {
        self.gradients.shallow_clone()
    }

    /// How many rows row-major `x` has.
    pub(crate) fn check_rows(&self, what: &'static str, x: &[f32]) -> Result<usize, Error> {
        let rows = x.len() / self.features;
        if rows == 0 || x.len() != rows * self.features {
            let expected = rows.max(1) * self.features;
            return Err(Error::Shape { what, values: x.len(), expected });
        }
        Ok(rows)
    }

    /// Row-major values as a tensor `[rows, columns]` on the model's device.
    fn tensor(&self, values: &[f32], columns: usize) -> Tensor {
        Tensor::from_slice(values).to_device(self.runtime.device).to_kind(self.runtime.kind).view([-1, columns as i64])
    }

    /// Inputs and labels on the model's device.
    pub(crate) fn tensors(&self, x: &[f32], y: &[f32]) -> [Tensor; 2] {
        [self.tensor(x, self.features), self.tensor(y, self.outputs)]
    }
}

/// The scalar loss of `prediction` against `y`, both `[rows, columns]`: the mean over the batch, as Keras' `mse`, `mae` and
/// `huber`.
///
/// * `mse`: mean of `e²` · `mae`: mean of `|e|`
/// * `huber`: mean of `e²/2` where `|e| ≤ 1`, `|e| − 1/2` elsewhere (Huber 1964; Keras' default delta)
pub fn loss(loss: Loss, prediction: &Tensor, y: &Tensor) -> Tensor {
    match loss {
        Loss::Mse => prediction.mse_loss(y, Reduction::Mean),
        Loss::Mae => prediction.l1_loss(y, Reduction::Mean),
        Loss::Huber => prediction.huber_loss(y, Reduction::Mean, 1.0),
    }
}

/// `y`, what autograd recorded of an activation of `x`, with the values that `function` makes of `x`: derivatives are
/// computed from them.
fn with_values(y: Tensor, x: &Tensor, function: fn(&mut Tensor)) -> Tensor {
    tch::no_grad(|| {
        let mut values = y.data();
        values.copy_(x);
        function(&mut values);
    });
    y
}

/// A tensor's values as float32 on the CPU.
pub(crate) fn values(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Float).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}

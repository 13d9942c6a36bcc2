//! `Sequential`: a stack of Dense layers whose parameters lie in one flat tensor.

use random::keras::Initializers;
use tch::{Kind, Tensor};

use crate::definition::softmax;
use crate::dropout::Dropouts;
use crate::elementwise::{self, with_values};
use crate::exact::Exact;
use crate::formula::Formula;
use crate::{Activation, Engine, Error, Flow, Labelled, Layer, Model, OptimizerState, Regularizer, Runtime, Training};

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
    /// Draws the initial weights (kernels as their layers say, zero biases) for inputs of `features` columns as the training's
    /// flow does for its seed, and sets up optimiser and loss on the training's device.
    ///
    /// # Errors
    /// [`Error::Unsupported`] as [`Training::rules`], or if there are no layers or no such device.
    pub fn compile(self, training: &Training, features: usize) -> Result<Compiled, Error> {
        self.compile_on(&Runtime::new(training.device)?, training, features)
    }

    /// As [`Sequential::compile`], on the runtime's device and in its precision.
    ///
    /// # Errors
    /// As [`Sequential::compile`].
    pub fn compile_on(self, runtime: &Runtime, training: &Training, features: usize) -> Result<Compiled, Error> {
        training.rules_of_network(&self.model, None)?;
        let runtime = *runtime;
        let shapes = self.model.shapes(features);
        let outputs = shapes.last().map_or(features, |[_, units]| *units);
        let (initial, dropouts) = initial_state(&self.model.layers, features, training.flow, training.seed);
        let parameters = Tensor::from_slice(&initial).to_device(runtime.device).to_kind(runtime.kind);
        let gradients = parameters.zeros_like();
        let mut offset = 0;
        let mut view = |shape: &[i64]| {
            let length = shape.iter().product();
            let weight = parameters.narrow(0, offset, length).view(shape).set_requires_grad(true);
            let gradient = gradients.narrow(0, offset, length).view(shape);
            if training.engine == Engine::Libtorch {
                // Only a backward pass creates `.grad`; its tensor is then given the memory of the flat gradients.
                weight.sum(None).backward();
                tch::no_grad(|| {
                    let _ = weight.grad().set_source_tensor_(&gradient);
                });
            }
            offset += length;
            (weight, gradient)
        };
        let dense = |(&[inputs, units], layer): (&[usize; 2], &crate::Dense)| {
            let (kernel, kernel_gradient) = view(&[inputs as i64, units as i64]);
            let (bias, bias_gradient) = view(&[units as i64]);
            let kernel_transposed = kernel.detach().tr();
            let activation = layer.activation;
            let regularizers = [layer.kernel_regularizer, layer.bias_regularizer];
            Dense { kernel, kernel_transposed, kernel_gradient, bias, bias_gradient, activation, regularizers }
        };
        Ok(Compiled {
            model: self.model.clone(),
            runtime,
            features,
            outputs,
            labels: training.loss.label_columns(outputs),
            training: training.clone(),
            optimizer: OptimizerState::new(training.optimizer, training.flow, &parameters),
            layers: shapes.iter().zip(self.model.dense()).map(dense).collect(),
            dropouts,
            parameters,
            gradients,
            exact: (training.engine == Engine::Exact).then(|| Exact::new(&self.model.layers, features, training)),
        })
    }
}

/// What a training of these layers starts from, drawn as the flow does for the seed: kernels and zero biases
/// (flat: kernel, bias, kernel, bias, …; kernels row-major), and the dropouts before the first step.
pub(crate) fn initial_state(layers: &[Layer], features: usize, flow: Flow, seed: i64) -> (Vec<f32>, Dropouts) {
    let mut initializers = match flow {
        Flow::TfLegacy => Initializers::tf_legacy(seed),
        Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215 | Flow::Keras3 => {
            Initializers::keras_set_random_seed(seed)
        }
    };
    let (mut weights, mut dropouts) = (Vec::new(), Dropouts::default());
    let (mut inputs, mut dense) = (features, 0);
    for layer in layers {
        match layer {
            Layer::Dense(layer) => {
                let units = layer.units as usize;
                weights.extend(initializers.kernel(layer.kernel_initializer.scaling(), inputs, units));
                weights.resize(weights.len() + units, 0.0);
                (inputs, dense) = (units, dense + 1);
            }
            // Keras 3 makes no noise where nothing is dropped.
            Layer::Dropout(layer) if layer.rate == 0.0 && flow == Flow::Keras3 => {}
            Layer::Dropout(layer) => dropouts.push(dense, layer.rate, initializers.dropout_noise(dropouts.len())),
        }
    }
    (weights, dropouts)
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
    /// The penalties of the kernel and of the bias.
    pub(crate) regularizers: [Option<Regularizer>; 2],
}

/// A model with weights, an optimiser and a loss.
///
/// Parameters, gradients and the optimiser's moments are flat tensors in the order kernel, bias, kernel,
/// bias, …; the layers hold views. One update is therefore a few operations whatever the depth.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) model: Model,
    pub(crate) runtime: Runtime,
    pub(crate) features: usize,
    pub(crate) outputs: usize,
    /// Label columns.
    pub(crate) labels: usize,
    pub(crate) training: Training,
    pub(crate) optimizer: OptimizerState,
    pub(crate) parameters: Tensor,
    pub(crate) gradients: Tensor,
    pub(crate) dropouts: Dropouts,
    /// Present if the engine is `exact`.
    pub(crate) exact: Option<Exact>,
    pub(crate) layers: Vec<Dense>,
}

impl Compiled {
    /// The model's output for `x` of shape `[rows, features]`: a tensor `[rows, units of the last layer]`.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.through(x, false)
    }

    /// The output, or that before the last layer's activation.
    fn through(&self, x: &Tensor, without_last_activation: bool) -> Tensor {
        let mut h = x.shallow_clone();
        for (number, layer) in self.layers.iter().enumerate() {
            h = layer.bias.addmm(&h, &layer.kernel);
            if without_last_activation && number + 1 == self.layers.len() {
                break;
            }
            h = match layer.activation {
                Activation::Linear => h,
                Activation::Relu => h.relu(),
                Activation::Tanh => with_values(h.tanh(), &h, elementwise::tanh),
                Activation::Sigmoid => with_values(h.sigmoid(), &h, elementwise::sigmoid),
                Activation::Softmax => softmax(&h),
                other => along_slope(&h, Formula::new(other, self.training.flow)),
            };
        }
        h
    }

    /// What [`loss()`](crate::loss()) is computed from, of the same shape: of a cross-entropy the last layer's output before its
    /// activation, else [`Self::forward`].
    pub fn trained_output(&self, x: &Tensor) -> Tensor {
        self.through(x, self.training.loss.is_of_logits())
    }

    /// Whether any weights cost something besides the loss.
    pub(crate) fn penalized(&self) -> bool {
        self.layers.iter().any(|layer| layer.regularizers.iter().any(Option::is_some))
    }

    /// What the weights cost besides the loss, a scalar: `l1 · Σ |w| + l2 · Σ w²` of every kernel and bias with a regularizer.
    /// What is trained is [`loss()`](crate::loss()) and this.
    pub fn penalty(&self) -> Tensor {
        let mut all = Tensor::zeros([], (self.runtime.kind, self.runtime.device));
        for layer in &self.layers {
            for (weight, regularizer) in [&layer.kernel, &layer.bias].into_iter().zip(layer.regularizers) {
                let Some(Regularizer { l1, l2 }) = regularizer else { continue };
                all = all + weight.abs().sum(None) * l1 + weight.square().sum(None) * l2;
            }
        }
        all
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

    /// The flat gradients themselves, into which every backward pass of engine `libtorch` adds, in the order of the parameters.
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

    /// Inputs, labels and, if there are any, weights `[rows]` on the model's device.
    pub(crate) fn tensors(&self, Labelled { x, y, sample_weight }: Labelled) -> Vec<Tensor> {
        let mut tensors = vec![self.tensor(x, self.features), self.tensor(y, self.labels)];
        tensors.extend(sample_weight.map(|weights| self.tensor(weights, 1).view([-1])));
        tensors
    }
}

/// The activation of `x` and, for autograd, the straight line that touches it there: `y + (x − x)·y'`.
fn along_slope(x: &Tensor, formula: Formula) -> Tensor {
    let (mut values, mut slope) = (x.detach().copy(), x.detach().copy());
    elementwise::activate(formula, &mut values, &mut slope);
    (x - x.detach()) * slope + values
}

/// A tensor's values as float32 on the CPU.
pub(crate) fn values(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.detach().to_device(tch::Device::Cpu).to_kind(Kind::Float).contiguous();
    let mut values = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
}

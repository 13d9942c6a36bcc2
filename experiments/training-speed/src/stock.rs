//! The training loop that a tch user writes: the yardstick of engine `libtorch`.

use std::ops::Range;

use keras::{Activation, Device, Layer, Runtime};
use random::keras::{EpochOrders, Initializers};
use tch::nn::{self, Module as _, OptimizerConfig as _};
use tch::{Kind, Reduction, Tensor};

/// A Dense stack and its training as tch's documentation shows them, deliberately not optimised.
///
/// The work is that of engine `libtorch` with flow `tf-legacy`, mean squared error and Adam: the same initial weights,
/// the same batches in the same order, a loss per epoch. Only Adam's ε differs, in size and in place, so losses agree at
/// first and drift apart.
#[derive(Debug)]
pub struct Stock {
    net: nn::Sequential,
    optimizer: nn::Optimizer,
    x: Tensor,
    y: Tensor,
    batches: Vec<Range<usize>>,
    orders: EpochOrders,
    order: Vec<u32>,
}

impl Stock {
    /// A fresh model of `layers` on the CPU and its data: row-major float32 `x` (`rows × features`) and `y`
    /// (`rows × units of the last layer`). Kernels are Glorot-uniform of `seed`, biases zeros; the last batch of an epoch
    /// holds what is left over.
    ///
    /// # Panics
    /// If `x` and `y` are not whole rows of equal number, or `batch_size` is 0.
    pub fn new(
        layers: &[Layer],
        learning_rate: f64,
        batch_size: usize,
        x: &[f32],
        y: &[f32],
        features: usize,
        seed: i64,
    ) -> Self {
        Runtime::new(Device::Cpu).expect("a CPU");
        let variables = nn::VarStore::new(tch::Device::Cpu);
        let mut initializers = Initializers::tf_legacy(seed);
        let mut net = nn::seq();
        let mut inputs = features;
        for (number, layer) in layers.iter().filter_map(Layer::as_dense).enumerate() {
            let units = layer.units as usize;
            let kernel = Tensor::from_slice(&initializers.glorot_uniform(inputs, units));
            net = net.add(dense(&(variables.root() / number), inputs, units, &kernel));
            net = match layer.activation {
                Activation::Linear => net,
                Activation::Relu => net.add_fn(Tensor::relu),
                Activation::Tanh => net.add_fn(Tensor::tanh),
                Activation::Sigmoid => net.add_fn(Tensor::sigmoid),
                Activation::Elu => net.add_fn(Tensor::elu),
                Activation::Selu => net.add_fn(Tensor::selu),
                Activation::Softplus => net.add_fn(Tensor::softplus),
                Activation::Softsign => net.add_fn(|x| x / (x.abs() + 1.0)),
                Activation::Exponential => net.add_fn(Tensor::exp),
                Activation::HardSigmoid => net.add_fn(|x| (x * 0.2 + 0.5).clamp(0.0, 1.0)),
                Activation::LeakyRelu => net.add_fn(|x| x.maximum(&(x * 0.3))),
                Activation::Gelu => net.add_fn(|x| x.gelu("none")),
                Activation::Softmax => net.add_fn(|x| x.softmax(-1, None::<Kind>)),
            };
            inputs = units;
        }
        let optimizer = nn::Adam::default().build(&variables, learning_rate).expect("an optimiser");
        let rows = x.len() / features;
        let matrix = |values: &[f32], columns: usize| Tensor::from_slice(values).view([rows as i64, columns as i64]);
        Self {
            net,
            optimizer,
            x: matrix(x, features),
            y: matrix(y, inputs),
            batches: (0..rows).step_by(batch_size).map(|start| start..rows.min(start + batch_size)).collect(),
            orders: EpochOrders::new(seed, rows),
            order: vec![0; rows],
        }
    }

    /// Trains on for `epochs`; returns each epoch's mean of the batch losses weighted by their rows, each taken before
    /// its batch's update.
    pub fn fit(&mut self, epochs: u32) -> Vec<f32> {
        (0..epochs).map(|_| self.epoch()).collect()
    }

    fn epoch(&mut self) -> f32 {
        self.orders.fill(&mut self.order);
        let order: Vec<i64> = self.order.iter().map(|&row| i64::from(row)).collect();
        let order = Tensor::from_slice(&order);
        let mut total = 0.0;
        for batch in &self.batches {
            let rows = order.narrow(0, batch.start as i64, batch.len() as i64);
            let x = self.x.index_select(0, &rows);
            let y = self.y.index_select(0, &rows);
            let loss = self.net.forward(&x).mse_loss(&y, Reduction::Mean);
            self.optimizer.backward_step(&loss);
            total += loss.double_value(&[]) * batch.len() as f64;
        }
        (total / self.order.len() as f64) as f32
    }
}

/// A linear layer with this row-major `kernel` of shape `[inputs, units]`, which tch holds transposed, and no bias yet.
fn dense(path: &nn::Path, inputs: usize, units: usize, kernel: &Tensor) -> nn::Linear {
    let zeros = nn::Init::Const(0.0);
    let config = nn::LinearConfig { ws_init: zeros, bs_init: Some(zeros), bias: true };
    let mut linear = nn::linear(path, inputs as i64, units as i64, config);
    let kernel = kernel.view([inputs as i64, units as i64]).tr().to_kind(Kind::Float);
    tch::no_grad(|| linear.ws.copy_(&kernel));
    linear
}

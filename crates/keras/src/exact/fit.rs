//! A model's training by engine `exact`, on the memory of its own tensors.

// Tensors lend their memory as pointers only.
#![allow(unsafe_code)]

use manifest::{Layer, Training};
use tch::{Device, Kind, Tensor};

use super::network::Network;
use super::optimizer::Update;
use super::trainer::{Data, State, Step};
use crate::Compiled;

/// What a model with `engine: exact` has besides its tensors.
#[derive(Debug, Clone)]
pub(crate) struct Exact {
    network: Network,
    update: Update,
}

impl Exact {
    pub(crate) fn new(layers: &[Layer], features: usize, training: &Training) -> Self {
        Self { network: Network::new(layers, features), update: Update::new(training.optimizer, training.flow) }
    }

    /// Predictions with these parameters, float32 on the CPU, in batches of 32 rows.
    pub(crate) fn predict(&self, parameters: &Tensor, x: &[f32]) -> Vec<f32> {
        Step::predict(&self.network, &crate::sequential::values(parameters), x)
    }
}

/// The data and the room of a step.
#[derive(Debug)]
pub(crate) struct Loop {
    x: Vec<f32>,
    y: Vec<f32>,
    step: Step,
    batch_losses: Vec<f32>,
}

impl Loop {
    pub(crate) fn new(exact: &Exact, training: &Training, x: &[f32], y: &[f32]) -> Self {
        let step = Step::new(exact.network.clone(), training, y.len());
        let batch_losses = vec![0.0; y.len().div_ceil(training.batch_size)];
        Self { x: x.to_vec(), y: y.to_vec(), step, batch_losses }
    }

    /// One training step on the samples `rows`, which are the batch of that number.
    pub(crate) fn step(&mut self, model: &mut Compiled, batch: usize, rows: &[u32]) {
        let exact = model.exact.as_mut().expect("a model with engine exact");
        let [first, second] = model.optimizer.moments();
        let mut state = State {
            update: &mut exact.update,
            parameters: memory(&mut model.parameters),
            first: memory(first),
            second: memory(second),
        };
        self.batch_losses[batch] = self.step.step(&mut state, Data { x: &self.x, y: &self.y }, rows);
    }

    pub(crate) fn batch_losses(&self) -> Vec<f32> {
        self.batch_losses.clone()
    }
}

/// The memory of a flat float32 tensor on the CPU.
fn memory(tensor: &mut Tensor) -> &mut [f32] {
    assert!(tensor.kind() == Kind::Float && tensor.device() == Device::Cpu && tensor.is_contiguous());
    // SAFETY: the tensor is contiguous float32 in this process's memory, which it keeps as long as it is borrowed, and
    // no libtorch operation runs meanwhile.
    unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel()) }
}

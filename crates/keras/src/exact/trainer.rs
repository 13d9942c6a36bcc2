//! Training steps of engine `exact`, and many trainings of one configuration without tensors.

// The fused code path is entered only after the processor was asked for it.
#![allow(unsafe_code)]

use manifest::{Flow, Layer, Loss, Training};
use random::keras::{EpochOrders, Initializers};

use super::loss::value_and_gradient;
use super::network::{Network, Workspace};
use super::optimizer::Update;

/// A network's training step: its constants and its room for a batch.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    network: Network,
    tensors: Vec<usize>,
    loss: Loss,
    batch_x: Vec<f32>,
    batch_y: Vec<f32>,
    terms: Vec<f32>,
    gradients: Vec<f32>,
    workspace: Workspace,
    fused: bool,
}

/// What a step changes: flat parameters and the optimiser's two moments, all of equal length, and its schedule.
pub(crate) struct State<'a> {
    pub(crate) update: &'a mut Update,
    pub(crate) parameters: &'a mut [f32],
    pub(crate) first: &'a mut [f32],
    pub(crate) second: &'a mut [f32],
}

/// Row-major inputs `[samples, features]` and one label a sample.
#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) y: &'a [f32],
}

impl Step {
    pub(crate) fn new(network: Network, training: &Training, samples: usize) -> Self {
        let rows = training.batch_size.min(samples);
        Self {
            tensors: network.tensors(),
            loss: training.loss,
            batch_x: vec![0.0; rows * network.features],
            batch_y: vec![0.0; rows],
            terms: vec![0.0; rows],
            gradients: vec![0.0; network.parameters()],
            workspace: network.workspace(rows),
            fused: has_fused(),
            network,
        }
    }

    /// One step on the samples of `batch`; returns the loss before the update.
    pub(crate) fn step(&mut self, state: &mut State, data: Data, batch: &[u32]) -> f32 {
        #[cfg(target_arch = "x86_64")]
        if self.fused {
            // SAFETY: `fused` is true only if the processor has AVX2 and FMA.
            return unsafe { self.step_fused(state, data, batch) };
        }
        self.step_anywhere(state, data, batch)
    }

    /// The same code compiled for AVX2 and FMA; fused multiply-adds then are instructions instead of calls.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn step_fused(&mut self, state: &mut State, data: Data, batch: &[u32]) -> f32 {
        self.step_anywhere(state, data, batch)
    }

    #[inline(always)]
    fn step_anywhere(&mut self, state: &mut State, data: Data, batch: &[u32]) -> f32 {
        let Self { network, tensors, loss, batch_x, batch_y, terms, gradients, workspace, .. } = self;
        let features = network.features;
        let rows = batch.len();
        for (row, &sample) in batch.iter().enumerate() {
            let (at, from) = (row * features, sample as usize * features);
            batch_x[at..at + features].copy_from_slice(&data.x[from..from + features]);
            batch_y[row] = data.y[sample as usize];
        }
        let (x, y) = (&batch_x[..rows * features], &batch_y[..rows]);
        network.forward(state.parameters, x, workspace);
        let (outputs, delta) = network.output_and_gradient(rows, workspace);
        let loss = value_and_gradient(*loss, outputs, y, delta, &mut terms[..rows]);
        network.backward(state.parameters, x, workspace, gradients);
        state.update.apply(state.parameters, gradients, state.first, state.second, tensors);
        loss
    }

    /// One epoch in the given order of samples; returns the mean of the batch losses weighted by their rows, as
    /// Keras' metric keeps it in float32.
    pub(crate) fn epoch(&mut self, state: &mut State, data: Data, order: &[u32], batch_size: usize) -> f32 {
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for batch in order.chunks(batch_size) {
            let rows = batch.len() as f32;
            total += self.step(state, data, batch) * rows;
            count += rows;
        }
        total / count
    }

    /// Predictions in batches of 32 rows, as `predict` makes them.
    pub(crate) fn predict(network: &Network, parameters: &[f32], x: &[f32]) -> Vec<f32> {
        const ROWS: usize = 32;
        let mut workspace = network.workspace(ROWS);
        let batches = x.chunks(ROWS * network.features);
        batches.flat_map(|x| network.forward(parameters, x, &mut workspace).to_vec()).collect()
    }
}

fn has_fused() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Many trainings of one configuration on the same data, each from its own seed, on plain memory.
///
/// The same steps as a model with `engine: exact` takes, without tensors, so that a study of many seeds can run one
/// trainer a thread.
#[derive(Debug, Clone)]
pub struct Trainer {
    training: Training,
    x: Vec<f32>,
    y: Vec<f32>,
    step: Step,
    update: Update,
    parameters: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    order: Vec<u32>,
}

impl Trainer {
    /// A trainer of Dense layers on `x` (`rows × features`, row-major) and `y` (one label a row).
    ///
    /// # Panics
    /// If `x` and `y` are empty or not of equal rows, or the last layer has more than one unit.
    pub fn new(layers: &[Layer], features: usize, training: &Training, x: &[f32], y: &[f32]) -> Self {
        let network = Network::new(layers, features);
        assert_eq!(network.outputs(), 1, "one label a row");
        assert!(!y.is_empty() && x.len() == y.len() * features, "rows of x and y");
        let length = network.parameters();
        Self {
            training: training.clone(),
            x: x.to_vec(),
            y: y.to_vec(),
            step: Step::new(network, training, y.len()),
            update: Update::new(training.optimizer, training.flow),
            parameters: vec![0.0; length],
            first: vec![0.0; length],
            second: vec![0.0; length],
            order: (0..y.len() as u32).collect(),
        }
    }

    /// Uses no instruction beyond the portable ones: slower, and the same bits.
    #[must_use]
    pub fn portable(mut self) -> Self {
        self.step.fused = false;
        self
    }

    /// Trains from `seed`'s initial weights in `seed`'s batch orders; `losses` becomes the loss of every epoch. A loss
    /// that is not finite ends the training and is the last one.
    pub fn train(&mut self, seed: i64, losses: &mut Vec<f32>) {
        let initial = initial_weights(&self.step.network, self.training.flow, seed);
        let samples = self.y.len();
        let mut orders = self.training.shuffle.then(|| EpochOrders::new(seed, samples));
        self.train_from(&initial, losses, |_, order| {
            if let Some(orders) = &mut orders {
                orders.fill(order);
            }
        });
    }

    /// Trains from these weights (flat: kernel, bias, kernel, bias, …), in the orders that `order` writes for epoch 0,
    /// 1, ….
    ///
    /// # Panics
    /// If there are not as many weights as the network has.
    pub fn train_from(&mut self, initial: &[f32], losses: &mut Vec<f32>, mut order: impl FnMut(u32, &mut [u32])) {
        self.parameters.copy_from_slice(initial);
        self.first.fill(0.0);
        self.second.fill(0.0);
        self.update = Update::new(self.training.optimizer, self.training.flow);
        losses.clear();
        let data = Data { x: &self.x, y: &self.y };
        for epoch in 0..self.training.epochs {
            order(epoch, &mut self.order);
            let mut state = State {
                update: &mut self.update,
                parameters: &mut self.parameters,
                first: &mut self.first,
                second: &mut self.second,
            };
            let loss = self.step.epoch(&mut state, data, &self.order, self.training.batch_size);
            losses.push(loss);
            if !loss.is_finite() {
                break;
            }
        }
    }

    /// Predictions of the network last trained.
    pub fn predict(&self, x: &[f32]) -> Vec<f32> {
        Step::predict(&self.step.network, &self.parameters, x)
    }

    /// Weights of the network last trained: kernel, bias, kernel, bias, …; kernels row-major.
    pub fn weights(&self) -> &[f32] {
        &self.parameters
    }
}

/// glorot_uniform kernels and zero biases as the flow draws them from the seed.
pub(crate) fn initial_weights(network: &Network, flow: Flow, seed: i64) -> Vec<f32> {
    let mut initializers = match flow {
        Flow::TfLegacy => Initializers::tf_legacy(seed),
        Flow::KerasSetRandomSeed => Initializers::keras_set_random_seed(seed),
    };
    network.initial(|inputs, units| initializers.glorot_uniform(inputs, units))
}

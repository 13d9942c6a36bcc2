//! Many trainings on plain memory.

use random::keras::EpochOrders;

use super::floats::Floats;
use super::instructions::Instructions;
use super::network::Network;
use super::optimizer::Update;
use super::step::Step;
use crate::dropout::Dropouts;
use crate::optimization::LearningRates;
use crate::{Evaluation, Labelled, Layer, Training};

/// Trainings on the same data, each from its own seed, on plain memory.
///
/// The same steps as a model with `engine: exact` takes, without tensors, so that a study of many seeds can run one
/// trainer a thread.
#[derive(Debug, Clone)]
pub struct Trainer {
    training: Training,
    step: Step,
    orders: Option<EpochOrders>,
    order: Vec<u32>,
    batch_losses: Vec<f32>,
    weights: Vec<f32>,
}

/// Where a training stands between two epochs: weights, the moments of each, and how many steps were taken.
#[derive(Debug, Clone)]
pub struct State {
    parameters: Floats,
    first: Floats,
    second: Floats,
    largest: Floats,
    update: Update,
    rates: Option<LearningRates>,
    dropouts: Dropouts,
}

impl Trainer {
    /// A trainer of these layers on `x` (`rows × features`, row-major) and `y` (`rows × label columns`), without the last rows that the
    /// training holds out to validate on. It knows no callbacks: [`crate::sweep()`] trains by `fit` where there are any.
    ///
    /// # Panics
    /// If `x` and `y` are empty or not of equal rows, or no rows are trained on.
    pub fn new(layers: &[Layer], features: usize, training: &Training, x: &[f32], y: &[f32]) -> Self {
        let network = Network::new(layers, features);
        let labels = training.loss.label_columns(network.outputs());
        let rows = y.len() / labels;
        assert!(rows > 0 && (x.len(), y.len()) == (rows * features, rows * labels), "rows of x and y");
        let rows = training.trained_rows(rows).expect("rows to train on");
        let data = Labelled::from((&x[..rows * features], &y[..rows * labels]));
        let weights = training.weights(data, labels).expect("weights of one kind");
        Self {
            training: training.clone(),
            weights: vec![0.0; network.parameters()],
            step: Step::new(network, training, Labelled { sample_weight: weights.as_deref(), ..data }),
            orders: training.shuffle.then(|| training.flow.orders(training.seed, rows)),
            order: (0..rows as u32).collect(),
            batch_losses: vec![0.0; rows.div_ceil(training.batch_size)],
        }
    }

    /// A trainer like this for each set of instructions that the processor has, by name, the slowest first; all compute
    /// the same bits.
    pub fn each_instruction_set(&self) -> Vec<(&'static str, Self)> {
        let with = |instructions: Instructions| {
            let mut trainer = self.clone();
            trainer.step.instructions = instructions;
            (instructions.name(), trainer)
        };
        Instructions::available().map(with).collect()
    }

    /// Trains from `seed`'s initial weights in `seed`'s batch orders; `losses` becomes the loss of every epoch. A loss
    /// that is not finite ends the training and is the last one.
    pub fn train(&mut self, seed: i64, losses: &mut Vec<f32>) {
        let initial = self.initial_weights(seed);
        self.start(&initial, losses);
        self.step.restart_dropouts(&self.training, seed);
        let mut orders = self.orders.take();
        if let Some(orders) = &mut orders {
            orders.restart(seed);
        }
        for _ in 0..self.training.epochs {
            if !self.epoch(orders.as_mut(), losses) {
                break;
            }
        }
        self.orders = orders;
    }

    /// The weights from which [`Self::train`] starts.
    pub fn initial_weights(&self, seed: i64) -> Vec<f32> {
        self.step.network.initial_weights(self.training.flow, seed)
    }

    /// Trains from these weights (flat: kernel, bias, kernel, bias, …), in the orders that `order` writes for epoch 0,
    /// 1, ….
    ///
    /// # Panics
    /// If there are not as many weights as the network has.
    pub fn train_from(&mut self, initial: &[f32], losses: &mut Vec<f32>, mut order: impl FnMut(u32, &mut [u32])) {
        self.start(initial, losses);
        for epoch in 0..self.training.epochs {
            order(epoch, &mut self.order);
            if !self.epoch(None, losses) {
                break;
            }
        }
    }

    /// Goes back to before the first epoch, with these weights (flat: kernel, bias, kernel, bias, …).
    ///
    /// # Panics
    /// If there are not as many weights as the network has.
    pub fn restart(&mut self, initial: &[f32]) {
        self.step.restart(&self.training, initial);
    }

    /// The state of the network last trained.
    pub fn state(&self) -> State {
        let Step { parameters, first, second, largest, update, rates, dropouts, .. } = &self.step;
        let [parameters, first, second, largest] = [parameters, first, second, largest].map(Clone::clone);
        State { parameters, first, second, largest, update: *update, rates: *rates, dropouts: dropouts.clone() }
    }

    /// Goes on from a state of a trainer of the same layers; allocates nothing.
    ///
    /// # Panics
    /// If the state is one of more or fewer weights.
    pub fn restore(&mut self, state: &State) {
        self.step.parameters.values_mut().copy_from_slice(state.parameters.values());
        self.step.first.values_mut().copy_from_slice(state.first.values());
        self.step.second.values_mut().copy_from_slice(state.second.values());
        self.step.largest.values_mut().copy_from_slice(state.largest.values());
        self.step.update = state.update;
        self.step.rates = state.rates;
        self.step.dropouts.clone_from(&state.dropouts);
    }

    /// Trains for one epoch more, on the rows in this order; returns its loss.
    ///
    /// # Panics
    /// If the order has more or fewer entries than there are rows, or names a row that there is not.
    pub fn train_epoch(&mut self, order: &[u32]) -> f32 {
        self.order.copy_from_slice(order);
        self.step.epoch(None, &mut self.order, &mut self.batch_losses)
    }

    fn start(&mut self, initial: &[f32], losses: &mut Vec<f32>) {
        self.step.restart(&self.training, initial);
        self.order.iter_mut().zip(0..).for_each(|(entry, sample)| *entry = sample);
        losses.clear();
    }

    /// Whether the loss is finite.
    fn epoch(&mut self, orders: Option<&mut EpochOrders>, losses: &mut Vec<f32>) -> bool {
        let loss = self.step.epoch(orders, &mut self.order, &mut self.batch_losses);
        losses.push(loss);
        loss.is_finite()
    }

    /// The loss and the metrics of row-major `x` and `y` with the network last trained, as [`crate::Compiled::evaluate`] has it, in batches as
    /// those of the training.
    pub fn evaluate(&self, x: &[f32], y: &[f32]) -> Evaluation {
        let mut step = Step::new(self.step.network.clone(), &self.training, (x, y).into());
        step.last = self.step.last;
        step.instructions = self.step.instructions;
        step.parameters = self.step.parameters.clone();
        Evaluation { loss: step.evaluate(), metrics: step.metrics() }
    }

    /// Predictions of the network last trained.
    pub fn predict(&mut self, x: &[f32]) -> Vec<f32> {
        let mut predictions = Vec::new();
        self.predict_into(x, &mut predictions);
        predictions
    }

    /// [`Self::predict`] into memory that is there already.
    pub(crate) fn predict_into(&mut self, x: &[f32], predictions: &mut Vec<f32>) {
        self.step.predict(x, predictions);
    }

    /// Weights of the network last trained: kernel, bias, kernel, bias, …; kernels row-major.
    pub fn weights(&mut self) -> &[f32] {
        self.step.network.gather(self.step.parameters.values(), &mut self.weights);
        &self.weights
    }
}

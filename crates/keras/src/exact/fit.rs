//! A model's training by engine `exact`.

use manifest::Broken;
use tch::Tensor;

use super::network::Network;
use super::optimizer::Update;
use super::step::Step;
use crate::optimization::LearningRates;
use crate::sequential::values;
use crate::{
    Activation, Clipping, Compiled, Dense, Device, Dropout, Flow, Labelled, Layer, Model, Optimizer, Training,
};

/// What a model with `engine: exact` has besides its tensors.
#[derive(Debug, Clone)]
pub(crate) struct Exact {
    network: Network,
    update: Update,
    rates: Option<LearningRates>,
}

impl Exact {
    pub(crate) fn new(layers: &[Layer], features: usize, training: &Training) -> Self {
        Self {
            network: Network::new(layers, features),
            update: Update::new(training.optimizer.rule, training.flow),
            rates: training.optimizer.schedule.map(LearningRates::new),
        }
    }

    /// Predictions with these parameters, float32 on the CPU, in batches of 32 rows.
    pub(crate) fn predict(&self, training: &Training, parameters: &Tensor, x: &[f32]) -> Vec<f32> {
        let mut step = Step::new(self.network.clone(), training, (&[], &[]).into());
        self.network.spread(&values(parameters), step.parameters.values_mut());
        let mut predictions = Vec::new();
        step.predict(x, &mut predictions);
        predictions
    }

    /// The loss and the metrics with these parameters, in batches of so many rows.
    pub(crate) fn evaluate(
        &self,
        training: &Training,
        parameters: &Tensor,
        rows: Labelled,
        batch_size: usize,
    ) -> (f32, Vec<f32>) {
        let training = Training { batch_size, ..training.clone() };
        let mut step = Step::new(self.network.clone(), &training, rows);
        self.network.spread(&values(parameters), step.parameters.values_mut());
        (step.evaluate(), step.metrics())
    }
}

/// Whether engine `exact` does this training of this model; the error names the key that it does not obey, by its path in a
/// manifest with the sections `model` and `training`.
///
/// # Errors
/// If the device is not the CPU, the flow's versions of Keras differ in what is asked, or an activation or the optimizer, or
/// something together with it, is not known to the last bit in this flow.
pub fn supports(model: &Model, training: &Training) -> Result<(), Broken> {
    let Training { flow, optimizer, .. } = training;
    let refused = |path: String, message: String| {
        Err(Broken::new(path, message + "; use engine libtorch").with("training.engine").with("training.flow"))
    };
    if !matches!(flow, Flow::TfLegacy | Flow::Keras3) {
        let penalized = |layer: &Layer| {
            let dense = layer.as_dense();
            dense.is_some_and(|dense| dense.kernel_regularizer.is_some() || dense.bias_regularizer.is_some())
        };
        let unknown = if !training.callbacks.is_empty() {
            Some("training.callbacks".to_owned())
        } else if optimizer.schedule.is_some() {
            Some("training.optimizer.learning_rate.name".to_owned())
        } else if let Some((key, _)) = optimizer.clipping.map(Clipping::written) {
            Some(format!("training.optimizer.{key}"))
        } else {
            model.layers.iter().position(penalized).map(|number| format!("model.layers.{number}"))
        };
        if let Some(path) = unknown {
            let known = "is known in every bit with flows tf-legacy and keras-3 alone";
            return refused(path, format!("{known}, got {}", flow.name()));
        }
    }
    for (number, layer) in model.layers.iter().enumerate() {
        if *flow == Flow::KerasSetRandomSeedTf215
            && let Some(dense) = layer.as_dense()
            && !matches!(
                dense.activation,
                Activation::Linear | Activation::Relu | Activation::Tanh | Activation::Sigmoid | Activation::Softmax
            )
        {
            let message = "must be linear, relu, tanh or sigmoid with engine exact and this flow".to_owned();
            return refused(format!("model.layers.{number}.activation"), message);
        }
    }
    let name = match (optimizer.rule, flow) {
        (Optimizer::Adagrad { .. }, Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215) => "adagrad",
        (Optimizer::Adamw { .. }, Flow::TfLegacy | Flow::KerasSetRandomSeedTf215) => "adamw",
        (Optimizer::Adamax { .. }, Flow::KerasSetRandomSeedTf215) => "adamax",
        (Optimizer::Adam { amsgrad: true, .. }, Flow::KerasSetRandomSeedTf215) => "adam with amsgrad",
        _ => "",
    };
    if !name.is_empty() {
        let message = format!("must not be {name} with engine exact and this flow");
        return refused("training.optimizer".to_owned(), message);
    }
    for (number, layers) in model.layers.windows(2).enumerate() {
        // A tensor of one value is as small as a scalar: TensorFlow's graph optimiser multiplies them in an order of their names.
        if let [Layer::Dense(Dense { units: 1, activation, .. }), Layer::Dropout(Dropout { rate })] = layers
            && matches!(activation, Activation::Gelu | Activation::HardSigmoid | Activation::Softplus)
            && training.batch_size == 1
            && *rate > 0.0
        {
            let message =
                "is not known in every bit below a dropout, of one unit, with a batch_size of 1; use engine libtorch";
            let broken = Broken::new(format!("model.layers.{number}.activation"), message);
            return Err(broken.with("training.engine").with("training.batch_size"));
        }
    }
    if training.device != Device::Cpu {
        let message = format!("must be cpu with engine exact, got {}", training.device);
        return Err(Broken::new("training.device", message).with("training.engine"));
    }
    if let Some(Layer::Dense(Dense { units, activation, .. })) = model.layers.last()
        && *flow == Flow::KerasSetRandomSeedTf215
    {
        // `predict` of TensorFlow 2.15.1 and of 2.21 have other bits, and of the rest no run is recorded.
        let last = |key| format!("model.layers.{}.{key}", model.layers.len() - 1);
        let (path, must) = if !matches!(activation, Activation::Linear | Activation::Relu) {
            (last("activation"), "be linear or relu in the last layer")
        } else if *units != 1 {
            (last("units"), "be 1 in the last layer")
        } else if training.loss.is_of_logits() {
            ("training.loss".to_owned(), "be mse, mae or huber")
        } else if !training.metrics.is_empty() {
            ("training.metrics".to_owned(), "be left out")
        } else {
            return Ok(());
        };
        return refused(path, format!("must {must} with engine exact and this flow"));
    }
    Ok(())
}

/// A training in progress: the model's parameters and moments are here until [`Loop::store`].
#[derive(Debug)]
pub(crate) struct Loop {
    step: Step,
    /// The loss of every batch when it was last trained on.
    pub(crate) batch_losses: Vec<f32>,
    /// The rows to validate on; the parameters are those of the last validation.
    validation: Option<Step>,
}

impl Loop {
    /// Over rows to train on and rows to validate on.
    pub(crate) fn new(model: &mut Compiled, train: Labelled, validation: Option<Labelled>) -> Self {
        let exact = model.exact.as_ref().expect("a model with engine exact");
        let network = &exact.network;
        let mut step = Step::new(network.clone(), &model.training, train);
        network.spread(&values(&model.parameters), step.parameters.values_mut());
        let moments = [&mut step.first, &mut step.second, &mut step.largest];
        for (padded, moment) in moments.into_iter().zip(model.optimizer.moments()) {
            network.spread(&values(moment), padded.values_mut());
        }
        step.update = exact.update;
        step.rates = exact.rates;
        step.dropouts.clone_from(&model.dropouts);
        let validation = validation.map(|rows| Step::new(network.clone(), &model.training, rows));
        let batches = (train.y.len() / model.labels).div_ceil(model.training.batch_size);
        Self { step, batch_losses: vec![0.0; batches], validation }
    }

    /// One epoch; see [`Step::epoch`].
    pub(crate) fn epoch(&mut self, orders: Option<&mut random::keras::EpochOrders>, order: &mut [u32]) -> f32 {
        self.step.epoch(orders, order, &mut self.batch_losses)
    }

    /// One training step on the samples `rows`, which are the batch of that number.
    pub(crate) fn step(&mut self, batch: usize, rows: &[u32]) {
        self.batch_losses[batch] = self.step.step(rows);
    }

    /// The loss on the validation rows with the parameters as they are now.
    pub(crate) fn validate(&mut self) -> Option<f32> {
        let validation = self.validation.as_mut()?;
        validation.parameters.values_mut().copy_from_slice(self.step.parameters.values());
        Some(validation.evaluate())
    }

    /// The metrics of the last epoch, and of the last validation.
    pub(crate) fn metrics(&self) -> [Vec<f32>; 2] {
        [self.step.metrics(), self.validation.as_ref().map_or_else(Vec::new, Step::metrics)]
    }

    /// Goes on with this learning rate.
    pub(crate) fn set_learning_rate(&mut self, learning_rate: f32) {
        self.step.update.set_learning_rate(learning_rate);
    }

    /// All weights as they are now, without gaps.
    pub(crate) fn weights(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.step.network.parameters()];
        self.step.network.gather(self.step.parameters.values(), &mut values);
        values
    }

    /// Goes on from these weights, without gaps.
    pub(crate) fn set_weights(&mut self, weights: &[f32]) {
        self.step.network.spread(weights, self.step.parameters.values_mut());
    }

    /// Gives the model what was trained.
    pub(crate) fn store(&self, model: &mut Compiled) {
        let network = &self.step.network;
        let write = |padded: &[f32], tensor: &mut Tensor| {
            let mut values = vec![0.0; network.parameters()];
            network.gather(padded, &mut values);
            tch::no_grad(|| tensor.copy_(&Tensor::from_slice(&values)));
        };
        write(self.step.parameters.values(), &mut model.parameters);
        let moments = [&self.step.first, &self.step.second, &self.step.largest];
        for (padded, moment) in moments.into_iter().zip(model.optimizer.moments()) {
            write(padded.values(), moment);
        }
        model.dropouts.clone_from(&self.step.dropouts);
        if let Some(exact) = &mut model.exact {
            exact.update = self.step.update;
            exact.rates = self.step.rates;
        }
    }
}

//! A model's training by engine `exact`.

use manifest::Broken;
use tch::Tensor;

use super::network::Network;
use super::optimizer::Update;
use super::step::Step;
use crate::sequential::values;
use crate::{Compiled, Dense, Device, Layer, Model, Training};

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
    pub(crate) fn predict(&self, training: &Training, parameters: &Tensor, x: &[f32]) -> Vec<f32> {
        let mut step = Step::new(self.network.clone(), training, &[], &[]);
        self.network.spread(&values(parameters), step.parameters.values_mut());
        let mut predictions = Vec::new();
        step.predict(x, &mut predictions);
        predictions
    }

    /// The loss with these parameters, in batches of so many rows.
    pub(crate) fn evaluate(
        &self,
        training: &Training,
        parameters: &Tensor,
        (x, y): (&[f32], &[f32]),
        batch_size: usize,
    ) -> f32 {
        let mut step = Step::new(self.network.clone(), &Training { batch_size, ..training.clone() }, x, y);
        self.network.spread(&values(parameters), step.parameters.values_mut());
        step.evaluate()
    }
}

/// Whether engine `exact` does this training of this model; the error names the key that it does not obey, by its path in a
/// manifest with the sections `model` and `training`.
///
/// # Errors
/// If the last layer has more than one unit, or the device is not the CPU.
pub fn supports(model: &Model, training: &Training) -> Result<(), Broken> {
    if let Some(Layer::Dense(Dense { units, .. })) = model.layers.last()
        && *units != 1
    {
        let message = format!("must be 1 with engine exact, got {units}; use engine libtorch");
        return Err(
            Broken::new(format!("model.layers.{}.units", model.layers.len() - 1), message).with("training.engine")
        );
    }
    if training.device != Device::Cpu {
        let message = format!("must be cpu with engine exact, got {}", training.device);
        return Err(Broken::new("training.device", message).with("training.engine"));
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
    pub(crate) fn new(model: &mut Compiled, (x, y): (&[f32], &[f32]), validation: Option<(&[f32], &[f32])>) -> Self {
        let exact = model.exact.as_ref().expect("a model with engine exact");
        let network = &exact.network;
        let mut step = Step::new(network.clone(), &model.training, x, y);
        let [first, second] = model.optimizer.moments();
        network.spread(&values(&model.parameters), step.parameters.values_mut());
        network.spread(&values(first), step.first.values_mut());
        network.spread(&values(second), step.second.values_mut());
        step.update = exact.update;
        let validation = validation.map(|(x, y)| Step::new(network.clone(), &model.training, x, y));
        Self { step, batch_losses: vec![0.0; y.len().div_ceil(model.training.batch_size)], validation }
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

    /// Gives the model what was trained.
    pub(crate) fn store(&self, model: &mut Compiled) {
        let network = &self.step.network;
        let write = |padded: &[f32], tensor: &mut Tensor| {
            let mut values = vec![0.0; network.parameters()];
            network.gather(padded, &mut values);
            tch::no_grad(|| tensor.copy_(&Tensor::from_slice(&values)));
        };
        write(self.step.parameters.values(), &mut model.parameters);
        let [first, second] = model.optimizer.moments();
        write(self.step.first.values(), first);
        write(self.step.second.values(), second);
        if let Some(exact) = &mut model.exact {
            exact.update = self.step.update;
        }
    }
}

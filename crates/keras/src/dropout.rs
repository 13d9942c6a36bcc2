//! Dropout: which values a step drops, for both engines.

use manifest::Broken;
use random::keras::DropoutNoise;

use crate::{Flow, Model, Training};

impl Training {
    /// Whether it is known what the flow's Keras drops; paths are whole.
    pub(crate) fn rules_of_dropout(&self, model: &Model) -> Result<(), Broken> {
        match model.layers.iter().position(|layer| layer.as_dense().is_none()) {
            Some(number) if matches!(self.flow, Flow::KerasSetRandomSeed | Flow::KerasSetRandomSeedTf215) => {
                let message = format!("must be dense with flow {}, got dropout", self.flow.name());
                Err(Broken::new(format!("model.layers.{number}.kind"), message).with("training.flow"))
            }
            _ => Ok(()),
        }
    }
}

/// The dropout layers of a model in training.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dropouts {
    all: Vec<Dropout>,
}

/// A dropout layer in training.
#[derive(Debug, Clone)]
struct Dropout {
    /// The number of the dense layer whose inputs it drops.
    before: usize,
    rate: f32,
    /// What the values that stay are multiplied by.
    scale: f32,
    noise: DropoutNoise,
    /// Of each input of the last batch, row-major without gaps: the scale, or 0 where it was dropped.
    factors: Vec<f32>,
}

impl Dropouts {
    /// Adds the next one, which stands before the dense layer of that number.
    pub(crate) fn push(&mut self, before: usize, rate: f64, noise: DropoutNoise) {
        let scale = (1.0 / (1.0 - rate)) as f32;
        self.all.push(Dropout { before, rate: rate as f32, scale, noise, factors: Vec::new() });
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether one stands before the dense layer of that number.
    pub(crate) fn stands_before(&self, number: usize) -> bool {
        self.all.iter().any(|dropout| dropout.before == number)
    }

    /// What the one before the dense layer of that number multiplies the values that stay by.
    pub(crate) fn scale(&self, number: usize) -> Option<f32> {
        self.all.iter().find(|dropout| dropout.before == number).map(|dropout| dropout.scale)
    }

    /// Draws what the dropout before the dense layer of that number multiplies its inputs by, so many of them, row-major;
    /// `None` if no dropout stands there.
    pub(crate) fn draw(&mut self, before: usize, inputs: usize) -> Option<&[f32]> {
        let Dropout { rate, scale, noise, factors, .. } =
            self.all.iter_mut().find(|dropout| dropout.before == before)?;
        factors.resize(inputs, 0.0);
        noise.fill(factors);
        for factor in &mut *factors {
            *factor = if *factor >= *rate { *scale } else { 0.0 };
        }
        Some(factors)
    }

    /// What [`Self::draw`] drew last for that layer.
    pub(crate) fn factors(&self, before: usize) -> Option<&[f32]> {
        self.all.iter().find(|dropout| dropout.before == before).map(|dropout| dropout.factors.as_slice())
    }
}

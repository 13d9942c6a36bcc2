//! Recorded runs of real Keras on a data set of `data/`, written by the `record.py` beside it.

use std::path::Path;

use dataset::{Dataset, Digests};
use serde::Deserialize;

use crate::recorded::{Run, same_bits};
use crate::{Compiled, History, Model, Training};

/// What real Keras computed, with what and from what.
#[derive(Debug, Deserialize)]
pub struct RecordedData {
    /// The version of TensorFlow.
    pub tensorflow: String,
    /// The version of Keras.
    pub keras: String,
    /// The version of scikit-learn, which split, scaled and encoded.
    pub scikit_learn: String,
    /// What the processor calls itself.
    pub processor: String,
    /// What Keras was given.
    digests: Digests,
    /// The network.
    pub model: Model,
    /// How it was trained, whatever the seed.
    pub training: Training,
    /// The class of every test row as scikit-learn's `LogisticRegression` chooses it, with its defaults, where
    /// the label is a class.
    #[serde(default)]
    pub logistic_regression: Vec<usize>,
    /// What scikit-learn's `LinearRegression` predicts for every test row, where the label is a number.
    #[serde(default)]
    pub linear_regression: Vec<f64>,
    /// One run a seed.
    pub runs: Vec<Run>,
}

impl RecordedData {
    /// Reads the recorded runs.
    ///
    /// # Errors
    /// If the file cannot be read or is not of this form.
    pub fn load(path: &Path) -> Result<Self, std::io::Error> {
        let named = |error: String| std::io::Error::other(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| named(error.to_string()))
    }

    /// Whether Keras was given the same bits.
    pub fn is_of_data(&self, data: &Dataset) -> bool {
        self.digests == Digests::of(data)
    }

    /// The run of this training, from its seed, whatever engine it has; `None` if the network or the training is another.
    pub fn run(&self, model: &Model, training: &Training) -> Option<&Run> {
        let Training { engine, device, seed, .. } = *training;
        let recorded = Training { engine, device, seed, ..self.training.clone() };
        let is_same = self.model == *model && recorded == *training;
        self.runs.iter().find(|run| is_same && run.seed == seed)
    }
}

impl Run {
    /// Whether losses, those on validation rows where they were recorded, final weights and predictions are the run's in every bit.
    pub fn is(&self, history: &History, model: &Compiled, predictions: &[f32]) -> bool {
        same_bits(&history.loss, &self.losses)
            && (self.val_losses.is_empty() || same_bits(&history.val_loss, &self.val_losses))
            && same_bits(&model.weights(), &self.weights)
            && same_bits(predictions, &self.predictions)
    }
}

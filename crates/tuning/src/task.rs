//! What searches are about: a network, the data that are drawn for it, and how it is trained.

use dataset::{Dataset, Drawn, Restore, Scaling};
use keras::{Model, Training};
use manifest::Broken;
use notebook::About;
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};

use crate::{FRESH_SEEDS, Measured, Metric, rules};

/// The part of a manifest that a training depends on, with what it says of the experiment; to be flattened into the
/// manifest's type.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// What the manifest says of the experiment.
    #[serde(flatten)]
    pub about: About,
    /// How the training and test data are drawn.
    pub data: Drawn,
    /// What is done to the data before training.
    pub scaling: Scaling,
    /// The network.
    pub model: Model,
    /// How the network is trained.
    pub training: Training,
    /// The arithmetic in which scaled predictions are turned back into the label's unit.
    #[serde(default)]
    pub restore: Restore,
}

impl Task {
    /// Whether its sections fit each other.
    ///
    /// # Errors
    /// If not.
    pub fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        if !self.training.metrics.is_empty() {
            return Err(Broken::new("training.metrics", "must be left out, here the accuracy alone is measured"));
        }
        self.training.rules(&self.model, 1)
    }

    /// Whether a search under the key `search` has a seed for each of its trainings, a sampler that obeys all of its keys, and
    /// fits the metrics and the data.
    ///
    /// # Errors
    /// If not.
    pub fn rules_of_search(&self, search: &Search, metrics: &[Metric]) -> Result<(), Broken> {
        self.training.rules_of_seeds("search.repeats", search.repeats, FRESH_SEEDS)?;
        if let Some(key) = search.unused().first() {
            let path = format!("search.{key}");
            return Err(Broken::new(path, "the sampler has no use for it").with("search.sampler"));
        }
        rules(search, metrics, self.data.train.size)
    }

    /// The data that metrics are measured on, and those to train on: the test data or, where a share of the training data is
    /// held out, that share.
    ///
    /// # Errors
    /// If the data cannot be drawn.
    pub fn dataset(&self, measured: Measured, validation_split: Option<f64>) -> Result<Dataset, dataset::Error> {
        match (measured, validation_split) {
            (Measured::Validation, Some(split)) => self.data.validation(self.scaling, self.restore, split),
            _ => self.data.dataset(self.scaling, self.restore),
        }
    }

    /// How the network is trained for the `repeat`-th time, from 0: every time from a seed of its own.
    pub fn training(&self, repeat: u32) -> Training {
        Training { seed: self.training.seed + i64::from(repeat), ..self.training.clone() }
    }
}

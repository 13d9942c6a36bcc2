//! Recorded runs of real Keras on the same table: `data/fuel/recorded.json`, written by `record.py` beside it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use dataset::Dataset;
use keras::recorded::Run;
use keras::{Model, Training};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// What real Keras computed, with what and from what.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    /// The version of TensorFlow.
    pub tensorflow: String,
    /// The version of scikit-learn, which split, scaled and encoded.
    pub scikit_learn: String,
    /// What the processor calls itself.
    pub processor: String,
    /// What Keras was given.
    pub digests: Digests,
    /// The network.
    pub model: Model,
    /// How it was trained, whatever the seed.
    pub training: Training,
    /// One run a seed.
    pub runs: Vec<Run>,
}

/// The SHA-256 of what a network is given: float32 values, little-endian, row by row.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Digests {
    x_train: String,
    y_train: String,
    x_test: String,
    y_test: String,
}

impl Recorded {
    /// Reads the recorded runs.
    ///
    /// # Errors
    /// If the file cannot be read or is not of this form.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} holds no recorded runs", path.display()))
    }

    /// Whether the runs are of this network, trained in this way from whatever seed and by whatever engine.
    pub fn is_of(&self, model: &Model, training: &Training) -> bool {
        let Training { engine, device, seed, .. } = *training;
        let recorded = Training { engine, device, seed, ..self.training.clone() };
        self.model == *model && recorded == *training
    }
}

impl Digests {
    /// The digests of the rows as the network gets them.
    pub fn of(data: &Dataset) -> Self {
        let [x_train, y_train, x_test, y_test] =
            [&data.train.x, &data.train.y, &data.test.x, &data.test.y].map(|values| digest(values));
        Self { x_train, y_train, x_test, y_test }
    }
}

fn digest(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

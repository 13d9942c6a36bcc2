//! The manifest: what is timed against what.

use dataset::{Drawn, Scaling};
use keras::{Layer, Model, Training};
use manifest::{Broken, Rules};
use notebook::About;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// What the manifest says of the experiment.
    #[serde(flatten)]
    pub about: About,
    /// How the training data are drawn; the test data are not used.
    pub data: Drawn,
    /// What is done to the data before training.
    pub scaling: Scaling,
    /// The network.
    pub model: Model,
    /// How the network is trained.
    pub training: Training,
    /// What is timed against what.
    pub speed: Speed,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        if self.data.features != 1 {
            let message = format!("must be 1, as the peers are written for, got {}", self.data.features);
            return Err(Broken::new("data.features", message));
        }
        if self.training.validation_split.is_some() {
            return Err(Broken::new("training.validation_split", "must be left out, training alone is timed"));
        }
        let Training { optimizer, callbacks, .. } = &self.training;
        let is_plain = |layer: &Layer| {
            let dense = layer.as_dense();
            dense.is_some_and(|dense| dense.kernel_regularizer.is_none() && dense.bias_regularizer.is_none())
        };
        for (path, peers_know) in [
            ("training.optimizer", *optimizer == optimizer.rule.into()),
            ("training.callbacks", callbacks.is_empty()),
            ("model.layers", self.model.layers.iter().all(is_plain)),
        ] {
            if !peers_know {
                let message =
                    "must be without schedule, clipping, callbacks, regularizers and dropout, as the peers are";
                return Err(Broken::new(path, message));
            }
        }
        self.training.rules(&self.model, 1)
    }
}

/// Trainings of one shape by many programs, timed in turns, and some of them along an axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speed {
    /// What trains the manifest's own network.
    #[schemars(length(min = 1))]
    pub subjects: Vec<Subject>,
    /// Rounds in which every subject trains once.
    #[schemars(range(min = 1, max = 1000))]
    pub repetitions: u32,
    /// Trainings that `exact-sweep` and `jax-vmap` take at once.
    #[schemars(range(min = 1, max = 100_000))]
    pub trials: u32,
    /// Series along an axis.
    #[serde(default)]
    pub scaling: Vec<Series>,
}

/// What trains: an engine of this workspace, or a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Engine `exact`, one training.
    Exact,
    /// Engine `exact`, many trainings.
    ExactSweep,
    /// Engine `libtorch`.
    Libtorch,
    /// The loop that a tch user writes.
    Tch,
    /// Keras 2 on TensorFlow, `fit` as the post has it.
    #[serde(rename = "keras-2-plain")]
    Keras2Plain,
    /// Keras 2 on TensorFlow at its best.
    #[serde(rename = "keras-2")]
    Keras2,
    /// Keras 3.
    #[serde(rename = "keras-3")]
    Keras3,
    /// PyTorch, eager.
    PytorchEager,
    /// PyTorch, compiled.
    PytorchCompiled,
    /// JAX, the whole training in one compiled scan.
    JaxScan,
    /// JAX, many trainings in one compiled scan.
    JaxVmap,
}

/// Trainings that differ in one thing; what is left out is the manifest's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// What differs.
    pub over: Axis,
    /// Its values.
    #[schemars(length(min = 1), inner(range(min = 1, max = 100_000)))]
    pub values: Vec<u32>,
    /// What trains.
    #[schemars(length(min = 1))]
    pub subjects: Vec<Subject>,
    /// Rounds in which every subject trains once.
    #[schemars(range(min = 1, max = 1000))]
    pub repetitions: u32,
    /// Units of every hidden layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_536))]
    pub units: Option<u32>,
    /// Hidden layers, all like the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 8))]
    pub hidden_layers: Option<u32>,
    /// Rows of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub batch_size: Option<u32>,
    /// Rows of the training data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub samples: Option<u32>,
    /// Epochs of a training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000))]
    pub epochs: Option<u32>,
}

/// What trainings differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Rows of a batch.
    BatchSize,
    /// Units of every hidden layer.
    Units,
    /// Hidden layers.
    HiddenLayers,
    /// Threads of a sweep.
    Threads,
    /// Trainings at once.
    Trials,
}

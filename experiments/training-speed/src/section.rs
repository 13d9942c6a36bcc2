//! The manifest: what is timed against what.

use dataset::{Drawn, Scaling, Table};
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
        rules_of_peers(&self.model, &self.training)?;
        self.training.rules(&self.model, 1)
    }
}

/// Whether the peers know everything that the training has.
fn rules_of_peers(model: &Model, training: &Training) -> Result<(), Broken> {
    let Training { optimizer, callbacks, metrics, .. } = training;
    let is_plain = |layer: &Layer| {
        let dense = layer.as_dense();
        dense.is_some_and(|dense| dense.kernel_regularizer.is_none() && dense.bias_regularizer.is_none())
    };
    for (path, peers_know) in [
        ("training.optimizer", *optimizer == optimizer.rule.into()),
        ("training.callbacks", callbacks.is_empty()),
        ("training.metrics", metrics.is_empty()),
        ("training.class_weight", training.class_weight.is_none()),
        ("model.layers", model.layers.iter().all(is_plain)),
    ] {
        if !peers_know {
            let message = "must be without schedule, clipping, callbacks, metrics, class weights, regularizers and dropout, as \
                           the peers are";
            return Err(Broken::new(path, message));
        }
    }
    Ok(())
}

/// What another experiment's manifest says of its training; its other keys are not read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// The experiment's name.
    pub experiment: String,
    /// The table and what is made of it.
    pub data: Table,
    /// The network.
    pub model: Model,
    /// How the network is trained.
    pub training: Training,
}

impl Other {
    /// The keys that are read.
    pub const SECTIONS: [&str; 4] = ["experiment", "data", "model", "training"];
}

impl Rules for Other {
    fn rules(&self) -> Result<(), Broken> {
        if self.data.classes { self.data.rules_of_classes() } else { self.data.rules() }?;
        if self.data.validation.as_ref().is_none_or(|validation| validation.split.is_none()) {
            return Err(Broken::new("data.validation.split", "must say how many rows are validated on"));
        }
        for (path, given) in [
            ("data.sample_weight", self.data.sample_weight.is_some()),
            ("training.validation_split", self.training.validation_split.is_some()),
        ] {
            if given {
                return Err(Broken::new(path, "must be left out, the peers do not have it"));
            }
        }
        rules_of_peers(&self.model, &self.training)?;
        let outputs = self.model.units().last().copied().unwrap_or_default();
        self.training.rules(&self.model, self.data.label_columns(outputs))
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
    /// Whole trainings of other experiments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_data: Option<RealData>,
    /// Series along an axis.
    #[serde(default)]
    pub scaling: Vec<Series>,
}

/// Trainings of other experiments on their data, validation after every epoch included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RealData {
    /// Their manifests.
    #[schemars(length(min = 1))]
    pub manifests: Vec<Changed>,
    /// What trains.
    #[schemars(length(min = 1))]
    pub subjects: Vec<Subject>,
    /// Rounds in which every subject trains once.
    #[schemars(range(min = 1, max = 1000))]
    pub repetitions: u32,
}

/// The manifest of another experiment with keys overridden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The manifest's file, relative to the workspace.
    #[schemars(length(min = 1))]
    pub manifest: String,
    /// What is overridden, as by `--set`.
    #[serde(default)]
    pub set: Vec<String>,
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

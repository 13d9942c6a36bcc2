//! A manifest's type with every kind of field, much like those of experiments.

use std::fmt;

use manifest::{Broken, Document, Rules, Variant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LARGEST_EXACT: i64 = 1 << 53;

/// A manifest with every kind of field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    #[serde(flatten)]
    pub about: About,
    /// Data.
    pub data: Data,
    /// Scaling.
    pub scaling: Scaling,
    /// Model.
    pub model: Model,
    /// Training.
    pub training: Training,
    /// Restore.
    #[serde(default)]
    pub restore: Restore,
    /// Seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_scan: Option<SeedScan>,
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
    /// Who ends trials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruner: Option<Pruner>,
    /// Either of two mappings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<HoldOut>,
    /// Variants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

/// Who ends trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Pruner {
    /// By the median.
    Median {
        /// Trials.
        startup_trials: u32,
    },
    /// By halving.
    Halving {},
}

/// Either of two mappings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HoldOut {
    /// Folds.
    Folds(Folds),
    /// A share.
    Share(Share),
}

/// Folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// How many.
    #[schemars(range(min = 2, max = 10))]
    pub folds: u32,
}

/// A share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The share.
    pub split: f64,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        for (name, Uniform { low, high, .. }) in [("train", &self.data.train), ("test", &self.data.test)] {
            if low >= high {
                let message = format!("must be > low, got {high} with low {low}");
                return Err(Broken::new(format!("data.{name}.high"), message).with(format!("data.{name}.low")));
            }
        }
        Ok(())
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        // A change of changes is not followed any further.
        match document.with([("training.epochs", 1.into())]) {
            Ok(_) => Ok(()),
            Err(error) => Err(Broken::new("training", error.without_place())),
        }
    }
}

/// The keys that every manifest begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The experiment's name: its folder, package, binary and report folder. Lower-case letters,
    /// digits and hyphens.
    #[schemars(length(min = 1), regex(pattern = "^[a-z0-9-]+$"))]
    pub experiment: String,
    /// The title of the report and its figures, one line.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Where the experiment comes from. Left out: it reproduces nothing that was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// One paragraph on what to look at; printed in the report.
    #[schemars(length(min = 1), extend("contentMediaType" = "text/markdown"))]
    pub analysis: String,
}

/// Where an experiment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the post that the experiment reproduces.
    #[schemars(length(min = 1))]
    pub post: String,
    /// The file with the numbers that the post printed, relative to the workspace root.
    #[schemars(length(min = 1))]
    pub published: String,
}

/// How the training and test data are drawn: whole numbers `x`, each with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The seed of the data's random stream, as NumPy takes it.
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
    /// The training data, drawn first.
    pub train: Uniform,
    /// The test data, drawn after the training data from the same stream.
    pub test: Uniform,
    /// How the label follows from `x`.
    pub label: Label,
}

/// Whole numbers drawn uniformly from `low..high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    /// The smallest value that can be drawn.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub low: i64,
    /// One more than the largest value that can be drawn.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub high: i64,
    /// How many values are drawn.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub size: usize,
}

/// How the label follows from `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The label is `x + add`.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub add: i64,
}

/// What is done to the data before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Subtract the mean of the training inputs and divide by their population standard deviation,
    /// inputs and labels alike.
    Standard,
    /// Train on the values as they are.
    None,
}

/// A stack of dense layers; the input has one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The layers from the first hidden one to the output; the last has one unit.
    #[schemars(length(min = 1, max = 64))]
    pub layers: Vec<Layer>,
}

/// One dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The width of the layer's output.
    #[schemars(range(min = 1, max = 65_536))]
    pub units: u32,
    /// The function applied to the layer's output.
    #[serde(default)]
    pub activation: Activation,
}

/// The function applied to a layer's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// `x`, Keras' default.
    #[default]
    Linear,
    /// `max(x, 0)`.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

/// How the network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The implementation that trains.
    #[serde(default)]
    pub engine: Engine,
    /// Where the tensors live: `cpu`, or `cuda:N` for the graphics card with number N.
    #[serde(default)]
    #[schemars(regex(pattern = "^(cpu|cuda:[0-9]{1,4})$"))]
    pub device: Device,
    /// How the seed becomes initial weights and batch orders.
    pub flow: Flow,
    /// The seed of initial weights and batch orders: any whole number with flow `tf-legacy`, one from 0 to 4294967295
    /// with `keras-set-random-seed`.
    pub seed: i64,
    /// The optimizer with its parameters.
    pub optimizer: Optimizer,
    /// What training minimises.
    pub loss: Loss,
    /// How often training passes over the training data.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// How many rows one step takes.
    #[serde(default = "batch_size")]
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// Whether every epoch visits the rows in a new random order.
    #[serde(default = "shuffle")]
    pub shuffle: bool,
}

/// Keras' default of `batch_size`.
fn batch_size() -> usize {
    32
}

/// Keras' default of `shuffle`.
fn shuffle() -> bool {
    true
}

/// The implementation that trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// libtorch tensors, on any device.
    #[default]
    Libtorch,
    /// Every float32 operation in the order of Keras on TensorFlow, on the CPU.
    Exact,
}

/// Where the tensors live, written `cpu` or `cuda:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The graphics card with this number.
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "cpu" {
            return Ok(Self::Cpu);
        }
        text.strip_prefix("cuda:")
            .filter(|number| (1..=4).contains(&number.len()))
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(Self::Cuda)
            .ok_or_else(|| {
                let got = manifest::quote(&text);
                format!("expected cpu or cuda:N, as in cuda:0, got {got}")
            })
    }
}

/// How the seed becomes initial weights and batch orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// As legacy `tf.keras` after `tf.random.set_seed(seed)`.
    TfLegacy,
    /// As Keras after `keras.utils.set_random_seed(seed)`, which takes seeds from 0 to 4294967295.
    KerasSetRandomSeed,
}

/// What training minimises, as a mean over the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The mean squared error.
    Mse,
    /// The mean absolute error.
    Mae,
    /// Huber's loss with Keras' delta of 1: squared below it, absolute above it.
    Huber,
}

/// The arithmetic in which scaled predictions are turned back into the label's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restore {
    /// 32-bit floats, as NumPy 1 computes it.
    #[default]
    Float32,
    /// 64-bit floats, as NumPy 2 computes it.
    Float64,
}

/// The seeds that a scan trains from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedScan {
    /// The first seed.
    pub first: i64,
    /// The last seed, itself included. A scan has at most 1000000 seeds.
    pub last: i64,
}
/// An optimizer with its parameters, told apart by `name`; parameters left out take Keras' defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimizer {
    /// Plain stochastic gradient descent.
    Sgd {
        /// The step size.
        #[serde(default = "learning_rate_of_sgd")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
    },
    /// Gradient descent with momentum: Keras' `SGD` with `momentum` set.
    Momentum {
        /// The step size.
        #[serde(default = "learning_rate_of_sgd")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The share of the last step that is kept.
        #[serde(default = "momentum")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        momentum: f64,
        /// Whether the gradient is taken ahead of the step, after Nesterov.
        #[serde(default)]
        nesterov: bool,
    },
    /// RMSprop.
    Rmsprop {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of squared gradients.
        #[serde(default = "rho")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        rho: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
    /// Adam.
    Adam {
        /// The step size.
        #[serde(default = "learning_rate")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of gradients.
        #[serde(default = "beta_1")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_1: f64,
        /// The decay of the mean of squared gradients.
        #[serde(default = "beta_2")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_2: f64,
        /// The constant that keeps the division finite.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
}

/// `learning_rate` of Keras' SGD, with and without momentum.
fn learning_rate_of_sgd() -> f64 {
    0.01
}

/// `learning_rate` of Keras' RMSprop and Adam.
fn learning_rate() -> f64 {
    0.001
}

/// `momentum` where it is not zero; Keras' guides use 0.9.
fn momentum() -> f64 {
    0.9
}

/// `rho` of Keras' RMSprop.
fn rho() -> f64 {
    0.9
}

/// `beta_1` of Keras' Adam.
fn beta_1() -> f64 {
    0.9
}

/// `beta_2` of Keras' Adam.
fn beta_2() -> f64 {
    0.999
}

/// `epsilon` of Keras' RMSprop and Adam.
fn epsilon() -> f64 {
    1e-7
}

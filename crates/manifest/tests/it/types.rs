//! A manifest's type with every kind of field, much like those of experiments.

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

/// A type of words, of which the first is the default.
macro_rules! words {
    ($name:ident: $first:ident $(, $other:ident)*) => {
        /// Words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            /// A word.
            #[default]
            $first,
            $(
                /// A word.
                $other,
            )*
        }
    };
}
words!(Scaling: Standard, None);
words!(Activation: Linear, Relu, Tanh, Sigmoid);
words!(Engine: Libtorch, Exact);
words!(Flow: TfLegacy, KerasSetRandomSeed);
words!(Loss: Mse, Mae, Huber);
words!(Restore: Float32, Float64);

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
    /// A name.
    #[schemars(length(min = 1), regex(pattern = "^[a-z0-9-]+$"))]
    pub experiment: String,
    /// A title.
    #[schemars(length(min = 1))]
    pub title: String,
    /// A source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Paragraphs.
    #[schemars(length(min = 1), extend("contentMediaType" = "text/markdown"))]
    pub analysis: String,
}

/// Where an experiment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the post.
    #[schemars(length(min = 1))]
    pub title: String,
    /// A file.
    #[schemars(length(min = 1))]
    pub published: String,
}

/// Mappings in a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// A seed.
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
    /// Training data.
    pub train: Uniform,
    /// Test data.
    pub test: Uniform,
    /// A label.
    pub label: Label,
}

/// Numbers with bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    /// The smallest value.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub low: i64,
    /// The end of the values.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub high: i64,
    /// How many values.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub size: usize,
}

/// A mapping of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// What is added.
    #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
    pub add: i64,
}

/// A list with bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Layers.
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

/// How the network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The implementation that trains.
    #[serde(default)]
    pub engine: Engine,
    /// A text with a pattern.
    #[serde(default)]
    #[schemars(regex(pattern = "^(cpu|cuda:[0-9]{1,4})$"))]
    pub device: Device,
    /// How the seed becomes initial weights and batch orders.
    pub flow: Flow,
    /// A seed of 64 bits.
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

fn batch_size() -> usize {
    32
}

fn shuffle() -> bool {
    true
}

/// A text of which a type checks the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Device(pub String);

impl Default for Device {
    fn default() -> Self {
        Self("cpu".to_owned())
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.0
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "cpu" || text.strip_prefix("cuda:").is_some_and(|number| number.parse::<u16>().is_ok()) {
            return Ok(Self(text));
        }
        Err(format!("expected cpu or cuda:N, as in cuda:0, got {}", manifest::quote(&text)))
    }
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
        #[serde(default = "hundredth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
    },
    /// Gradient descent with momentum: Keras' `SGD` with `momentum` set.
    Momentum {
        /// The step size.
        #[serde(default = "hundredth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The share of the last step that is kept.
        #[serde(default = "nine_tenths")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        momentum: f64,
        /// Whether the gradient is taken ahead of the step, after Nesterov.
        #[serde(default)]
        nesterov: bool,
    },
    /// RMSprop.
    Rmsprop {
        /// The step size.
        #[serde(default = "thousandth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of squared gradients.
        #[serde(default = "nine_tenths")]
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
        #[serde(default = "thousandth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// The decay of the mean of gradients.
        #[serde(default = "nine_tenths")]
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

fn hundredth() -> f64 {
    0.01
}

fn thousandth() -> f64 {
    0.001
}

fn nine_tenths() -> f64 {
    0.9
}

fn beta_2() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-7
}

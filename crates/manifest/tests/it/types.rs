//! A manifest's type with every kind of field, much like those of experiments.

use manifest::{Broken, Document, Rules, Variant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const LARGEST_EXACT: i64 = 1 << 53;

/// Mappings that refuse unknown keys, each with a description for the editor.
macro_rules! mappings {
    ($($name:ident { $($(#[$rule:meta])* $key:ident: $type:ty,)* })*) => {
        $(
            /// A mapping.
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
            #[schemars(deny_unknown_fields)]
            pub struct $name {
                $(
                    /// A key.
                    $(#[$rule])*
                    pub $key: $type,
                )*
            }
        )*
    };
}

mappings! {
    Manifest {
        #[serde(flatten)]
        about: About,
        data: Data,
        scaling: Scaling,
        model: Model,
        training: Training,
        #[serde(default)]
        restore: Restore,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed_scan: Option<SeedScan>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        witness: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pruner: Option<Pruner>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold_out: Option<HoldOut>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        variants: Vec<Variant>,
    }
    Folds {
        #[schemars(range(min = 2, max = 10))]
        folds: u32,
    }
    Share {
        split: f64,
    }
    Source {
        #[schemars(length(min = 1))]
        title: String,
        #[schemars(length(min = 1))]
        published: String,
    }
    Data {
        #[schemars(range(min = 0, max = u32::MAX))]
        seed: u32,
        train: Uniform,
        test: Uniform,
        label: Label,
    }
    Uniform {
        #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
        low: i64,
        #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
        high: i64,
        #[schemars(range(min = 1, max = 10_000_000))]
        size: usize,
    }
    Label {
        #[schemars(range(min = -LARGEST_EXACT, max = LARGEST_EXACT))]
        add: i64,
    }
    Model {
        #[schemars(length(min = 1, max = 64))]
        layers: Vec<Layer>,
    }
    Layer {
        #[schemars(range(min = 1, max = 65_536))]
        units: u32,
        #[serde(default)]
        activation: Activation,
    }
    Training {
        #[serde(default)]
        engine: Engine,
        #[serde(default)]
        #[schemars(regex(pattern = "^(cpu|cuda:[0-9]{1,4})$"))]
        device: Device,
        flow: Flow,
        seed: i64,
        optimizer: Optimizer,
        loss: Loss,
        #[schemars(range(min = 1, max = 1_000_000))]
        epochs: u32,
        #[serde(default = "batch_size")]
        #[schemars(range(min = 1))]
        batch_size: usize,
        #[serde(default = "shuffle")]
        shuffle: bool,
    }
    SeedScan {
        first: i64,
        last: i64,
    }
}

/// The keys that every manifest begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// An optimizer with its parameters, told apart by `name`; parameters left out take Keras' defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimizer {
    /// Plain stochastic gradient descent.
    Sgd {
        /// A key.
        #[serde(default = "hundredth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
    },
    /// Gradient descent with momentum: Keras' `SGD` with `momentum` set.
    Momentum {
        /// A key.
        #[serde(default = "hundredth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// A key.
        #[serde(default = "nine_tenths")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        momentum: f64,
        /// A key.
        #[serde(default)]
        nesterov: bool,
    },
    /// RMSprop.
    Rmsprop {
        /// A key.
        #[serde(default = "thousandth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// A key.
        #[serde(default = "nine_tenths")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        rho: f64,
        /// A key.
        #[serde(default = "epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
    /// Adam.
    Adam {
        /// A key.
        #[serde(default = "thousandth")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        learning_rate: f64,
        /// A key.
        #[serde(default = "nine_tenths")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_1: f64,
        /// A key.
        #[serde(default = "beta_2")]
        #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
        beta_2: f64,
        /// A key.
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

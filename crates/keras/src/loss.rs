//! What a manifest says of a loss.

use manifest::Broken;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Dense;
use crate::words::name;
use crate::{Activation, Layer, Model};

/// What training minimises, as a mean over the batch: a name, or a mapping with a `name` and parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Written", into = "Written")]
#[schemars(with = "Written", inline)]
pub enum Loss {
    /// The mean squared error.
    Mse,
    /// The mean absolute error.
    Mae,
    /// Huber's loss with Keras' delta of 1: squared below it, absolute above it.
    Huber,
    /// Of labels 0 and 1, one column an output.
    BinaryCrossentropy {
        /// Whether the last layer is linear and its outputs are log-odds; else it is `sigmoid`.
        from_logits: bool,
    },
    /// Of one class, whose label column is 1 and all others 0.
    CategoricalCrossentropy {
        /// Whether the last layer is linear and its outputs are unscaled logarithms; else it is `softmax`.
        from_logits: bool,
    },
    /// Of one class, whose number from 0 is the only label column.
    SparseCategoricalCrossentropy {
        /// As of `categorical_crossentropy`.
        from_logits: bool,
    },
}

/// How a loss is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Written {
    Name(Name),
    WithParameters(WithParameters),
}

/// A loss by its name.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Name {
    /// The mean squared error.
    Mse,
    /// The mean absolute error.
    Mae,
    /// Huber's loss with Keras' delta of 1: squared below it, absolute above it.
    Huber,
    /// Cross-entropy of labels 0 and 1, one column an output; the last layer is `sigmoid`.
    BinaryCrossentropy,
    /// Cross-entropy of one class, whose label column is 1 and all others 0; the last layer is `softmax`.
    CategoricalCrossentropy,
    /// Cross-entropy of one class, whose number from 0 is the only label column; the last layer is `softmax`.
    SparseCategoricalCrossentropy,
}

/// A loss with parameters.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct WithParameters {
    /// The loss.
    name: Crossentropy,
    /// Whether the last layer is linear, and its outputs what `sigmoid` or `softmax` would be applied to.
    #[serde(default)]
    from_logits: bool,
}

/// A loss that has parameters.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
enum Crossentropy {
    /// Of labels 0 and 1, one column an output.
    #[serde(rename = "binary_crossentropy")]
    Binary,
    /// Of one class, whose label column is 1 and all others 0.
    #[serde(rename = "categorical_crossentropy")]
    Categorical,
    /// Of one class, whose number from 0 is the only label column.
    #[serde(rename = "sparse_categorical_crossentropy")]
    SparseCategorical,
}

impl From<Written> for Loss {
    fn from(written: Written) -> Self {
        let (name, from_logits) = match written {
            Written::Name(name) => match name {
                Name::Mse => return Self::Mse,
                Name::Mae => return Self::Mae,
                Name::Huber => return Self::Huber,
                Name::BinaryCrossentropy => (Crossentropy::Binary, false),
                Name::CategoricalCrossentropy => (Crossentropy::Categorical, false),
                Name::SparseCategoricalCrossentropy => (Crossentropy::SparseCategorical, false),
            },
            Written::WithParameters(WithParameters { name, from_logits }) => (name, from_logits),
        };
        match name {
            Crossentropy::Binary => Self::BinaryCrossentropy { from_logits },
            Crossentropy::Categorical => Self::CategoricalCrossentropy { from_logits },
            Crossentropy::SparseCategorical => Self::SparseCategoricalCrossentropy { from_logits },
        }
    }
}

impl From<Loss> for Written {
    fn from(loss: Loss) -> Self {
        let (plain, name, from_logits) = match loss {
            Loss::Mse => return Self::Name(Name::Mse),
            Loss::Mae => return Self::Name(Name::Mae),
            Loss::Huber => return Self::Name(Name::Huber),
            Loss::BinaryCrossentropy { from_logits } => (Name::BinaryCrossentropy, Crossentropy::Binary, from_logits),
            Loss::CategoricalCrossentropy { from_logits } => {
                (Name::CategoricalCrossentropy, Crossentropy::Categorical, from_logits)
            }
            Loss::SparseCategoricalCrossentropy { from_logits } => {
                (Name::SparseCategoricalCrossentropy, Crossentropy::SparseCategorical, from_logits)
            }
        };
        if from_logits { Self::WithParameters(WithParameters { name, from_logits }) } else { Self::Name(plain) }
    }
}

impl Loss {
    /// The loss in words, as captions name it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mse => "mean squared error",
            Self::Mae => "mean absolute error",
            Self::Huber => "Huber loss",
            Self::BinaryCrossentropy { .. } => "binary cross-entropy",
            Self::CategoricalCrossentropy { .. } | Self::SparseCategoricalCrossentropy { .. } => {
                "categorical cross-entropy"
            }
        }
    }

    /// How many label columns a network with so many outputs has.
    pub fn label_columns(self, outputs: usize) -> usize {
        match self {
            Self::SparseCategoricalCrossentropy { .. } => 1,
            _ => outputs,
        }
    }

    /// The last layer's activation that Keras joins to the loss, and whether the last layer is linear instead.
    pub(crate) fn joined(self) -> Option<(Activation, bool)> {
        match self {
            Self::Mse | Self::Mae | Self::Huber => None,
            Self::BinaryCrossentropy { from_logits } => Some((Activation::Sigmoid, from_logits)),
            Self::CategoricalCrossentropy { from_logits } | Self::SparseCategoricalCrossentropy { from_logits } => {
                Some((Activation::Softmax, from_logits))
            }
        }
    }

    /// Whether the loss is computed from what the last layer's activation is applied to, as Keras does with every cross-entropy.
    pub(crate) fn is_of_logits(self) -> bool {
        self.joined().is_some()
    }

    /// Whether the loss fits the last layer of `model`, whose data have so many label columns; paths are those of a manifest with
    /// the sections `model` and `training`.
    ///
    /// # Errors
    /// If the last layer has another activation or another number of units than the loss needs, or another layer has a softmax.
    pub(crate) fn rules(self, model: &Model, labels: Option<u32>) -> Result<(), Broken> {
        let path = |number: usize, key: &str| format!("model.layers.{number}.{key}");
        let last = model.layers.len().saturating_sub(1);
        for (number, layer) in model.layers.iter().enumerate() {
            let Layer::Dense(Dense { units, activation, .. }) = layer else { continue };
            let is = |other: Activation| *activation == other;
            let (fits, needed) = match self.joined() {
                _ if number < last => (!is(Activation::Softmax), "another than softmax below the last layer"),
                None => (!is(Activation::Softmax), "another than softmax with this loss"),
                Some((_, true)) => (is(Activation::Linear), "linear with a loss from_logits"),
                Some((Activation::Softmax, _)) => (is(Activation::Softmax), "softmax with this loss"),
                Some(_) => (is(Activation::Sigmoid), "sigmoid with this loss"),
            };
            if !fits {
                let message = format!("must be {needed}, got {}", name(activation));
                let broken = Broken::new(path(number, "activation"), message);
                return Err(if number < last { broken } else { broken.with("training.loss") });
            }
            if number < last {
                continue;
            }
            if matches!(self.joined(), Some((Activation::Softmax, _))) && *units < 2 {
                let message = format!("must be at least 2 in the last layer with this loss, one a class, got {units}");
                return Err(Broken::new(path(number, "units"), message).with("training.loss"));
            }
            let Some(labels) = labels else { continue };
            let columns = |count: u32| if count == 1 { "one column".to_owned() } else { format!("{count} columns") };
            if let Self::SparseCategoricalCrossentropy { .. } = self
                && labels != 1
            {
                let message = format!("needs labels of one column, the class, got {}", columns(labels));
                return Err(Broken::new("training.loss", message));
            }
            if self.label_columns(*units as usize) != labels as usize {
                let message =
                    format!("must be {labels} in the last layer (the label is {}), got {units}", columns(labels));
                return Err(Broken::new(path(number, "units"), message));
            }
        }
        Ok(())
    }
}

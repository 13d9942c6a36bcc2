//! What a manifest says of a network.

use manifest::Broken;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a manifest says of a network: a stack of layers, with as many inputs as the data have columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The layers from the first hidden one to the output, which has a unit for each label column.
    #[schemars(length(min = 1, max = 64))]
    pub layers: Vec<Layer>,
}

/// A layer of one of Keras' kinds, which `kind` says; a layer without a `kind` is `dense`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(tag = "kind", rename_all = "snake_case", transform = require_no_kind)]
pub enum Layer {
    /// Every output is a weighted sum of all inputs and a bias.
    Dense(Dense),
}

/// A dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dense {
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

impl Layer {
    /// A dense layer.
    pub fn dense(units: u32, activation: Activation) -> Self {
        Self::Dense(Dense { units, activation })
    }
}

/// A dense layer is written without its kind.
impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Dense(dense) => dense.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Layer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        enum Kind {
            Dense(Dense),
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            WithKind(Kind),
            Without(Dense),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::WithKind(Kind::Dense(dense)) | Written::Without(dense) => Self::Dense(dense),
        })
    }
}

/// Takes the kind from the keys that a dense layer must have.
fn require_no_kind(schema: &mut Schema) {
    if let Some(required) = schema.pointer_mut("/oneOf/0/required").and_then(Value::as_array_mut) {
        required.retain(|key| key != "kind");
    }
}

impl Model {
    /// The width of every layer's output.
    pub fn units(&self) -> Vec<u32> {
        self.layers.iter().map(|Layer::Dense(Dense { units, .. })| *units).collect()
    }

    /// Whether the last layer has a unit for each of the `labels` label columns; paths are those below `model`.
    ///
    /// # Errors
    /// If it has another number of units.
    pub fn rules(&self, labels: u32) -> Result<(), Broken> {
        match self.layers.last() {
            Some(Layer::Dense(Dense { units, .. })) if *units != labels => {
                let columns = if labels == 1 { "one column".to_owned() } else { format!("{labels} columns") };
                let message = format!("must be {labels} in the last layer (the label is {columns}), got {units}");
                Err(Broken::new(format!("layers.{}.units", self.layers.len() - 1), message))
            }
            _ => Ok(()),
        }
    }
}

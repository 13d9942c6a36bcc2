//! What a manifest says of a network.

use manifest::Broken;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a manifest says of a network: a stack of Dense layers, with as many inputs as the data have columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The layers from the first hidden one to the output, which has a unit for each label column.
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

impl Model {
    /// Whether the last layer has a unit for each of the `labels` label columns; paths are those below `model`.
    ///
    /// # Errors
    /// If it has another number of units.
    pub fn rules(&self, labels: u32) -> Result<(), Broken> {
        match self.layers.last() {
            Some(Layer { units, .. }) if *units != labels => {
                let columns = if labels == 1 { "one column".to_owned() } else { format!("{labels} columns") };
                let message = format!("must be {labels} in the last layer (the label is {columns}), got {units}");
                Err(Broken::new(format!("layers.{}.units", self.layers.len() - 1), message))
            }
            _ => Ok(()),
        }
    }
}

//! What a manifest says of a network.

use manifest::Broken;
use random::keras::{Distribution, Fan, VarianceScaling};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a manifest says of a network: a stack of layers, with as many inputs as the data have columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The layers from the first hidden one to the output, which has a unit for each label column or, of
    /// `sparse_categorical_crossentropy`, for each class.
    #[schemars(length(min = 1, max = 64))]
    pub layers: Vec<Layer>,
}

/// A layer of one of Keras' kinds, which `kind` says; a layer without a `kind` is `dense`.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(tag = "kind", rename_all = "snake_case", transform = require_no_kind)]
pub enum Layer {
    /// Every output is a weighted sum of all inputs and a bias.
    Dense(Dense),
    /// In training, every input is dropped with a probability and the others are enlarged in turn; elsewhere nothing is done.
    Dropout(Dropout),
}

/// A dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// The width of the layer's output.
    #[schemars(range(min = 1, max = 65_536))]
    pub units: u32,
    /// The function applied to the layer's output.
    #[serde(default)]
    pub activation: Activation,
    /// How the initial weights are drawn; biases begin at 0.
    #[serde(default, skip_serializing_if = "KernelInitializer::is_default")]
    pub kernel_initializer: KernelInitializer,
    /// What the weights cost besides the loss. Left out: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel_regularizer: Option<Regularizer>,
    /// What the biases cost besides the loss. Left out: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bias_regularizer: Option<Regularizer>,
}

/// A dropout layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The probability of a value to be dropped.
    #[schemars(extend("minimum" = 0, "exclusiveMaximum" = 1))]
    pub rate: f64,
}

/// A penalty that is added to the loss: `l1 · Σ |w| + l2 · Σ w²`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regularizer {
    /// The factor of the sum of magnitudes.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub l1: f64,
    /// The factor of the sum of squares.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub l2: f64,
}

/// How initial weights are drawn: from a uniform distribution or a normal one that is cut at two standard deviations, with a
/// variance that follows the layer's inputs and units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KernelInitializer {
    /// Uniform, with a variance of 2 divided by inputs and units together (Glorot and Bengio 2010): Keras' default.
    #[default]
    GlorotUniform,
    /// Normal, with that variance.
    GlorotNormal,
    /// Uniform, with a variance of 2 divided by the inputs (He et al. 2015).
    HeUniform,
    /// Normal, with that variance.
    HeNormal,
    /// Uniform, with a variance of 1 divided by the inputs (LeCun et al. 1998).
    LecunUniform,
    /// Normal, with that variance.
    LecunNormal,
}

impl KernelInitializer {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The distribution.
    pub(crate) fn scaling(self) -> VarianceScaling {
        let (scale, fan, distribution) = match self {
            Self::GlorotUniform => (1.0, Fan::Average, Distribution::Uniform),
            Self::GlorotNormal => (1.0, Fan::Average, Distribution::TruncatedNormal),
            Self::HeUniform => (2.0, Fan::In, Distribution::Uniform),
            Self::HeNormal => (2.0, Fan::In, Distribution::TruncatedNormal),
            Self::LecunUniform => (1.0, Fan::In, Distribution::Uniform),
            Self::LecunNormal => (1.0, Fan::In, Distribution::TruncatedNormal),
        };
        VarianceScaling { scale, fan, distribution }
    }
}

/// The function applied to a layer's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
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
    /// `x` above 0, `exp(x) - 1` below.
    Elu,
    /// `elu` scaled so that activations keep their mean and variance: `1.0507 x` above 0, `1.7581 (exp(x) - 1)` below.
    Selu,
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `exp(x)`.
    Exponential,
    /// A straight line for `sigmoid`, from 0 to 1: `0.2 x + 0.5`, and in flow `keras-3` `(x + 3) / 6`.
    HardSigmoid,
    /// `x` above 0, `0.3 x` below, and in flow `keras-3` `0.2 x`.
    LeakyRelu,
    /// `x` times the normal distribution's share below it.
    Gelu,
    /// `exp(x)` as a share of its sum over the units; in the last layer.
    Softmax,
}

impl Layer {
    /// A dense layer.
    pub fn dense(units: u32, activation: Activation) -> Self {
        let kernel_initializer = KernelInitializer::default();
        Self::Dense(Dense { units, activation, kernel_initializer, kernel_regularizer: None, bias_regularizer: None })
    }

    /// The dense layer that it is, if it is one.
    pub fn as_dense(&self) -> Option<&Dense> {
        match self {
            Self::Dense(dense) => Some(dense),
            Self::Dropout(_) => None,
        }
    }
}

/// The layers of one kind or another, told apart by `kind`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    Dense(Dense),
    Dropout(Dropout),
}

/// A dense layer is written without its kind.
impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Dense(dense) => dense.serialize(serializer),
            Self::Dropout(dropout) => Kind::Dropout(*dropout).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Layer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            WithKind(Kind),
            Without(Dense),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::WithKind(Kind::Dense(dense)) | Written::Without(dense) => Self::Dense(dense),
            Written::WithKind(Kind::Dropout(dropout)) => Self::Dropout(dropout),
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
    /// The dense layers.
    pub fn dense(&self) -> impl Iterator<Item = &Dense> {
        self.layers.iter().filter_map(Layer::as_dense)
    }

    /// The width of every dense layer's output.
    pub fn units(&self) -> Vec<u32> {
        self.dense().map(|layer| layer.units).collect()
    }

    /// Inputs and units of every dense layer of a network with so many inputs.
    pub(crate) fn shapes(&self, mut inputs: usize) -> Vec<[usize; 2]> {
        self.dense().map(|layer| [std::mem::replace(&mut inputs, layer.units as usize), layer.units as usize]).collect()
    }

    /// Whether there are layers, and dropout stands before dense ones alone; paths are those of a manifest with the section `model`.
    pub(crate) fn rules(&self) -> Result<(), Broken> {
        if self.layers.is_empty() {
            return Err(Broken::new("model.layers", "a model needs at least one layer"));
        }
        for (number, layer) in self.layers.iter().enumerate() {
            if layer.as_dense().is_none() && self.layers.get(number + 1).and_then(Layer::as_dense).is_none() {
                let message = "must stand before a dense layer".to_owned();
                return Err(Broken::new(format!("model.layers.{number}.kind"), message));
            }
        }
        Ok(())
    }
}

//! What a manifest says of an optimizer: the rule with its parameters, and what every rule takes besides.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use serde_yaml::Mapping;

use crate::Optimizer;
use crate::glibc::Base;

/// An optimizer with what every optimizer takes besides its own parameters; a manifest has all of it in one mapping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimization {
    /// The rule; its learning rate counts unless there is a schedule.
    pub rule: Optimizer,
    /// What the learning rate is in every step, where `learning_rate` is a mapping.
    pub schedule: Option<LearningRateSchedule>,
    /// How long gradients are cut.
    pub clipping: Option<Clipping>,
}

/// A learning rate that follows the steps, told apart by `name`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum LearningRateSchedule {
    /// `initial_learning_rate · decay_rate^(step / decay_steps)`, steps counted from 0, in float32.
    ExponentialDecay {
        /// The learning rate of the first step.
        #[schemars(extend("exclusiveMinimum" = 0))]
        initial_learning_rate: f64,
        /// After how many steps the learning rate is multiplied by `decay_rate`.
        #[schemars(range(min = 1))]
        decay_steps: u32,
        /// What the learning rate is multiplied by.
        #[schemars(extend("exclusiveMinimum" = 0))]
        decay_rate: f64,
        /// Whether the learning rate stays the same between multiples of `decay_steps`.
        #[serde(default)]
        staircase: bool,
    },
}

/// How gradients are cut before the optimizer sees them. A manifest has at most one of the three.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Clipping {
    /// Every value to within `±clipvalue`.
    Clipvalue(f64),
    /// Every tensor's euclidean norm to at most this.
    Clipnorm(f64),
    /// The euclidean norm of all gradients together to at most this.
    GlobalClipnorm(f64),
}

/// The keys of [`Clipping`] in a manifest, and what its schema says of each.
const CLIPPINGS: [(&str, &str); 3] = [
    ("clipvalue", "The largest magnitude of a gradient's value; larger ones are cut to it."),
    ("clipnorm", "The largest euclidean norm of a tensor's gradient; longer ones are scaled to it."),
    ("global_clipnorm", "The largest euclidean norm of all gradients together; longer ones are scaled to it."),
];

impl Clipping {
    /// That of one of the keys in a manifest.
    fn of(key: &str, most: f64) -> Self {
        match key {
            "clipvalue" => Self::Clipvalue(most),
            "clipnorm" => Self::Clipnorm(most),
            _ => Self::GlobalClipnorm(most),
        }
    }

    /// The key in a manifest, and its value.
    pub(crate) fn written(self) -> (&'static str, f64) {
        match self {
            Self::Clipvalue(most) => ("clipvalue", most),
            Self::Clipnorm(most) => ("clipnorm", most),
            Self::GlobalClipnorm(most) => ("global_clipnorm", most),
        }
    }
}

/// A rule alone, without a schedule or clipping.
impl From<Optimizer> for Optimization {
    fn from(rule: Optimizer) -> Self {
        Self { rule, schedule: None, clipping: None }
    }
}

impl Serialize for Optimization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let mut written: Mapping =
            serde_yaml::to_value(self.rule).and_then(serde_yaml::from_value).map_err(S::Error::custom)?;
        if let Some(schedule) = self.schedule {
            written.insert("learning_rate".into(), serde_yaml::to_value(schedule).map_err(S::Error::custom)?);
        }
        if let Some((key, most)) = self.clipping.map(Clipping::written) {
            written.insert(key.into(), most.into());
        }
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Optimization {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut written = Map::<String, Value>::deserialize(deserializer)?;
        let schedule = if written.get("learning_rate").is_some_and(Value::is_object) {
            written.remove("learning_rate")
        } else {
            None
        };
        let schedule = schedule.map(LearningRateSchedule::deserialize).transpose().map_err(D::Error::custom)?;
        let mut clipping: Option<Clipping> = None;
        for (key, _) in CLIPPINGS {
            let Some(most) = written.remove(key) else { continue };
            if let Some((other, _)) = clipping.map(Clipping::written) {
                return Err(D::Error::custom(format!("{other} and {key} exclude each other, give one of them")));
            }
            clipping = Some(Clipping::of(key, f64::deserialize(most).map_err(D::Error::custom)?));
        }
        let mut rule = Optimizer::deserialize(Value::Object(written)).map_err(D::Error::custom)?;
        if let Some(LearningRateSchedule::ExponentialDecay { initial_learning_rate, .. }) = schedule {
            *rule.learning_rate_mut() = initial_learning_rate;
        }
        Ok(Self { rule, schedule, clipping })
    }
}

impl JsonSchema for Optimization {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Optimization".into()
    }

    /// That of the rules, each with the keys that all of them take.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let schedule = generator.subschema_for::<LearningRateSchedule>();
        let mut schema = Optimizer::json_schema(generator);
        let rules = schema.get_mut("oneOf").and_then(Value::as_array_mut);
        for properties in rules.into_iter().flatten().filter_map(|rule| rule["properties"].as_object_mut()) {
            if let Some(rate) = properties.get_mut("learning_rate").and_then(Value::as_object_mut) {
                let mut number = Map::new();
                for key in ["type", "format", "exclusiveMinimum"] {
                    number.extend(rate.remove(key).map(|value| (key.to_owned(), value)));
                }
                rate.insert("anyOf".to_owned(), json!([number, schedule]));
            }
            for (key, description) in CLIPPINGS {
                let number = json!({"description": description, "type": "number", "exclusiveMinimum": 0});
                properties.insert(key.to_owned(), number);
            }
        }
        schema
    }
}

/// The learning rates of a schedule, one a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LearningRates {
    initial: f32,
    inverse_of_steps: f32,
    decay_rate: Base,
    staircase: bool,
    step: u32,
}

impl LearningRates {
    /// Before the first step.
    pub(crate) fn new(schedule: LearningRateSchedule) -> Self {
        let LearningRateSchedule::ExponentialDecay { initial_learning_rate, decay_steps, decay_rate, staircase } =
            schedule;
        Self {
            initial: initial_learning_rate as f32,
            // TensorFlow's graph optimiser multiplies instead of dividing by a constant.
            inverse_of_steps: 1.0 / decay_steps as f32,
            decay_rate: Base::new(decay_rate as f32),
            staircase,
            step: 0,
        }
    }

    /// The learning rate of the first step.
    pub(crate) fn initial(&self) -> f32 {
        self.initial
    }

    /// The learning rate of the next step, every operation in float32 as TensorFlow's graph has them.
    pub(crate) fn next(&mut self) -> f32 {
        self.initial * self.next_factor()
    }

    /// What the learning rate of the next step is of the first one; the power is the C library's.
    pub(crate) fn next_factor(&mut self) -> f32 {
        let exponent = self.step as f32 * self.inverse_of_steps;
        let exponent = if self.staircase { exponent.floor() } else { exponent };
        self.step = self.step.saturating_add(1);
        if exponent == 0.0 { 1.0 } else { self.decay_rate.power(exponent) }
    }
}

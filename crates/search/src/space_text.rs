//! How a space is written in YAML or JSON: a map of names to `{min, max, log, step}` or `{values}`, with `when`.
//!
//! ```yaml
//! training.optimizer.name: {values: [sgd, adam]}
//! training.optimizer.learning_rate: {min: 1e-4, max: 1e-1, log: true}
//! training.optimizer.momentum: {min: 0.0, max: 0.99, when: {training.optimizer.name: [sgd]}}
//! model.layers.0.units: {min: 4, max: 64, log: true}
//! ```

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::value::Ordered;
use crate::{Assignment, Condition, Domain, Parameter, Space, SpaceError, Value};

/// A bound or step as written.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    fn float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// One parameter: a range of numbers, of whole numbers if both bounds are, or a list of values.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SearchParameter")]
struct Entry {
    /// Smallest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Number>,
    /// Largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Number>,
    /// Whether the scale is logarithmic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    log: bool,
    /// Distance between neighbouring values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<Number>,
    /// The values to choose from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Value>>,
    /// Values of other parameters under which this one exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<std::collections::BTreeMap<String, Vec<Value>>>")]
    when: Option<Ordered<Vec<Value>>>,
}

impl Entry {
    fn into_parameter(self, name: String) -> Result<Parameter, SpaceError> {
        let fail = |rule: &str| Err(SpaceError::new(&name, rule));
        let domain = match (self.min, self.max, self.values) {
            (None, None, Some(values)) => {
                if self.log || self.step.is_some() {
                    return fail("values go with neither log nor step");
                }
                Domain::Categorical { values }
            }
            (Some(min), Some(max), None) => match (min, max, self.step) {
                (Number::Integer(min), Number::Integer(max), None) => {
                    Domain::Integer { min, max, log: self.log, step: 1 }
                }
                (Number::Integer(min), Number::Integer(max), Some(Number::Integer(step))) => {
                    Domain::Integer { min, max, log: self.log, step }
                }
                (Number::Integer(_), Number::Integer(_), Some(Number::Float(_))) => {
                    return fail(
                        "step must be a whole number where min and max are; write one bound with a decimal point for a range of floats",
                    );
                }
                _ => Domain::Float {
                    min: min.float(),
                    max: max.float(),
                    log: self.log,
                    step: self.step.map(Number::float),
                },
            },
            _ => return fail("must have either min and max or values"),
        };
        let when = self.when.map_or_else(Vec::new, |when| when.0);
        let when = when.into_iter().map(|(parameter, values)| Condition { parameter, values }).collect();
        Ok(Parameter { name, domain, when })
    }

    fn of(parameter: &Parameter) -> Self {
        let mut entry = match &parameter.domain {
            Domain::Float { min, max, log, step } => Self {
                min: Some(Number::Float(*min)),
                max: Some(Number::Float(*max)),
                log: *log,
                step: step.map(Number::Float),
                ..Self::default()
            },
            Domain::Integer { min, max, log, step } => Self {
                min: Some(Number::Integer(*min)),
                max: Some(Number::Integer(*max)),
                log: *log,
                step: (*step != 1).then_some(Number::Integer(*step)),
                ..Self::default()
            },
            Domain::Categorical { values } => Self { values: Some(values.clone()), ..Self::default() },
        };
        let when: Vec<_> = parameter.when.iter().map(|c| (c.parameter.clone(), c.values.clone())).collect();
        entry.when = (!when.is_empty()).then_some(Ordered(when));
        entry
    }
}

impl<'de> Deserialize<'de> for Space {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Ordered::<Entry>::deserialize(deserializer)?;
        let parameters = entries.0.into_iter().map(|(name, entry)| entry.into_parameter(name));
        let parameters = parameters.collect::<Result<Vec<_>, _>>().map_err(D::Error::custom)?;
        Space::new(parameters).map_err(D::Error::custom)
    }
}

impl Serialize for Space {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.parameters().iter().map(|p| (p.name.clone(), Entry::of(p))).collect();
        Ordered(entries).serialize(serializer)
    }
}

impl JsonSchema for Space {
    fn schema_name() -> Cow<'static, str> {
        "SearchSpace".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        std::collections::BTreeMap::<String, Entry>::json_schema(generator)
    }
}

impl JsonSchema for Assignment {
    fn schema_name() -> Cow<'static, str> {
        "Assignment".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        std::collections::BTreeMap::<String, Value>::json_schema(generator)
    }
}

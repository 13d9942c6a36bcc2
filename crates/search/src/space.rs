//! The search space: named domains, some of them only under a condition. In YAML or JSON it is a map of names to
//! `{min, max, log, step}` or `{values}`, with `when`.
//!
//! ```yaml
//! training.optimizer.name: {values: [sgd, adam]}
//! training.optimizer.learning_rate: {min: 1e-4, max: 1e-1, log: true}
//! training.optimizer.momentum: {min: 0.0, max: 0.99, when: {training.optimizer.name: [sgd]}}
//! model.layers.0.units: {min: 4, max: 64, log: true}
//! ```

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::value::Ordered;
use crate::{Assignment, Domain, Value};

/// A condition: the parameter exists only if another one has one of some values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Name of the other parameter.
    pub parameter: String,
    /// The values under which the condition holds.
    pub values: Vec<Value>,
}

/// One parameter of a space.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, unique in the space, such as `training.optimizer.learning_rate`.
    pub name: String,
    /// The values that it can take.
    pub domain: Domain,
    /// What must hold, all of it, for the parameter to exist in a trial; mostly empty.
    pub when: Vec<Condition>,
}

/// A search space that keeps its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    parameters: Vec<Parameter>,
    /// Positions of the parameters, each after those that its conditions name.
    order: Vec<usize>,
    /// By position: the positions of the parameters that its conditions name, in their order.
    parents: Vec<Vec<usize>>,
}

/// A space breaks a rule: which parameter and which rule, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {rule}")]
pub struct SpaceError {
    /// Name of the parameter.
    pub parameter: String,
    /// The rule and what was found instead.
    pub rule: String,
}

impl SpaceError {
    pub(crate) fn new(parameter: &str, rule: impl Into<String>) -> Self {
        Self { parameter: parameter.to_owned(), rule: rule.into() }
    }
}

impl Space {
    /// A space of `parameters`, in this order.
    ///
    /// # Errors
    ///
    /// If there is no parameter, two share a name, a domain or condition is impossible, or conditions form a circle.
    pub fn new(parameters: Vec<Parameter>) -> Result<Self, SpaceError> {
        if parameters.is_empty() {
            return Err(SpaceError::new("parameters", "must name at least one parameter"));
        }
        for (i, parameter) in parameters.iter().enumerate() {
            let fail = |rule: String| Err(SpaceError::new(&parameter.name, rule));
            if parameter.name.is_empty() {
                return Err(SpaceError::new("parameters", "a parameter must have a name"));
            }
            if parameters[..i].iter().any(|earlier| earlier.name == parameter.name) {
                return fail("named twice".to_owned());
            }
            if let Some(rule) = parameter.domain.fault() {
                return fail(rule);
            }
        }
        let parents = parameters.iter().map(|p| parents(p, &parameters)).collect::<Result<Vec<_>, _>>()?;
        let mut order = Vec::with_capacity(parameters.len());
        while order.len() < parameters.len() {
            let mut left = (0..parameters.len()).filter(|at| !order.contains(at));
            let next = left.clone().find(|&at| parents[at].iter().all(|parent| order.contains(parent)));
            let Some(next) = next else {
                let stuck = left.next().map_or("", |at| &parameters[at].name);
                return Err(SpaceError::new(stuck, "its conditions lead back to itself"));
            };
            order.push(next);
        }
        Ok(Self { parameters, order, parents })
    }

    /// The parameters, in their order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Positions of the parameters, each after those that its conditions name.
    pub fn parents_first(&self) -> &[usize] {
        &self.order
    }

    /// Whether the parameter at `position` exists, given the values by position of those that do.
    pub fn is_active<V: Borrow<Value>>(&self, position: usize, values: &[Option<V>]) -> bool {
        let mut conditions = self.parents[position].iter().zip(&self.parameters[position].when);
        conditions.all(|(&parent, condition)| {
            let value = values[parent].as_ref().map(Borrow::borrow);
            value.is_some_and(|value| condition.values.iter().any(|asked| asked.same(value)))
        })
    }

    /// One value a parameter, by position; `None` for those that do not exist with the others' values.
    pub(crate) fn active_values(&self, mut value: impl FnMut(usize) -> Value) -> Vec<Option<Value>> {
        let mut values = vec![None; self.parameters.len()];
        for &position in &self.order {
            if self.is_active(position, &values) {
                values[position] = Some(value(position));
            }
        }
        values
    }

    /// The parameters that exist, from one value a parameter by position.
    pub(crate) fn assignment(&self, value: impl FnMut(usize) -> Value) -> Assignment {
        let values = self.active_values(value);
        self.parameters.iter().zip(values).filter_map(|(p, value)| Some((p.name.as_str(), value?))).collect()
    }

    /// Values by position, if `assignment` belongs to the space: every parameter that exists is set to a value of its
    /// domain. Others are ignored.
    pub fn values<'a>(&self, assignment: &'a Assignment) -> Option<Vec<Option<&'a Value>>> {
        let mut values: Vec<Option<&Value>> = vec![None; self.parameters.len()];
        for &position in &self.order {
            if self.is_active(position, &values) {
                let parameter = &self.parameters[position];
                let value = assignment.get_near(position, &parameter.name)?;
                values[position] = Some(value).filter(|value| parameter.domain.contains(value));
                values[position]?;
            }
        }
        Some(values)
    }
}

/// Positions of the parameters that the conditions of `parameter` name.
fn parents(parameter: &Parameter, all: &[Parameter]) -> Result<Vec<usize>, SpaceError> {
    let fail = |rule: String| Err(SpaceError::new(&parameter.name, rule));
    let mut found = Vec::new();
    for Condition { parameter: parent, values } in &parameter.when {
        let Some(position) = all.iter().position(|p| p.name == *parent) else {
            return fail(format!("when names {parent}, which is no parameter of the space"));
        };
        if found.contains(&position) {
            return fail(format!("when names {parent} twice"));
        }
        if values.is_empty() {
            return fail(format!("when gives no value for {parent}"));
        }
        if let Some(value) = values.iter().find(|value| !all[position].domain.contains(value)) {
            return fail(format!("when asks {parent} to be {value}, which it never is"));
        }
        found.push(position);
    }
    Ok(found)
}

/// A bound or step as written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, try_from = "Value")]
#[schemars(!try_from)]
enum Number {
    Integer(i64),
    Float(f64),
}

impl TryFrom<Value> for Number {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Integer(integer) => Ok(Self::Integer(integer)),
            Value::Float(float) => Ok(Self::Float(float)),
            _ => Err("expected a number"),
        }
    }
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
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
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
    #[schemars(with = "Option<BTreeMap<String, Vec<Value>>>")]
    when: Option<Ordered<Vec<Value>>>,
}

impl Entry {
    fn into_parameter(self, name: String) -> Result<Parameter, SpaceError> {
        let fail = |rule: &str| Err(SpaceError::new(&name, rule));
        let domain = match (self.min, self.max, self.values) {
            (None, None, Some(_)) if self.log || self.step.is_some() => {
                return fail("values go with neither log nor step");
            }
            (None, None, Some(values)) => Domain::Categorical { values },
            (Some(Number::Integer(min)), Some(Number::Integer(max)), None) => match self.step {
                None => Domain::Integer { min, max, log: self.log, step: 1 },
                Some(Number::Integer(step)) => Domain::Integer { min, max, log: self.log, step },
                Some(Number::Float(_)) => {
                    return fail(
                        "step must be a whole number where min and max are; write one bound with a decimal point for a range of floats",
                    );
                }
            },
            (Some(min), Some(max), None) => {
                Domain::Float { min: min.float(), max: max.float(), log: self.log, step: self.step.map(Number::float) }
            }
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
        BTreeMap::<String, Entry>::json_schema(generator)
    }
}

//! Domains as Optuna writes them: a string that holds JSON, and values as floats.

use std::sync::Arc;

use super::json::Json;
use super::parse;
use crate::{Domain, Value};

/// What a parameter is drawn from.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Optuna's name of its class.
    pub class: &'static str,
    pub domain: Arc<Domain>,
}

/// Optuna's classes and their attributes: those that must be there, and those that may. The older classes are ranges of a
/// newer one, but Optuna does not take one for the other.
const CLASSES: [(&str, &[&str], &[&str]); 8] = [
    ("IntDistribution", &["low", "high"], &["log", "step"]),
    ("IntLogUniformDistribution", &["low", "high"], &["step"]),
    ("IntUniformDistribution", &["low", "high"], &["step"]),
    ("FloatDistribution", &["low", "high"], &["log", "step"]),
    ("UniformDistribution", &["low", "high"], &[]),
    ("LogUniformDistribution", &["low", "high"], &[]),
    ("DiscreteUniformDistribution", &["low", "high", "q"], &[]),
    ("CategoricalDistribution", &["choices"], &[]),
];

/// A parameter of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredParameter {
    /// Its name.
    pub name: String,
    /// What it was drawn from; most trials share it.
    pub domain: Arc<Domain>,
    /// Its value. An integer beyond 64 bits is the text of its digits.
    pub value: Value,
    /// Optuna's class of its distribution.
    class: &'static str,
}

impl StoredParameter {
    /// A value as it is when it comes back from a journal; nothing if it is none of the domain's.
    pub(crate) fn new(name: &str, domain: &Domain, value: &Value) -> Option<Self> {
        let value = external(domain, &Json::Float(internal(domain, value)))?;
        Some(Self { name: name.to_owned(), domain: Arc::new(domain.clone()), value, class: class(domain) })
    }

    /// Whether Optuna lets a parameter be this in one trial and be drawn from `other` in another: ranges may differ; the class, the scale
    /// and the choices may not.
    pub(super) fn is_compatible(&self, other: &Distribution) -> bool {
        // As in Python, true is 1; NaN equals NaN.
        let equal = |(a, b): (&Value, &Value)| match (Json::from(a).number(), Json::from(b).number()) {
            (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
            _ => a == b,
        };
        self.class == other.class
            && match (&*self.domain, &*other.domain) {
                (Domain::Float { log: a, .. }, Domain::Float { log: b, .. })
                | (Domain::Integer { log: a, .. }, Domain::Integer { log: b, .. }) => a == b,
                (Domain::Categorical { values: a }, Domain::Categorical { values: b }) => {
                    a.len() == b.len() && a.iter().zip(b).all(equal)
                }
                _ => false,
            }
    }

    /// The number that stands for the value in the journal; NaN for a value that is none of the domain's.
    pub(super) fn internal(&self) -> Json {
        Json::Float(internal(&self.domain, &self.value))
    }
}

/// The class of the distributions that this crate writes.
fn class(domain: &Domain) -> &'static str {
    match domain {
        Domain::Float { .. } => "FloatDistribution",
        Domain::Integer { .. } => "IntDistribution",
        Domain::Categorical { .. } => "CategoricalDistribution",
    }
}

/// The value for which `written` stands in the journal: a float itself, an integer, or the index of a choice.
fn external(domain: &Domain, written: &Json) -> Option<Value> {
    match domain {
        Domain::Float { .. } => Some(written.into()),
        Domain::Integer { .. } => written.truncated().map(|integer| Value::from(&integer)),
        Domain::Categorical { values } => {
            let Json::Int(index) = written.truncated()? else { return None };
            // As in Python, indices below zero count from the end.
            let index = if index < 0 { index + values.len() as i64 } else { index };
            values.get(usize::try_from(index).ok()?).cloned()
        }
    }
}

/// The inverse of [`external`]; NaN where there is none.
fn internal(domain: &Domain, value: &Value) -> f64 {
    match domain {
        Domain::Categorical { values } => {
            let nan = |value: &Value| value.number().is_some_and(f64::is_nan);
            let place = values.iter().position(|choice| choice.same(value) || (nan(choice) && nan(value)));
            place.map_or(f64::NAN, |index| index as f64)
        }
        _ => value.number().unwrap_or(f64::NAN),
    }
}

pub fn to_json(domain: &Domain) -> Json {
    let attributes = match domain {
        Domain::Float { min, max, log, step } => {
            let (high, step) = match step {
                // Optuna warns of a greatest value to which no step leads.
                Some(step) => (domain.nth(u64::MAX).number().unwrap_or(*max), Json::Float(*step)),
                None => (*max, Json::Null),
            };
            let (low, high) = (Json::Float(*min), Json::Float(high));
            Json::object([("step", step), ("low", low), ("high", high), ("log", Json::Bool(*log))])
        }
        Domain::Integer { min, max, log, step } => {
            let (low, high) = (Json::Int(*min), Json::Int(max - (max - min) % step));
            Json::object([("log", Json::Bool(*log)), ("step", Json::Int(*step)), ("low", low), ("high", high)])
        }
        Domain::Categorical { values } => {
            Json::object([("choices", Json::Array(values.iter().map(Json::from).collect()))])
        }
    };
    Json::String(Json::object([("name", class(domain).into()), ("attributes", attributes)]).to_string())
}

impl Distribution {
    /// The parameter for which `written` stands in the journal.
    pub fn parameter(self, name: String, written: &Json) -> Result<StoredParameter, String> {
        let Self { class, domain } = self;
        let value = external(&domain, written).ok_or_else(|| format!("{name}: {written} stands for no value"))?;
        Ok(StoredParameter { name, domain, value, class })
    }

    /// Reads what Optuna writes, under the rules by which Optuna takes it.
    pub fn from_json(written: &Json) -> Result<Self, String> {
        let text = written.as_str().ok_or("a distribution is no string")?;
        let json = parse::text(text).map_err(|fault| format!("a distribution is no JSON: {}", fault.reason))?;
        let read = || {
            let (class, attributes) = class_and_attributes(&json)?;
            let domain = match class {
                "CategoricalDistribution" => match attributes.get("choices").and_then(Json::items) {
                    Some(choices) if !choices.is_empty() => {
                        Domain::Categorical { values: choices.iter().map(Value::from).collect() }
                    }
                    _ => return Err("choices must be a list that is not empty"),
                },
                _ if class.starts_with("Int") => integers(class, attributes)?,
                _ => floats(class, attributes)?,
            };
            Ok(Self { class, domain: Arc::new(domain) })
        };
        read().map_err(|rule| format!("distribution {text}: {rule}"))
    }
}

fn class_and_attributes(json: &Json) -> Result<(&'static str, &Json), &'static str> {
    let unknown = "its class is unknown";
    let Some(name) = json.get("name") else {
        // The short form, which Optuna writes nowhere and reads.
        let class = match json.get("type").and_then(Json::as_str) {
            Some("float") => "FloatDistribution",
            Some("int") => "IntDistribution",
            Some("categorical") => "CategoricalDistribution",
            _ => return Err(unknown),
        };
        return Ok((class, json));
    };
    let known = CLASSES.iter().find(|(known, ..)| name.as_str() == Some(known));
    let &(class, required, optional) = known.ok_or(unknown)?;
    let attributes = json.get("attributes").filter(|attributes| attributes.as_object().is_some());
    let attributes = attributes.ok_or("no attributes")?;
    let is_known = |(key, _): &(String, Json)| required.contains(&&**key) || optional.contains(&&**key);
    let has_all = required.iter().all(|key| attributes.get(key).is_some());
    if !has_all || !attributes.as_object().unwrap_or_default().iter().all(is_known) {
        return Err("its attributes are not those of its class");
    }
    Ok((class, attributes))
}

/// The attribute `key` unless it is `null`.
fn given<'j>(attributes: &'j Json, key: &str) -> Option<&'j Json> {
    attributes.get(key).filter(|value| !matches!(value, Json::Null))
}

fn floats(class: &str, attributes: &Json) -> Result<Domain, &'static str> {
    let (min, max, log) = range(class, attributes)?;
    let key = if class == "DiscreteUniformDistribution" { "q" } else { "step" };
    let step = given(attributes, key).map(|step| step.number().ok_or("step must be a number")).transpose()?;
    check_range((min, max), log.then_some(0.0), step)?;
    if log && (step.is_some() || min == 0.0) {
        return Err("log goes neither with a step nor with a low of 0");
    }
    // Optuna counts the steps with Python's `decimal`, which takes neither infinities nor `true`.
    let countable =
        |key| given(attributes, key).and_then(Json::as_float).is_some_and(|number: f64| !number.is_infinite());
    if step.is_some() && ![key, "low", "high"].into_iter().all(countable) {
        return Err("a range with a step must be finite");
    }
    Ok(Domain::Float { min, max, log, step })
}

fn integers(class: &str, attributes: &Json) -> Result<Domain, &'static str> {
    let (min, max, log) = range(class, attributes)?;
    let is_short = attributes.get("type").is_some();
    let step = match attributes.get("step") {
        None => 1.0,
        Some(Json::Null) if is_short => 1.0,
        Some(step) => step.number().ok_or("step must be a number")?,
    };
    check_range((min, max), log.then_some(1.0), Some(step))?;
    if log && step != 1.0 {
        return Err("log does not go with a step");
    }
    let exact = |key: &str, rounded: f64| match given(attributes, key).and_then(Json::truncated) {
        Some(Json::Int(integer)) => Ok(integer),
        // Beyond 64 bits a bound is the last integer within.
        Some(_) => Ok(if rounded < 0.0 { i64::MIN } else { i64::MAX }),
        None => Err("low and high must be finite"),
    };
    let (min, max) = (exact("low", min)?, exact("high", max)?);
    let step = if step.is_infinite() { 0 } else { step as i64 };
    if step < 1 {
        return Err("step must be a whole number of at least 1");
    }
    // To the last value that a step leads to; the distance of the bounds can be more than 64 bits.
    let max = i128::from(max) - (i128::from(max) - i128::from(min)) % i128::from(step);
    Ok(Domain::Integer { min, max: max as i64, log, step })
}

/// The bounds, and whether the scale is logarithmic.
fn range(class: &str, attributes: &Json) -> Result<(f64, f64, bool), &'static str> {
    let bound = |key: &str| given(attributes, key).and_then(Json::number).ok_or("low and high must be numbers");
    let log = class.contains("LogUniform") || attributes.get("log").is_some_and(Json::is_true);
    Ok((bound("low")?, bound("high")?, log))
}

/// The rules for every range; NaN breaks none of them.
fn check_range((min, max): (f64, f64), least: Option<f64>, step: Option<f64>) -> Result<(), &'static str> {
    if min > max {
        return Err("low must be at most high");
    }
    if least.is_some_and(|least| min < least) {
        return Err("low is too small for a logarithmic scale");
    }
    if step.is_some_and(|step| step <= 0.0) {
        return Err("step must be above 0");
    }
    Ok(())
}

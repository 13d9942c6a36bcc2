//! Domains as Optuna writes them: a string that holds JSON, and values as floats.

use super::fields::{TWO_TO_63, integer, items, number};
use super::json::Json;
use super::parse;
use crate::{Domain, Value};

/// One of Optuna's classes of distributions. The older ones are ranges of a newer one, but Optuna does not take one for
/// the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Int,
    IntLogUniform,
    IntUniform,
    Float,
    Uniform,
    LogUniform,
    DiscreteUniform,
    Categorical,
}

/// Each class, how Optuna names it, and its attributes: those that must be there, and those that may.
const CLASSES: [(Class, &str, &[&str], &[&str]); 8] = [
    (Class::Int, "IntDistribution", &["low", "high"], &["log", "step"]),
    (Class::IntLogUniform, "IntLogUniformDistribution", &["low", "high"], &["step"]),
    (Class::IntUniform, "IntUniformDistribution", &["low", "high"], &["step"]),
    (Class::Float, "FloatDistribution", &["low", "high"], &["log", "step"]),
    (Class::Uniform, "UniformDistribution", &["low", "high"], &[]),
    (Class::LogUniform, "LogUniformDistribution", &["low", "high"], &[]),
    (Class::DiscreteUniform, "DiscreteUniformDistribution", &["low", "high", "q"], &[]),
    (Class::Categorical, "CategoricalDistribution", &["choices"], &[]),
];

/// The class of the distributions that this crate writes.
pub fn class(domain: &Domain) -> Class {
    match domain {
        Domain::Float { .. } => Class::Float,
        Domain::Integer { .. } => Class::Int,
        Domain::Categorical { .. } => Class::Categorical,
    }
}

/// The value for which `written` stands in the journal: a float itself, an integer, or the index of a choice.
pub fn external(domain: &Domain, written: &Json) -> Option<Value> {
    match domain {
        Domain::Float { .. } => Some(to_value(written)),
        Domain::Integer { .. } => truncated(written).map(|integer| to_value(&integer)),
        Domain::Categorical { values } => {
            let Json::Int(index) = truncated(written)? else { return None };
            // As in Python, indices below zero count from the end.
            let index = if index < 0 { index + values.len() as i64 } else { index };
            values.get(usize::try_from(index).ok()?).cloned()
        }
    }
}

/// The integer that Python's `int` makes of a value.
fn truncated(written: &Json) -> Option<Json> {
    match written {
        Json::Int(_) | Json::Wide(_) => Some(written.clone()),
        Json::Bool(value) => Some(Json::Int(i64::from(*value))),
        Json::Float(value) if (-TWO_TO_63..TWO_TO_63).contains(value) => Some(Json::Int(*value as i64)),
        Json::Float(value) if value.is_finite() => Some(Json::Wide(format!("{value:.0}"))),
        Json::String(text) => integer(text),
        _ => None,
    }
}

/// The inverse of [`external`]; NaN for a value that is none of the domain's.
pub fn internal(domain: &Domain, value: &Value) -> f64 {
    match domain {
        Domain::Categorical { values } => {
            let nan = |value: &Value| value.number().is_some_and(f64::is_nan);
            let place = values.iter().position(|choice| choice.same(value) || (nan(choice) && nan(value)));
            place.map_or(f64::NAN, |index| index as f64)
        }
        _ => value.number().unwrap_or(f64::NAN),
    }
}

/// Whether two domains of one class have the same scale and the same choices.
pub fn is_compatible(a: &Domain, b: &Domain) -> bool {
    match (a, b) {
        (Domain::Float { log: a, .. }, Domain::Float { log: b, .. })
        | (Domain::Integer { log: a, .. }, Domain::Integer { log: b, .. }) => a == b,
        (Domain::Categorical { values: a }, Domain::Categorical { values: b }) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        _ => false,
    }
}

pub fn to_json(domain: &Domain) -> Json {
    let (name, attributes) = match domain {
        Domain::Float { min, max, log, step } => {
            let (high, step) = match step {
                // Optuna warns of a greatest value to which no step leads.
                Some(step) => (domain.nth(u64::MAX).number().unwrap_or(*max), Json::Float(*step)),
                None => (*max, Json::Null),
            };
            let range =
                [("step", step), ("low", Json::Float(*min)), ("high", Json::Float(high)), ("log", Json::Bool(*log))];
            ("FloatDistribution", Json::object(range))
        }
        Domain::Integer { min, max, log, step } => {
            let high = max - (max - min) % step;
            let range = [
                ("log", Json::Bool(*log)),
                ("step", Json::Int(*step)),
                ("low", Json::Int(*min)),
                ("high", Json::Int(high)),
            ];
            ("IntDistribution", Json::object(range))
        }
        Domain::Categorical { values } => {
            let choices = Json::Array(values.iter().map(Json::from).collect());
            ("CategoricalDistribution", Json::object([("choices", choices)]))
        }
    };
    Json::String(Json::object([("name", name.into()), ("attributes", attributes)]).to_string())
}

/// What a parameter is drawn from.
#[derive(Debug)]
pub struct Distribution {
    pub class: Class,
    pub domain: Domain,
}

impl Distribution {
    /// Reads what Optuna writes, under the rules by which Optuna takes it.
    pub fn from_json(written: &Json) -> Result<Self, String> {
        let text = written.as_str().ok_or("a distribution is no string")?;
        let json = parse::text(text).map_err(|fault| format!("a distribution is no JSON: {}", fault.into_reason()))?;
        let faulty = |rule: &str| format!("distribution {text}: {rule}");
        let (class, attributes) = match json.get("name") {
            Some(name) => {
                let class = CLASSES.iter().find(|(_, known, _, _)| name.as_str() == Some(known));
                let &(class, _, required, optional) = class.ok_or_else(|| faulty("its class is unknown"))?;
                let attributes =
                    json.get("attributes").and_then(Json::as_object).ok_or_else(|| faulty("no attributes"))?;
                let has = |key: &&str| attributes.iter().any(|(name, _)| name == key);
                let known = |key: &str| required.contains(&key) || optional.contains(&key);
                if !required.iter().all(has) || !attributes.iter().all(|(key, _)| known(key)) {
                    return Err(faulty("its attributes are not those of its class"));
                }
                (class, json.get("attributes").unwrap_or(&Json::Null))
            }
            // The short form, which Optuna writes nowhere and reads.
            None => match json.get("type").and_then(Json::as_str) {
                Some("float") => (Class::Float, &json),
                Some("int") => (Class::Int, &json),
                Some("categorical") => (Class::Categorical, &json),
                _ => return Err(faulty("its class is unknown")),
            },
        };
        let short = json.get("name").is_none();
        domain(class, attributes, short).map(|domain| Self { class, domain }).map_err(faulty)
    }
}

fn domain(class: Class, attributes: &Json, short: bool) -> Result<Domain, &'static str> {
    let given = |key: &str| attributes.get(key).filter(|value| !matches!(value, Json::Null));
    let bound = |key: &str| given(key).and_then(number).ok_or("low and high must be numbers");
    let log = match class {
        Class::IntLogUniform | Class::LogUniform => true,
        _ => attributes.get("log").is_some_and(is_true),
    };
    match class {
        Class::Categorical => match attributes.get("choices").and_then(items).unwrap_or_default()[..] {
            [] => Err("choices must be a list that is not empty"),
            ref choices => Ok(Domain::Categorical { values: choices.iter().map(to_value).collect() }),
        },
        Class::Float | Class::Uniform | Class::LogUniform | Class::DiscreteUniform => {
            let (min, max) = (bound("low")?, bound("high")?);
            let key = if class == Class::DiscreteUniform { "q" } else { "step" };
            let step = given(key).map(|step| number(step).ok_or("step must be a number")).transpose()?;
            check_range((min, max), log.then_some(0.0), step)?;
            if log && (step.is_some() || min == 0.0) {
                return Err("log goes neither with a step nor with a low of 0");
            }
            // Optuna counts the steps with Python's `decimal`, which takes neither infinities nor `true`.
            let countable = |key: &str| given(key).and_then(Json::as_float).is_some_and(|number| !number.is_infinite());
            if step.is_some() && ![key, "low", "high"].into_iter().all(countable) {
                return Err("a range with a step must be finite");
            }
            Ok(Domain::Float { min, max, log, step })
        }
        Class::Int | Class::IntLogUniform | Class::IntUniform => {
            let (min, max) = (bound("low")?, bound("high")?);
            let step = match attributes.get("step") {
                None => 1.0,
                Some(Json::Null) if short => 1.0,
                Some(step) => number(step).ok_or("step must be a number")?,
            };
            check_range((min, max), log.then_some(1.0), Some(step))?;
            if log && step != 1.0 {
                return Err("log does not go with a step");
            }
            let exact = |key: &str, rounded: f64| {
                match given(key).and_then(truncated) {
                    Some(Json::Int(integer)) => Ok(integer),
                    // Beyond 64 bits a bound is the last integer within.
                    Some(_) => Ok(if rounded < 0.0 { i64::MIN } else { i64::MAX }),
                    None => Err("low and high must be finite"),
                }
            };
            let (min, max) = (exact("low", min)?, exact("high", max)?);
            let step = if step.is_infinite() { 0 } else { step as i64 };
            if step < 1 {
                return Err("step must be a whole number of at least 1");
            }
            let steps = (i128::from(max) - i128::from(min)) / i128::from(step);
            let max = i128::from(min) + steps * i128::from(step);
            Ok(Domain::Integer { min, max: max as i64, log, step })
        }
    }
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

/// Whether Python holds the value to be true.
fn is_true(written: &Json) -> bool {
    match written {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
        other => number(other) != Some(0.0),
    }
}

/// A scalar. Among choices Optuna warns of lists and objects and takes them nonetheless; they are their text here, as is
/// an integer beyond 64 bits.
fn to_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Integer(*value),
        Json::Float(value) => Value::Float(*value),
        Json::Wide(digits) => Value::Text(digits.clone()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Text(json.to_string()),
    }
}

/// Python's equality of two choices, in which true is 1; NaN equals NaN.
fn equal(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        other => other.number(),
    };
    match (number(a), number(b)) {
        (Some(x), Some(y)) => a.same(b) || x == y || (x.is_nan() && y.is_nan()),
        _ => a.same(b),
    }
}

//! Domains as Optuna writes them: a string that holds JSON, and values as floats.

use super::json::Json;
use crate::{Domain, Value};

/// The value for which the journal's `number` stands: a float itself, an integer, or the index of a choice.
pub fn external(domain: &Domain, number: f64) -> Option<Value> {
    match domain {
        Domain::Float { .. } => Some(Value::Float(number)),
        Domain::Integer { .. } => number.is_finite().then_some(Value::Integer(number as i64)),
        // As in Python, what lies between two indices is cut off.
        Domain::Categorical { values } if number >= 0.0 => values.get(number as usize).cloned(),
        Domain::Categorical { .. } => None,
    }
}

/// The inverse of [`external`]; NaN for a value that is none of the domain's.
pub fn internal(domain: &Domain, value: &Value) -> f64 {
    match domain {
        Domain::Categorical { values } => {
            values.iter().position(|choice| equal(choice, value)).map_or(f64::NAN, |index| index as f64)
        }
        _ => value.number().unwrap_or(f64::NAN),
    }
}

/// Whether Optuna lets one parameter have the domain `a` in one trial and `b` in another: ranges may differ; the kind,
/// the scale and the choices may not.
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
            let choices = Json::Array(values.iter().map(from_value).collect());
            ("CategoricalDistribution", Json::object([("choices", choices)]))
        }
    };
    Json::String(Json::object([("name", name.into()), ("attributes", attributes)]).to_string())
}

pub fn from_json(written: &Json) -> Result<Domain, String> {
    let text = written.as_str().ok_or("a distribution is no string")?;
    let json = Json::parse(text.as_bytes()).map_err(|error| format!("a distribution is no JSON: {error}"))?;
    let field = |key: &str| json.get("attributes").and_then(|attributes| attributes.get(key));
    let float = |key: &str| field(key).and_then(Json::as_float);
    let int = |key: &str| field(key).and_then(Json::as_int);
    let log = matches!(field("log"), Some(Json::Bool(true)));
    let domain = match json.get("name").and_then(Json::as_str).unwrap_or_default() {
        "FloatDistribution" => {
            float("low").zip(float("high")).map(|(min, max)| Domain::Float { min, max, log, step: float("step") })
        }
        "IntDistribution" => int("low").zip(int("high")).map(|(min, max)| Domain::Integer {
            min,
            max,
            log,
            step: int("step").unwrap_or(1),
        }),
        "CategoricalDistribution" => field("choices")
            .and_then(Json::as_array)
            .map(|choices| Domain::Categorical { values: choices.iter().map(to_value).collect() }),
        _ => None,
    };
    domain.ok_or_else(|| format!("unknown distribution {text}"))
}

fn from_value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value) => Json::Int(*value),
        Value::Float(value) => Json::Float(*value),
        Value::Text(text) => Json::String(text.clone()),
    }
}

/// A choice. Optuna warns of lists and objects among them and takes them nonetheless; they are their text here.
fn to_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Integer(*value),
        Json::Float(value) => Value::Float(*value),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Text(json.to_string()),
    }
}

/// Python's equality of two choices, except that true is not 1; NaN equals NaN.
fn equal(a: &Value, b: &Value) -> bool {
    a.same(b) || (a.number().is_some_and(f64::is_nan) && b.number().is_some_and(f64::is_nan))
}

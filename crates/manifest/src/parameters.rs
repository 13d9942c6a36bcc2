//! Whether every trial of a search can be trained: each key with each of its values, under every condition under which it
//! exists.

use search::{Domain, Space, Value};

use crate::broken::Broken;
use crate::rules::seeds;
use crate::schema::SCHEMA;
use crate::tree::join;
use crate::types::Manifest;

/// The most combinations of values with which one parameter is tried.
const MOST_COMBINATIONS: usize = 10_000;

/// Every parameter is a key that a training depends on, and takes its values in every trial in which it exists.
pub(crate) fn parameters(manifest: &Manifest, path: &str, space: &Space) -> Result<(), Broken> {
    let all = space.parameters();
    for (position, parameter) in all.iter().enumerate() {
        let broken = |message: String| Broken::new(join(path, &parameter.name), message);
        if let Some(message) = untrained(&parameter.name) {
            return Err(broken(message));
        }
        let involved = involved(space, position);
        let values: Vec<Vec<Value>> = involved.iter().map(|&at| tried(space, at)).collect();
        let combinations = values.iter().fold(1, |product: usize, of| product.saturating_mul(of.len()));
        if combinations > MOST_COMBINATIONS {
            let message = format!(
                "exists under too many conditions to try them all, {combinations} combinations; at most \
                 {MOST_COMBINATIONS} are tried"
            );
            return Err(broken(message));
        }
        for number in 0..combinations {
            let mut chosen: Vec<Option<&Value>> = vec![None; all.len()];
            let mut rest = number;
            for (&at, values) in involved.iter().zip(&values) {
                let value = &values[rest % values.len()];
                rest /= values.len();
                if space.is_active(at, &chosen) {
                    chosen[at] = Some(value);
                }
            }
            if chosen[position].is_none() {
                continue;
            }
            let trial = || all.iter().zip(&chosen).filter_map(|(of, value)| Some((of.name.as_str(), (*value)?)));
            let fault = match manifest.assigned(trial()) {
                Err(error) => error.without_place(),
                Ok(Manifest { training, .. }) if training.flow != manifest.training.flow => {
                    match seeds(&Manifest { training, ..manifest.clone() }) {
                        Err(Broken { path, message, .. }) => format!("{path}: {message}"),
                        Ok(()) => continue,
                    }
                }
                Ok(_) => continue,
            };
            let others: Vec<String> = trial()
                .filter(|(name, _)| *name != parameter.name)
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            return Err(broken(if others.is_empty() {
                fault
            } else {
                format!("is wrong in a trial with {}: {fault}; say under when where it exists", others.join(", "))
            }));
        }
    }
    Ok(())
}

/// Why no training depends on a key of the manifest; nothing if one does, or if there is no such key.
fn untrained(name: &str) -> Option<String> {
    let first = name.split('.').next().unwrap_or(name);
    let why = match name {
        "training.seed" => "all trials train from the same seeds, beginning with training.seed",
        "training.engine" | "training.device" => "all trials are trained by engine exact on the CPU",
        _ if matches!(first, "model" | "training") || SCHEMA["properties"].get(first).is_none() => return None,
        _ => "a trial changes how a network is built and trained, so only keys under model and training",
    };
    Some(format!("cannot be a parameter; {why}"))
}

/// Positions of what decides whether the parameter exists, and whether its key does: the parameters that its conditions
/// name, those that name the mapping that it is a key of, their conditions, and itself, each after what it depends on.
fn involved(space: &Space, position: usize) -> Vec<usize> {
    let all = space.parameters();
    let mut found = vec![false; all.len()];
    let mut open = vec![position];
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut found[at], true) {
            continue;
        }
        let conditions = |other: &str| all[at].when.iter().any(|when| when.parameter == other);
        let names = |other: &str| {
            let mapping = other.strip_suffix("name").filter(|mapping| mapping.ends_with('.'));
            mapping.is_some_and(|mapping| all[at].name.starts_with(mapping))
        };
        open.extend((0..all.len()).filter(|&other| conditions(&all[other].name) || names(&all[other].name)));
    }
    space.parents_first().iter().copied().filter(|&at| found[at]).collect()
}

/// The values with which a parameter is tried: all of a list; of a range its ends, and those that conditions ask for.
fn tried(space: &Space, at: usize) -> Vec<Value> {
    let parameter = &space.parameters()[at];
    let mut values = match &parameter.domain {
        Domain::Categorical { values } => return values.clone(),
        Domain::Float { min, max, .. } => vec![Value::Float(*min), Value::Float(*max)],
        Domain::Integer { min, max, .. } => vec![Value::Integer(*min), Value::Integer(*max)],
    };
    let conditions = space.parameters().iter().flat_map(|other| &other.when);
    values.extend(conditions.filter(|when| when.parameter == parameter.name).flat_map(|when| when.values.clone()));
    values
}

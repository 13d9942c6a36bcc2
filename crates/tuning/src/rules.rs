//! The rules of a search: whether every trial can be trained, each key with each of its values, under every condition under
//! which it exists.

use dataset::kept;
use manifest::{Broken, Document, Rules, join, nearest, quote};
use search::{Domain, Search, Space, Value};

use crate::Metric;
use crate::attempt::json;

/// Keys that say what is done with many trainings, and texts: no training depends on them.
pub(crate) const UNTRAINED: [&str; 7] =
    ["experiment", "title", "source", "search", "factors", "comparison", "variants"];

/// Whether the search has a sampler for its space, a metric for its objective, and enough of the training data's `rows` left
/// to train on; paths are whole.
///
/// # Errors
/// If not.
pub fn rules(search: &Search, metrics: &[Metric], rows: usize) -> Result<(), Broken> {
    if let Err(error) = search.sampler() {
        let path = join("search.parameters", &error.parameter);
        return Err(Broken::new(path, error.rule).with("search.sampler"));
    }
    let names = || metrics.iter().map(|metric| metric.name);
    if names().all(|name| name != search.objective) {
        let known = names().collect::<Vec<_>>().join(", ");
        let mut message = format!("expected one of {known}, got {}", quote(&search.objective));
        if let Some(near) = nearest(&search.objective, names()) {
            message = format!("{message}; did you mean {near}?");
        }
        return Err(Broken::new("search.objective", message));
    }
    if let Some(split) = search.validation_split {
        let kept = kept(rows, split);
        if kept < 2 || kept == rows {
            let message = format!("must leave 2 rows to train on and hold out 1, got {split:?} of {rows} rows");
            return Err(Broken::new("search.validation_split", message).with("data.train.size"));
        }
    }
    Ok(())
}

/// The most combinations of values with which one parameter is tried.
const MOST_COMBINATIONS: usize = 10_000;

/// Whether every parameter of the space at `path` is a key that a training depends on, and takes its values in every trial in
/// which it exists.
///
/// # Errors
/// If not.
pub fn rules_of_trials<T: Rules>(manifest: &Document<T>, path: &str, space: &Space) -> Result<(), Broken> {
    let all = space.parameters();
    for (position, parameter) in all.iter().enumerate() {
        let broken = |message: String| Broken::new(join(path, &parameter.name), message);
        if let Some(message) = untrained(manifest, &parameter.name) {
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
            let values = trial().map(|(name, value)| (name, json(value)));
            let Err(fault) = manifest.with(values).map_err(|error| error.without_place()) else { continue };
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
fn untrained<T: Rules>(manifest: &Document<T>, name: &str) -> Option<String> {
    let first = name.split('.').next().unwrap_or(name);
    let why = match name {
        "training.seed" => "all trials train from the same seeds, beginning with training.seed",
        _ if UNTRAINED.contains(&first) && manifest.has_key(name) => "no training depends on it",
        _ => return None,
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

/// Whether every factor is a list of values, and stands alone; `path` is where the factors stand.
///
/// # Errors
/// If not.
pub fn rules_of_factors<T: Rules>(manifest: &Document<T>, path: &str, factors: &Space) -> Result<(), Broken> {
    for factor in factors.parameters() {
        let message = if !matches!(factor.domain, Domain::Categorical { .. }) {
            "expected values: a list, not a range"
        } else if !factor.when.is_empty() {
            "a factor is changed alone; it has no when"
        } else {
            continue;
        };
        return Err(Broken::new(join(path, &factor.name), message));
    }
    for factor in factors.parameters() {
        let alone = Space::new(vec![factor.clone()]).unwrap_or_else(|_| factors.clone());
        rules_of_trials(manifest, path, &alone)?;
    }
    Ok(())
}

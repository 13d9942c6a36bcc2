//! In what a run's manifest differs from the one that its experiment's texts were written for.

use std::path::Path;

use manifest::{Document, Rules};
use serde_json::Value;

use crate::About;
use crate::contents::{Change, printed};

/// Keys that say nothing about what is computed.
const TEXTS: [&str; 2] = ["title", "source"];

/// The keys in which the manifest differs from its experiment's own. Where there is no such manifest, this is its own.
pub(crate) fn changes<T: Rules>(root: &Path, about: &About, manifest: &Document<T>) -> Vec<Change> {
    let own = root.join("experiments").join(&about.experiment).join("manifest.yaml");
    let Ok(own) = manifest::load::<T>(&own, &[]) else { return Vec::new() };
    let mut changes = differences(&own.to_json(), &manifest.to_json());
    changes.retain(|change| TEXTS.iter().all(|text| change.key.split('.').next() != Some(text)));
    changes
}

/// The keys in which two trees of values differ, by their dotted paths.
pub fn differences(was: &Value, is: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    below("", was, is, &mut found);
    found
}

fn below(path: &str, was: &Value, is: &Value, found: &mut Vec<Change>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            let new = is.iter().filter(|(key, _)| !was.contains_key(*key));
            for (key, _) in was.iter().chain(new) {
                below(&join(key), was.get(key).unwrap_or(&Value::Null), is.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (was, is)) in was.iter().zip(is).enumerate() {
                below(&join(&index.to_string()), was, is, found);
            }
        }
        _ if was != is => {
            let text = |value: &Value| if value.is_null() { String::new() } else { printed(value) };
            found.push(Change { key: path.to_owned(), was: text(was), is: text(is) });
        }
        _ => {}
    }
}

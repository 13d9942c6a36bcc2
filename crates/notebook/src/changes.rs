//! In what a run's manifest differs from the one that its experiment's texts were written for.

use std::path::Path;

use manifest::{Document, Rules};
use serde_json::Value;

use crate::About;

/// Keys that say nothing about what is computed.
const TEXTS: [&str; 3] = ["title", "source", "analysis"];

/// Where the experiment's own manifest lies in the workspace.
fn own_manifest(experiment: &str) -> String {
    format!("experiments/{experiment}/manifest.yaml")
}

/// The manifest's analysis, which holds for the manifest that it was written in; for another, in what that differs.
pub(crate) fn analysis(about: &About, changes: &Changes) -> String {
    if changes.keys.is_empty() || !changes.analysis_is_own {
        return about.analysis.trim().to_owned();
    }
    let keys: Vec<String> = changes.keys.iter().map(|key| format!("`{key}`")).collect();
    format!(
        "The manifest's `analysis` was written for `{}`. It is left out here, since this run differs in {}.",
        own_manifest(&about.experiment),
        keys.join(", ")
    )
}

/// How a manifest differs from its experiment's own.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The keys that differ, by their dotted path.
    pub(crate) keys: Vec<String>,
    /// Whether the analysis is that of the experiment's own manifest.
    pub(crate) analysis_is_own: bool,
}

/// Compares the manifest with its experiment's own. Where there is no such manifest, this is its own.
pub(crate) fn changes<T: Rules>(root: &Path, about: &About, manifest: &Document<T>) -> Changes {
    let own = root.join(own_manifest(&about.experiment));
    let Ok(own) = manifest::load::<T>(&own, &[]) else { return Changes::default() };
    let (own, this) = (own.to_json(), manifest.to_json());
    let mut keys = Vec::new();
    differences("", &own, &this, &mut keys);
    keys.retain(|path| TEXTS.iter().all(|text| path.split('.').next() != Some(text)));
    Changes { keys, analysis_is_own: own["analysis"] == this["analysis"] }
}

fn differences(path: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (was, is) {
        (Value::Object(was), Value::Object(is)) => {
            let new = is.iter().filter(|(key, _)| !was.contains_key(*key));
            for (key, _) in was.iter().chain(new) {
                differences(
                    &join(key),
                    was.get(key).unwrap_or(&Value::Null),
                    is.get(key).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            for (index, (was, is)) in was.iter().zip(is).enumerate() {
                differences(&join(&index.to_string()), was, is, found);
            }
        }
        _ if was != is => found.push(path.to_owned()),
        _ => {}
    }
}

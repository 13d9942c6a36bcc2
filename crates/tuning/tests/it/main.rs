//! What searches make of the post's problem.

// The importance of its knobs.
mod importance;
// Held-out data, pruners and objectives.
mod problem;

use manifest::Manifest;

/// The manifest of `random-search`, with changes.
fn manifest(set: &[&str]) -> Manifest {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../experiments/random-search/manifest.yaml");
    let set: Vec<String> = set.iter().map(|change| (*change).to_owned()).collect();
    Manifest::load(path.as_ref(), &set).unwrap()
}

//! Searches over a manifest that is composed of the workspace's sections.

// The lines of the front page run.
mod front_page;
// The importance of the knobs of a training.
mod importance;
// That an epoch's line is real Keras' but for the time, as a training and a notebook make it together.
mod lines;
// Held-out data, pruners and metrics.
mod problem;
// That each rule between sections names place, field and values, in exactly these words; that every training of a run has
// a seed of its own, which its flow takes.
mod rules;
// The manifest of these tests: the text and the reading of those of crates/manifest.
#[path = "../../../manifest/tests/it/sample.rs"]
mod sample;
// That what some trial of a search could not be is refused before the first trial.
mod trials;
// The type of the manifest of these tests, and its training.
mod types;

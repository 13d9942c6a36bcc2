//! Tests of the crate `keras`; one binary, one module a subject.

/// Callbacks, schedules, clipping, penalties and dropout as a manifest says them, and who obeys them.
mod fitting;
/// The lines that the crate's front page shows.
mod front_page;
/// Runs of real Keras: initial weights, batch orders, losses, predictions, accuracy.
mod golden;
/// Backward passes against finite differences in float64, and those of `fit` against autograd bit for bit.
mod gradients;
/// Programs find the libtorch of set-up and no other.
#[cfg(target_os = "linux")]
mod linking;
/// What a loss asks of the last layer and of the labels, and how it is written.
mod losses;
/// Metrics and weights of rows, against sums worked out by hand.
mod metrics;
/// How a network is written in a manifest.
mod model;
/// Every optimiser against steps worked out by hand.
mod optimizers;
/// The way back to Python: programs of Keras, and weights in files.
mod program;
/// What `setup.py` fetches, keeps, overrules and refuses.
mod setup;
/// What `fit` does besides learning: partial batches, divergence, shapes, order of the data.
mod training;
/// Rows that are validated on: held out or of their own.
mod validation;

use std::fs;
use std::path::Path;
use std::process::Command;

use keras::{Activation, Compiled, Device, Layer, Model, Runtime, Sequential, Training};
use manifest::{Broken, Document, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A manifest with a network, its training and the number of label columns.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Manifest {
    /// The network.
    model: Model,
    /// Its training.
    training: Training,
    /// Label columns. Left out: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    labels: Option<u32>,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.training.rules(&self.model, self.labels.unwrap_or(1))
    }
}

fn read(text: &str) -> Result<Document<Manifest>, String> {
    Document::parse("m.yaml", text, &[]).map_err(|error| error.to_string())
}

/// The post's training, to be changed where a test needs it.
fn training() -> Training {
    let adam = json!({"name": "adam", "learning_rate": 0.01});
    let training = json!({"flow": "tf-legacy", "seed": 0, "optimizer": adam, "loss": "mse", "epochs": 100});
    serde_json::from_value(training).expect("a training")
}

/// So many points of a parabola.
fn parabola(rows: usize) -> [Vec<f32>; 2] {
    let x: Vec<f32> = (0..rows).map(|row| row as f32 / rows as f32).collect();
    let y = x.iter().map(|x| 3.0 * x * x).collect();
    [x, y]
}

/// A network that learns it.
const LAYERS: [(u32, Activation); 2] = [(3, Activation::Tanh), (1, Activation::Linear)];

fn runtime() -> Runtime {
    Runtime::new(Device::Cpu).expect("a CPU")
}

fn model(runtime: Runtime, layers: &[(u32, Activation)], training: &Training) -> Compiled {
    let layers = layers.iter().map(|&(units, activation)| Layer::dense(units, activation)).collect();
    Sequential::from(&Model { layers }).compile_on(&runtime, training, 1).expect("layers")
}

/// Without this process' variables whose names begin so.
fn without_variables<'a>(command: &'a mut Command, prefixes: &[&str]) -> &'a mut Command {
    for (name, _) in std::env::vars_os() {
        if name != "CARGO_HOME" && prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Writes a file, its folders included.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

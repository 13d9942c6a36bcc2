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

use keras::{Activation, Compiled, Device, Engine, Flow, Layer, Loss, Model, Optimizer, Runtime, Sequential, Training};
use manifest::{Broken, Document, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    Training {
        engine: Engine::Libtorch,
        device: Device::Cpu,
        flow: Flow::TfLegacy,
        seed: 0,
        optimizer: Optimizer::Adam { learning_rate: 0.01, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }
            .into(),
        loss: Loss::Mse,
        epochs: 100,
        batch_size: 32,
        shuffle: true,
        validation_split: None,
        callbacks: Vec::new(),
        metrics: Vec::new(),
        class_weight: None,
    }
}

fn runtime() -> Runtime {
    Runtime::new(Device::Cpu).expect("a CPU")
}

fn model(runtime: Runtime, layers: &[(u32, Activation)], training: &Training) -> Compiled {
    let layers = layers.iter().map(|&(units, activation)| Layer::dense(units, activation)).collect();
    Sequential::from(&Model { layers }).compile_on(&runtime, training, 1).expect("layers")
}

/// Writes a file, its folders included.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

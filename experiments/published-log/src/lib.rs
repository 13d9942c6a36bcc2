//! What the replay of a witness and the search for one share: the manifest, and the witness itself.

mod witness;

use dataset::{Drawn, Restore, Scaling};
use keras::{Device, Engine, Flow, KernelInitializer, Layer, Loss, Model, Optimization, Training};
use manifest::{Broken, Rules};
use notebook::About;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use witness::{Replayed, Witness};

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// What the manifest says of the experiment.
    #[serde(flatten)]
    pub about: About,
    /// How the training and test data are drawn.
    pub data: Drawn,
    /// What is done to the data before training.
    pub scaling: Scaling,
    /// The network.
    pub model: Model,
    /// How the network is trained from the witness.
    pub training: Replay,
    /// The arithmetic in which scaled predictions are turned back into the label's unit.
    #[serde(default)]
    pub restore: Restore,
    /// Initial weights and batch orders to train from, relative to the workspace.
    #[schemars(length(min = 1))]
    pub witness: String,
}

/// A training whose initial weights and batch orders are given, by engine `exact`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Whose optimizers train: those that Keras has with this flow.
    pub flow: Flow,
    /// The optimizer with its parameters.
    pub optimizer: Optimization,
    /// What training minimises.
    pub loss: Loss,
    /// How often training passes over the training data.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// How many rows one step takes.
    #[schemars(range(min = 1))]
    pub batch_size: usize,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        let is_drawn = |layer: &Layer| {
            layer.as_dense().is_some_and(|dense| dense.kernel_initializer != KernelInitializer::default())
        };
        if let Some(number) = self.model.layers.iter().position(is_drawn) {
            let path = format!("model.layers.{number}.kernel_initializer");
            return Err(Broken::new(path, "must be left out, the witness has the initial weights").with("witness"));
        }
        self.training().rules(&self.model, 1)
    }
}

impl Manifest {
    /// The training as engine `exact` takes it. Its seed is not used: weights and orders come from the witness.
    pub fn training(&self) -> Training {
        let Replay { flow, optimizer, loss, epochs, batch_size } = self.training;
        let (engine, device) = (Engine::Exact, Device::Cpu);
        let (shuffle, validation_split) = (true, None);
        Training {
            engine,
            device,
            flow,
            seed: 0,
            optimizer,
            loss,
            metrics: Vec::new(),
            class_weight: None,
            epochs,
            batch_size,
            shuffle,
            validation_split,
            callbacks: Vec::new(),
        }
    }
}

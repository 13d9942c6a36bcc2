//! The witness: initial weights and the order of the rows in every epoch; and what real Keras made of it.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Manifest;

/// `data/published-log/witness.json`.
#[derive(Debug, Deserialize)]
pub struct Witness {
    /// Kernel of the hidden layer, float32 bits in hexadecimal.
    kernel1: Vec<String>,
    /// Kernel of the output layer, likewise.
    kernel2: Vec<String>,
    /// For every epoch the rows in their order.
    pub orders: Vec<Vec<u32>>,
}

impl Witness {
    /// Reads the file and checks that every order is one of the same rows.
    ///
    /// # Errors
    /// If it cannot be read or is not of this form.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let witness: Self = read(path)?;
        let rows = witness.orders.first().map_or(0, Vec::len);
        for (epoch, order) in witness.orders.iter().enumerate() {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            ensure!(
                sorted.iter().copied().eq(0..rows as u32),
                "{}: epoch {}: not an order of {rows} rows",
                path.display(),
                epoch + 1
            );
        }
        floats(&witness.kernel1).and(floats(&witness.kernel2)).with_context(|| path.display().to_string())?;
        Ok(witness)
    }

    /// Checks that the manifest's training can start from these weights and has an order for every epoch.
    ///
    /// # Errors
    /// If it asks for more epochs, or for other layers.
    pub fn check(&self, manifest: &Manifest) -> Result<(), manifest::Error> {
        let invalid =
            |location: &str, message| Err(manifest::Error::Invalid { location: location.to_owned(), message });
        let (orders, epochs) = (self.orders.len(), manifest.training.epochs as usize);
        if epochs > orders {
            let message = format!("must be at most {orders}, as many orders as the witness has, got {epochs}");
            return invalid("training.epochs", message);
        }
        let (rows, size) = (self.orders.first().map_or(0, Vec::len), manifest.data.train.size);
        if rows != size {
            let message = format!("must be {rows}, as many rows as the witness' orders have, got {size}");
            return invalid("data.train.size", message);
        }
        if manifest.data.features != 1 {
            let message = format!("must be 1, as the witness has weights for, got {}", manifest.data.features);
            return invalid("data.features", message);
        }
        let units = manifest.model.units();
        let (hidden, out) = (self.kernel1.len(), self.kernel2.len());
        if hidden != out || units != [hidden as u32, 1] {
            let message = format!("must have units [{hidden}, 1], as the witness has weights, got {units:?}");
            return invalid("model.layers", message);
        }
        Ok(())
    }

    /// Kernel, zero bias, kernel, zero bias.
    pub fn initial_weights(&self) -> Vec<f32> {
        let kernels = [&self.kernel1, &self.kernel2].map(|kernel| floats(kernel).unwrap_or_default());
        let [first, second] = kernels;
        let units = first.len();
        first.into_iter().chain(vec![0.0; units]).chain(second).chain([0.0]).collect()
    }
}

/// `data/published-log/replayed.json`: the log of real Keras from the same weights and orders.
#[derive(Debug)]
pub struct Replayed {
    /// Version of TensorFlow.
    pub tensorflow: String,
    /// Version of NumPy.
    pub numpy: String,
    /// Loss of every epoch.
    pub losses: Vec<f32>,
    /// Predictions of the test inputs, before restoring.
    pub predictions: Vec<f32>,
    /// The accuracy as Python prints it.
    pub accuracy: String,
}

impl Replayed {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read or is not of this form.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct File {
            tensorflow: String,
            numpy: String,
            losses: String,
            predictions: String,
            accuracy: String,
        }
        let File { tensorflow, numpy, losses, predictions, accuracy } = read(path)?;
        let words = |text: &str| -> anyhow::Result<Vec<f32>> {
            let words: Vec<String> =
                text.as_bytes().chunks(8).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
            floats(&words)
        };
        Ok(Self { tensorflow, numpy, losses: words(&losses)?, predictions: words(&predictions)?, accuracy })
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not of the expected form", path.display()))
}

fn floats(words: &[String]) -> anyhow::Result<Vec<f32>> {
    let float = |word: &String| {
        u32::from_str_radix(word, 16).map(f32::from_bits).with_context(|| format!("{word:?} is not float32 bits"))
    };
    words.iter().map(float).collect()
}

//! Recorded runs of real Keras: `data/keras/recorded.json` and, of those that validate, `validation.json`, written by the script
//! beside them.

use std::path::Path;

use dataset::{Restore, Scaler, Scaling};
use random::numpy::RandomState;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::{Device, Engine, Flow, Layer, Loss, Optimizer, Training};

/// A configuration and what real Keras computed with it, from several seeds.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// What tables and figures call it.
    pub name: String,
    /// The version of TensorFlow.
    pub tensorflow: String,
    /// What the processor calls itself.
    pub processor: String,
    /// Where initial weights and batch order come from.
    pub flow: Flow,
    /// Seed of the data.
    pub data_seed: u32,
    /// Rows of the training data.
    pub samples: usize,
    /// Columns of the inputs.
    pub features: usize,
    /// What is done with inputs and labels.
    pub scaling: Scaling,
    /// The Dense layers.
    pub layers: Vec<Layer>,
    /// The optimiser.
    pub optimizer: Optimizer,
    /// The loss.
    pub loss: Loss,
    /// Rows of a batch.
    pub batch_size: usize,
    /// Passes over the data.
    pub epochs: u32,
    /// Whether every epoch has a new order.
    pub shuffle: bool,
    /// The share of the training rows that is validated on.
    pub validation_split: Option<f64>,
    /// Rows drawn to validate on.
    #[serde(default)]
    pub validation_samples: usize,
    /// One run a seed.
    pub runs: Vec<Run>,
}

/// One run of real Keras.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// The seed.
    pub seed: i64,
    /// The loss of every epoch.
    #[serde(deserialize_with = "float32_bits")]
    pub losses: Vec<f32>,
    /// The loss on the validation rows after every epoch; of the cases that have such rows.
    #[serde(default, deserialize_with = "float32_bits")]
    pub val_losses: Vec<f32>,
    /// The final weights: kernel, bias, kernel, bias, …; kernels row-major.
    #[serde(deserialize_with = "float32_bits")]
    pub weights: Vec<f32>,
    /// Predictions of the test inputs, before restoring.
    #[serde(deserialize_with = "float32_bits")]
    pub predictions: Vec<f32>,
    /// Root mean square error after restoring in float32.
    #[serde(rename = "rmse_numpy1", deserialize_with = "float64_bits")]
    pub accuracy_float32: f64,
    /// Root mean square error after restoring in float64.
    #[serde(rename = "rmse_numpy2", deserialize_with = "float64_bits")]
    pub accuracy_float64: f64,
}

/// The data of a case, as the recording script makes them.
#[derive(Debug, Clone)]
pub struct CaseData {
    /// Training inputs as the model sees them, row-major `samples × features`.
    pub x_train: Vec<f32>,
    /// Training labels as the model sees them.
    pub y_train: Vec<f32>,
    /// Test inputs as the model sees them, `20 × features`.
    pub x_test: Vec<f32>,
    /// Test labels as they are.
    pub y_test: Vec<f64>,
    /// Inputs and labels to validate on as the model sees them; `None` if there are none of their own.
    pub validation: Option<(Vec<f32>, Vec<f32>)>,
    /// The scaling.
    pub scaler: Scaler,
}

impl Case {
    /// The training that the case is, by this engine from this seed.
    pub fn training(&self, engine: Engine, seed: i64) -> Training {
        Training {
            engine,
            device: Device::Cpu,
            flow: self.flow,
            seed,
            optimizer: self.optimizer,
            loss: self.loss,
            epochs: self.epochs,
            batch_size: self.batch_size,
            shuffle: self.shuffle,
            validation_split: self.validation_split,
        }
    }

    /// Draws the data: inputs from 0 to 99 for training, 100 to 199 for the test and 0 to 99 to validate on, labels their row
    /// sums plus 10.
    ///
    /// # Errors
    /// If the inputs are to be standardised and are all the same, as those of a single row are.
    pub fn data(&self) -> Result<CaseData, dataset::Error> {
        let mut random = RandomState::new(self.data_seed);
        let mut draw = |low: i64, high: i64, rows: usize| -> Vec<f64> {
            let drawn = random.randint(low, high, rows * self.features);
            drawn.into_iter().map(|x| x as f64).collect()
        };
        let (x_train, x_test, x) =
            (draw(0, 100, self.samples), draw(100, 200, 20), draw(0, 100, self.validation_samples));
        let labels = |x: &[f64]| x.chunks(self.features).map(|row| row.iter().sum::<f64>() + 10.0).collect::<Vec<_>>();
        let scaler = Scaler::new(self.scaling, &x_train)?;
        Ok(CaseData {
            y_train: scaler.transform(&labels(&x_train)),
            y_test: labels(&x_test),
            x_train: scaler.transform(&x_train),
            x_test: scaler.transform(&x_test),
            validation: (!x.is_empty()).then(|| (scaler.transform(&x), scaler.transform(&labels(&x)))),
            scaler,
        })
    }
}

impl Run {
    /// The accuracy with predictions restored in this arithmetic.
    pub fn accuracy(&self, restore: Restore) -> f64 {
        match restore {
            Restore::Float32 => self.accuracy_float32,
            Restore::Float64 => self.accuracy_float64,
        }
    }
}

/// Whether both have the same bits; what is not a number has many, and one is as good as another.
pub fn same_bits(left: &[f32], right: &[f32]) -> bool {
    let same = |(left, right): (&f32, &f32)| left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan();
    left.len() == right.len() && left.iter().zip(right).all(same)
}

/// Reads every recorded case.
///
/// # Errors
/// If the file cannot be read or is not of this form.
pub fn load(path: &Path) -> std::io::Result<Vec<Case>> {
    #[derive(Deserialize)]
    struct Recorded {
        cases: Vec<Case>,
    }
    let text = std::fs::read_to_string(path)?;
    Ok(serde_json::from_str::<Recorded>(&text)?.cases)
}

fn float32_bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let number = |word: &[u8; 8]| u32::from_str_radix(str::from_utf8(word).ok()?, 16).ok().map(f32::from_bits);
    let numbers = words.iter().map(number).collect::<Option<Vec<f32>>>().filter(|_| rest.is_empty());
    numbers.ok_or_else(|| Error::custom("not whole words of 8 hexadecimal digits"))
}

fn float64_bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map(f64::from_bits).map_err(Error::custom)
}

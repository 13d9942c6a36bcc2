//! Recorded runs of real Keras: the JSON files in `data/keras`, written by the script beside them.

use std::collections::BTreeMap;
use std::path::Path;

use dataset::{Restore, Scaler, Scaling};
use random::numpy::RandomState;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::{Callback, Device, Engine, Flow, Labelled, Layer, Loss, Metric, Optimization, Training};

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
    pub optimizer: Optimization,
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
    /// What watches the training.
    #[serde(default)]
    pub callbacks: Vec<Callback>,
    /// What is measured.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// The weight of each class.
    pub class_weight: Option<BTreeMap<u32, f64>>,
    /// Whether rows have weights.
    #[serde(default)]
    pub sample_weights: bool,
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
    /// The learning rate of every epoch; of the cases whose callbacks set it.
    #[serde(default, deserialize_with = "float32_bits")]
    pub learning_rates: Vec<f32>,
    /// Each metric of every epoch by its name, `val_` before it on the validation rows.
    #[serde(default)]
    pub metrics: BTreeMap<String, Bits>,
    /// What `fit` prints of every epoch after its time, of the cases that have it.
    #[serde(default)]
    pub lines: Vec<String>,
    /// The final weights: kernel, bias, kernel, bias, …; kernels row-major.
    #[serde(deserialize_with = "float32_bits")]
    pub weights: Vec<f32>,
    /// Predictions of the test inputs, before restoring.
    #[serde(deserialize_with = "float32_bits")]
    pub predictions: Vec<f32>,
    /// Root mean square error after restoring in float32; NaN of classes and of several outputs, as the next.
    #[serde(default = "no_number", rename = "rmse_numpy1", deserialize_with = "float64_bits")]
    pub accuracy_float32: f64,
    /// Root mean square error after restoring in float64.
    #[serde(default = "no_number", rename = "rmse_numpy2", deserialize_with = "float64_bits")]
    pub accuracy_float64: f64,
}

/// Float32 values, written by their bits.
#[derive(Debug, Clone, Deserialize)]
pub struct Bits(#[serde(deserialize_with = "float32_bits")] pub Vec<f32>);

/// The data of a case, as the recording script makes them.
#[derive(Debug, Clone)]
pub struct CaseData {
    /// Training inputs as the model sees them, row-major `samples × features`.
    pub x_train: Vec<f32>,
    /// Training labels as the model sees them.
    pub y_train: Vec<f32>,
    /// Weights of the training rows, if they have any.
    pub sample_weight: Option<Vec<f32>>,
    /// Test inputs as the model sees them, `20 × features`.
    pub x_test: Vec<f32>,
    /// Test labels as they are.
    pub y_test: Vec<f64>,
    /// Inputs and labels to validate on as the model sees them; `None` if there are none of their own.
    pub validation: Option<(Vec<f32>, Vec<f32>)>,
    /// Weights of the validation rows, if they have any.
    pub validation_weight: Option<Vec<f32>>,
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
            callbacks: self.callbacks.clone(),
            metrics: self.metrics.clone(),
            class_weight: self.class_weight.clone(),
        }
    }

    /// Draws the data: inputs from 0 to 99 for training, 100 to 199 for the test and 0 to 99 to validate on. Labels are their row
    /// sums plus 10, in column number j from 0 that times j + 1; of cross-entropies whether the sums are above, or between which,
    /// of equal steps from 0 to 100 a column they are.
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
        let outputs = self.layers.last().and_then(Layer::as_dense).map_or(1, |layer| layer.units as usize);
        let label = |sum: f64, column: usize| {
            let (units, whole) = (outputs as f64, 100.0 * self.features as f64);
            let class = (sum * units / whole).floor();
            match self.loss {
                Loss::Mse | Loss::Mae | Loss::Huber => (sum + 10.0) * (column as f64 + 1.0),
                Loss::BinaryCrossentropy { .. } => f64::from(sum * (units + 1.0) > whole * (column as f64 + 1.0)),
                Loss::CategoricalCrossentropy { .. } => f64::from(class == column as f64),
                Loss::SparseCategoricalCrossentropy { .. } => class,
            }
        };
        let labels = |x: &[f64]| -> Vec<f64> {
            let columns = self.loss.label_columns(outputs);
            x.chunks(self.features).flat_map(|row| (0..columns).map(|column| label(row.iter().sum(), column))).collect()
        };
        let scaler = Scaler::new(self.scaling, &x_train)?;
        let scaled = |labels: Vec<f64>| match self.loss {
            Loss::Mse | Loss::Mae | Loss::Huber => scaler.transform(&labels),
            _ => labels.into_iter().map(|label| label as f32).collect(),
        };
        let weights =
            |rows: usize| self.sample_weights.then(|| (0..rows).map(|row| (row % 5 + 1) as f32 / 4.0).collect());
        Ok(CaseData {
            sample_weight: weights(self.samples),
            validation_weight: weights(self.validation_samples),
            y_train: scaled(labels(&x_train)),
            y_test: labels(&x_test),
            x_train: scaler.transform(&x_train),
            x_test: scaler.transform(&x_test),
            validation: (!x.is_empty()).then(|| (scaler.transform(&x), scaled(labels(&x)))),
            scaler,
        })
    }
}

impl CaseData {
    /// The rows to train on, and those of their own to validate on.
    pub fn rows(&self) -> (Labelled<'_>, Option<Labelled<'_>>) {
        let train = Labelled { sample_weight: self.sample_weight.as_deref(), ..(&self.x_train, &self.y_train).into() };
        let weights = self.validation_weight.as_deref();
        let validation = self.validation.as_ref().map(|(x, y)| Labelled { sample_weight: weights, ..(x, y).into() });
        (train, validation)
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

fn no_number() -> f64 {
    f64::NAN
}

fn float64_bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map(f64::from_bits).map_err(Error::custom)
}

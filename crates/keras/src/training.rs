//! What a manifest says of a training.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use manifest::Broken;
use random::keras::EpochOrders;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::optimizer::defaults;
use crate::words::name;
use crate::{Callback, Loss, Metric, Model, Optimization, Optimizer, supports};

/// How the network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The implementation that trains.
    #[serde(default)]
    pub engine: Engine,
    /// Where the tensors live: `cpu`, or `cuda:N` for the graphics card with number N.
    #[serde(default)]
    #[schemars(regex(pattern = "^(cpu|cuda:[0-9]{1,4})$"))]
    pub device: Device,
    /// How the seed becomes initial weights and batch orders.
    pub flow: Flow,
    /// The seed of initial weights and batch orders: any whole number with flow `tf-legacy`, one from 0 to 4294967295
    /// with the others.
    pub seed: i64,
    /// The optimizer with its parameters.
    pub optimizer: Optimization,
    /// What training minimises.
    pub loss: Loss,
    /// What is measured of the predictions besides the loss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// What the loss of a row of each class is multiplied by, as `{0: 1, 1: 2.5}`; a label column of 0 and 1 has the classes 0 and 1.
    /// Left out: 1. Rows that are validated on have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, f64>>")]
    pub class_weight: Option<BTreeMap<u32, f64>>,
    /// How often training passes over the training data.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// How many rows one step takes.
    #[serde(default = "batch_size")]
    #[schemars(range(min = 1))]
    pub batch_size: usize,
    /// Whether every epoch visits the rows in a new random order.
    #[serde(default = "shuffle")]
    pub shuffle: bool,
    /// The share of the rows to validate on after every epoch: the last ones, which are not trained on. Left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub validation_split: Option<f64>,
    /// What watches the training between its epochs, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
}

defaults! {
    /// Keras' default of `batch_size`.
    batch_size: usize = 32;
    /// Keras' default of `shuffle`.
    shuffle: bool = true;
}

/// The implementation that trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// libtorch tensors, on any device.
    #[default]
    Libtorch,
    /// Every float32 operation in the order of Keras on TensorFlow, on the CPU.
    Exact,
}

/// Where the tensors live, written `cpu` or `cuda:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The graphics card with this number.
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "cpu" {
            return Ok(Self::Cpu);
        }
        text.strip_prefix("cuda:")
            .filter(|number| (1..=4).contains(&number.len()))
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(Self::Cuda)
            .ok_or_else(|| {
                let got = manifest::quote(&text);
                format!("expected cpu or cuda:N, as in cuda:0, got {got}")
            })
    }
}

/// How the seed becomes initial weights and batch orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// As legacy `tf.keras` after `tf.random.set_seed(seed)`.
    TfLegacy,
    /// As Keras 2 after `keras.utils.set_random_seed(seed)`, which takes seeds from 0 to 4294967295.
    KerasSetRandomSeed,
    /// The same on TensorFlow 2.15 and later: only rmsprop is rounded in another way.
    #[serde(rename = "keras-set-random-seed-tf-2.15")]
    KerasSetRandomSeedTf215,
    /// As Keras 3 on TensorFlow after `keras.utils.set_random_seed(seed)`, which takes seeds from 0 to 4294967295; every
    /// epoch has the batches of the first.
    #[serde(rename = "keras-3")]
    Keras3,
}

impl Flow {
    /// The seeds that the flow's own function takes.
    pub fn seeds(self) -> RangeInclusive<i64> {
        match self {
            Self::TfLegacy => i64::MIN..=i64::MAX,
            Self::KerasSetRandomSeed | Self::KerasSetRandomSeedTf215 | Self::Keras3 => 0..=u32::MAX.into(),
        }
    }

    /// Its name in a manifest.
    pub fn name(self) -> String {
        name(&self)
    }

    /// The orders of so many rows in the epochs of a `fit`.
    pub(crate) fn orders(self, seed: i64, rows: usize) -> EpochOrders {
        match self {
            Self::TfLegacy | Self::KerasSetRandomSeed | Self::KerasSetRandomSeedTf215 => EpochOrders::new(seed, rows),
            Self::Keras3 => EpochOrders::repeated(seed, rows),
        }
    }
}

impl Training {
    /// Whether the engine does this training of `model`, whose data have so many label columns, and the flow takes the seed;
    /// paths are those of a manifest with the sections `model` and `training`.
    ///
    /// # Errors
    /// If it does not.
    pub fn rules(&self, model: &Model, labels: u32) -> Result<(), Broken> {
        self.rules_of_network(model, Some(labels))
    }

    /// As [`Self::rules`], whatever the label columns where they are not known.
    pub(crate) fn rules_of_network(&self, model: &Model, labels: Option<u32>) -> Result<(), Broken> {
        model.rules()?;
        self.loss.rules(model, labels)?;
        Metric::rules(&self.metrics, self.loss)?;
        self.rules_of_class_weight(model)?;
        self.rules_of_callbacks()?;
        self.rules_of_dropout(model)?;
        if self.flow == Flow::TfLegacy && matches!(self.optimizer.rule, Optimizer::Adamw { .. }) {
            let message = "must not be adamw with flow tf-legacy, whose Keras has no such optimizer";
            return Err(Broken::new("training.optimizer.name", message).with("training.flow"));
        }
        if self.engine == Engine::Exact {
            supports(model, self)?;
        }
        self.takes("training.seed", self.seed).map_err(|broken| broken.with("training.flow"))
    }

    /// How many of `rows` rows `fit` trains on, the first ones; on the others it validates. An error if a part of a split is empty.
    pub(crate) fn trained_rows(&self, rows: usize) -> Result<usize, Broken> {
        let Some(split) = self.validation_split else { return Ok(rows) };
        let kept = dataset::kept(rows, split);
        if kept == 0 || kept == rows {
            let message = format!("must part the {rows} rows to train on in two, got {split:?}");
            return Err(Broken::new("training.validation_split", message));
        }
        Ok(kept)
    }

    /// Whether the flow takes `seed`, which stands at `path`.
    fn takes(&self, path: &str, seed: i64) -> Result<(), Broken> {
        let (first, last) = self.flow.seeds().into_inner();
        if self.flow.seeds().contains(&seed) {
            return Ok(());
        }
        let flow = self.flow.name();
        let message = format!("must be from {first} to {last} with flow {flow}, as Keras takes it, got {seed}");
        Err(Broken::new(path, message))
    }

    /// Whether the flow takes the seeds `seed`, `seed` + 1, … of so many trainings as the key at `path` says, and of `after`
    /// more; paths are whole.
    ///
    /// # Errors
    /// If the last of them is none that the flow takes.
    pub fn rules_of_seeds(&self, path: &str, count: u32, after: u32) -> Result<(), Broken> {
        let ends = i128::from(self.seed) + i128::from(count) + i128::from(after) - 1;
        let last = *self.flow.seeds().end();
        if ends <= i128::from(last) {
            return Ok(());
        }
        let and = if after == 0 { String::new() } else { format!(" and {after} more") };
        let message = format!(
            "needs {count} seeds from training.seed on{and}, up to {ends}; the last that the flow takes is {last}"
        );
        Err(Broken::new(path, message).with("training.seed").with("training.flow"))
    }
}

/// Seeds that a study trains from, one after the other, and of which it keeps every training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// The first seed.
    pub first: i64,
    /// The last seed, itself included. There are at most 1000000.
    pub last: i64,
}

/// The most seeds of which every training is kept.
const MOST_SEEDS: u64 = 1_000_000;

impl Seeds {
    /// Whether there are seeds, not too many, and the training's flow takes them; `section` is the path of this section.
    ///
    /// # Errors
    /// If not.
    pub fn rules(&self, section: &str, training: &Training) -> Result<(), Broken> {
        rules_of_range(section, [self.first, self.last], MOST_SEEDS, training)
    }

    /// How many seeds there are.
    pub fn count(&self) -> u64 {
        self.last.abs_diff(self.first) + 1
    }
}

/// Seeds over which a study folds, block by block: any number, since what it keeps of them does not grow but for the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedScan {
    /// The first seed.
    pub first: i64,
    /// The last seed, itself included.
    pub last: i64,
    /// How many of the first seeds have a row in the tables, from which figures are drawn. Left out: the first million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub rows: Option<u64>,
}

impl SeedScan {
    /// Whether there are seeds, no more than can be counted, and the training's flow takes them; `section` is the path of
    /// this section.
    ///
    /// # Errors
    /// If not.
    pub fn rules(&self, section: &str, training: &Training) -> Result<(), Broken> {
        rules_of_range(section, [self.first, self.last], i64::MAX as u64, training)
    }

    /// Whether this seed, which is none before the first, has a row.
    pub fn has_row(&self, seed: i64) -> bool {
        seed.abs_diff(self.first) < self.rows.unwrap_or(1_000_000)
    }
}

/// Whether there are seeds from `first` to `last`, at most so many, and the training's flow takes them.
fn rules_of_range(section: &str, [first, last]: [i64; 2], most: u64, training: &Training) -> Result<(), Broken> {
    let path = |key: &str| format!("{section}.{key}");
    for (key, seed) in [("first", first), ("last", last)] {
        training.takes(&path(key), seed).map_err(|broken| broken.with("training.flow"))?;
    }
    let message = if first > last {
        format!("must be >= first, got {last} with first {first}")
    } else if last.abs_diff(first) >= most {
        format!("must be at most {} seeds after first, got {last} with first {first}", most - 1)
    } else {
        return Ok(());
    };
    Err(Broken::new(path("last"), message).with(path("first")))
}

//! What is searched for: the post's twelve losses and its accuracy, on the manifest's data.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use dataset::Dataset;
use keras::{Activation, Layer, Trainer};
use notebook::{Failure, printed_loss, python_repr};
use published_log::Manifest;
use random::keras::EpochOrders;
use random::philox::Stream;
use serde_json::json;

/// Rows of the training data.
pub const ROWS: usize = 100;
/// Units of the hidden layer.
pub const UNITS: usize = 16;
/// Weights that a start chooses: the two kernels. Biases start at zero.
pub const KERNELS: usize = 2 * UNITS;
/// Epochs of the training.
pub const EPOCHS: usize = 100;
/// Epochs at the start of the log that it shows, and as many at its end.
pub const SHOWN: usize = 6;
/// The first of the last epochs shown, from 0.
pub const LAST: usize = EPOCHS - SHOWN;

/// The rows of an epoch in their order.
pub type Order = [u32; ROWS];

/// Half of the last digit of the first and of the last lines; a little less, so that its own rounding does not matter.
pub const HALF_DIGIT: [f32; 2] = [0.499e-4, 0.499e-19];

/// Whether a loss prints as this line.
pub fn prints(loss: f32, line: f32, half_digit: f32) -> bool {
    (loss - line).abs() < half_digit
}

/// What random numbers are drawn for: streams of different purposes have nothing in common.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// The weights and first orders of a start.
    Start,
    /// The orders of the middle epochs, and what is drawn to judge where they lead.
    Middle,
    /// The orders of one of the last epochs shown, from 0, and what is drawn to judge where they lead.
    Last(usize),
}

/// The search's task.
#[derive(Debug)]
pub struct Task {
    /// The post's training, to be cloned by each thread.
    pub trainer: Trainer,
    /// The losses of epochs 1 to 6.
    pub first: [f32; SHOWN],
    /// The losses of epochs 95 to 100.
    pub last: [f32; SHOWN],
    seed: i64,
    printed: Vec<String>,
    accuracy: f64,
    data: Dataset,
}

impl Task {
    /// Reads the manifest and the published numbers, which it names relative to `root`, the workspace.
    ///
    /// # Errors
    /// If one of them cannot be read, or the manifest is of another training than the post's.
    pub fn load(path: &Path, root: &Path, seed: i64) -> anyhow::Result<Self> {
        let manifest = manifest::load::<Manifest>(path, &[])?;
        let Manifest { about, data, model, .. } = &*manifest;
        let training = manifest.training();
        let layers = [UNITS, 1].map(|units| Layer::dense(units as u32, Activation::Linear));
        for (holds, rule) in [
            (model.layers == layers, format!("model.layers: must be {UNITS} linear units and a linear one")),
            (data.features == 1, "data.features: must be 1".to_owned()),
            (data.train.size == ROWS, format!("data.train.size: must be {ROWS}")),
            (training.epochs as usize == EPOCHS, format!("training.epochs: must be {EPOCHS}")),
        ] {
            ensure!(holds, Failure::new(65, anyhow!("{}: {rule}", path.display())));
        }

        let source = about.source.as_ref().context("source: the published numbers are searched for")?;
        let folders = [root, path.parent().unwrap_or(root)];
        let numbers = source.load(&about.experiment, folders)?.numbers;
        let printed = |quantity: &str, epoch: Option<usize>| {
            let epoch = epoch.map(|epoch| epoch as u32 + 1);
            let number = numbers.iter().find(|number| number.quantity == quantity && number.epoch == epoch);
            let printed = number.and_then(|number| number.printed.clone());
            printed.with_context(|| format!("{}: a {quantity} is missing", source.published))
        };
        let losses = (0..SHOWN).chain(LAST..EPOCHS).map(|epoch| printed("loss", Some(epoch)));
        let losses = losses.collect::<anyhow::Result<Vec<String>>>()?;
        let lines = losses.iter().map(|text| text.parse()).collect::<Result<Vec<f32>, _>>().context("a loss")?;
        let accuracy = printed("accuracy", None)?.parse().context("the accuracy is not a number")?;

        let data = data.dataset(manifest.scaling, manifest.restore)?;
        Ok(Self {
            trainer: Trainer::new(&model.layers, data.features.len(), &training, &data.train.x, &data.train.y),
            first: std::array::from_fn(|line| lines[line]),
            last: std::array::from_fn(|line| lines[SHOWN + line]),
            seed,
            printed: losses,
            accuracy,
            data,
        })
    }

    /// The random words for a purpose and two numbers within it. They depend on nothing else but the seed, so
    /// that no result depends on threads or on what was searched before.
    pub fn words(&self, purpose: Purpose, [a, b]: [u32; 2]) -> Stream {
        let purpose = match purpose {
            Purpose::Start => 0,
            Purpose::Middle => 1,
            Purpose::Last(line) => 2 + line as u32,
        };
        // The lowest word counts the blocks of the stream.
        Stream::new([0, purpose, a, b], [self.seed as u32, (self.seed >> 32) as u32])
    }

    /// Random orders, likewise.
    pub fn orders(&self, purpose: Purpose, numbers: [u32; 2]) -> EpochOrders {
        let mut words = self.words(purpose, numbers);
        let seed = u64::from(words.next_u32()) << 32 | u64::from(words.next_u32());
        EpochOrders::new(seed as i64, ROWS)
    }

    /// The first so many of them.
    pub fn first_orders(&self, purpose: Purpose, numbers: [u32; 2], count: usize) -> Vec<Order> {
        let mut random = self.orders(purpose, numbers);
        let mut orders = vec![[0; ROWS]; count];
        for order in &mut orders {
            random.fill(order);
        }
        orders
    }

    /// Whether the network last trained has the post's accuracy, which is printed to the last bit.
    pub fn is_accurate(&self, trainer: &mut Trainer) -> bool {
        self.accuracy_of(trainer) == self.accuracy
    }

    fn accuracy_of(&self, trainer: &mut Trainer) -> f64 {
        self.data.test_error(&trainer.predict(&self.data.test.x))
    }

    /// Trains once more from the beginning and writes the witness.
    ///
    /// # Errors
    /// If a line or the accuracy differs from the post's, or the file cannot be written.
    pub fn write(&self, out: &Path, kernels: &[f32; KERNELS], orders: &[Order]) -> anyhow::Result<()> {
        let (mut trainer, mut losses) = (self.trainer.clone(), Vec::new());
        trainer.train_from(&initial_weights(kernels), &mut losses, |epoch, order| {
            order.copy_from_slice(&orders[epoch as usize]);
        });
        for (epoch, printed) in (0..SHOWN).chain(LAST..EPOCHS).zip(&self.printed) {
            let loss = printed_loss(losses[epoch].into());
            ensure!(&loss == printed, "trained again, epoch {} prints {loss}, not {printed}", epoch + 1);
        }
        let accuracy = python_repr(self.accuracy_of(&mut trainer));
        ensure!(accuracy == python_repr(self.accuracy), "trained again, the accuracy is {accuracy}");
        fs::write(out, text(kernels, orders)).with_context(|| format!("cannot write {}", out.display()))
    }
}

/// Kernel, zero bias, kernel, zero bias, as a trainer takes them.
pub fn initial_weights(kernels: &[f32; KERNELS]) -> Vec<f32> {
    let (first, second) = kernels.split_at(UNITS);
    [first, &[0.0; UNITS], second, &[0.0]].concat()
}

/// One order a line; JSON numbers cannot hold float32 bits for certain, so weights are hexadecimal text.
fn text(kernels: &[f32; KERNELS], orders: &[Order]) -> String {
    let bits = |kernel: &[f32]| kernel.iter().map(|weight| format!("{:08x}", weight.to_bits())).collect::<Vec<_>>();
    let witness = json!({
        "about": "A run of the post's program whose log prints the post's twelve losses and accuracy: initial kernels \
                  as float32 bits, biases zero, and the order of the rows in every epoch.",
        "kernel1": bits(&kernels[..UNITS]),
        "kernel2": bits(&kernels[UNITS..]),
        "orders": orders.iter().map(|order| &order[..]).collect::<Vec<_>>(),
    });
    witness.to_string().replace("],", "],\n") + "\n"
}

//! What is searched for: the post's twelve losses and its accuracy, on the manifest's data.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use keras::{Scaler, Trainer, root_mean_square_error};
use manifest::{Activation, Flow, Layer, Loss, Manifest, Optimizer, Restore, Scaling};
use notebook::{Published, printed_loss, python_repr};
use random::numpy::RandomState;

use crate::fast::Instructions;
use crate::network::{BATCH, EPOCHS, KERNELS, Network, Order, ROWS, STEPS, State, UNITS};
use crate::scalar;

/// Epochs at the start of the log that it shows, and as many at its end.
pub const SHOWN: usize = 6;
/// The first of the last epochs shown, from 0.
pub const LAST: usize = EPOCHS - SHOWN;

/// The float32 losses that print alike: the smallest and the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// The loss as printed.
    pub loss: f32,
    smallest: f32,
    largest: f32,
}

impl Window {
    /// The window of a loss that the post prints.
    pub fn new(printed: &str) -> anyhow::Result<Self> {
        let loss: f32 = printed.parse().with_context(|| format!("{printed:?} is not a loss"))?;
        ensure!(printed_loss(loss.into()) == printed, "{printed:?} is not how Keras prints a loss");
        let last = |step: fn(f32) -> f32| {
            let alike = |loss: &f32| printed_loss(f64::from(*loss)) == printed;
            std::iter::successors(Some(loss), |&loss| Some(step(loss)).filter(alike)).last().unwrap_or(loss)
        };
        Ok(Self { loss, smallest: last(f32::next_down), largest: last(f32::next_up) })
    }

    /// Whether this loss prints so.
    #[inline]
    pub fn contains(&self, loss: f32) -> bool {
        (self.smallest..=self.largest).contains(&loss)
    }
}

/// The search's task.
#[derive(Debug)]
pub struct Task {
    /// `training.seed`, from which every random number of the first two stages follows.
    pub seed: u64,
    /// Data and constants of the training.
    pub network: Network,
    /// Windows of epochs 1 to 6.
    pub first: [Window; SHOWN],
    /// Windows of epochs 95 to 100.
    pub last: [Window; SHOWN],
    /// The lattice number of the post's accuracy; see [`Task::lattice`].
    pub lattice: f64,
    /// The largest start weight: Glorot's limit of both kernels, rounded down.
    pub limit: f32,
    manifest: Manifest,
    printed: Vec<String>,
    accuracy: String,
    scaler: Scaler,
    x_train: Vec<f32>,
    y_train: Vec<f32>,
    x_test: Vec<f32>,
    y_test: Vec<i64>,
}

impl Task {
    /// Reads the manifest and the published numbers, which it names relative to `root`, the workspace.
    pub fn load(path: &Path, root: &Path) -> anyhow::Result<Self> {
        let manifest = Manifest::load(path, &[])?;
        check(&manifest).with_context(|| format!("{}: the search cannot run it", path.display()))?;
        let published = root.join(&manifest.source.published);
        let numbers = Published::load(&published)?.numbers;
        let shown = |epoch: usize| {
            let number =
                numbers.iter().find(|number| number.quantity == "loss" && number.epoch == Some(epoch as u32 + 1));
            let number = number.with_context(|| format!("{}: no loss of epoch {}", published.display(), epoch + 1))?;
            Ok(number.printed.clone())
        };
        let printed = (0..SHOWN).chain(LAST..EPOCHS).map(shown).collect::<anyhow::Result<Vec<String>>>()?;
        let windows = printed.iter().map(|text| Window::new(text)).collect::<anyhow::Result<Vec<Window>>>()?;
        let accuracy = numbers.iter().find(|number| number.quantity == "accuracy");
        let accuracy = accuracy.with_context(|| format!("{}: no accuracy", published.display()))?.printed.clone();
        let value: f64 = accuracy.parse().with_context(|| format!("{accuracy:?} is not an accuracy"))?;

        let data = &manifest.data;
        let mut random = RandomState::new(data.seed);
        let x_train: Vec<i64> = random.randint(data.train.low.into(), data.train.high.into(), data.train.size)?;
        let x_test: Vec<i64> = random.randint(data.test.low.into(), data.test.high.into(), data.test.size)?;
        let label = |x: &Vec<i64>| x.iter().map(|x| x + data.label.add).collect::<Vec<i64>>();
        let (y_train, y_test) = (label(&x_train), label(&x_test));
        let scaler = Scaler::new(manifest.scaling, &x_train)?;
        let (x_train, y_train) = (scaler.transform(&x_train), scaler.transform(&y_train));
        Ok(Self {
            seed: manifest.training.seed as u64,
            network: network(&manifest, &x_train, &y_train)?,
            first: std::array::from_fn(|line| windows[line]),
            last: std::array::from_fn(|line| windows[SHOWN + line]),
            lattice: (value * LATTICE).powi(2) * y_test.len() as f64,
            // √(6 / (inputs + outputs)) = 0.5940885…
            limit: ((6.0 / (1 + UNITS) as f32).sqrt() * 1e4).floor() / 1e4,
            x_test: scaler.transform(&x_test),
            manifest,
            printed,
            accuracy,
            scaler,
            x_train,
            y_train,
            y_test,
        })
    }

    /// The place of the accuracy after training on its lattice.
    ///
    /// Restored predictions are float32 between 64 and 256, hence multiples of 2⁻¹⁷, and so are their errors. With N the
    /// sum of the errors' squares in units of 2⁻³⁴, the accuracy is 2⁻¹⁷ √(N / rows): the post's has N = 40.
    pub fn lattice(&self, state: &State) -> f64 {
        let outputs: Vec<f32> = self.x_test.iter().map(|&x| scalar::output(state, x).0).collect();
        let predictions = self.scaler.restore(&outputs, self.manifest.restore);
        let errors = predictions.iter().zip(&self.y_test).map(|(prediction, &label)| prediction - label as f64);
        errors.map(|error| (error * LATTICE).powi(2)).sum()
    }

    /// How far a state is from the post's accuracy, in lattice numbers; 0 if it prints it.
    pub fn miss(&self, state: &State) -> u64 {
        (self.lattice(state) - self.lattice).abs().round() as u64
    }

    /// Trains again by engine `exact` and compares all twelve lines and the accuracy with the post's.
    ///
    /// # Errors
    /// If one of them differs.
    pub fn prove(&self, kernels: &[f32; KERNELS], orders: &[Order]) -> anyhow::Result<()> {
        ensure!(orders.len() == EPOCHS, "{} orders instead of {EPOCHS}", orders.len());
        let mut trainer = self.trainer();
        let mut losses = Vec::new();
        trainer.train_from(&initial_weights(kernels), &mut losses, |epoch, order| {
            copy_order(&orders[epoch as usize], order);
        });
        for (epoch, printed) in (0..SHOWN).chain(LAST..EPOCHS).zip(&self.printed) {
            let loss = losses.get(epoch).map_or_else(String::new, |&loss| printed_loss(loss.into()));
            ensure!(&loss == printed, "trained again, epoch {} prints {loss}, not {printed}", epoch + 1);
        }
        let predictions = self.scaler.restore(&trainer.predict(&self.x_test), self.manifest.restore);
        let accuracy = python_repr(root_mean_square_error(&predictions, &self.y_test));
        ensure!(accuracy == self.accuracy, "trained again, the accuracy is {accuracy}, not {}", self.accuracy);
        Ok(())
    }

    /// The same training by engine `exact`.
    pub fn trainer(&self) -> Trainer {
        let Manifest { model, training, .. } = &self.manifest;
        Trainer::new(&model.layers, 1, training, &self.x_train, &self.y_train)
    }

    /// Tells this task from others, for the journal.
    pub fn name(&self) -> String {
        let Network { x, y, alpha, one_minus, epsilon, .. } = &self.network;
        let floats = x.iter().chain(y).chain(alpha).chain(one_minus).chain([epsilon]).chain(&self.x_test);
        let bytes = floats.flat_map(|float| float.to_le_bytes()).chain(self.printed.concat().into_bytes());
        // Fowler, Noll and Vo's 1a with 64 bits.
        let digest = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        format!("seed {}, accuracy {}, data and lines {digest:016x}", self.seed, self.accuracy)
    }
}

/// Units of 2⁻¹⁷ in one.
const LATTICE: f64 = 131_072.0;

/// Kernel, zero bias, kernel, zero bias, as engine `exact` takes them.
pub fn initial_weights(kernels: &[f32; KERNELS]) -> Vec<f32> {
    let (first, second) = kernels.split_at(UNITS);
    [first, &[0.0; UNITS], second, &[0.0]].concat()
}

/// Writes an order as engine `exact` takes it.
pub fn copy_order(order: &Order, to: &mut [u32]) {
    to.iter_mut().zip(order).for_each(|(to, &row)| *to = row.into());
}

/// The training's data and constants; α as in [`keras`]' Adam: `η √(1−β₂ᵗ) / (1−β₁ᵗ)` in float32.
fn network(manifest: &Manifest, x: &[f32], y: &[f32]) -> anyhow::Result<Network> {
    let Optimizer::Adam { learning_rate, beta_1, beta_2, epsilon } = manifest.training.optimizer else {
        bail!("training.optimizer: must be adam");
    };
    let betas = [beta_1 as f32, beta_2 as f32];
    let mut powers = [1.0_f64; 2];
    let alpha = [(); EPOCHS * STEPS].map(|()| {
        powers = [powers[0] * f64::from(betas[0]), powers[1] * f64::from(betas[1])];
        learning_rate as f32 * (1.0 - powers[1] as f32).sqrt() / (1.0 - powers[0] as f32)
    });
    let rows = |values: &[f32]| std::array::from_fn(|row| values.get(row).copied().unwrap_or(0.0));
    Ok(Network {
        x: rows(x),
        y: rows(y),
        alpha,
        one_minus: betas.map(|beta| 1.0 - beta),
        epsilon: epsilon as f32,
        instructions: Instructions::fastest(),
    })
}

/// The search is written for the post's network and training; only data, seeds and Adam's constants may differ.
fn check(manifest: &Manifest) -> anyhow::Result<()> {
    let Manifest { data, model, training, .. } = manifest;
    let layers = [UNITS, 1].map(|units| Layer { units: units as u32, activation: Activation::Linear });
    ensure!(model.layers == layers, "model.layers: must be {UNITS} linear units and a linear one");
    ensure!(data.train.size == ROWS, "data.train.size: must be {ROWS}");
    ensure!(training.batch_size == BATCH, "training.batch_size: must be {BATCH}");
    ensure!(training.epochs as usize == EPOCHS, "training.epochs: must be {EPOCHS}");
    ensure!(training.loss == Loss::Mse, "training.loss: must be mse");
    ensure!(training.flow == Flow::TfLegacy, "training.flow: must be tf-legacy");
    ensure!(manifest.scaling == Scaling::Standard, "scaling: must be standard");
    ensure!(manifest.restore == Restore::Float32, "restore: must be float32");
    Ok(())
}

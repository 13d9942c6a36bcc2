//! What a trial is worth: the training that its parameters make of the manifest.

use anyhow::Context as _;
use keras::{Samples, Scaler, Trainer, root_mean_square_error};
use manifest::{Manifest, Objective, kept};
use random::numpy::RandomState;
use search::Assignment;
use search::study::{Evaluation, Outcome};

/// What an accuracy is measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The test data, as in the post.
    Test,
    /// The rows of the training data that `search.validation_split` holds out.
    Validation,
}

/// A manifest's training as an objective of its parameters, by engine `exact`.
#[derive(Debug, Clone)]
pub struct Problem {
    manifest: Manifest,
    objective: Objective,
    report_every: u32,
    scaler: Scaler,
    x_train: Vec<f32>,
    y_train: Vec<f32>,
    x_test: Vec<f32>,
    y_test: Vec<i64>,
}

impl Problem {
    /// The manifest's data, drawn and scaled; held-out rows are neither trained on nor seen by the scaling.
    ///
    /// # Errors
    /// If the manifest has no `validation_split` to measure on, or its data cannot be drawn or scaled.
    pub fn new(manifest: &Manifest, measured: Measured) -> anyhow::Result<Self> {
        let search = manifest.search.as_ref();
        let data = &manifest.data;
        let mut random = RandomState::new(data.seed);
        let mut x_train: Vec<i64> = random.randint(data.train.low.into(), data.train.high.into(), data.train.size)?;
        let mut x_test: Vec<i64> = random.randint(data.test.low.into(), data.test.high.into(), data.test.size)?;
        if measured == Measured::Validation {
            let split = search.and_then(|search| search.validation_split);
            let split = split.context("search.validation_split: there is nothing to measure on")?;
            x_test = x_train.split_off(kept(x_train.len(), split));
        }
        let label = |x: &Vec<i64>| x.iter().map(|x| x + data.label.add).collect::<Vec<_>>();
        let (y_train, y_test) = (label(&x_train), label(&x_test));
        let scaler = Scaler::new(manifest.scaling, &x_train)?;
        Ok(Self {
            manifest: manifest.clone(),
            objective: search.map_or_else(Objective::default, |search| search.objective),
            report_every: search.map_or(1, |search| search.report_every),
            x_train: scaler.transform(&x_train),
            y_train: scaler.transform(&y_train),
            x_test: scaler.transform(&x_test),
            scaler,
            y_test,
        })
    }

    /// Trains with a trial's parameters from `training.seed` plus the number of the repeat, reports losses, and measures
    /// the objective. A training that diverges fails.
    pub fn evaluate(&self, evaluation: &Evaluation<'_>) -> Outcome {
        // The manifest was read with so many repeats that every one has a seed of its own.
        let seed = self.manifest.training.seed + i64::from(evaluation.repeat());
        let every = u64::from(self.report_every);
        self.train(&evaluation.trial().parameters, seed, |epoch, loss| {
            epoch % every == 0 && evaluation.report(epoch, loss)
        })
    }

    /// The objective after training with these parameters from this seed; `report` gets every epoch, from 1, and its
    /// loss, and says whether to end.
    pub fn train(&self, parameters: &Assignment, seed: i64, mut report: impl FnMut(u64, f64) -> bool) -> Outcome {
        let manifest = match self.assigned(parameters) {
            Ok(manifest) => manifest,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let mut trainer = Trainer::new(&manifest.model.layers, 1, &manifest.training, &self.x_train, &self.y_train);
        let mut losses = Vec::with_capacity(manifest.training.epochs as usize);
        let mut ended = false;
        trainer.train_while(seed, &mut losses, |losses| {
            let loss = losses.last().copied().map_or(f64::NAN, f64::from);
            ended = loss.is_finite() && report(losses.len() as u64, loss);
            !ended
        });
        if ended {
            return Outcome::Pruned;
        }
        if losses.last().is_none_or(|loss| !loss.is_finite()) {
            return Outcome::Failed(format!("diverged at epoch {}", losses.len()));
        }
        let accuracy = self.accuracy(&trainer.predict(&self.x_test));
        match self.objective {
            _ if !accuracy.is_finite() => Outcome::Failed("the accuracy is not finite".to_owned()),
            Objective::Accuracy => Outcome::Complete(accuracy),
            // An accuracy of 0 is one half of the smallest that float32 tells apart here.
            Objective::Log10Accuracy => Outcome::Complete(libm::log10(accuracy.max(1e-8))),
        }
    }

    /// The manifest with a trial's parameters in the place of its own.
    pub(crate) fn assigned(&self, parameters: &Assignment) -> Result<Manifest, manifest::Error> {
        self.manifest.assigned(parameters.iter())
    }

    /// What is trained on and predicted for.
    pub(crate) fn samples(&self) -> Samples<'_> {
        Samples { features: 1, x: &self.x_train, y: &self.y_train, x_test: &self.x_test }
    }

    /// The root mean square error of predictions, restored to the label's unit.
    pub(crate) fn accuracy(&self, predictions: &[f32]) -> f64 {
        root_mean_square_error(&self.scaler.restore(predictions, self.manifest.restore), &self.y_test)
    }
}

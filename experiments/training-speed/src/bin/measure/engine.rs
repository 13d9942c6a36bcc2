//! The workspace's own engines and tch, ready to train.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keras::{Configuration, Engine as Kind, Member, Optimizer, Runtime, Samples, Sequential, Trainer, Training, sweep};
use notebook::Failure;
use training_speed::{Stock, Subject};

use crate::Trained;
use crate::plan::Task;

/// What trains in this process.
pub struct Engine {
    task: Task,
    trains: Trains,
}

enum Trains {
    Trainer(Box<Trainer>),
    Sweep(Arc<Configuration>),
    /// `fit`, by the engine of the task's training.
    Fit,
    Tch {
        learning_rate: f64,
    },
}

/// A training that takes less is repeated until this much time has passed, and the mean counts.
const AT_LEAST: Duration = Duration::from_millis(20);

impl Engine {
    /// An engine for the task; none if the subject is not in this process. Trains once to warm up.
    ///
    /// # Errors
    /// If the task cannot be trained by it.
    pub fn new(subject: Subject, task: &Task) -> anyhow::Result<Option<Self>> {
        let mut task = task.clone();
        let trains = match subject {
            Subject::Exact if task.validation.is_some() => {
                task.training.engine = Kind::Exact;
                Trains::Fit
            }
            Subject::Exact => {
                let layers = &task.model.layers;
                Trains::Trainer(Box::new(Trainer::new(layers, 1, &task.training, &task.x, &task.y)))
            }
            Subject::ExactSweep => {
                let training = Training { engine: Kind::Exact, ..task.training.clone() };
                Trains::Sweep(Arc::new(Configuration { model: task.model.clone(), training }))
            }
            Subject::Libtorch => {
                task.training.engine = Kind::Libtorch;
                Runtime::new(task.training.device)?;
                Trains::Fit
            }
            Subject::Tch => {
                let Optimizer::Adam { learning_rate, .. } = task.training.optimizer.rule else {
                    let text = "training.optimizer: must be adam, as the stock loop of tch has";
                    anyhow::bail!(Failure::new(65, anyhow::anyhow!(text)));
                };
                Trains::Tch { learning_rate }
            }
            _ => return Ok(None),
        };
        let mut engine = Self { task, trains };
        engine.once(0);
        Ok(Some(engine))
    }

    /// Trains from a seed.
    pub fn train(&mut self, seed: i64) -> Trained {
        let (mut trained, mut times) = (self.once(seed), 1.0);
        let mut seconds = trained.seconds;
        while seconds < AT_LEAST.as_secs_f64() {
            trained = self.once(seed);
            seconds += trained.seconds;
            times += 1.0;
        }
        Trained { seconds: seconds / times, ..trained }
    }

    fn once(&mut self, seed: i64) -> Trained {
        let Task { model, training, features, x, y, validation, trials, threads, .. } = &self.task;
        let trained =
            |start: Instant, losses| Trained { seconds: start.elapsed().as_secs_f64(), losses, val_losses: None };
        let ends = |losses: &[f32]| [losses[0], losses[losses.len() - 1]].map(f64::from);
        match &mut self.trains {
            Trains::Trainer(trainer) => {
                let mut losses = Vec::with_capacity(training.epochs as usize);
                let start = Instant::now();
                trainer.train(seed, &mut losses);
                trained(start, ends(&losses))
            }
            Trains::Sweep(configuration) => {
                let samples = Samples { features: *features, x, y, x_test: &x[..*features] };
                let seeds = seed..seed + i64::from(*trials);
                let members = seeds.map(|seed| Member { configuration: Arc::clone(configuration), seed });
                let mut sums = [0.0; 2];
                let start = Instant::now();
                sweep(*threads as usize, samples, members, |trained| {
                    let [first, last] = ends(&trained.losses);
                    sums = [sums[0] + first, sums[1] + last];
                    ControlFlow::Continue(())
                })
                .expect("engine exact trains it");
                trained(start, sums.map(|sum| sum / f64::from(*trials)))
            }
            Trains::Fit => {
                let training = Training { seed, ..training.clone() };
                let mut model = Sequential::from(model).compile(&training, *features).expect("the manifest has layers");
                let start = Instant::now();
                let history =
                    model.fit_validated((x, y), validation.as_ref(), |_| true).expect("the data fit the model");
                Trained {
                    val_losses: validation.as_ref().map(|_| ends(&history.val_loss)),
                    ..trained(start, ends(&history.loss))
                }
            }
            Trains::Tch { learning_rate } => {
                let mut stock = Stock::new(&model.layers, *learning_rate, training.batch_size, x, y, *features, seed);
                let start = Instant::now();
                let losses = stock.fit(training.epochs);
                trained(start, ends(&losses))
            }
        }
    }
}

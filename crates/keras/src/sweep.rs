//! A population of trainings on several cores, handed over in its own order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use manifest::Broken;

use crate::{Engine, Error, Model, Sequential, Trainer, Training};

/// A model and a training of it; members of a population that share one share what is prepared for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// The layers.
    pub model: Model,
    /// How they are trained; a member's seed takes the place of the seed in it.
    pub training: Training,
}

/// One training of a population.
#[derive(Debug, Clone)]
pub struct Member {
    /// What is trained.
    pub configuration: Arc<Configuration>,
    /// The seed of initial weights and batch orders.
    pub seed: i64,
}

/// The data of a population: float32, inputs row-major `[rows, features]`, labels `[rows, label columns]`.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    /// Columns of the inputs.
    pub features: usize,
    /// Inputs to train on.
    pub x: &'a [f32],
    /// Labels to train on.
    pub y: &'a [f32],
    /// Inputs to predict for once a training has ended.
    pub x_test: &'a [f32],
}

/// What a training ended with.
#[derive(Debug, Clone, Default)]
pub struct Trained {
    /// The number of the member in its population, from 0.
    pub number: u64,
    /// Its seed.
    pub seed: i64,
    /// The loss of every epoch; ends with the first that is not finite.
    pub losses: Vec<f32>,
    /// Predictions of the test inputs.
    pub predictions: Vec<f32>,
}

/// Members that a thread takes at a time.
const BLOCK: usize = 16;
/// Blocks a thread that may be under way or wait for one before them.
const BLOCKS_A_THREAD: usize = 8;

/// Trains every member on `threads` threads, at least one; `each` gets the results in the order of the members and may
/// end the sweep.
///
/// The number of threads changes no result. Memory does not grow with the population.
///
/// # Errors
/// If a member's engine does not do what its configuration says.
pub fn sweep<I>(
    threads: usize,
    samples: Samples,
    members: I,
    mut each: impl FnMut(&Trained) -> ControlFlow<()>,
) -> Result<(), Error>
where
    I: Iterator<Item = Member> + Send,
{
    let threads = threads.max(1);
    // Members not yet taken, and the number of the next.
    let source = Mutex::new((members, 0));
    let cancelled = AtomicBool::new(false);
    let (give_back, empty) = mpsc::channel();
    for _ in 0..threads * BLOCKS_A_THREAD {
        let _ = give_back.send(vec![Trained::default(); BLOCK]);
    }
    let empty = Mutex::new(empty);
    let (hand_over, finished) = mpsc::channel::<Block>();
    thread::scope(|scope| {
        let spawn = |_| {
            let hand_over = hand_over.clone();
            let (source, empty, cancelled) = (&source, &empty, &cancelled);
            scope.spawn(move || {
                let worked = work(samples, source, empty, cancelled, &hand_over);
                cancelled.fetch_or(worked.is_err(), Ordering::Relaxed);
                worked
            })
        };
        let workers: Vec<_> = (0..threads).map(spawn).collect();
        drop(hand_over);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for block in &finished {
            waiting.insert(block.number, block);
            while let Some(block) = waiting.remove(&next) {
                next += 1;
                for trained in &block.results[..block.length] {
                    if !cancelled.load(Ordering::Relaxed) && each(trained).is_break() {
                        cancelled.store(true, Ordering::Relaxed);
                    }
                }
                let _ = give_back.send(block.results);
            }
        }
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Results of members that follow each other.
struct Block {
    number: u64,
    length: usize,
    results: Vec<Trained>,
}

/// Takes blocks of members and trains them until none is left.
fn work<I: Iterator<Item = Member>>(
    samples: Samples,
    source: &Mutex<(I, u64)>,
    empty: &Mutex<mpsc::Receiver<Vec<Trained>>>,
    cancelled: &AtomicBool,
    hand_over: &mpsc::Sender<Block>,
) -> Result<(), Error> {
    let mut worker: Option<(Arc<Configuration>, Worker)> = None;
    let mut members = Vec::with_capacity(BLOCK);
    loop {
        // Room first, then members: the thread with the lowest numbers never waits for room.
        let Ok(Ok(mut results)) = empty.lock().map(|empty| empty.recv()) else { return Ok(()) };
        let Ok(mut guard) = source.lock() else { return Ok(()) };
        let first = guard.1;
        members.clear();
        members.extend(guard.0.by_ref().take(BLOCK));
        guard.1 += BLOCK as u64;
        drop(guard);
        if members.is_empty() {
            return Ok(());
        }
        for (i, (member, result)) in members.iter().zip(&mut results).enumerate() {
            if cancelled.load(Ordering::Relaxed) {
                return Ok(());
            }
            let configuration = &member.configuration;
            let worker = match &mut worker {
                Some((of, worker)) if Arc::ptr_eq(of, configuration) => worker,
                other => &mut other.insert((Arc::clone(configuration), Worker::new(configuration, samples)?)).1,
            };
            (result.number, result.seed) = (first + i as u64, member.seed);
            worker.train(member.seed, samples, result)?;
        }
        if hand_over.send(Block { number: first / BLOCK as u64, length: members.len(), results }).is_err() {
            return Ok(());
        }
    }
}

/// What trains one member after the other of a configuration.
enum Worker {
    /// Engine `exact`, whose memory serves all of them.
    Exact(Box<Trainer>),
    /// Engine `libtorch`, or a training with callbacks: a model each.
    Model(Arc<Configuration>),
}

impl Worker {
    fn new(configuration: &Arc<Configuration>, samples: Samples) -> Result<Self, Error> {
        let Configuration { model, training } = &**configuration;
        if !training.metrics.is_empty() {
            let message = "must be left out where many trainings are run, of which losses and predictions are kept";
            return Err(Broken::new("training.metrics", message).into());
        }
        training.rules_of_network(model, None)?;
        if training.engine == Engine::Libtorch || !training.callbacks.is_empty() {
            return Ok(Self::Model(Arc::clone(configuration)));
        }
        training.trained_rows(samples.x.len() / samples.features)?;
        let trainer = Trainer::new(&model.layers, samples.features, training, samples.x, samples.y);
        Ok(Self::Exact(Box::new(trainer)))
    }

    fn train(&mut self, seed: i64, samples: Samples, result: &mut Trained) -> Result<(), Error> {
        match self {
            Self::Exact(trainer) => {
                trainer.train(seed, &mut result.losses);
                trainer.predict_into(samples.x_test, &mut result.predictions);
            }
            Self::Model(configuration) => {
                let training = Training { seed, ..configuration.training.clone() };
                let mut model = Sequential::from(&configuration.model).compile(&training, samples.features)?;
                result.losses = model.fit(samples.x, samples.y, |_| ())?.loss;
                result.predictions = model.predict(samples.x_test)?;
            }
        }
        Ok(())
    }
}

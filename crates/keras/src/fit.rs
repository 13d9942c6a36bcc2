//! `fit`, whichever engine runs it.

use std::ops::Range;

use crate::Training;
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use random::keras::EpochOrders;

use crate::{Compiled, Error, exact, libtorch};

/// What one epoch leaves behind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// How many epochs there will be.
    pub epochs: u32,
    /// Batches, and so updates, in an epoch.
    pub steps: usize,
    /// Mean of the batch losses weighted by batch size, each taken before its batch's update.
    pub loss: f32,
}

/// The losses of a `fit`, one per epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Loss of epoch 1, 2, …; ends with the first non-finite one.
    pub loss: Vec<f32>,
    /// The epoch at which the loss stopped being finite, which ended the training.
    pub diverged: Option<u32>,
    /// Batches, and so updates, in an epoch.
    pub steps: usize,
}

impl History {
    /// Loss of the last epoch.
    pub fn final_loss(&self) -> f64 {
        self.loss.last().copied().map_or(f64::NAN, f64::from)
    }

    /// Whether the loss stayed finite.
    ///
    /// # Errors
    /// [`Error::Diverged`] if it did not.
    pub fn converged(&self) -> Result<(), Error> {
        self.diverged.map_or(Ok(()), |epoch| Err(Error::Diverged(epoch)))
    }

    /// `complete`, or the epoch at which the training diverged.
    pub fn outcome(&self) -> String {
        match self.diverged {
            None => "complete".to_owned(),
            Some(epoch) => format!("diverged at epoch {epoch}"),
        }
    }

    /// Columns `epoch` (from 1) and `loss` (float64 holding the float32, as Keras' History does).
    pub fn frame(&self) -> DataFrame {
        let epoch: Vec<u32> = (1..=self.loss.len() as u32).collect();
        let loss: Vec<f64> = self.loss.iter().map(|&loss| f64::from(loss)).collect();
        let rows = loss.len();
        DataFrame::new(
            rows,
            vec![Series::new("epoch".into(), epoch).into_column(), Series::new("loss".into(), loss).into_column()],
        )
        .expect("two columns of one length")
    }
}

impl Compiled {
    /// Trains on row-major `x` (`rows × features`) and `y` (`rows × outputs`) and calls `on_epoch` after each
    /// epoch. A loss that is not finite ends the training and is reported in the history.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` and `y` are not whole rows of equal number.
    pub fn fit(&mut self, x: &[f32], y: &[f32], mut on_epoch: impl FnMut(&Epoch)) -> Result<History, Error> {
        self.fit_while(x, y, |epoch| {
            on_epoch(epoch);
            true
        })
    }

    /// As [`Compiled::fit`], as long as `goes_on` says so after an epoch.
    ///
    /// # Errors
    /// As [`Compiled::fit`].
    pub fn fit_while(
        &mut self,
        x: &[f32],
        y: &[f32],
        mut goes_on: impl FnMut(&Epoch) -> bool,
    ) -> Result<History, Error> {
        let epochs = self.training.epochs;
        let mut fit = Fit::new(self, x, y)?;
        let mut history = History { loss: Vec::with_capacity(epochs as usize), diverged: None, steps: fit.steps() };
        for epoch in 1..=epochs {
            let loss = fit.epoch();
            history.loss.push(loss);
            let goes_on = goes_on(&Epoch { epoch, epochs, steps: fit.steps(), loss });
            history.diverged = (!loss.is_finite()).then_some(epoch);
            if history.diverged.is_some() || !goes_on {
                break;
            }
        }
        Ok(history)
    }
}

/// A `fit` in progress: the model, this epoch's order of the rows, and the engine's own state.
#[derive(Debug)]
pub struct Fit<'model> {
    model: &'model mut Compiled,
    engine: Loop,
    batches: Vec<Range<usize>>,
    orders: Option<EpochOrders>,
    order: Vec<u32>,
}

#[derive(Debug)]
enum Loop {
    Libtorch(libtorch::Loop),
    Exact(Box<exact::Loop>),
}

impl<'model> Fit<'model> {
    /// Hands the data to the model's engine and lays out the batches; the last one holds what is left over.
    ///
    /// # Errors
    /// As [`Compiled::fit`].
    pub fn new(model: &'model mut Compiled, x: &[f32], y: &[f32]) -> Result<Self, Error> {
        let rows = model.check_rows("x", x)?;
        if y.len() != rows * model.outputs {
            return Err(Error::Shape { what: "y", values: y.len(), expected: rows * model.outputs });
        }
        let Training { batch_size, shuffle, seed, .. } = model.training;
        let batches: Vec<Range<usize>> =
            (0..rows).step_by(batch_size).map(|start| start..rows.min(start.saturating_add(batch_size))).collect();
        let engine = match &model.exact {
            None => Loop::Libtorch(libtorch::Loop::new(model, x, y, &batches)),
            Some(_) => Loop::Exact(Box::new(exact::Loop::new(model, x, y))),
        };
        let orders = shuffle.then(|| EpochOrders::new(seed, rows));
        Ok(Self { model, engine, batches, orders, order: (0..rows as u32).collect() })
    }

    /// Batches in an epoch.
    pub fn steps(&self) -> usize {
        self.batches.len()
    }

    /// One epoch: a new order, a step per batch; returns the epoch's loss.
    pub fn epoch(&mut self) -> f32 {
        match &mut self.engine {
            Loop::Exact(engine) => engine.epoch(self.orders.as_mut(), &mut self.order),
            Loop::Libtorch(engine) => {
                if let Some(orders) = &mut self.orders {
                    orders.fill(&mut self.order);
                }
                engine.gather(&self.order);
                for batch in 0..self.batches.len() {
                    self.step(batch);
                }
                self.epoch_loss()
            }
        }
    }

    /// One training step on the batch of that number.
    pub fn step(&mut self, batch: usize) {
        match &mut self.engine {
            Loop::Libtorch(engine) => engine.step(self.model, batch),
            Loop::Exact(engine) => engine.step(batch, &self.order[self.batches[batch].clone()]),
        }
    }

    /// The loss of every batch of the last epoch, each before its update.
    pub fn batch_losses(&self) -> Vec<f32> {
        match &self.engine {
            Loop::Libtorch(engine) => engine.batch_losses(),
            Loop::Exact(engine) => engine.batch_losses(),
        }
    }

    /// The running mean that Keras' metric keeps: float32, one rounding an operation.
    fn epoch_loss(&self) -> f32 {
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for (loss, batch) in self.batch_losses().iter().zip(&self.batches) {
            let rows = batch.len() as f32;
            total += loss * rows;
            count += rows;
        }
        total / count
    }
}

impl Drop for Fit<'_> {
    /// Engine `exact` gives the model what was trained.
    fn drop(&mut self) {
        if let Loop::Exact(engine) = &self.engine {
            engine.store(self.model);
        }
    }
}

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
    /// The loss on the validation rows after the epoch, as [`Compiled::evaluate`] has it; `None` without such rows.
    pub val_loss: Option<f32>,
}

/// The losses of a `fit`, one per epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Loss of epoch 1, 2, …; ends with the first non-finite one.
    pub loss: Vec<f32>,
    /// Loss on the validation rows after epoch 1, 2, …; empty without such rows.
    pub val_loss: Vec<f32>,
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

    /// Columns `epoch` (from 1), `loss` and, with validation rows, `val_loss` (float64 holding the float32, as Keras' History
    /// does).
    pub fn frame(&self) -> DataFrame {
        let epoch: Vec<u32> = (1..=self.loss.len() as u32).collect();
        let mut columns = vec![Series::new("epoch".into(), epoch).into_column()];
        for (name, losses) in [("loss", &self.loss), ("val_loss", &self.val_loss)] {
            let losses: Vec<f64> = losses.iter().map(|&loss| f64::from(loss)).collect();
            if name == "loss" || !losses.is_empty() {
                columns.push(Series::new(name.into(), losses).into_column());
            }
        }
        DataFrame::new(self.loss.len(), columns).expect("columns of one length")
    }
}

/// Inputs and labels, row-major.
type XAndY<'data> = (&'data [f32], &'data [f32]);

impl Compiled {
    /// Trains on row-major `x` (`rows × features`) and `y` (`rows × outputs`) and calls `on_epoch` after each
    /// epoch. A loss that is not finite ends the training and is reported in the history.
    ///
    /// With `validation_split`, the last rows are not trained on but validated on.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` and `y` are not whole rows of equal number, [`Error::Validation`] if `validation_split` leaves
    /// no rows to train or to validate on.
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
    pub fn fit_while(&mut self, x: &[f32], y: &[f32], goes_on: impl FnMut(&Epoch) -> bool) -> Result<History, Error> {
        self.fit_validated((x, y), None, goes_on)
    }

    /// As [`Compiled::fit_while`], and validates on rows of their own after every epoch: Keras' `validation_data`.
    ///
    /// # Errors
    /// As [`Compiled::fit`], of either rows, and [`Error::Validation`] if there is a `validation_split` as well.
    pub fn fit_validated(
        &mut self,
        train: XAndY,
        validation: Option<XAndY>,
        mut goes_on: impl FnMut(&Epoch) -> bool,
    ) -> Result<History, Error> {
        let epochs = self.training.epochs;
        let mut fit = Fit::validated(self, train, validation)?;
        let steps = fit.steps();
        let mut history = History { loss: Vec::new(), val_loss: Vec::new(), diverged: None, steps };
        for epoch in 1..=epochs {
            let (loss, val_loss) = (fit.epoch(), fit.validate());
            history.loss.push(loss);
            history.val_loss.extend(val_loss);
            let goes_on = goes_on(&Epoch { epoch, epochs, steps, loss, val_loss });
            history.diverged = (!loss.is_finite()).then_some(epoch);
            if history.diverged.is_some() || !goes_on {
                break;
            }
        }
        Ok(history)
    }

    /// The loss of row-major `x` (`rows × features`) and `y` (`rows × outputs`): that of batches of `batch_size` rows in their
    /// order, as a mean weighted by their rows, which Keras keeps in float32.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` and `y` are not whole rows of equal number.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn evaluate(&self, x: &[f32], y: &[f32], batch_size: usize) -> Result<f32, Error> {
        let batches = batches(self.check_labelled(x, y)?, batch_size);
        Ok(match &self.exact {
            None => mean(&libtorch::Batches::new(self, &self.tensors(x, y), &batches).evaluate(self), &batches),
            Some(exact) => exact.evaluate(&self.training, &self.parameters, (x, y), batch_size),
        })
    }

    /// How many rows row-major `x` and `y` have.
    fn check_labelled(&self, x: &[f32], y: &[f32]) -> Result<usize, Error> {
        let rows = self.check_rows("x", x)?;
        if y.len() != rows * self.outputs {
            return Err(Error::Shape { what: "y", values: y.len(), expected: rows * self.outputs });
        }
        Ok(rows)
    }
}

/// Batches of rows in their order; the last one holds what is left over.
fn batches(rows: usize, batch_size: usize) -> Vec<Range<usize>> {
    (0..rows).step_by(batch_size).map(|start| start..rows.min(start.saturating_add(batch_size))).collect()
}

/// The running mean that Keras' metric keeps: float32, one rounding an operation.
fn mean(losses: &[f32], batches: &[Range<usize>]) -> f32 {
    let (mut total, mut count) = (0.0_f32, 0.0_f32);
    for (loss, batch) in losses.iter().zip(batches) {
        let rows = batch.len() as f32;
        total += loss * rows;
        count += rows;
    }
    total / count
}

/// A `fit` in progress: the model, this epoch's order of the rows, the rows to validate on, and the engine's own state.
#[derive(Debug)]
pub struct Fit<'model> {
    model: &'model mut Compiled,
    engine: Loop,
    batches: Vec<Range<usize>>,
    orders: Option<EpochOrders>,
    order: Vec<u32>,
    validation_batches: Vec<Range<usize>>,
}

#[derive(Debug)]
enum Loop {
    Libtorch(Box<libtorch::Loop>),
    Exact(Box<exact::Loop>),
}

impl<'model> Fit<'model> {
    /// Hands the data to the model's engine and lays out the batches; the last one holds what is left over.
    ///
    /// # Errors
    /// As [`Compiled::fit`].
    pub fn new(model: &'model mut Compiled, x: &[f32], y: &[f32]) -> Result<Self, Error> {
        Self::validated(model, (x, y), None)
    }

    /// As [`Fit::new`], with rows of their own to validate on.
    ///
    /// # Errors
    /// As [`Compiled::fit_validated`].
    pub fn validated(model: &'model mut Compiled, (x, y): XAndY, validation: Option<XAndY>) -> Result<Self, Error> {
        let all = model.check_labelled(x, y)?;
        let Training { batch_size, shuffle, seed, validation_split, .. } = model.training;
        let rows = model.training.trained_rows(all)?;
        let ((x, x_held), (y, y_held)) = (x.split_at(rows * model.features), y.split_at(rows * model.outputs));
        let validation = match validation {
            Some(_) if validation_split.is_some() => {
                return Err(Error::Validation("must be left out, the data have rows to validate on".to_owned()));
            }
            None if rows < all => Some((x_held, y_held)),
            validation => validation,
        };
        let held = validation.map_or(Ok(0), |(x, y)| model.check_labelled(x, y))?;
        let (batches, validation_batches) = (batches(rows, batch_size), batches(held, batch_size));
        let engine = match &model.exact {
            None => {
                let held = validation.map(|(x, y)| model.tensors(x, y));
                let held = held.map(|held| libtorch::Batches::new(model, &held, &validation_batches));
                Loop::Libtorch(Box::new(libtorch::Loop::new(model, model.tensors(x, y), &batches, held)))
            }
            Some(_) => Loop::Exact(Box::new(exact::Loop::new(model, (x, y), validation))),
        };
        let orders = shuffle.then(|| EpochOrders::new(seed, rows));
        Ok(Self { model, engine, batches, orders, order: (0..rows as u32).collect(), validation_batches })
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
                mean(&self.batch_losses(), &self.batches)
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
            Loop::Libtorch(engine) => engine.batches.losses(),
            Loop::Exact(engine) => engine.batch_losses.clone(),
        }
    }

    /// The loss on the validation rows with the weights as they are now, in batches as those of the training; `None` without
    /// such rows.
    pub fn validate(&mut self) -> Option<f32> {
        match &mut self.engine {
            Loop::Exact(engine) => engine.validate(),
            Loop::Libtorch(engine) => {
                Some(mean(&engine.validation.as_mut()?.evaluate(self.model), &self.validation_batches))
            }
        }
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

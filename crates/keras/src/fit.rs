//! `fit`, whichever engine runs it.

use std::ops::Range;

use manifest::Broken;
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use random::keras::EpochOrders;

use crate::callbacks::Callbacks;
use crate::{Compiled, Error, Flow, Labelled, Loss, Metric, Training, exact, libtorch};

/// What one epoch leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Epoch {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// How many epochs there will be.
    pub epochs: u32,
    /// Batches, and so updates, in an epoch.
    pub steps: usize,
    /// The training's flow.
    pub flow: Flow,
    /// Mean of the batch losses weighted by batch size, each taken before its batch's update.
    pub loss: f32,
    /// The loss on the validation rows after the epoch, as [`Compiled::evaluate`] has it; `None` without such rows.
    pub val_loss: Option<f32>,
    /// The metrics of the training, in its order, each batch's before its update.
    pub metrics: Vec<(Metric, f32)>,
    /// The metrics on the validation rows after the epoch; empty without such rows.
    pub val_metrics: Vec<(Metric, f32)>,
    /// The learning rate of the epoch; `None` if no callback sets it.
    pub learning_rate: Option<f32>,
}

impl Epoch {
    /// What Keras' line of the epoch begins with, up to the time.
    pub fn bar(&self) -> String {
        let steps = self.steps;
        match self.flow {
            Flow::Keras3 => format!("{steps}/{steps} {} ", "━".repeat(20)),
            _ => format!("{steps}/{steps} [{}] - ", "=".repeat(30)),
        }
    }

    /// What Keras' line of the epoch says, by its names and in its order: the loss, the metrics, the same of the validation rows, named
    /// `val_…`, and the learning rate where a callback sets it, but for the frozen Keras of `tf-legacy`, which does not say it. Keras 3 has
    /// the loss among the metrics, by the alphabet.
    pub fn logs(&self) -> Vec<(String, f32)> {
        let is_keras_3 = self.flow == Flow::Keras3;
        let half = |loss: Option<f32>, metrics: &[(Metric, f32)], prefix: &str| {
            let mut half: Vec<_> = loss.map(|loss| (format!("{prefix}loss"), loss)).into_iter().collect();
            half.extend(metrics.iter().map(|(metric, value)| (format!("{prefix}{}", metric.name()), *value)));
            if is_keras_3 {
                half.sort_by(|left, right| left.0.cmp(&right.0));
            }
            half
        };
        let mut logs = half(Some(self.loss), &self.metrics, "");
        logs.extend(half(self.val_loss, &self.val_metrics, "val_"));
        let rate = self.learning_rate.filter(|_| self.flow != Flow::TfLegacy);
        logs.extend(rate.map(|rate| (if is_keras_3 { "learning_rate" } else { "lr" }.to_owned(), rate)));
        logs
    }

    /// The value in the history's column of that name.
    pub(crate) fn column(&self, name: &str) -> Option<f64> {
        if name == "learning_rate" {
            return self.learning_rate.map(f64::from);
        }
        self.logs().into_iter().find(|(column, _)| column == name).map(|(_, value)| value.into())
    }
}

/// The loss and the metrics of rows that are not trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The mean of the batch losses weighted by batch size.
    pub loss: f32,
    /// The metrics of the training, in its order.
    pub metrics: Vec<f32>,
}

/// The losses of a `fit`, one per epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Loss of epoch 1, 2, …; ends with the first non-finite one.
    pub loss: Vec<f32>,
    /// Loss on the validation rows after epoch 1, 2, …; empty without such rows.
    pub val_loss: Vec<f32>,
    /// Each metric after epoch 1, 2, ….
    pub metrics: Vec<(Metric, Vec<f32>)>,
    /// Each metric on the validation rows; empty without such rows.
    pub val_metrics: Vec<(Metric, Vec<f32>)>,
    /// Learning rate of epoch 1, 2, …, as float32; empty if no callback sets it.
    pub learning_rate: Vec<f32>,
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

    /// Columns `epoch` (from 1), `loss`, a column a metric, with validation rows `val_loss` and a column `val_…` a metric, and where a
    /// callback sets it `learning_rate` (float64 holding the float32, as Keras' History does).
    pub fn frame(&self) -> DataFrame {
        let epoch: Vec<u32> = (1..=self.loss.len() as u32).collect();
        let mut columns = vec![Series::new("epoch".into(), epoch).into_column()];
        let mut add = |name: String, values: &[f32]| {
            let values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            columns.push(Series::new(name.into(), values).into_column());
        };
        for (before, losses, metrics) in [("", &self.loss, &self.metrics), ("val_", &self.val_loss, &self.val_metrics)]
        {
            if !losses.is_empty() || before.is_empty() {
                add(format!("{before}loss"), losses);
                for (metric, values) in metrics {
                    add(format!("{before}{}", metric.name()), values);
                }
            }
        }
        if !self.learning_rate.is_empty() {
            add("learning_rate".to_owned(), &self.learning_rate);
        }
        DataFrame::new(self.loss.len(), columns).expect("columns of one length")
    }
}

impl Compiled {
    /// Trains on row-major `x` (`rows × features`) and `y` (`rows × label columns`) and calls `on_epoch` after each
    /// epoch. A loss that is not finite ends the training and is reported in the history.
    ///
    /// With `validation_split`, the last rows are not trained on but validated on. The training's callbacks are obeyed.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if a callback watches a column that this history has not, or `validation_split` leaves no rows to train
    /// or to validate on, [`Error::Shape`] if `x` and `y` are not whole rows of equal number, [`Error::NoClass`] if a label is to be a
    /// class and is none.
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
        self.fit_validated((x, y), None::<Labelled>, goes_on)
    }

    /// As [`Compiled::fit_while`], and validates on rows of their own after every epoch: Keras' `validation_data`. Either rows may
    /// have sample weights.
    ///
    /// # Errors
    /// As [`Compiled::fit`], of either rows, and [`Error::Unsupported`] if there is a `validation_split` as well, or if there are
    /// class weights and sample weights.
    pub fn fit_validated<'data>(
        &mut self,
        train: impl Into<Labelled<'data>>,
        validation: Option<impl Into<Labelled<'data>>>,
        mut goes_on: impl FnMut(&Epoch) -> bool,
    ) -> Result<History, Error> {
        let epochs = self.training.epochs;
        let metrics = self.training.metrics.clone();
        let columns = || metrics.iter().map(|&metric| (metric, Vec::new())).collect();
        let mut fit = Fit::validated(self, train, validation)?;
        let steps = fit.steps();
        let mut history = History {
            loss: Vec::new(),
            val_loss: Vec::new(),
            metrics: columns(),
            val_metrics: if fit.validation_batches.is_empty() { Vec::new() } else { columns() },
            learning_rate: Vec::new(),
            diverged: None,
            steps,
        };
        let mut callbacks = Callbacks::new(&fit)?;
        for epoch in 1..=epochs {
            callbacks.epoch_begins(&mut fit, epoch);
            let (loss, val_loss) = (fit.epoch(), fit.validate());
            let [metrics, val_metrics] = fit.metrics().map(|values| metrics.iter().copied().zip(values).collect());
            let learning_rate = None;
            let flow = fit.training().flow;
            let mut epoch = Epoch { epoch, epochs, steps, flow, loss, val_loss, metrics, val_metrics, learning_rate };
            let called_off = callbacks.epoch_ends(&mut fit, &mut epoch).is_break();
            history.loss.push(loss);
            history.val_loss.extend(val_loss);
            history.learning_rate.extend(epoch.learning_rate);
            let halves = [(&mut history.metrics, &epoch.metrics), (&mut history.val_metrics, &epoch.val_metrics)];
            for (columns, values) in halves {
                columns.iter_mut().zip(values).for_each(|((_, column), (_, value))| column.push(*value));
            }
            history.diverged = (!loss.is_finite()).then_some(epoch.epoch);
            if !goes_on(&epoch) || called_off || history.diverged.is_some() {
                break;
            }
        }
        callbacks.training_ends(&mut fit);
        Ok(history)
    }

    /// The loss and the metrics of rows: those of batches of `batch_size` rows in their order, the loss as a mean weighted by their
    /// rows, which Keras keeps in float32. Sample weights count in the loss, class weights do not.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` and `y` are not whole rows of equal number, [`Error::NoClass`] if a label is to be a class and is none.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn evaluate<'data>(&self, rows: impl Into<Labelled<'data>>, batch_size: usize) -> Result<Evaluation, Error> {
        let rows = rows.into();
        let batches = batches(self.check_labelled(rows)?, batch_size);
        let (loss, metrics) = match &self.exact {
            None => {
                let mut all = libtorch::Batches::new(self, &self.tensors(rows), &batches);
                (mean(&all.evaluate(self), &batches), all.metrics())
            }
            Some(exact) => exact.evaluate(&self.training, &self.parameters, rows, batch_size),
        };
        Ok(Evaluation { loss, metrics })
    }

    /// How many rows these are.
    fn check_labelled(&self, Labelled { x, y, sample_weight }: Labelled) -> Result<usize, Error> {
        let rows = self.check_rows("x", x)?;
        if y.len() != rows * self.labels {
            return Err(Error::Shape { what: "y", values: y.len(), expected: rows * self.labels });
        }
        if let Some(weights) = sample_weight
            && weights.len() != rows
        {
            return Err(Error::Shape { what: "sample_weight", values: weights.len(), expected: rows });
        }
        if let Loss::SparseCategoricalCrossentropy { .. } = self.training.loss {
            let is_class = |label: f32| (0.0..self.outputs as f32).contains(&label) && label.fract() == 0.0;
            if let Some(&label) = y.iter().find(|&&label| !is_class(label)) {
                return Err(Error::NoClass { label, last: self.outputs - 1 });
            }
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
    /// Hands the data to the model's engine and lays out the batches; the last one holds what is left over. There may be rows of
    /// their own to validate on.
    ///
    /// # Errors
    /// As [`Compiled::fit_validated`].
    pub fn validated<'data>(
        model: &'model mut Compiled,
        train: impl Into<Labelled<'data>>,
        validation: Option<impl Into<Labelled<'data>>>,
    ) -> Result<Self, Error> {
        let train = train.into();
        let all = model.check_labelled(train)?;
        let Training { batch_size, flow, shuffle, seed, validation_split, .. } = model.training;
        let rows = model.training.trained_rows(all)?;
        let (train, last) = train.split_at(rows, model.features, model.labels);
        let weights = model.training.weights(train, model.labels)?;
        let train = Labelled { sample_weight: weights.as_deref(), ..train };
        let validation = match validation.map(Into::into) {
            Some(_) if validation_split.is_some() => {
                let message = "must be left out, the data have rows to validate on";
                return Err(Broken::new("training.validation_split", message).into());
            }
            None if rows < all => Some(last),
            validation => validation,
        };
        let held = validation.map_or(Ok(0), |rows| model.check_labelled(rows))?;
        let (batches, validation_batches) = (batches(rows, batch_size), batches(held, batch_size));
        let engine = match &model.exact {
            None => {
                let held =
                    validation.map(|rows| libtorch::Batches::new(model, &model.tensors(rows), &validation_batches));
                Loop::Libtorch(Box::new(libtorch::Loop::new(model, model.tensors(train), &batches, held)))
            }
            Some(_) => Loop::Exact(Box::new(exact::Loop::new(model, train, validation))),
        };
        let orders = shuffle.then(|| flow.orders(seed, rows));
        Ok(Self { model, engine, batches, orders, order: (0..rows as u32).collect(), validation_batches })
    }

    /// The training that this is.
    pub(crate) fn training(&self) -> &Training {
        &self.model.training
    }

    /// Whether there are rows to validate on.
    pub(crate) fn validates(&self) -> bool {
        !self.validation_batches.is_empty()
    }

    /// The learning rate of the steps to come.
    pub(crate) fn learning_rate(&self) -> f32 {
        self.model.optimizer.learning_rate()
    }

    /// Goes on with this learning rate.
    pub(crate) fn set_learning_rate(&mut self, learning_rate: f32) {
        self.model.optimizer.set_learning_rate(learning_rate);
        if let Loop::Exact(engine) = &mut self.engine {
            engine.set_learning_rate(learning_rate);
        }
    }

    /// All weights as they are now, as [`Compiled::weights`] has them.
    pub(crate) fn weights(&self) -> Vec<f32> {
        match &self.engine {
            Loop::Libtorch(_) => self.model.weights(),
            Loop::Exact(engine) => engine.weights(),
        }
    }

    /// Goes on from these weights; the optimizer's moments stay.
    pub(crate) fn set_weights(&mut self, weights: &[f32]) {
        match &mut self.engine {
            Loop::Libtorch(_) => tch::no_grad(|| self.model.parameters.copy_(&tch::Tensor::from_slice(weights))),
            Loop::Exact(engine) => engine.set_weights(weights),
        }
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
                engine.batches.restart_metrics();
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

    /// The metrics of the last epoch, and of the last validation; empty if there are none.
    pub fn metrics(&self) -> [Vec<f32>; 2] {
        match &self.engine {
            Loop::Exact(engine) => engine.metrics(),
            Loop::Libtorch(engine) => {
                [engine.batches.metrics(), engine.validation.as_ref().map_or_else(Vec::new, libtorch::Batches::metrics)]
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

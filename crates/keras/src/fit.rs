//! `fit`: the training loop, in the open.

use manifest::{Loss, Training};
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use random::keras::EpochOrders;
use tch::Tensor;

use crate::{Compiled, Error, loss};

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
        let epochs = self.training.epochs;
        let mut fit = Fit::new(self, x, y)?;
        let mut history = History { loss: Vec::with_capacity(epochs as usize), diverged: None, steps: fit.steps() };
        for epoch in 1..=epochs {
            let loss = fit.epoch();
            history.loss.push(loss);
            on_epoch(&Epoch { epoch, epochs, steps: fit.steps(), loss });
            if !loss.is_finite() {
                history.diverged = Some(epoch);
                break;
            }
        }
        Ok(history)
    }
}

/// A `fit` in progress: the data on the device, this epoch's order of it, and views of its batches.
#[derive(Debug)]
pub struct Fit<'model> {
    model: &'model mut Compiled,
    loss: Loss,
    data: [Tensor; 2],
    shuffled: [Tensor; 2],
    batches: Vec<Batch>,
    orders: Option<EpochOrders>,
    order: Vec<u32>,
    batch_losses: Tensor,
}

#[derive(Debug)]
struct Batch {
    x: Tensor,
    y: Tensor,
    loss: Tensor,
    rows: usize,
}

impl<'model> Fit<'model> {
    /// Puts the data on the model's device and lays out the batches; the last one holds what is left over.
    ///
    /// # Errors
    /// [`Error::Shape`] as [`Compiled::fit`].
    pub fn new(model: &'model mut Compiled, x: &[f32], y: &[f32]) -> Result<Self, Error> {
        let x = model.rows("x", x)?;
        let rows = x.size()[0] as usize;
        if y.len() != rows * model.outputs {
            return Err(Error::Shape { what: "y", values: y.len(), expected: rows * model.outputs });
        }
        let y = model.tensor(y, model.outputs);
        let Training { batch_size, shuffle, seed, loss, .. } = model.training;
        let shuffled = [x.copy(), y.copy()];
        let batch_losses =
            Tensor::zeros([rows.div_ceil(batch_size) as i64], (model.runtime.kind, model.runtime.device));
        let batches = (0..rows)
            .step_by(batch_size)
            .enumerate()
            .map(|(number, start)| {
                let rows = batch_size.min(rows - start);
                let [x, y] = shuffled.each_ref().map(|data| data.narrow(0, start as i64, rows as i64));
                Batch { x, y, loss: batch_losses.get(number as i64), rows }
            })
            .collect();
        Ok(Self {
            loss,
            data: [x, y],
            shuffled,
            batches,
            orders: shuffle.then(|| EpochOrders::new(seed, rows)),
            order: vec![0; rows],
            batch_losses,
            model,
        })
    }

    /// Batches in an epoch.
    pub fn steps(&self) -> usize {
        self.batches.len()
    }

    /// One epoch: a new order, a step per batch; returns the epoch's loss.
    pub fn epoch(&mut self) -> f32 {
        self.shuffle();
        for batch in 0..self.batches.len() {
            self.step(batch);
        }
        self.epoch_loss()
    }

    /// One training step on the batch of that number.
    pub fn step(&mut self, batch: usize) {
        let Self { model, batches, .. } = self;
        let Batch { x, y, loss: batch_loss, .. } = &mut batches[batch];

        let prediction = model.forward(x);
        let loss = loss(self.loss, &prediction, y);
        let _ = model.gradients.zero_();
        loss.backward();
        tch::no_grad(|| {
            model.optimizer.update(&mut model.parameters, &model.gradients);
            batch_loss.copy_(&loss);
        });
    }

    fn shuffle(&mut self) {
        let Some(orders) = &mut self.orders else { return };
        orders.fill(&mut self.order);
        let order: Vec<i64> = self.order.iter().map(|&row| i64::from(row)).collect();
        let order = Tensor::from_slice(&order).to_device(self.model.runtime.device);
        for (data, shuffled) in self.data.iter().zip(&self.shuffled) {
            let _ = data.index_select_out(shuffled, 0, &order);
        }
    }

    /// The loss of every batch of the last epoch, each before its update.
    pub fn batch_losses(&self) -> Vec<f32> {
        Vec::try_from(self.batch_losses.to_kind(tch::Kind::Float)).expect("a vector of losses")
    }

    /// The running mean that Keras' metric keeps: float32, one rounding an operation.
    fn epoch_loss(&self) -> f32 {
        let losses = self.batch_losses();
        let (mut total, mut count) = (0.0_f32, 0.0_f32);
        for (loss, batch) in losses.iter().zip(&self.batches) {
            total += loss * batch.rows as f32;
            count += batch.rows as f32;
        }
        total / count
    }
}

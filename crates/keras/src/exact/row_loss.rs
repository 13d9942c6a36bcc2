//! Losses that are not the mean over one column: of several outputs, of classes, and of rows with weights.
//!
//! Keras computes a loss a row, which of several outputs is their mean, and takes the mean of these. Each tensor here is what
//! TensorFlow's graph has, one rounding an operation, in Eigen's orders.

use random::glibc::logf;

use crate::glibc::log1pf;
use crate::{Flow, Loss};

use super::eigen::{self, each, exponentials, log, log1p};
use super::network::stride;
use super::sums::sum;

/// A loss and the memory of a batch, which lies without gaps.
#[derive(Debug, Clone)]
pub(super) struct RowLoss {
    loss: Loss,
    flow: Flow,
    units: usize,
    /// Whether a row's share of the gradient is multiplied by the reciprocal of the number of units instead of divided by it: the
    /// graph's optimiser does so if it knows the number of rows, and their weights are no constant.
    multiplies: bool,
    /// `[rows, units]`: what the loss is computed from, then scratch.
    values: Vec<f32>,
    terms: Vec<f32>,
    gradient: Vec<f32>,
    /// `[rows]`.
    losses: Vec<f32>,
    shares: Vec<f32>,
}

/// What the loss is of.
#[derive(Clone, Copy)]
pub(super) struct Batch<'step> {
    /// Padded.
    pub(super) outputs: &'step [f32],
    /// Without gaps.
    pub(super) labels: &'step [f32],
    pub(super) weights: Option<&'step [f32]>,
    pub(super) rows: usize,
}

impl RowLoss {
    /// A loss of so many outputs, for batches of up to `rows`, which are all `whole` or not; `None` if [`super::step`] has it.
    pub(super) fn new(loss: Loss, [units, rows]: [usize; 2], weighted: bool, whole: bool, flow: Flow) -> Option<Self> {
        if units == 1 && !loss.is_of_logits() && !weighted {
            return None;
        }
        let room = || vec![0.0; rows * units];
        let of_rows = || vec![0.0; rows];
        Some(Self {
            loss,
            flow,
            units,
            multiplies: weighted && whole,
            values: room(),
            terms: room(),
            gradient: room(),
            losses: of_rows(),
            shares: of_rows(),
        })
    }

    /// The loss of a batch, and in `gradient` its gradient by the outputs, padded.
    #[inline(always)]
    pub(super) fn value_and_gradient(&mut self, batch: Batch, gradient: &mut [f32]) -> f32 {
        let Batch { outputs, labels, weights, rows } = batch;
        let units = self.units;
        let count = rows * units;
        for (row, values) in self.values[..count].chunks_exact_mut(units).enumerate() {
            values.copy_from_slice(&outputs[row * stride(units)..][..units]);
        }
        self.shares[..rows].fill(1.0 / rows as f32);
        for (share, weight) in self.shares.iter_mut().zip(weights.unwrap_or_default()) {
            *share *= weight;
        }
        match self.loss {
            Loss::Mse | Loss::Mae | Loss::Huber => self.of_errors(labels, rows),
            Loss::BinaryCrossentropy { .. } => self.binary(labels, rows),
            Loss::CategoricalCrossentropy { .. } | Loss::SparseCategoricalCrossentropy { .. } => {
                self.categorical(labels, rows);
            }
        }
        for (row, slopes) in self.gradient[..count].chunks_exact(units).enumerate() {
            gradient[row * stride(units)..][..units].copy_from_slice(slopes);
        }
        for (loss, weight) in self.losses[..rows].iter_mut().zip(weights.unwrap_or_default()) {
            *loss *= weight;
        }
        sum(&self.losses[..rows]) / rows as f32
    }

    /// Writes the mean of each row's terms to the losses.
    #[inline(always)]
    fn means(&mut self, rows: usize) {
        for (loss, terms) in self.losses[..rows].iter_mut().zip(self.terms.chunks_exact(self.units)) {
            *loss = sum(terms) / self.units as f32;
        }
    }

    /// `mse`, `mae` and `huber`.
    #[inline(always)]
    fn of_errors(&mut self, labels: &[f32], rows: usize) {
        let units = self.units;
        for i in 0..rows * units {
            let error = self.values[i] - labels[i];
            let share = of_unit(self.shares[i / units], units, self.multiplies);
            let sign = if error.abs() > 0.0 { 1f32.copysign(error) } else { error.abs() };
            (self.terms[i], self.gradient[i]) = match self.loss {
                Loss::Mse => (error * error, (2.0 * share) * error),
                Loss::Mae => (error.abs(), share * sign),
                _ if error.abs() <= 1.0 => (0.5 * (error * error), share * error),
                _ => (error.abs() - 0.5, share * sign),
            };
        }
        self.means(rows);
    }

    /// `max(x, 0) − x y + ln(1 + e)` with `e = exp(−|x|)`, and its derivative as the graph adds it up.
    #[inline(always)]
    fn binary(&mut self, labels: &[f32], rows: usize) {
        let Self { flow, units, multiplies, values: x, terms, gradient, shares, .. } = self;
        let (units, count) = (*units, rows * *units);
        let (e, reciprocal) = (&mut terms[..count], &mut gradient[..count]);
        for (e, &x) in e.iter_mut().zip(&*x) {
            *e = -x.abs();
        }
        exponentials(e);
        for (reciprocal, e) in reciprocal.iter_mut().zip(&*e) {
            *reciprocal = *e + 1.0;
        }
        each(reciprocal, |x| eigen::reciprocal(x, *flow == Flow::Keras3), |x| 1.0 / x);
        for i in 0..count {
            let share = of_unit(shares[i / units], units, *multiplies);
            let (x, slope) = (x[i], e[i] * (reciprocal[i] * share));
            let (minus, direct, plus) = if x >= 0.0 { (slope, share, 0.0) } else { (0.0, 0.0, slope) };
            reciprocal[i] = ((-minus + direct) + plus) + labels[i] * -share;
        }
        each(e, log1p, log1pf);
        for i in 0..count {
            let x = x[i];
            e[i] += (if x >= 0.0 { x } else { 0.0 }) - labels[i] * x;
        }
        self.means(rows);
    }

    /// `Σ y (ln Σ exp(x) − x)` of each row, with its largest x taken from each, and the softmax less y.
    #[inline(always)]
    fn categorical(&mut self, labels: &[f32], rows: usize) {
        let Self { units, values, terms, gradient, losses, shares, loss, .. } = self;
        let (units, count) = (*units, rows * *units);
        let (x, e, totals) = (&mut values[..count], &mut gradient[..count], &mut losses[..rows]);
        for row in x.chunks_exact_mut(units) {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for x in row {
                *x -= largest;
            }
        }
        for (total, x) in totals.iter_mut().zip(x.chunks_exact(units)) {
            // Within the sum a row's last columns are computed one by one.
            let row = &mut e[..units];
            row.copy_from_slice(x);
            exponentials(row);
            *total = sum(row);
        }
        e.copy_from_slice(x);
        exponentials(e);
        for (row, total) in e.chunks_exact_mut(units).zip(&*totals) {
            for e in row {
                *e /= total;
            }
        }
        if let Loss::SparseCategoricalCrossentropy { .. } = loss {
            for (row, &class) in labels[..rows].iter().enumerate() {
                let at = row * units + class as usize;
                e[at] -= 1.0;
                totals[row] = logf(totals[row]) - x[at];
            }
        } else {
            each(totals, log, logf);
            for (row, total) in totals.iter_mut().enumerate() {
                let terms = &mut terms[..units];
                for (column, term) in terms.iter_mut().enumerate() {
                    let at = row * units + column;
                    e[at] -= labels[at];
                    *term = labels[at] * (*total - x[at]);
                }
                *total = sum(terms);
            }
        }
        for (row, share) in e.chunks_exact_mut(units).zip(&*shares) {
            for e in row {
                *e *= share;
            }
        }
    }
}

/// A row's share of the gradient for one of its units.
#[inline(always)]
fn of_unit(share: f32, units: usize, multiplies: bool) -> f32 {
    if multiplies { share * (1.0 / units as f32) } else { share / units as f32 }
}

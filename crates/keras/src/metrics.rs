//! Metrics: what is measured of predictions besides the loss, kept over the batches as Keras keeps it.

use manifest::Broken;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exact::sum;
use crate::{Flow, Loss, Training};

/// What is measured of the predictions of an epoch, each batch's before its update, and of the rows to validate on.
///
/// Class and sample weights do not count in it, as in Keras' `metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of right answers: of one output that it is above 0.5 where the label is 1, else that the largest output is that
    /// of the class.
    Accuracy,
    /// The mean absolute error.
    Mae,
    /// The mean squared error.
    Mse,
    /// The root of the mean squared error.
    Rmse,
    /// The area under the ROC curve between 200 thresholds, as Keras' `AUC` has it; with `binary_crossentropy`.
    Auc,
}

impl Metric {
    /// Its name in a manifest, in the columns of a history and in the line of an epoch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Mae => "mae",
            Self::Mse => "mse",
            Self::Rmse => "rmse",
            Self::Auc => "auc",
        }
    }

    /// Whether the training can have these metrics; paths are those of a manifest with the section `training`.
    ///
    /// # Errors
    /// If one is named twice, compares class numbers with the outputs of all classes, or is the area under a curve of what are no
    /// probabilities of labels.
    pub(crate) fn rules(metrics: &[Self], loss: Loss) -> Result<(), Broken> {
        for (number, metric) in metrics.iter().enumerate() {
            let path = format!("training.metrics.{number}");
            if metrics[..number].contains(metric) {
                return Err(Broken::new(path, format!("must be named once, got {} again", metric.name())));
            }
            if let (Loss::SparseCategoricalCrossentropy { .. }, Self::Mae | Self::Mse | Self::Rmse) = (loss, metric) {
                let message = format!("must be accuracy where the label is a class number, got {}", metric.name());
                return Err(Broken::new(path, message).with("training.loss"));
            }
            if *metric == Self::Auc && !matches!(loss, Loss::BinaryCrossentropy { from_logits: false }) {
                let message = "must not be auc but with the loss binary_crossentropy, not from logits".to_owned();
                return Err(Broken::new(path, message).with("training.loss"));
            }
        }
        Ok(())
    }
}

/// The thresholds of `auc`: from just below 0 to just above 1.
const THRESHOLDS: usize = 200;

/// The metrics of the batches so far: totals and counts in float32, one rounding an operation.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    metrics: Vec<Metric>,
    outputs: usize,
    labels: usize,
    /// Whether a row's squares are averaged before `rmse` adds them up.
    averages_rows: bool,
    totals: Vec<f32>,
    /// Of `auc`: how many predictions lie above each threshold and not above the next, where the label is 1 and where it is 0.
    above: [[u32; THRESHOLDS]; 2],
    rows: f32,
    terms: Vec<f32>,
    of_rows: Vec<f32>,
}

impl Running {
    /// Before the first batch; `None` if the training has no metrics.
    pub(crate) fn new(training: &Training, outputs: usize) -> Option<Self> {
        let metrics = training.metrics.clone();
        (!metrics.is_empty()).then(|| Self {
            outputs,
            labels: training.loss.label_columns(outputs),
            averages_rows: training.flow == Flow::Keras3,
            totals: vec![0.0; metrics.len()],
            metrics,
            above: [[0; THRESHOLDS]; 2],
            rows: 0.0,
            terms: Vec::new(),
            of_rows: Vec::new(),
        })
    }

    /// Goes back to before the first batch.
    pub(crate) fn restart(&mut self) {
        self.totals.fill(0.0);
        self.above = [[0; THRESHOLDS]; 2];
        self.rows = 0.0;
    }

    /// Adds a batch: predictions `[rows, outputs]` and labels, both row-major.
    #[inline(never)]
    pub(crate) fn update(&mut self, predictions: &[f32], y: &[f32]) {
        let Self { metrics, outputs, labels, terms, of_rows, .. } = self;
        for (metric, total) in metrics.iter().zip(&mut self.totals) {
            of_rows.clear();
            if *metric == Metric::Auc {
                for (prediction, label) in predictions.iter().zip(y) {
                    let threshold = ((prediction.clamp(0.0, 1.0) * (THRESHOLDS - 1) as f32).ceil() - 1.0).max(0.0);
                    self.above[usize::from(*label == 0.0)][threshold as usize] += 1;
                }
            } else if *metric == Metric::Accuracy {
                let rows = predictions.chunks_exact(*outputs).zip(y.chunks_exact(*labels));
                let right = |(predicted, y): (&[f32], &[f32])| match (predicted, y) {
                    ([one], [label]) => f32::from(*one > 0.5) == *label,
                    (all, [class]) => largest(all) as f32 == *class,
                    (all, y) => largest(all) == largest(y),
                };
                of_rows.extend(rows.map(|row| f32::from(right(row))));
            } else {
                let error = |(prediction, y): (&f32, &f32)| prediction - y;
                terms.clear();
                terms.extend(predictions.iter().zip(y).map(error).map(|error| match metric {
                    Metric::Mae => error.abs(),
                    _ => error * error,
                }));
                if *metric == Metric::Rmse && !self.averages_rows {
                    of_rows.append(terms);
                } else {
                    of_rows.extend(terms.chunks_exact(*outputs).map(|row| sum(row) / *outputs as f32));
                }
            }
            *total += sum(of_rows);
        }
        self.rows += (predictions.len() / *outputs) as f32;
    }

    /// The value of each metric over the batches so far, in their order.
    pub(crate) fn values(&self) -> Vec<f32> {
        let value = |(metric, total): (&Metric, &f32)| match metric {
            Metric::Rmse if self.averages_rows => (total / self.rows).sqrt(),
            Metric::Rmse => (total / (self.rows * self.outputs as f32)).sqrt(),
            Metric::Auc => area(&self.above),
            _ => total / self.rows,
        };
        self.metrics.iter().zip(&self.totals).map(value).collect()
    }
}

/// The area under the curve of the shares above each threshold, by the trapezoidal rule.
fn area(above: &[[u32; THRESHOLDS]; 2]) -> f32 {
    let [rights, falses] = above.each_ref().map(|counts| {
        let mut shares: Vec<f32> = Vec::with_capacity(THRESHOLDS);
        let mut count = 0;
        for more in counts.iter().rev() {
            count += more;
            shares.push(count as f32);
        }
        shares.reverse();
        shares.iter().map(|share| if count == 0 { 0.0 } else { share / count as f32 }).collect::<Vec<f32>>()
    });
    let strips = rights.windows(2).zip(falses.windows(2));
    sum(&strips.map(|(right, wrong)| (wrong[0] - wrong[1]) * ((right[0] + right[1]) * 0.5)).collect::<Vec<f32>>())
}

/// The place of the first of the largest values.
pub(crate) fn largest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |largest, place| if values[place] > values[largest] { place } else { largest })
}

//! Training and test rows, as the network gets them and as they were.

use polars::prelude::{Column, DataFrame, DataType};

use crate::preprocessing::ColumnScaler;
use crate::split::{Fold, k_fold};
use crate::table::Validation;
use crate::{Restore, Scaler, root_mean_square_error};

/// Rows of data.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The inputs `[rows, features]`, row by row: encoded, scaled and rounded to float32.
    pub x: Vec<f32>,
    /// The labels `[rows]`: scaled and rounded to float32, or the code of the class.
    pub y: Vec<f32>,
    /// The labels in their own unit, or the code of the class.
    pub labels: Vec<f64>,
    /// Features and label as they were, by name: neither encoded nor scaled, missing cells null.
    pub frame: DataFrame,
}

impl Rows {
    /// The numbers of a column of [`Rows::frame`], NaN where the cell is missing; `None` if it has no such column of numbers.
    pub fn values(&self, name: &str) -> Option<Vec<f64>> {
        let column = self.frame.column(name).ok().filter(|column| column.dtype().is_primitive_numeric())?;
        let column = column.cast(&DataType::Float64).ok()?;
        Some(column.f64().ok()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
    }

    /// The inputs and labels of the rows with these numbers, as the network gets them.
    pub fn take(&self, rows: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let width = self.x.len() / self.y.len();
        let x = rows.iter().flat_map(|row| &self.x[row * width..(row + 1) * width]).copied().collect();
        (x, rows.iter().map(|row| self.y[*row]).collect())
    }
}

impl Rows {
    /// The rows as they were, with a column `predict` of predictions in the label's unit and a column `gap`, prediction minus
    /// label.
    ///
    /// # Panics
    /// If there are not as many predictions as rows, or a column has one of these names.
    pub fn with_predictions(&self, predictions: &[f64]) -> DataFrame {
        let gap: Vec<f64> = predictions.iter().zip(&self.labels).map(|(predict, label)| predict - label).collect();
        let columns = [Column::new("predict".into(), predictions), Column::new("gap".into(), gap)];
        self.frame.hstack(&columns).expect("a prediction a row, and names of their own")
    }
}

/// What the label is.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A number, scaled as the inputs are, and the arithmetic in which predictions are turned back.
    LikeInputs(Scaler, Restore),
    /// A number, and how it is scaled.
    Number(ColumnScaler),
    /// A class: the names of all classes of the file, sorted; the label is the place in this list.
    Classes(Vec<String>),
}

impl Target {
    /// A label as the network gets it.
    pub(crate) fn transform(&self, label: f64) -> f32 {
        match self {
            Self::LikeInputs(scaler, _) => scaler.transform(&[label])[0],
            Self::Number(scaler) => scaler.transform(label) as f32,
            Self::Classes(_) => label as f32,
        }
    }
}

/// A table that was split, completed, encoded and scaled.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The names of the network's inputs, one for each column of `x`: a category is called `origin=Europe`.
    pub features: Vec<String>,
    /// The name of the label.
    pub label: String,
    /// What the label is.
    pub target: Target,
    /// The rows to train on; every statistic comes from them alone.
    pub train: Rows,
    /// The rows to test on.
    pub test: Rows,
    /// The SHA-256 of the file in hexadecimal digits; `None` of drawn data.
    pub sha256: Option<String>,
    pub(crate) validation: Option<Validation>,
}

impl Dataset {
    /// Turns predictions back into the label's unit, in float64; those of classes stay as they are.
    pub fn restore(&self, predictions: &[f32]) -> Vec<f64> {
        let each = |restore: &dyn Fn(f64) -> f64| predictions.iter().map(|value| restore((*value).into())).collect();
        match &self.target {
            Target::LikeInputs(scaler, restore) => scaler.restore(predictions, *restore),
            Target::Number(scaler) => each(&|value| scaler.restore(value)),
            Target::Classes(_) => each(&|value| value),
        }
    }

    /// What inputs and labels are scaled by alike; `None` where they are not.
    pub fn scaler(&self) -> Option<&Scaler> {
        match &self.target {
            Target::LikeInputs(scaler, _) => Some(scaler),
            Target::Number(_) | Target::Classes(_) => None,
        }
    }

    /// The root mean square error of predictions of the test rows, in the label's unit.
    pub fn test_error(&self, predictions: &[f32]) -> f64 {
        root_mean_square_error(&self.restore(predictions), &self.test.labels)
    }

    /// The parts of the training rows to train and validate on: scikit-learn's `KFold`, or the one part that Keras'
    /// `validation_split` makes of the last rows; empty without a validation. All of them share the scaling of the training
    /// rows.
    pub fn folds(&self) -> Vec<Fold> {
        let rows = self.train.y.len();
        match &self.validation {
            Some(Validation { folds: Some(folds), shuffle, seed, .. }) => {
                k_fold(rows, *folds, shuffle.then_some(*seed))
            }
            Some(Validation { split: Some(split), .. }) => {
                let kept = (rows as f64 * (1.0 - split)) as usize;
                vec![Fold { train: (0..kept).collect(), validation: (kept..rows).collect() }]
            }
            _ => Vec::new(),
        }
    }
}

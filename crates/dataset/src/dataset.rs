//! Training and test rows, as the network gets them and as they were.

use std::sync::Arc;

use polars::prelude::{Column, DataFrame};

use crate::column::{Cells, Values};
use crate::error::{Error, shown};
use crate::pipeline::Feature;
use crate::preprocessing::ColumnScaler;
use crate::python::Recipe;
use crate::split::{Fold, k_fold};
use crate::{Restore, Scaler, root_mean_square_error};

/// Rows of data.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The inputs `[rows, features]`, row by row: encoded, scaled and rounded to float32.
    pub x: Vec<f32>,
    /// The labels `[rows, label columns]`, row by row: scaled and rounded to float32, or the code of the class; with one-hot
    /// labels a column of zeros and ones for every class.
    pub y: Vec<f32>,
    /// The labels in their own unit, or the code of the class.
    pub labels: Vec<f64>,
    /// How much each row counts `[rows]`, in float32; `None` if all count alike.
    pub sample_weight: Option<Vec<f32>>,
    /// Features and label of all rows as they were, by name, and which of those rows these are.
    pub(crate) columns: Arc<Vec<(String, Cells)>>,
    pub(crate) numbers: Vec<usize>,
}

impl Rows {
    /// Features and label as they were, by name: neither encoded nor scaled, missing cells null. Numbers are Int64 if all of
    /// the column are whole, else Float64.
    pub fn frame(&self) -> DataFrame {
        let columns = self.columns.iter().map(|(name, cells)| cells.column(name, &self.numbers)).collect();
        DataFrame::new(self.numbers.len(), columns).expect("columns of one length with different names")
    }

    /// The numbers of a feature or of the label as they were, NaN where the cell is missing; `None` if there is no such column
    /// of numbers.
    pub fn values(&self, name: &str) -> Option<Vec<f64>> {
        let (_, cells) = self.columns.iter().find(|(column, _)| column == name)?;
        (!matches!(cells.values, Values::Text(_))).then(|| cells.reals(&self.numbers))
    }

    /// The inputs and labels, as the network gets them.
    pub fn x_and_y(&self) -> (&[f32], &[f32]) {
        (&self.x, &self.y)
    }

    /// The rows with these numbers.
    #[must_use]
    pub fn part(&self, rows: &[usize]) -> Self {
        let of = |values: &[f32]| {
            let width = values.len() / self.labels.len();
            rows.iter().flat_map(|row| &values[row * width..(row + 1) * width]).copied().collect()
        };
        Self {
            x: of(&self.x),
            y: of(&self.y),
            labels: rows.iter().map(|row| self.labels[*row]).collect(),
            sample_weight: self.sample_weight.as_ref().map(|weights| rows.iter().map(|row| weights[*row]).collect()),
            columns: Arc::clone(&self.columns),
            numbers: rows.iter().map(|row| self.numbers[*row]).collect(),
        }
    }

    /// The rows as they were, with a column `predict` of predictions in the label's unit and a column `gap`, prediction minus
    /// label.
    ///
    /// # Panics
    /// If there are not as many predictions as rows, or a column has one of these names.
    pub fn with_predictions(&self, predictions: &[f64]) -> DataFrame {
        let gap: Vec<f64> = predictions.iter().zip(&self.labels).map(|(predict, label)| predict - label).collect();
        let columns = [Column::new("predict".into(), predictions), Column::new("gap".into(), gap)];
        self.frame().hstack(&columns).expect("a prediction a row, and names of their own")
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

/// How many folds the training rows have, and the seed that shuffles them first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folds {
    pub number: usize,
    pub seed: Option<u32>,
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
    /// The rows to validate on, which are none of those to train on; `None` without a split for validation.
    pub validation: Option<Rows>,
    /// The rows to test on.
    pub test: Rows,
    /// The SHA-256 of the file in hexadecimal digits; `None` of drawn data.
    pub sha256: Option<String>,
    /// What was learnt of every feature.
    pub(crate) inputs: Vec<Feature>,
    /// What it was made from.
    pub(crate) recipe: Recipe,
    pub(crate) folds: Option<Folds>,
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

    /// The rows to train on and those to validate on, in turn: those of every fold, or all training rows and the rows that a split
    /// holds out; empty without a validation.
    pub fn validations(&self) -> Vec<[Rows; 2]> {
        let of_fold = |fold: &Fold| [&fold.train, &fold.validation].map(|rows| self.train.part(rows));
        match &self.validation {
            Some(held) => vec![[self.train.clone(), held.clone()]],
            None => self.folds().iter().map(of_fold).collect(),
        }
    }

    /// The names of the classes, sorted; none if the label is a number.
    pub fn classes(&self) -> &[String] {
        match &self.target {
            Target::Classes(names) => names,
            Target::Number(_) | Target::LikeInputs(..) => &[],
        }
    }

    /// How many of these rows are of each class.
    pub fn class_counts(&self, rows: &Rows) -> Vec<usize> {
        let count = |class: usize| rows.labels.iter().filter(|label| **label == class as f64).count();
        (0..self.classes().len()).map(count).collect()
    }

    /// How many outputs a network of these data has: a probability for every class, of two classes in one column that of the
    /// second, and one output for a number.
    pub fn outputs(&self) -> usize {
        match self.classes().len() {
            0 => 1,
            2 if self.train.y.len() == self.train.labels.len() => 1,
            classes => classes,
        }
    }

    /// Whether a network with so many `units` in its last layer fits.
    ///
    /// # Errors
    /// If it has not [`Dataset::outputs`].
    pub fn check_units(&self, units: u32) -> Result<(), Error> {
        let (outputs, classes) = (self.outputs(), self.classes().len());
        if outputs == units as usize {
            return Ok(());
        }
        let of = if classes == 0 { "a number".to_owned() } else { format!("one of {classes} classes") };
        let message = format!(
            "the last layer must have {outputs} {}, since {} is {of}; got {units}",
            if outputs == 1 { "unit" } else { "units" },
            shown(&self.label)
        );
        Err(Error::invalid("model.layers", message))
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

    /// The parts of the training rows to train and validate on in turn: scikit-learn's `KFold`; empty without folds. All of
    /// them share the scaling of the training rows.
    pub fn folds(&self) -> Vec<Fold> {
        let rows = self.train.labels.len();
        self.folds.map_or(Vec::new(), |Folds { number, seed }| k_fold(rows, number, seed))
    }
}

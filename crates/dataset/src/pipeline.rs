//! New rows on their way through a network that was trained: what was learnt from the training rows reads them, completes,
//! encodes and scales them, and turns the network's outputs back.

use std::path::Path;

use manifest::quote;
use polars::prelude::{Column, DataFrame};

use crate::classification::chosen;
use crate::column::{Number, number};
use crate::csv::Records;
use crate::dataset::Dataset;
use crate::error::{Error, did_you_mean, shown};
use crate::file::column_of;
use crate::preprocessing::ColumnScaler;

/// Categories that an error names one by one.
const NAMED: usize = 12;

/// A feature and what was learnt of it.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    /// The column that it is read from.
    pub name: String,
    pub learnt: Learnt,
}

/// What the training rows say of a feature.
#[derive(Debug, Clone)]
pub(crate) enum Learnt {
    /// A number: what stands for a missing one, and how it is scaled.
    Number { fill: Option<f64>, scaler: ColumnScaler },
    /// The categories, sorted, each with a column of its own.
    OneHot(Vec<String>),
    /// The categories, sorted.
    Ordinal(Vec<String>),
}

impl Feature {
    /// What the feature's columns in `x` are called.
    pub fn columns(&self) -> Vec<String> {
        match &self.learnt {
            Learnt::Number { .. } | Learnt::Ordinal(_) => vec![self.name.clone()],
            Learnt::OneHot(categories) => {
                categories.iter().map(|category| format!("{}={category}", self.name)).collect()
            }
        }
    }

    /// Adds what the cell becomes to `x`; the error says what is wrong with it.
    fn push(&self, cell: &str, x: &mut Vec<f32>) -> Result<(), String> {
        let place = |categories: &[String]| place(categories, cell);
        match &self.learnt {
            Learnt::Number { fill, scaler } => {
                let value =
                    match number(cell).map_err(|expected| format!("expected {expected}, got {}", quote(cell)))? {
                        Number::Whole(whole) => whole as f64,
                        Number::Real(real) => real,
                        Number::Missing => fill.ok_or("the value is missing")?,
                    };
                let value = scaler.transform(value) as f32;
                if !value.is_finite() {
                    return Err(format!("{} is too large for a 32-bit float", quote(cell)));
                }
                x.push(value);
            }
            Learnt::OneHot(categories) => {
                let place = place(categories)?;
                x.extend((0..categories.len()).map(|of| f32::from(of == place)));
            }
            Learnt::Ordinal(categories) => x.push(place(categories)? as f32),
        }
        Ok(())
    }
}

/// The place of a cell's category; the error says why it has none.
fn place(categories: &[String], cell: &str) -> Result<usize, String> {
    let as_number = |text: &str| match number(text) {
        Ok(Number::Whole(whole)) => Some(whole as f64),
        Ok(Number::Real(real)) => Some(real),
        Ok(Number::Missing) | Err(_) => None,
    };
    // As in the file that was learnt from: categories are numbers if all of them are.
    let numbers: Option<Vec<f64>> = categories.iter().map(|category| as_number(category)).collect();
    let (found, missing) = match &numbers {
        Some(numbers) => {
            let of_cell = as_number(cell);
            let missing = matches!(number(cell), Ok(Number::Missing));
            (numbers.iter().position(|known| of_cell == Some(*known)), missing)
        }
        None => (categories.iter().position(|known| known == cell), cell.is_empty()),
    };
    found.ok_or_else(|| {
        if missing {
            return "the value is missing".to_owned();
        }
        let near = did_you_mean(cell, categories.iter().map(String::as_str).filter(|_| numbers.is_none()));
        let known: Vec<String> = categories.iter().map(|category| shown(category)).collect();
        let hint = match near {
            near if near.is_empty() && known.len() <= NAMED => format!("; there are {}", known.join(", ")),
            near => near,
        };
        format!("{} is in no training row{hint}", quote(cell))
    })
}

impl Dataset {
    /// Reads the rows of the CSV file at `path` and makes of them what the network gets, row by row, by what was learnt from
    /// the training rows. Columns that are no feature count for nothing.
    ///
    /// # Errors
    /// If the file cannot be read, is no CSV, has no rows or lacks a feature, or a cell has no value, no number where there
    /// must be one, or a category that no training row has.
    pub fn read_inputs(&self, path: &Path) -> Result<Vec<f32>, Error> {
        let file = path.display().to_string();
        let (mut records, header) = Records::open(path, &file)?;
        let places: Vec<usize> =
            self.inputs.iter().map(|feature| column_of(&file, &header, &feature.name)).collect::<Result<_, _>>()?;
        let mut x = Vec::new();
        while records.next(header.len())? {
            for (feature, place) in self.inputs.iter().zip(&places) {
                feature.push(records.cell(*place), &mut x).map_err(|message| {
                    Error::invalid(format!("{file}:{}:{}", records.line(), shown(&feature.name)), message)
                })?;
            }
        }
        if x.is_empty() {
            return Err(Error::invalid(file, "has a header and no rows"));
        }
        Ok(x)
    }

    /// What the outputs of the network for so many rows say of each: `prediction` in the label's unit. Of classes, the name of
    /// the likeliest, `class`, and for each a column `probability=…`; a single output is the probability of the second of two.
    ///
    /// # Panics
    /// If there are no whole rows of outputs.
    pub fn answers(&self, outputs: &[f32], rows: usize) -> DataFrame {
        let values: Vec<f64> = outputs.iter().map(|value| f64::from(*value)).collect();
        let probabilities: Vec<f64> = match self.classes().len() {
            classes if classes > 0 && outputs.len() == rows * classes => values.clone(),
            2 if outputs.len() == rows => values.iter().flat_map(|second| [1.0 - second, *second]).collect(),
            _ => Vec::new(),
        };
        let mut columns = Vec::new();
        if probabilities.is_empty() {
            columns.push(Column::new("prediction".into(), self.restore(outputs)));
        } else {
            let names = self.classes();
            let likeliest: Vec<&str> = chosen(&values, rows).into_iter().map(|class| names[class].as_str()).collect();
            columns.push(Column::new("class".into(), likeliest));
            for (place, name) in names.iter().enumerate() {
                let of_class: Vec<f64> = probabilities.iter().skip(place).step_by(names.len()).copied().collect();
                columns.push(Column::new(format!("probability={name}").into(), of_class));
            }
        }
        DataFrame::new(rows, columns).expect("columns of one length with different names")
    }
}

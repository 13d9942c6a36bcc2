//! Inputs and labels scaled alike, the undoing of that, and errors of predictions, in NumPy 1.24's order of operations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::preprocessing::{ColumnScaler, Scale};
use crate::sum::buffered;

/// What is done to the data before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Subtract the mean of the training inputs and divide by their population standard deviation,
    /// inputs and labels alike.
    Standard,
    /// Train on the values as they are.
    None,
}

/// The arithmetic in which scaled predictions are turned back into the label's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restore {
    /// 32-bit floats, as NumPy 1 computes it.
    #[default]
    Float32,
    /// 64-bit floats, as NumPy 2 computes it.
    Float64,
}

/// Mean and population standard deviation of the training inputs, and what is done with them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaler {
    /// `np.mean(X_train)`.
    pub mean: f64,
    /// `np.std(X_train)`: the population standard deviation.
    pub std: f64,
    scaling: Scaling,
}

impl Scaler {
    /// Takes mean and standard deviation of `x_train`, which must not be empty.
    ///
    /// # Errors
    /// If the inputs are to be standardised and are all the same: then there is nothing to divide by.
    pub fn new(scaling: Scaling, x_train: &[f64]) -> Result<Self, Error> {
        if let (Scaling::Standard, [first, others @ ..]) = (scaling, x_train)
            && others.iter().all(|x| x == first)
        {
            let message = format!(
                "standard needs training inputs that differ, got {first} in all {} rows; draw more rows, from a wider \
                 range or from another data.seed",
                x_train.len()
            );
            return Err(Error::invalid("scaling", message));
        }
        let rows = x_train.len() as f64;
        let mean = buffered(x_train) / rows;
        let squares: Vec<f64> = x_train.iter().map(|x| (x - mean) * (x - mean)).collect();
        Ok(Self { mean, std: (buffered(&squares) / rows).sqrt(), scaling })
    }

    /// The same scaling of one column, in float64.
    pub(crate) fn of_a_column(&self) -> ColumnScaler {
        let scale = match self.scaling {
            Scaling::Standard => Scale::Standard,
            Scaling::None => Scale::None,
        };
        ColumnScaler { scale, offset: self.mean, factor: self.std, constant: false }
    }

    /// `(x − mean) / std` in float64, rounded to float32 as Keras does; `scaling: none` only rounds.
    pub fn transform(&self, x: &[f64]) -> Vec<f32> {
        x.iter()
            .map(|&x| match self.scaling {
                Scaling::Standard => ((x - self.mean) / self.std) as f32,
                Scaling::None => x as f32,
            })
            .collect()
    }

    /// Undoes [`Scaler::transform`] on predictions: `prediction × std + mean`.
    ///
    /// With `float32`, NumPy 1's rule for a float32 array and float64 scalars, every operation rounds to
    /// float32; with `float64`, NumPy 2's, none does.
    pub fn restore(&self, predictions: &[f32], restore: Restore) -> Vec<f64> {
        predictions
            .iter()
            .map(|&prediction| match (self.scaling, restore) {
                (Scaling::None, _) => f64::from(prediction),
                (Scaling::Standard, Restore::Float32) => f64::from(prediction * self.std as f32 + self.mean as f32),
                (Scaling::Standard, Restore::Float64) => f64::from(prediction) * self.std + self.mean,
            })
            .collect()
    }
}

/// `np.mean(np.abs(prediction − label))`: float64, NumPy's sum.
pub fn mean_absolute_error(prediction: &[f64], label: &[f64]) -> f64 {
    let gaps: Vec<f64> = prediction.iter().zip(label).map(|(p, label)| (p - label).abs()).collect();
    buffered(&gaps) / gaps.len() as f64
}

/// `np.sqrt(np.mean((prediction − label)**2))`, the root mean square error: float64, NumPy's sum.
pub fn root_mean_square_error(prediction: &[f64], label: &[f64]) -> f64 {
    let squares: Vec<f64> = prediction.iter().zip(label).map(|(p, label)| (p - label) * (p - label)).collect();
    (buffered(&squares) / squares.len() as f64).sqrt()
}

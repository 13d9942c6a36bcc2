//! scikit-learn's `StandardScaler`, `MinMaxScaler` and `SimpleImputer`, bit for bit in float64.
//!
//! They learn column by column from a C-ordered array `[rows, columns]`. NumPy sums the only column of an array pairwise and
//! one of several columns row by row, so each function is told whether the column is the `only` one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sum;

/// How columns are scaled before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Subtract the mean of the training rows and divide by their population standard deviation, as `StandardScaler`.
    Standard,
    /// Bring the training rows to 0 to 1, as `MinMaxScaler`.
    MinMax,
    /// Leave the values as they are.
    #[default]
    None,
}

/// What a scaler learns from one column of the training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnScaler {
    /// How it scales.
    pub scale: Scale,
    /// `mean_` of `StandardScaler`, `min_` of `MinMaxScaler`.
    pub offset: f64,
    /// `scale_` of either.
    pub factor: f64,
    /// Whether the column is constant, to within the rounding of its statistics; then it is not divided.
    pub constant: bool,
}

impl ColumnScaler {
    /// Learns from a column of finite values, of which there must be one at least.
    pub fn fit(scale: Scale, values: &[f64], only: bool) -> Self {
        let (offset, factor, constant) = match scale {
            Scale::Standard => standard(values, only),
            Scale::MinMax => min_max(values),
            Scale::None => (0.0, 1.0, false),
        };
        Self { scale, offset, factor, constant }
    }

    /// `transform` of one value, in float64.
    pub fn transform(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Standard => (value - self.offset) / self.factor,
            Scale::MinMax => value * self.factor + self.offset,
            Scale::None => value,
        }
    }

    /// `inverse_transform` of one value, in float64.
    pub fn restore(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Standard => value * self.factor + self.offset,
            Scale::MinMax => (value - self.offset) / self.factor,
            Scale::None => value,
        }
    }
}

/// Mean and standard deviation by the corrected two-pass algorithm of Chan, Golub and LeVeque, *Algorithms for computing the
/// sample variance*, The American Statistician 37 (1983), with its bound for what counts as constant.
fn standard(values: &[f64], only: bool) -> (f64, f64, bool) {
    let rows = values.len() as f64;
    let mean = sum::column(values, only) / rows;
    let mut differences: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let correction = sum::column(&differences, only);
    for difference in &mut differences {
        *difference *= *difference;
    }
    let variance = (sum::column(&differences, only) - correction * correction / rows) / rows;
    let rounding = rows * mean * f64::EPSILON;
    let constant = variance <= rows * f64::EPSILON * variance + rounding * rounding;
    (mean, if constant { 1.0 } else { variance.sqrt() }, constant)
}

fn min_max(values: &[f64]) -> (f64, f64, bool) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let range = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
    let constant = range < 10.0 * f64::EPSILON;
    let factor = if constant { 1.0 } else { 1.0 / range };
    (0.0 - least * factor, factor, constant)
}

/// `SimpleImputer(strategy="mean")` of a column in which NaN is a missing value; NaN if every value is missing.
pub fn mean(values: &[f64], only: bool) -> f64 {
    let present = values.iter().filter(|value| !value.is_nan()).count();
    let filled: Vec<f64> = values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
    sum::column(&filled, only) / present as f64
}

/// `SimpleImputer(strategy="median")` of a column in which NaN is a missing value; NaN if every value is missing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => sorted[middle - 1].midpoint(sorted[middle]),
    }
}

//! The post's scaling, its undoing, and its accuracy, in NumPy 1.24's order of operations.

use manifest::{Restore, Scaling};

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
    pub fn new(scaling: Scaling, x_train: &[i64]) -> Result<Self, manifest::Error> {
        if let (Scaling::Standard, [first, others @ ..]) = (scaling, x_train)
            && others.iter().all(|x| x == first)
        {
            let message = format!(
                "standard needs training inputs that differ, got {first} in all {} rows; draw more rows, from a wider \
                 range or from another data.seed",
                x_train.len()
            );
            return Err(manifest::Error::Invalid { location: "scaling".to_owned(), message });
        }
        let rows = x_train.len() as f64;
        let values: Vec<f64> = x_train.iter().map(|&x| x as f64).collect();
        let mean = sum(&values) / rows;
        let squares: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean)).collect();
        Ok(Self { mean, std: (sum(&squares) / rows).sqrt(), scaling })
    }

    /// `(x − mean) / std` in float64, rounded to float32 as Keras does; `scaling: none` only rounds.
    pub fn transform(&self, x: &[i64]) -> Vec<f32> {
        x.iter()
            .map(|&x| match self.scaling {
                Scaling::Standard => ((x as f64 - self.mean) / self.std) as f32,
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

/// `np.sqrt(np.mean((prediction − label)**2))`, which the post calls accuracy: float64, NumPy's sum.
pub fn root_mean_square_error(prediction: &[f64], label: &[i64]) -> f64 {
    let squares: Vec<f64> = prediction
        .iter()
        .zip(label)
        .map(|(prediction, &label)| (prediction - label as f64) * (prediction - label as f64))
        .collect();
    (sum(&squares) / squares.len() as f64).sqrt()
}

/// NumPy's `add.reduce` over a contiguous float64 array, up to NumPy 2.2: buffers of 8192 values, each summed pairwise. From
/// 2.3 on NumPy sums larger arrays pairwise as a whole.
fn sum(values: &[f64]) -> f64 {
    values.chunks(8192).map(pairwise_sum).reduce(|total, sum| total + sum).unwrap_or(0.0)
}

/// Eight running sums in blocks of at most 128 values, larger arrays halved at a multiple of eight.
fn pairwise_sum(values: &[f64]) -> f64 {
    match values.len() {
        0..8 => values.iter().sum(),
        8..=128 => {
            let mut lanes: [f64; 8] = std::array::from_fn(|lane| values[lane]);
            let blocks = values[8..].chunks_exact(8);
            let rest = blocks.remainder();
            for block in blocks {
                for (lane, value) in lanes.iter_mut().zip(block) {
                    *lane += value;
                }
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
            rest.iter().fold(sum, |sum, value| sum + value)
        }
        length => {
            let half = length / 2 - (length / 2) % 8;
            pairwise_sum(&values[..half]) + pairwise_sum(&values[half..])
        }
    }
}

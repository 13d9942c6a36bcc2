//! How much arithmetic a training is.

use serde::{Deserialize, Serialize};

/// A training's shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Columns of the inputs.
    pub features: u32,
    /// Units of every layer.
    pub units: Vec<u32>,
    /// Rows of the training data.
    pub samples: u32,
    /// Rows of a batch.
    pub batch_size: u32,
    /// Epochs of a training.
    pub epochs: u32,
}

impl Shape {
    /// Steps of a training.
    pub fn steps(&self) -> u64 {
        u64::from(self.samples.div_ceil(self.batch_size)) * u64::from(self.epochs)
    }

    /// Float32 operations of a training with Adam, each multiplication, addition, division and root counted once: what
    /// the formulas ask for, without batch order, copies and activations.
    pub fn flops(&self) -> f64 {
        let inputs = std::iter::once(&self.features).chain(&self.units);
        let (mut row, mut update) = (3.0, 0.0);
        for (layer, (&inputs, &units)) in inputs.zip(&self.units).enumerate() {
            let (weights, units) = (f64::from(inputs) * f64::from(units), f64::from(units));
            // Products and bias, gradients of both, and of the inputs above the first layer.
            row += 2.0 * weights + units + 2.0 * weights + units;
            row += if layer == 0 { 0.0 } else { 2.0 * weights };
            // m: 3, v: 4, w: 5.
            update += 12.0 * (weights + units);
        }
        let rows = f64::from(self.samples) * f64::from(self.epochs);
        rows * row + self.steps() as f64 * update
    }

    /// Float32 operations of a step, on average.
    pub fn flops_per_step(&self) -> f64 {
        self.flops() / self.steps() as f64
    }
}

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
    /// Rows that are validated on after every epoch.
    #[serde(default)]
    pub validation_samples: u32,
}

impl Shape {
    /// Columns of the inputs and units of every layer: `9-64-64-1`.
    pub fn layers(&self) -> String {
        let sizes: Vec<String> = std::iter::once(&self.features).chain(&self.units).map(u32::to_string).collect();
        sizes.join("-")
    }

    /// Steps of a training.
    pub fn steps(&self) -> u64 {
        u64::from(self.samples.div_ceil(self.batch_size)) * u64::from(self.epochs)
    }

    /// Float32 operations of a training with Adam, each multiplication, addition, division and root counted once: what
    /// the formulas ask for, without batch order, copies and activations.
    pub fn flops(&self) -> f64 {
        let inputs = std::iter::once(&self.features).chain(&self.units);
        let (mut row, mut validated_row, mut update) = (3.0, 3.0, 0.0);
        for (layer, (&inputs, &units)) in inputs.zip(&self.units).enumerate() {
            let (weights, units) = (f64::from(inputs) * f64::from(units), f64::from(units));
            // Products and bias, gradients of both, and of the inputs above the first layer.
            row += 2.0 * weights + units + 2.0 * weights + units;
            validated_row += 2.0 * weights + units;
            row += if layer == 0 { 0.0 } else { 2.0 * weights };
            // m: 3, v: 4, w: 5.
            update += 12.0 * (weights + units);
        }
        let epoch = f64::from(self.samples) * row + f64::from(self.validation_samples) * validated_row;
        f64::from(self.epochs) * epoch + self.steps() as f64 * update
    }

    /// Float32 operations of a step, on average.
    pub fn flops_per_step(&self) -> f64 {
        self.flops() / self.steps() as f64
    }
}

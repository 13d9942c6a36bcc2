//! Weights of rows in the loss.

use dataset::Rows;
use manifest::Broken;

use crate::metrics::largest;
use crate::{Dense, Engine, Flow, Layer, Loss, Model, Training};

/// Rows to train, to validate or to evaluate on, row-major.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'data> {
    /// Inputs, `rows × features`.
    pub x: &'data [f32],
    /// Labels, `rows × label columns`.
    pub y: &'data [f32],
    /// What each row's loss is multiplied by before the mean over the batch, which still divides by the number of rows.
    pub sample_weight: Option<&'data [f32]>,
}

impl<'data, X: AsRef<[f32]> + ?Sized, Y: AsRef<[f32]> + ?Sized> From<(&'data X, &'data Y)> for Labelled<'data> {
    fn from((x, y): (&'data X, &'data Y)) -> Self {
        Self { x: x.as_ref(), y: y.as_ref(), sample_weight: None }
    }
}

impl<'data> From<&'data Rows> for Labelled<'data> {
    fn from(rows: &'data Rows) -> Self {
        Self { x: &rows.x, y: &rows.y, sample_weight: rows.sample_weight.as_deref() }
    }
}

impl Labelled<'_> {
    /// The first `rows` rows, and the others.
    pub(crate) fn split_at(self, rows: usize, features: usize, labels: usize) -> (Self, Self) {
        let ((x, x_rest), (y, y_rest)) = (self.x.split_at(rows * features), self.y.split_at(rows * labels));
        let (weights, rest) = self.sample_weight.map(|weights| weights.split_at(rows)).unzip();
        (Self { x, y, sample_weight: weights }, Self { x: x_rest, y: y_rest, sample_weight: rest })
    }
}

impl Training {
    /// Whether the model can have these class weights; paths are those of a manifest with the sections `model` and `training`.
    ///
    /// # Errors
    /// If the labels are no classes, not every class has a weight, or a weight is negative.
    pub(crate) fn rules_of_class_weight(&self, model: &Model) -> Result<(), Broken> {
        let Some(weights) = &self.class_weight else { return Ok(()) };
        let path = "training.class_weight";
        if let Loss::Mse | Loss::Mae | Loss::Huber = self.loss {
            return Err(Broken::new(path, "must be left out, this loss has no classes").with("training.loss"));
        }
        let Some(Layer::Dense(Dense { units, .. })) = model.layers.last() else { return Ok(()) };
        let classes = (*units).max(2);
        if !weights.keys().copied().eq(0..classes) {
            let got: Vec<String> = weights.keys().map(u32::to_string).collect();
            let message =
                format!("must have each of the {classes} classes from 0 to {}, got {}", classes - 1, got.join(", "));
            return Err(Broken::new(path, message));
        }
        match weights.iter().find(|(_, weight)| !weight.is_finite() || **weight < 0.0) {
            Some((class, weight)) => {
                Err(Broken::new(format!("{path}.{class}"), format!("must be >= 0, got {weight:?}")))
            }
            None => Ok(()),
        }
    }

    /// The weights of rows to train on: by their class, which is the label itself or the column of the largest, or those given with
    /// the rows.
    ///
    /// # Errors
    /// If there are both, or engine `exact` does not have the flow with weights.
    pub(crate) fn weights(&self, rows: Labelled, labels: usize) -> Result<Option<Vec<f32>>, Broken> {
        if rows.sample_weight.is_some() && (self.engine, self.flow) == (Engine::Exact, Flow::KerasSetRandomSeedTf215) {
            let message = "must be another where rows have weights, with engine exact";
            return Err(Broken::new("training.flow", message));
        }
        let Some(by_class) = &self.class_weight else { return Ok(rows.sample_weight.map(<[f32]>::to_vec)) };
        if rows.sample_weight.is_some() {
            let message = "must be left out, the rows have weights of their own";
            return Err(Broken::new("training.class_weight", message));
        }
        let class = |y: &[f32]| match y {
            [label] => *label as u32,
            all => largest(all) as u32,
        };
        let weight = |y: &[f32]| by_class.get(&class(y)).map_or(1.0, |&weight| weight as f32);
        Ok(Some(rows.y.chunks_exact(labels).map(weight).collect()))
    }
}

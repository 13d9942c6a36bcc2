//! Losses: the mean over the batch, as Keras' `mse`, `mae` and `huber` (delta 1).

use crate::Loss;
use tch::{Reduction, Tensor};

/// The scalar loss of `prediction` against `y`, both `[rows, columns]`.
///
/// * `mse`: mean of `e²` · `mae`: mean of `|e|`
/// * `huber`: mean of `e²/2` where `|e| ≤ 1`, `|e| − 1/2` elsewhere (Huber 1964; Keras' default delta)
pub fn loss(loss: Loss, prediction: &Tensor, y: &Tensor) -> Tensor {
    match loss {
        Loss::Mse => prediction.mse_loss(y, Reduction::Mean),
        Loss::Mae => prediction.l1_loss(y, Reduction::Mean),
        Loss::Huber => prediction.huber_loss(y, Reduction::Mean, 1.0),
    }
}

//! Losses and the softmax in tensors: what is trained, as autograd differentiates it.

use tch::{Kind, Reduction, Tensor};

use crate::Loss;
use crate::elementwise::{exp, log, log1p, with_values};

/// The scalar loss against `y`, as Keras defines it: the mean over the batch of each row's loss, which of several outputs is their
/// mean.
///
/// `output` is `[rows, units]`, the prediction, or of a cross-entropy what the last layer's activation is applied to; `y` is
/// `[rows, units]` or, of `sparse_categorical_crossentropy`, class numbers `[rows, 1]`.
///
/// * `mse`: mean of `e²` · `mae`: mean of `|e|`
/// * `huber`: mean of `e²/2` where `|e| ≤ 1`, `|e| − 1/2` elsewhere (Huber 1964; Keras' default delta)
/// * `binary_crossentropy`: mean of `max(x, 0) − x y + ln(1 + exp(−|x|))`
/// * `categorical_crossentropy`: mean of `Σ y (ln Σ exp(x) − x)`, with the row's largest x taken from each
/// * `sparse_categorical_crossentropy`: the same with 1 in the column of the class and 0 in the others
pub fn loss(loss: Loss, output: &Tensor, y: &Tensor) -> Tensor {
    match loss {
        Loss::Mse => output.mse_loss(y, Reduction::Mean),
        Loss::Mae => output.l1_loss(y, Reduction::Mean),
        Loss::Huber => output.huber_loss(y, Reduction::Mean, 1.0),
        _ => of_rows(loss, output, y).mean(None),
    }
}

/// The same with the loss of each row, of the weights `[rows]`, multiplied by its weight.
pub(crate) fn weighted(loss: Loss, output: &Tensor, y: &Tensor, weights: &Tensor) -> Tensor {
    (of_rows(loss, output, y) * weights).mean(None)
}

/// The loss of each row.
fn of_rows(loss: Loss, output: &Tensor, y: &Tensor) -> Tensor {
    let mean = |terms: Tensor| terms.mean_dim(-1, false, None);
    match loss {
        Loss::Mse => mean(output.mse_loss(y, Reduction::None)),
        Loss::Mae => mean(output.l1_loss(y, Reduction::None)),
        Loss::Huber => mean(output.huber_loss(y, Reduction::None, 1.0)),
        Loss::BinaryCrossentropy { .. } => {
            // At 0 with the derivative of a positive number, as Keras.
            let positive = output.ge(0.0);
            let minus = output.neg().where_self(&positive, output);
            let e = with_values(minus.exp(), &minus, exp);
            let softplus = with_values(e.log1p(), &e, log1p);
            mean(output.where_self(&positive, &output.zeros_like()) - output * y + softplus)
        }
        Loss::CategoricalCrossentropy { .. } => (y * surprise(output)).sum_dim_intlist(-1, false, None),
        Loss::SparseCategoricalCrossentropy { .. } => {
            surprise(output).gather(1, &y.to_kind(Kind::Int64), false).view([-1])
        }
    }
}

/// `−ln softmax(x)` of each row's values.
fn surprise(x: &Tensor) -> Tensor {
    let shifted = shifted(x);
    let sum = with_values(shifted.exp(), &shifted, exp).sum_dim_intlist(-1, true, None);
    with_values(sum.log(), &sum, log) - shifted
}

/// Each value's exponential as a share of its row's sum.
pub(crate) fn softmax(x: &Tensor) -> Tensor {
    let shifted = shifted(x);
    let e = with_values(shifted.exp(), &shifted, exp);
    let sum = e.sum_dim_intlist(-1, true, None);
    e / sum
}

/// Each row less its largest value, which changes no softmax.
fn shifted(x: &Tensor) -> Tensor {
    x - x.detach().amax(-1, true)
}

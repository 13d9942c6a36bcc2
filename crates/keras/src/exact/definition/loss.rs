//! Losses: the mean over a batch, and its gradient.

use crate::Loss;

use super::sums::sum;

/// The loss of `predictions`, and in `gradient` its gradient by them; `terms` is scratch of the same length.
pub(super) fn value_and_gradient(
    loss: Loss,
    predictions: &[f32],
    targets: &[f32],
    gradient: &mut [f32],
    terms: &mut [f32],
) -> f32 {
    let count = predictions.len() as f32;
    let share = 1.0 / count;
    for (i, (&prediction, &target)) in predictions.iter().zip(targets).enumerate() {
        let error = prediction - target;
        let sign = if error.abs() > 0.0 { 1f32.copysign(error) } else { error.abs() };
        (terms[i], gradient[i]) = match loss {
            Loss::Mse => (error * error, (2.0 * share) * error),
            Loss::Mae => (error.abs(), share * sign),
            Loss::Huber if error.abs() <= 1.0 => (0.5 * (error * error), share * error),
            Loss::Huber => (error.abs() - 0.5, share * sign),
        };
    }
    sum(terms) / count
}

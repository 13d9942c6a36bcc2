//! Losses: the mean over a batch, and its gradient.

use crate::Loss;

use super::lanes::{LANES, Lanes};
use super::products::sum;

/// The loss of `count` predictions, and in `gradient` its gradient by them; `terms` is scratch.
///
/// # Safety
/// As [`Lanes`]; all four are whole registers.
#[inline(always)]
pub(super) unsafe fn value_and_gradient<L: Lanes>(
    loss: Loss,
    predictions: *const f32,
    targets: *const f32,
    gradient: *mut f32,
    terms: *mut f32,
    count: usize,
) -> f32 {
    let share = 1.0 / count as f32;
    // Writes the terms and the gradient, given the value and the slope of an error.
    macro_rules! each {
        ($share:expr, |$error:ident, $factor:ident| $value_and_slope:expr) => {
            for at in (0..count).step_by(LANES) {
                let $error = L::load(predictions.add(at)).sub(L::load(targets.add(at)));
                let $factor = L::splat($share);
                let (value, slope): (L, L) = $value_and_slope;
                value.store(terms.add(at));
                slope.store(gradient.add(at));
            }
        };
    }
    match loss {
        Loss::Mse => each!(2.0 * share, |error, share| (error.mul(error), share.mul(error))),
        Loss::Mae => each!(share, |error, share| (error.abs(), share.mul(sign(error)))),
        // The other losses are of rows.
        _ => each!(share, |error, share| {
            let half = L::splat(0.5);
            let near = error.abs().at_most(L::splat(1.0));
            let value = L::select(near, half.mul(error.mul(error)), error.abs().sub(half));
            (value, share.mul(L::select(near, error, sign(error))))
        }),
    }
    sum::<L>(terms, count) / count as f32
}

/// One with the sign of the error; zero and what is not a number stay what they are.
#[inline(always)]
unsafe fn sign<L: Lanes>(error: L) -> L {
    let magnitude = error.abs();
    L::select(L::splat(0.0).below(magnitude), L::splat(1.0).copysign(error), magnitude)
}

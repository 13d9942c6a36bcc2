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
    macro_rules! each {
        ($function:ident, $share:expr) => {
            for at in (0..count).step_by(LANES) {
                let error = L::load(predictions.add(at)).sub(L::load(targets.add(at)));
                let (term, slope) = $function(error, L::splat($share));
                term.store(terms.add(at));
                slope.store(gradient.add(at));
            }
        };
    }
    // SAFETY: the caller says that the processor has `L`'s instructions, and that all four are whole registers.
    unsafe {
        match loss {
            Loss::Mse => each!(squared, 2.0 * share),
            Loss::Mae => each!(absolute, share),
            Loss::Huber => each!(huber, share),
        }
        sum::<L>(terms, count) / count as f32
    }
}

/// The value and the slope of an error.
#[inline(always)]
unsafe fn squared<L: Lanes>(error: L, share: L) -> (L, L) {
    // SAFETY: the caller says that the processor has `L`'s instructions; no memory is touched.
    unsafe { (error.mul(error), share.mul(error)) }
}

#[inline(always)]
unsafe fn absolute<L: Lanes>(error: L, share: L) -> (L, L) {
    // SAFETY: the caller says that the processor has `L`'s instructions; no memory is touched.
    unsafe { (error.abs(), share.mul(sign(error))) }
}

#[inline(always)]
unsafe fn huber<L: Lanes>(error: L, share: L) -> (L, L) {
    // SAFETY: the caller says that the processor has `L`'s instructions; no memory is touched.
    unsafe {
        let half = L::splat(0.5);
        let near = error.abs().at_most(L::splat(1.0));
        let value = L::select(near, half.mul(error.mul(error)), error.abs().sub(half));
        (value, share.mul(L::select(near, error, sign(error))))
    }
}

/// One with the sign of the error; zero and what is not a number stay what they are.
#[inline(always)]
unsafe fn sign<L: Lanes>(error: L) -> L {
    // SAFETY: the caller says that the processor has `L`'s instructions; no memory is touched.
    unsafe {
        let magnitude = error.abs();
        L::select(L::splat(0.0).below(magnitude), L::splat(1.0).copysign(error), magnitude)
    }
}

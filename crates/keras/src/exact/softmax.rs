//! The softmax as oneDNN computes it: that of `predict` and of metrics. A cross-entropy has its own, from Eigen. And the logistic
//! function, a value at a time.

use super::lanes::LANES;
use super::sums::halves;

/// Takes each row of so many values, without gaps, to its softmax: exponentials of the distances from the largest value, summed in
/// sixteen lanes that are added by halves, and multiplied by the sum's reciprocal.
#[inline(always)]
pub(super) fn softmax(values: &mut [f32], units: usize) {
    for row in values.chunks_exact_mut(units) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut lanes = [0.0; LANES];
        for (column, value) in row.iter_mut().enumerate() {
            *value = exp(*value - largest);
            lanes[column % LANES] += *value;
        }
        let share = 1.0 / halves(&mut lanes);
        for value in row {
            *value *= share;
        }
    }
}

/// The logistic function of [`super::activation`], a value at a time.
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let y = e / (e + 1.0);
    if x > 0.0 { 1.0 - y } else { y }
}

/// The exponential of [`super::activation`], of an argument of at most 0, a value at a time.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    const LN_SMALLEST: f32 = f32::from_bits(0xc2ae_ac50);
    const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
    const LN_2: f32 = f32::from_bits(0x3f31_7218);
    const POLYNOMIAL: [u32; 5] = [0x3d2b_9d0d, 0x3e2a_ad40, 0x3eff_fee3, 0x3f7f_fffb, 0x3f80_0000];

    let n = x.mul_add(LOG2_E, 0.5).floor();
    let r = (-n).mul_add(LN_2, x);
    let y = POLYNOMIAL.iter().fold(f32::from_bits(0x3c07_cfce), |y, &c| y.mul_add(r, f32::from_bits(c)));
    let half = y * f32::from_bits((n as i32).wrapping_add(126).cast_unsigned() << 23);
    if x < LN_SMALLEST || half < f32::MIN_POSITIVE { 0.0 } else { half * 2.0 }
}

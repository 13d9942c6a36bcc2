//! Activations and their gradients.
//!
//! TensorFlow joins a Dense layer's activation to its matrix product, and there oneDNN's own approximations of tanh and
//! the logistic function run. (The ops on their own go through Eigen and give other last bits.)

use crate::Activation;

use super::super::activation::TANH;

/// Applies the activation in place.
pub(super) fn apply(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Linear => {}
        // NaN stays NaN, so that a training that diverges shows it.
        Activation::Relu => values.iter_mut().for_each(|x| *x = if *x <= 0.0 { 0.0 } else { *x }),
        Activation::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
        Activation::Sigmoid => values.iter_mut().for_each(|x| *x = sigmoid(*x)),
    }
}

/// Takes the gradient by the layer's `outputs` to the gradient by what the activation was applied to, in place.
pub(super) fn gradient(activation: Activation, outputs: &[f32], gradient: &mut [f32]) {
    let all = gradient.iter_mut().zip(outputs);
    match activation {
        Activation::Linear => {}
        Activation::Relu => all.for_each(|(g, &y)| *g *= f32::from(u8::from(y > 0.0))),
        Activation::Tanh => all.for_each(|(g, &y)| *g *= 1.0 - y * y),
        Activation::Sigmoid => {
            // Whole groups of eight are computed as vectors, the rest as scalars, in another order.
            let vectors = outputs.len() / 8 * 8;
            for (i, (g, &y)) in all.enumerate() {
                *g = if i < vectors { *g * (y * (1.0 - y)) } else { *g * y * (1.0 - y) };
            }
        }
    }
}

/// The hyperbolic tangent as oneDNN approximates it.
///
/// Below 4.2e-4 the argument itself, above 9.01 one; between, two polynomials of degree 6 a binade in the distance from
/// the interval's left end.
pub(super) fn tanh(x: f32) -> f32 {
    const IDENTITY_BELOW: u32 = 0x39dd_b3d7;
    const ONE_FROM: u32 = 0x4110_2cb3;
    /// 2⁻¹², where the table begins.
    const FIRST: u32 = 0x3980_0000;
    /// Sign, exponent and the top bit of the fraction.
    const INTERVAL: u32 = 0xffc0_0000;

    let magnitude = x.abs();
    let bits = magnitude.to_bits();
    let y = if magnitude.is_nan() || bits < IDENTITY_BELOW {
        magnitude
    } else if bits >= ONE_FROM {
        1.0
    } else {
        let left = bits & INTERVAL;
        let index = ((left - FIRST) >> 22) as usize;
        let distance = magnitude - f32::from_bits(left);
        let coefficient = |degree: usize| f32::from_bits(TANH[degree][index]);
        (0..6).rev().fold(coefficient(6), |y, degree| y.mul_add(distance, coefficient(degree)))
    };
    y.copysign(x)
}

/// The logistic function as oneDNN approximates it: `e / (e + 1)` of a negative argument, else one less that.
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let y = e / (e + 1.0);
    if x > 0.0 { 1.0 - y } else { y }
}

/// The exponential of an argument of at most 0 as oneDNN approximates it.
///
/// `x = n ln 2 + r`; a polynomial in r, times 2ⁿ⁻¹, times 2. What is subnormal before the last factor becomes 0.
fn exp(x: f32) -> f32 {
    const LN_SMALLEST: f32 = f32::from_bits(0xc2ae_ac50);
    const LOG2_E: f32 = f32::from_bits(0x3fb8_aa3b);
    const LN_2: f32 = f32::from_bits(0x3f31_7218);
    const POLYNOMIAL: [u32; 5] = [0x3d2b_9d0d, 0x3e2a_ad40, 0x3eff_fee3, 0x3f7f_fffb, 0x3f80_0000];

    if x < LN_SMALLEST {
        return 0.0;
    }
    let n = x.mul_add(LOG2_E, 0.5).floor();
    let r = (-n).mul_add(LN_2, x);
    let y = POLYNOMIAL.iter().fold(f32::from_bits(0x3c07_cfce), |y, &c| y.mul_add(r, f32::from_bits(c)));
    let half = y * f32::from_bits(((n as i32 - 1 + 127) as u32) << 23);
    if half < f32::MIN_POSITIVE { 0.0 } else { half * 2.0 }
}

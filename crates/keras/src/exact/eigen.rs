//! Functions as Eigen computes them: tanh, the logistic function and elu of an activation that is not joined to a matrix product,
//! which is the last layer's in `predict`, and those of cross-entropies and of [`super::separate`].
//!
//! TensorFlow's wheels have Eigen's code for AVX without fused multiply-adds: every operation here rounds. Whole groups of
//! eight values are computed in a register, what is left of a tensor one by one, where `exp` and logarithms are the C library's.

use crate::glibc::expf;
use crate::{Activation, Flow};

/// Whether the last layer's activation is Eigen's in `predict`, and gives other bits there. Keras 3 joins it to the product
/// in `predict` as well.
pub(super) fn serves(activation: Activation, flow: Flow) -> bool {
    flow != Flow::Keras3 && matches!(activation, Activation::Tanh | Activation::Sigmoid | Activation::Elu)
}

/// Applies what [`serves`] says to a batch's values, `[rows, units]` without gaps, in place.
#[inline(always)]
pub(super) fn apply(activation: Activation, values: &mut [f32], flow: Flow) {
    match activation {
        Activation::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
        Activation::Sigmoid if flow == Flow::Keras3 => each(values, logistic, |x| {
            let e = expf(x.min(LOGISTIC_ONE));
            e / (1.0 + e)
        }),
        Activation::Sigmoid => {
            exponentials(values);
            for x in values {
                *x = if *x == f32::INFINITY { 1.0 } else { *x / (1.0 + *x) };
            }
        }
        Activation::Elu => {
            let registers = values.len() / 8 * 8;
            for (i, x) in values.iter_mut().enumerate().filter(|(_, x)| **x < 0.0) {
                *x = if i < registers { exp(*x) } else { expf(*x) } - 1.0;
            }
        }
        _ => {}
    }
}

/// A tensor's exponentials, in place.
#[inline(always)]
pub(super) fn exponentials(values: &mut [f32]) {
    each(values, exp, expf);
}

/// `ln(1 + x)` of x from 0, by the rounding error of `1 + x`: Kahan's formula.
#[inline(always)]
pub(super) fn log1p(x: f32) -> f32 {
    let above = 1.0 + x;
    let logarithm = log(above);
    if above == 1.0 || above == logarithm { x } else { x * (logarithm / (above - 1.0)) }
}

/// The reciprocal of a normal number in a register: by the processor's estimate and one Newton step, which newer versions of Eigen
/// add up in another way.
#[inline(always)]
pub(super) fn reciprocal(x: f32, newer: bool) -> f32 {
    let r = estimated_reciprocal(x);
    if newer { r * (1.0 - x * r) + r } else { r * (2.0 - x * r) }
}

/// `rcpps` of an Intel processor: by the top eleven bits of the fraction the reciprocal of the middle of those that share them, in
/// units of 2⁻¹³ of the power of two above it.
///
/// Read off an Xeon of 2023, where the formula holds for all 2²³ fractions; AMD's processors have another estimate.
#[inline(always)]
fn estimated_reciprocal(x: f32) -> f32 {
    let fraction = x.to_bits() & 0x007f_f000 | 0x0000_0800;
    let middle = f32::from_bits(0x3f80_0000 | fraction);
    let units = (8192.0 / f64::from(middle)).round() as f32;
    let exponent = (x.to_bits() >> 23 & 255) as i32 - 127;
    units * power_of_two(-13) * power_of_two(-exponent)
}

/// Replaces whole groups of eight as registers compute them, what is left one by one.
#[inline(always)]
pub(super) fn each(values: &mut [f32], register: impl Fn(f32) -> f32, single: impl Fn(f32) -> f32) {
    let (registers, rest) = values.split_at_mut(values.len() / 8 * 8);
    for group in registers.as_chunks_mut::<8>().0 {
        for x in group {
            *x = register(*x);
        }
    }
    for x in rest {
        *x = single(*x);
    }
}

/// An odd polynomial of degree 13 over an even one of degree 6; beyond ±7.9 their quotient there, below 4e-4 the argument.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    const END: f32 = 7.905_311;
    const ODD: [f32; 7] = [
        -2.760_768_4e-16,
        2.000_188e-13,
        -8.604_672e-11,
        5.122_297_3e-8,
        1.485_722_35e-5,
        6.372_619_5e-4,
        4.893_524_6e-3,
    ];
    const EVEN: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3];

    if x.abs() < 4e-4 {
        return x;
    }
    let x = x.clamp(-END, END);
    x * polynomial(x * x, &ODD) / polynomial(x * x, &EVEN)
}

/// `2ⁿ` times a polynomial in r.
#[inline(always)]
pub(super) fn exp(argument: f32) -> f32 {
    const EVEN: [f32; 3] = [1.374_496_4e-3, 4.166_965_2e-2, 0.499_999_88];
    const ODD: [f32; 2] = [8.368_945e-3, 0.166_665_18];

    let x = if argument > 88.723 { 88.723 } else { argument };
    let (n, r) = powers_of_two(x);
    let squared = r * r;
    let y =
        squared * (r * (squared * ODD[0] + ODD[1]) + (squared * (squared * EVEN[0] + EVEN[1]) + EVEN[2])) + (r + 1.0);
    // The power of two in four factors, so that each is a normal number.
    let n = n as i32;
    let quarter = power_of_two(n >> 2);
    let y = y * quarter * quarter * quarter * power_of_two(n - 3 * (n >> 2));
    // Last, so that nothing is left out and values are computed side by side.
    if argument < -104.0 {
        0.0
    } else if argument == f32::INFINITY {
        argument
    } else {
        y
    }
}

/// From here on the logistic function of newer versions of Eigen is that of this number, which is 1.
pub(super) const LOGISTIC_ONE: f32 = 16.635_532;

/// The logistic function of newer versions of Eigen, in a register: `e / (1 + e)` with e the square of `exp(x / 2)`, which is as
/// [`exp`] with a polynomial of one degree less.
#[inline(always)]
pub(super) fn logistic(argument: f32) -> f32 {
    const EVEN: [f32; 2] = [4.189_866_8e-2, 0.499_991_42];
    const ODD: [f32; 2] = [8.334_713e-3, 0.166_668_77];

    if argument < -104.0 {
        return 0.0;
    }
    let x = if argument > LOGISTIC_ONE { LOGISTIC_ONE } else { argument } * 0.5;
    let (n, r) = powers_of_two(x);
    let squared = r * r;
    let y = squared * (r * polynomial(squared, &ODD) + polynomial(squared, &EVEN)) + (r + 1.0);
    let root = y * power_of_two(n as i32);
    let e = root * root;
    e / (1.0 + e)
}

/// `n` and `r` of `x = n ln 2 + r`, with ln 2 in two parts.
#[inline(always)]
fn powers_of_two(x: f32) -> (f32, f32) {
    const LN_2: [f32; 2] = [-0.693_359_4, 2.121_944_4e-4];

    let n = (x * std::f32::consts::LOG2_E + 0.5).floor();
    (n, n * LN_2[1] + (n * LN_2[0] + x))
}

/// Of a normal, positive number `x = 2ᵉ m` with m from √½ to √2: a quotient of polynomials in m − 1.
#[inline(always)]
pub(super) fn log(x: f32) -> f32 {
    const NUMERATOR: [f32; 4] = [0.182_562_96, 1.0, 1.0, 0.0];
    const DENOMINATOR: [f32; 4] = [0.049_616_247, 0.599_232_5, 1.5, 1.0];

    if x.is_nan() {
        return x;
    }
    let bits = x.to_bits();
    // From a half to one.
    let mantissa = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    let exponent = (bits >> 23) as i32 - 126;
    let (exponent, m) = if mantissa < std::f32::consts::FRAC_1_SQRT_2 {
        (exponent - 1, (mantissa - 1.0) + mantissa)
    } else {
        (exponent, mantissa - 1.0)
    };
    exponent as f32 * std::f32::consts::LN_2 + polynomial(m, &NUMERATOR) / polynomial(m, &DENOMINATOR)
}

/// `2ⁿ` of n from -126 to 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) << 23).cast_unsigned())
}

/// The highest power's coefficient first.
#[inline(always)]
pub(super) fn polynomial(x: f32, coefficients: &[f32]) -> f32 {
    coefficients.iter().skip(1).fold(coefficients[0], |y, coefficient| x * y + coefficient)
}

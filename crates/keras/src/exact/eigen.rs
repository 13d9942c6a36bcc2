//! tanh and the logistic function as Eigen computes them, which serves an activation that is not joined to a matrix product:
//! the last layer's in `predict`.
//!
//! TensorFlow's wheels have Eigen's code for AVX without fused multiply-adds: every operation here rounds. Whole groups of
//! eight values are computed in a register, what is left of a tensor one by one, where `exp` is the C library's.

use crate::Activation;

use crate::glibc::expf;

/// Whether an activation is Eigen's where it is not joined to a product, and gives other bits there.
pub(super) fn serves(activation: Activation) -> bool {
    matches!(activation, Activation::Tanh | Activation::Sigmoid)
}

/// Applies what [`serves`] says to a batch's values, `[rows, units]` without gaps, in place.
#[inline(never)]
pub(super) fn apply(activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Linear | Activation::Relu => {}
        Activation::Tanh => values.iter_mut().for_each(|x| *x = tanh(*x)),
        Activation::Sigmoid => {
            let registers = values.len() / 8 * 8;
            for (i, x) in values.iter_mut().enumerate() {
                let e = if i < registers { exp(*x) } else { expf(*x) };
                *x = if e == f32::INFINITY { 1.0 } else { e / (1.0 + e) };
            }
        }
    }
}

/// An odd polynomial of degree 13 over an even one of degree 6; beyond ±7.9 their quotient there, below 4e-4 the argument.
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

/// `x = n ln 2 + r` with ln 2 in two parts; a polynomial in r, times 2ⁿ.
fn exp(argument: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN_2: [f32; 2] = [-0.693_359_4, 2.121_944_4e-4];
    const EVEN: [f32; 3] = [1.374_496_4e-3, 4.166_965_2e-2, 0.499_999_88];
    const ODD: [f32; 2] = [8.368_945e-3, 0.166_665_18];

    if argument < -104.0 {
        return 0.0;
    }
    let x = if argument > 88.723 { 88.723 } else { argument };
    let n = (x * LOG2_E + 0.5).floor();
    let r = n * LN_2[1] + (n * LN_2[0] + x);
    let squared = r * r;
    let y =
        squared * (r * (squared * ODD[0] + ODD[1]) + (squared * (squared * EVEN[0] + EVEN[1]) + EVEN[2])) + (r + 1.0);
    // The power of two in four factors, so that each is a normal number.
    let n = n as i32;
    let quarter = power_of_two(n >> 2);
    y * quarter * quarter * quarter * power_of_two(n - 3 * (n >> 2))
}

/// `2ⁿ` of n from -126 to 127.
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) << 23).cast_unsigned())
}

/// The highest power's coefficient first.
fn polynomial(x: f32, coefficients: &[f32]) -> f32 {
    coefficients.iter().skip(1).fold(coefficients[0], |y, coefficient| x * y + coefficient)
}

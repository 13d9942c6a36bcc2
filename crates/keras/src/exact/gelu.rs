//! The normal distribution's share that `gelu` multiplies by: as Eigen computes it over a whole tensor, and as oneDNN does where
//! the activation is joined to a product.

use super::eigen::{exp, polynomial, reciprocal};
use crate::glibc::expf;

/// The error function of Eigen up to TensorFlow 2.12: an odd polynomial of degree 13 over an even one of degree 8.
pub(super) fn erf(x: f32) -> f32 {
    const ODD: [f32; 7] = [
        -2.726_142_3e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_2e-5,
        -7.349_906_5e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const EVEN: [f32; 5] = [-1.456_607_15e-5, -2.133_740_5e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2];

    let x = x.clamp(-4.0, 4.0);
    x * polynomial(x * x, &ODD) / polynomial(x * x, &EVEN)
}

/// `1 - erf(x)` of newer versions of Eigen: to ±1 by an odd polynomial, beyond by `exp(-x²)` times a quotient of polynomials in 1/x².
pub(super) fn erfc(x: f32, in_register: bool) -> f32 {
    #[expect(clippy::approx_constant, reason = "the last one is not 2/√π but its neighbour")]
    const ODD: [f32; 6] = [5.618_023e-4, -4.913_816_7e-3, 2.670_751_5e-2, -0.112_800_11, 0.376_122_95, -1.128_379_1];
    const NUMERATOR: [f32; 4] = [0.102_081_165, 0.429_206_67, 0.323_790_8, 5.397_197_6e-2];
    const DENOMINATOR: [f32; 5] = [1.725_167_8e-2, 0.391_371_64, 1.0, 0.621_732_4, 9.566_286e-2];

    let x = x.clamp(-11.0, 11.0);
    let squared = x * x;
    if squared <= 1.0 {
        return x * polynomial(squared, &ODD) + 1.0;
    }
    // What rounding took from the square.
    let low = x.mul_add(x, -squared);
    let (e, inverse) =
        if in_register { (exp(-squared), reciprocal(squared, true)) } else { (expf(-squared), 1.0 / squared) };
    let quotient = polynomial(inverse, &NUMERATOR) / (x * polynomial(inverse, &DENOMINATOR));
    (e - e * low) * quotient + if x < 0.0 { 2.0 } else { 0.0 }
}

/// `gelu` as oneDNN approximates it: the error function of `x / √2` by a polynomial of degree 5 for each quarter of a binade.
pub(super) fn joined(x: f32) -> f32 {
    const ONE_ABOVE: f32 = f32::from_bits(0x40b1_5cee);

    let magnitude = x.abs();
    let interval = (magnitude.to_bits().wrapping_add(0xc21f_ffff).cast_signed() >> 21).clamp(1, 24) as usize;
    let interval = if magnitude > ONE_ABOVE { 23 } else { interval };
    let coefficient = |degree: usize| f32::from_bits(ERF[degree][interval]);
    let erf = (0..5).rev().fold(coefficient(5), |y, degree| y.mul_add(magnitude, coefficient(degree)));
    x * (erf.copysign(x) + 1.0) * 0.5
}

/// Of each degree, from 0 on, the coefficients of all intervals.
#[rustfmt::skip]
const ERF: [[u32; 25]; 6] = [
    [
        0xa6f2_cb94, 0x3282_7792, 0x3381_cc0c, 0x3452_3d4a, 0x351a_c44d, 0x35f3_6d88, 0x36ee_8229, 0x37b8_a3bb,
        0x3867_a213, 0x3940_033b, 0x3a2a_5a1d, 0x3ae3_5863, 0x3b78_28f2, 0x3c08_b14b, 0x3c51_5ed3, 0xbb50_3236,
        0xbd8d_8e5e, 0xbe8a_bcd9, 0xbf0c_19a2, 0xbecc_b328, 0x3e17_6ced, 0x3f47_0d99, 0x3f7a_bb28, 0x3f80_0000,
        0x0000_0000,
    ],
    [
        0x3f4c_422a, 0x3f4c_421f, 0x3f4c_4207, 0x3f4c_41cb, 0x3f4c_413b, 0x3f4c_3fad, 0x3f4c_3a2f, 0x3f4c_2d40,
        0x3f4c_146a, 0x3f4b_c341, 0x3f4a_d08c, 0x3f48_f8cf, 0x3f45_fac7, 0x3f40_4e07, 0x3f3b_980f, 0x3f48_dff3,
        0x3f78_b21b, 0x3fbb_0704, 0x4001_9c32, 0x3fe5_36d6, 0x3f81_331e, 0x3e6c_8684, 0x3c98_f936, 0x0000_0000,
        0x3f80_0000,
    ],
    [
        0xb621_73f4, 0x3735_e4cf, 0x37f2_ff89, 0x388c_23be, 0x3917_535c, 0x39ab_2ab0, 0x3a60_fadb, 0x3af9_b960,
        0x3b6e_5491, 0x3c0a_4ec5, 0x3ca5_aa8c, 0x3d21_38d9, 0x3d87_37d4, 0x3ddf_b660, 0x3e0f_27ab, 0x3d94_004b,
        0xbe0e_fdeb, 0xbf1d_96c3, 0xbf89_db58, 0xbf6d_9897, 0xbef6_9fb8, 0xbdc4_f8a8, 0xbbde_6422, 0x0000_0000,
        0x0000_0000,
    ],
    [
        0xbe08_1a19, 0xbe08_4570, 0xbe08_639b, 0xbe08_9837, 0xbe08_f409, 0xbe09_ab95, 0xbe0b_66d0, 0xbe0e_400a,
        0xbe12_4df8, 0xbe1b_de02, 0xbe2f_19c9, 0xbe49_31bf, 0xbe68_5fbc, 0xbe89_c95f, 0xbe96_cbca, 0xbe80_44aa,
        0xbe05_50f2, 0x3dcf_d6a1, 0x3e94_c826, 0x3e79_345f, 0x3dec_ec91, 0x3ca4_6568, 0x3aa1_e00a, 0x0000_0000,
        0x0000_0000,
    ],
    [
        0xba3d_61db, 0x39f0_97a3, 0x3a58_45dc, 0x3ab1_fa35, 0x3b0c_efb8, 0x3b65_3ab6, 0x3bca_e527, 0x3c22_1712,
        0x3c6c_5840, 0x3cc0_a703, 0x3d1d_cc19, 0x3d63_656d, 0x3d95_5907, 0x3dbf_9910, 0x3dd5_3f69, 0x3db7_dcef,
        0x3d63_9ebe, 0xba6e_de48, 0xbd22_be69, 0xbd04_1cf1, 0xbc64_f5ab, 0xbb09_7a32, 0xb8eb_f380, 0x0000_0000,
        0x0000_0000,
    ],
    [
        0x3cb7_d80c, 0x3c9b_6050, 0x3c97_8d11, 0x3c92_e850, 0x3c8d_058b, 0x3c84_8454, 0x3c6c_d623, 0x3c4c_824b,
        0x3c2a_7935, 0x3be0_b390, 0x3b06_51ac, 0xbb23_2f53, 0xbbd4_2fa0, 0xbc2c_5366, 0xbc49_2c9e, 0xbc2a_7aa6,
        0xbbd5_5d04, 0xba82_3a76, 0x3b10_2aa8, 0x3ae2_5a7e, 0x3a31_f792, 0x38b8_4375, 0x3689_bb5a, 0x0000_0000,
        0x0000_0000,
    ],
];

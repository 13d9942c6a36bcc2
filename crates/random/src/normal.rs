//! Normal numbers as TensorFlow draws them: Box–Muller on float32, with the C library's `logf` and `sincosf`.
//!
//! Tables and polynomials of both were made by Szabolcs Nagy and Wilco Dijkstra for Arm's optimized-routines (MIT), from which the
//! GNU C library has them since 2.28.

use crate::philox::Stream;
use crate::tensorflow::unit_f32;

/// Normal numbers beyond so many standard deviations are drawn again.
const TRUNCATED_AT: f32 = 2.0;
/// Blocks of random words that four numbers have to themselves.
const BLOCKS: u128 = 256;

/// `size` numbers of the normal distribution within two standard deviations, of mean 0 and standard deviation 1 before
/// truncation: the kernel of `TruncatedNormal`. Every four numbers draw from words of their own.
pub(crate) fn truncated_normal(mut words: Stream, size: usize) -> Vec<f32> {
    let mut numbers = Vec::with_capacity(size + 4);
    while numbers.len() < size {
        let end = numbers.len() + 4;
        let mut own = words.clone();
        while numbers.len() < end {
            let pair = box_muller(own.next_u32(), own.next_u32());
            let room = end - numbers.len();
            numbers.extend(pair.into_iter().filter(|number| number.abs() < TRUNCATED_AT).take(room));
        }
        words.skip_blocks(BLOCKS);
    }
    numbers.truncate(size);
    numbers
}

/// Two normal numbers of two words.
fn box_muller(first: u32, second: u32) -> [f32; 2] {
    let u = unit_f32(first).max(1e-7);
    let angle = (2.0 * std::f64::consts::PI * f64::from(unit_f32(second))) as f32;
    let radius = (-2.0 * logf(u)).sqrt();
    sincosf(angle).map(|number| number * radius)
}

/// `logf(x)` of a positive, normal x: `k ln 2 + ln c + ln(1 + r)` with c from a table, in float64.
fn logf(x: f32) -> f32 {
    /// Where the table's first interval begins, as bits.
    const FIRST: u32 = 0x3f33_0000;
    const LN_2: f64 = f64::from_bits(0x3fe6_2e42_fefa_39ef);
    const POLYNOMIAL: [f64; 3] = [
        f64::from_bits(0xbfd0_0ea3_48b8_8334),
        f64::from_bits(0x3fd5_575b_0be0_0b6a),
        f64::from_bits(0xbfdf_fffe_f20a_4123),
    ];

    if x == 1.0 {
        return 0.0;
    }
    let above = x.to_bits().wrapping_sub(FIRST);
    let k = f64::from(above.cast_signed() >> 23);
    let z = f64::from(f32::from_bits(x.to_bits().wrapping_sub(above & 0xff80_0000)));
    let [inverse, ln_c] = LOGARITHMS[(above >> 19 & 15) as usize].map(f64::from_bits);
    let r = z.mul_add(inverse, -1.0);
    let high = k.mul_add(LN_2, ln_c);
    let squared = r * r;
    let y = POLYNOMIAL[0].mul_add(squared, POLYNOMIAL[1].mul_add(r, POLYNOMIAL[2]));
    y.mul_add(squared, high + r) as f32
}

/// 1/c and ln c.
const LOGARITHMS: [[u64; 2]; 16] = [
    [0x3ff6_61ec_79f8_f3be, 0xbfd5_7bf7_808c_aade],
    [0x3ff5_71ed_4aaf_883d, 0xbfd2_bef0_a7c0_6ddb],
    [0x3ff4_9539_f0f0_10b0, 0xbfd0_1eae_7f51_3a67],
    [0x3ff3_c995_b0b8_0385, 0xbfcb_31d8_a682_24e9],
    [0x3ff3_0d19_0c88_64a5, 0xbfc6_574f_0ac0_7758],
    [0x3ff2_5e22_7b0b_8ea0, 0xbfc1_aa2b_c79c_8100],
    [0x3ff1_bb4a_4a1a_343f, 0xbfba_4e76_ce8c_0e5e],
    [0x3ff1_2358_f08a_e5ba, 0xbfb1_973c_5a61_1ccc],
    [0x3ff0_953f_4199_00a7, 0xbfa2_52f4_38e1_0c1e],
    [0x3ff0_0000_0000_0000, 0x0000_0000_0000_0000],
    [0x3fee_608c_fd9a_47ac, 0x3faa_a5aa_5df2_5984],
    [0x3fec_a4b3_1f02_6aa0, 0x3fbc_5e53_aa36_2eb4],
    [0x3feb_2036_576a_fce6, 0x3fc5_26e5_7720_db08],
    [0x3fe9_c2d1_63a1_aa2d, 0x3fcb_c286_0d22_4770],
    [0x3fe8_86e6_0378_41ed, 0x3fd1_058b_c8a0_7ee1],
    [0x3fe7_67dc_f553_4862, 0x3fd4_0430_57b6_ee09],
];

/// Sine and cosine of an angle from 0 to 2π, in float64: of the distance from the nearest multiple of π/2.
fn sincosf(angle: f32) -> [f32; 2] {
    const SINE: [f64; 3] = [
        f64::from_bits(0xbfc5_5554_5995_a603),
        f64::from_bits(0x3f81_1076_0523_0bc4),
        f64::from_bits(0xbf29_94eb_3774_cf24),
    ];
    const COSINE: [f64; 4] = [
        f64::from_bits(0xbfdf_ffff_fd0c_621c),
        f64::from_bits(0x3fa5_5553_e106_8f19),
        f64::from_bits(0xbf56_c087_e89a_359d),
        f64::from_bits(0x3ef9_9343_027b_f8c3),
    ];

    if angle < 1.0 / 4096.0 {
        return [angle, 1.0];
    }
    let x = f64::from(angle);
    let quadrant = (x * std::f64::consts::FRAC_2_PI).round();
    let x = if angle < std::f32::consts::FRAC_PI_4 { x } else { (-quadrant).mul_add(std::f64::consts::FRAC_PI_2, x) };
    let (squared, cubed) = (x * x, x * x * x);
    let fourth = squared * squared;
    let sine = (cubed * squared).mul_add(SINE[2].mul_add(squared, SINE[1]), cubed.mul_add(SINE[0], x));
    let cosine = (fourth * squared)
        .mul_add(COSINE[3].mul_add(squared, COSINE[2]), fourth.mul_add(COSINE[1], squared.mul_add(COSINE[0], 1.0)));
    let [sine, cosine] = [sine, cosine].map(|number| number as f32);
    match quadrant as u32 & 3 {
        _ if angle < std::f32::consts::FRAC_PI_4 => [sine, cosine],
        0 => [sine, cosine],
        1 => [cosine, -sine],
        2 => [-sine, -cosine],
        _ => [-cosine, sine],
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::{logf, sincosf};
    use crate::tensorflow::unit_f32;

    /// Rust's own functions are calls of the C library; every seventh number that a word makes.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn logarithms_sines_and_cosines_are_the_c_librarys() {
        for word in (0..1_u32 << 23).step_by(7) {
            let u = unit_f32(word).max(1e-7);
            let (ours, theirs) = (logf(u), black_box(u).ln());
            assert_eq!(ours.to_bits(), theirs.to_bits(), "logarithm of {u:e}: {ours:e}, {theirs:e}");
            let angle = (2.0 * std::f64::consts::PI * f64::from(unit_f32(word))) as f32;
            let theirs = black_box(angle).sin_cos();
            assert_eq!(sincosf(angle), [theirs.0, theirs.1], "sine and cosine of {angle:e}");
        }
    }
}

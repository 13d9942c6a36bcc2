//! Normal numbers as TensorFlow draws them: Box–Muller on float32, with the C library's `logf` and `sincosf`.
//!
//! Tables and polynomials of both were made by Szabolcs Nagy and Wilco Dijkstra for Arm's optimized-routines (MIT), from which the
//! GNU C library has them since 2.28.

use crate::glibc::logf;
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

    use super::sincosf;
    use crate::glibc::logf;
    use crate::tensorflow::unit_f32;

    /// Rust's own functions are calls of the C library; every seventh number that a word makes.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn logarithms_sines_and_cosines_are_the_c_librarys() {
        for bits in (0x0080_0000..=0x7f80_0000).step_by(101) {
            let x = f32::from_bits(bits);
            let (ours, theirs) = (logf(x), black_box(x).ln());
            assert_eq!(ours.to_bits(), theirs.to_bits(), "logarithm of {x:e}: {ours:e}, {theirs:e}");
        }
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

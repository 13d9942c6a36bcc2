//! The exponential and the logarithm in the bits of `libm`, without branches, so that loops over them are vectorised. Both are
//! those of Sun's fdlibm, as in `libm`: `e_exp.c` and `e_log.c`.

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.9082149292705877e-10;

/// Adding it rounds to an integer, which then stands in the low bits.
const ROUND: f64 = 6755399441055744.0;

/// The number whose upper 32 bits are these, and all others 0.
const fn of_upper(bits: u64) -> f64 {
    f64::from_bits(bits << 32)
}

/// eˣ for x from -700 to 0.
#[inline]
pub(crate) fn exp_of_negative(x: f64) -> f64 {
    const P: [f64; 5] = [
        0.16666666666666602,
        -0.0027777777777015593,
        6.613756321437934e-05,
        -1.6533902205465252e-06,
        4.1381367970572385e-08,
    ];
    // x/ln 2 - 1/2, rounded towards 0.
    let scaled = std::f64::consts::LOG2_E * x - 0.5;
    let nearest = (scaled + ROUND) - ROUND;
    let far = if nearest < scaled { nearest + 1.0 } else { nearest };
    // Where |x| is at least 1.5 ln 2, more than 0.5 ln 2, or less.
    let near = if x <= -of_upper(0x3fd6_2e43) { -1.0 } else { 0.0 };
    let k = if x <= -of_upper(0x3ff0_a2b2) { far } else { near };
    let (high, low) = (x - k * LN_2_HIGH, k * LN_2_LOW);
    let rest = high - low;
    let square = rest * rest;
    let c = rest - square * (P[0] + square * (P[1] + square * (P[2] + square * (P[3] + square * P[4]))));
    let power = 1.0 + (rest * c / (2.0 - c) - low + high);
    let power = if x > -of_upper(0x3e30_0001) { 1.0 + x } else { power };
    power * f64::from_bits(((k + ROUND).to_bits() << 52).wrapping_add(1023 << 52))
}

/// ln x for x > 0 that is not subnormal.
#[inline]
pub(crate) fn log_of_normal(x: f64) -> f64 {
    const G: [f64; 7] = [
        0.6666666666666735,
        0.3999999999940942,
        0.2857142874366239,
        0.22222198432149784,
        0.1818357216161805,
        0.15313837699209373,
        0.14798198605116586,
    ];
    /// The upper bits of √½.
    const ROOT: u64 = 0x3fe6_a09e << 32;
    const TWO_TO_52: f64 = 4503599627370496.0;
    let shifted = x.to_bits().wrapping_add((0x3ff0_0000 << 32) - ROOT);
    let k = f64::from_bits(shifted >> 52 | TWO_TO_52.to_bits()) - (TWO_TO_52 + 1023.0);
    let f = f64::from_bits((shifted & ((1 << 52) - 1)) + ROOT) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (G[1] + w * (G[3] + w * G[5]));
    let even = z * (G[0] + w * (G[2] + w * (G[4] + w * G[6])));
    s * (half_square + (even + odd)) + k * LN_2_LOW - half_square + f + k * LN_2_HIGH
}

#[cfg(test)]
mod tests {
    use super::{exp_of_negative, log_of_normal, of_upper};
    use crate::random::{Draws, Purpose};

    #[test]
    fn both_have_the_bits_of_libm() {
        let mut draws = Draws::new(0, Purpose::Random, 0);
        let edges = [0x3e30_0000, 0x3e30_0001, 0x3fd6_2e42, 0x3fd6_2e43, 0x3ff0_a2b1, 0x3ff0_a2b2, 0x3ff0_a2b3];
        let around = edges.map(of_upper).into_iter().flat_map(|edge| [edge, edge.next_up(), edge.next_down()]);
        let drawn = (0..300_000).map(|i| draws.uniform() * [700.0, 40.0, 2.0, 1e-8][i % 4]);
        for x in around.chain(drawn).chain([0.0, 700.0]) {
            assert_eq!(exp_of_negative(-x).to_bits(), libm::exp(-x).to_bits(), "{x:e}");
            let x = if x > 0.0 { x } else { 1.0 };
            for x in [x, x / 700.0, 1.0 + x, x * 1e-280] {
                assert_eq!(log_of_normal(x).to_bits(), libm::log(x).to_bits(), "{x:e}");
            }
        }
    }
}

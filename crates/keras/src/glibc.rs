//! `powf`, `expf` and `log1pf` as the GNU C library computes them since 2.28, which TensorFlow's kernels call: none is
//! always the correctly rounded value. Here they have these bits on every processor and beside every C library.
//!
//! Powers and exponentials go through float64: `xʸ = 2^(y log₂ x)` and `eˣ = 2^(x log₂ e)`, with tables and polynomials made by Szabolcs Nagy
//! for Arm's optimized-routines (MIT). The C library picks code with or without fused multiply-adds by the processor.
//! `powf` has the same bits either way; of `expf`'s 2³² arguments two differ, and this is the fused one.

// What is not inlined into the functions compiled for more than the portable instructions is compiled without these.
#![expect(clippy::inline_always)]

/// A positive float32 that is raised to powers: its logarithm is taken once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    log2: f64,
}

impl Base {
    /// Of a number that is not negative; of 0, every power is 0.
    pub(crate) fn new(base: f32) -> Self {
        Self { log2: if base == 0.0 { f64::NEG_INFINITY } else { log2(base) } }
    }

    /// `powf(base, exponent)` of a finite exponent that is not 0.
    #[inline(always)]
    pub(crate) fn power(self, exponent: f32) -> f32 {
        let log2 = f64::from(exponent) * self.log2;
        if log2 > LARGEST {
            f32::INFINITY
        } else if log2 <= -150.0 {
            0.0
        } else {
            exp2(log2)
        }
    }
}

/// `expf(x)`.
pub(crate) fn expf(x: f32) -> f32 {
    /// `32 log₂ e`.
    const SCALE: f64 = 32.0 * f64::from_bits(0x3ff7_1547_652b_82fe);
    /// Beyond these the result is infinite or 0.
    const ENDS: [f32; 2] = [f32::from_bits(0xc2cf_f1b4), f32::from_bits(0x42b1_7217)];

    if x.is_nan() {
        return x;
    }
    if x > ENDS[1] {
        return f32::INFINITY;
    }
    if x < ENDS[0] {
        return 0.0;
    }
    let x = f64::from(x);
    let shifted = SCALE.mul_add(x, SHIFT);
    let r = SCALE.mul_add(x, -(shifted - SHIFT));
    let [c, b, a] = EXP2_COEFFICIENTS;
    let high = (c / 32.0 / 32.0 / 32.0).mul_add(r, b / 32.0 / 32.0);
    let low = (a / 32.0).mul_add(r, 1.0);
    (high.mul_add(r * r, low) * power_of_two(shifted)) as f32
}

/// `log1pf(x)` of x above 0: `k ln 2 + ln(1 + f)`, with a polynomial in `s = f / (2 + f)`, in float32. The algorithm is that of
/// Sun's fdlibm (1993), which the C library has had up to 2.40.
pub(crate) fn log1pf(x: f32) -> f32 {
    /// `ln 2` in two parts.
    const LN_2: [f32; 2] = [f32::from_bits(0x3f31_7180), f32::from_bits(0x3717_f7d1)];
    /// The highest power's coefficient first.
    const POLYNOMIAL: [u32; 7] =
        [0x3e17_8897, 0x3e1c_d04f, 0x3e3a_3325, 0x3e63_8e29, 0x3e92_4925, 0x3ecc_cccd, 0x3f2a_aaab];
    /// The top of the fraction of √2.
    const ROOT_2: u32 = 0x0035_04f7;

    if !x.is_finite() {
        return x;
    }
    if x < f32::from_bits(0x3100_0000) {
        return if x < f32::from_bits(0x2480_0000) { x } else { x - x * x * 0.5 };
    }
    let (mut k, mut f, mut correction, mut is_small) = (0, x, 0.0, false);
    if x >= f32::from_bits(0x3ed4_13d7) {
        let large = x >= f32::from_bits(0x5a00_0000);
        let sum = if large { x } else { 1.0 + x };
        k = (sum.to_bits() >> 23) as i32 - 127;
        // What the sum's rounding lost.
        if !large {
            let lost = if k > 0 { 1.0 - (sum - x) } else { x - (sum - 1.0) };
            correction = lost / sum;
        }
        let fraction = sum.to_bits() & 0x007f_ffff;
        if fraction < ROOT_2 {
            is_small = fraction == 0;
            f = f32::from_bits(fraction | 0x3f80_0000) - 1.0;
        } else {
            k += 1;
            is_small = 0x0080_0000 - fraction < 4;
            f = f32::from_bits(fraction | 0x3f00_0000) - 1.0;
        }
    }
    let k_is_0 = k == 0;
    let k = k as f32;
    let half_square = 0.5 * f * f;
    if is_small {
        if f == 0.0 {
            return if k_is_0 { 0.0 } else { k * LN_2[0] + (correction + k * LN_2[1]) };
        }
        let rest = half_square * (1.0 - 0.666_666_7 * f);
        return if k_is_0 { f - rest } else { k * LN_2[0] - ((rest - (k * LN_2[1] + correction)) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let rest = z * POLYNOMIAL[1..].iter().fold(f32::from_bits(POLYNOMIAL[0]), |y, &c| f32::from_bits(c) + z * y);
    if k_is_0 {
        f - (half_square - s * (half_square + rest))
    } else {
        k * LN_2[0] - ((half_square - (s * (half_square + rest) + (k * LN_2[1] + correction))) - f)
    }
}

/// Added to a float64 this leaves a whole number in its lowest bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;
/// Above this logarithm a power is infinite.
const LARGEST: f64 = f64::from_bits(0x405f_ffff_ffd1_d571);

/// Where the z of a logarithm begins, as bits: a little below 0.7.
const FIRST: u32 = 0x3f33_0000;

/// `log₂ x = k + log₂ c + log₂(1 + r)` of a positive finite number `x = 2ᵏ z`, with c near z from a table and
/// `r = z / c − 1`.
fn log2(x: f32) -> f64 {
    // A subnormal number is brought into range, and its exponent put back.
    let bits = if x < f32::MIN_POSITIVE { (x * 8_388_608.0).to_bits().wrapping_sub(23 << 23) } else { x.to_bits() };
    let above = bits.wrapping_sub(FIRST);
    let exponent = above & 0xff80_0000;
    let z = f64::from(f32::from_bits(bits.wrapping_sub(exponent)));
    let [inverse, log2_c] = LOG2_TABLE[(above >> 19 & 15) as usize].map(f64::from_bits);
    let r = z * inverse - 1.0;
    let squared = r * r;
    let [e, d, c, b, a] = LOG2_COEFFICIENTS;
    let low = (c * r + b) * squared + (a * r + (log2_c + f64::from(exponent.cast_signed() >> 23)));
    (e * r + d) * (squared * squared) + low
}

/// `2ˣ` of x from -150 to 128: `2^(n/32)` from a table, and a polynomial in the rest.
#[inline(always)]
fn exp2(x: f64) -> f32 {
    let shifted = x + SHIFT / 32.0;
    let r = x - (shifted - SHIFT / 32.0);
    let [c, b, a] = EXP2_COEFFICIENTS;
    (((c * r + b) * (r * r) + (a * r + 1.0)) * power_of_two(shifted)) as f32
}

/// `2^(n/32)` of the whole number n in the lowest bits.
#[inline(always)]
fn power_of_two(shifted: f64) -> f64 {
    let n = shifted.to_bits();
    f64::from_bits(EXP2_TABLE[(n % 32) as usize].wrapping_add(n << 47))
}

/// `1 / c` and `log₂ c` for sixteen intervals of z, as float64 bits.
#[rustfmt::skip]
const LOG2_TABLE: [[u64; 2]; 16] = [
    [0x3ff6_61ec_79f8_f3be, 0xbfde_fec6_5b96_3019], [0x3ff5_71ed_4aaf_883d, 0xbfdb_0b68_32d4_fca4],
    [0x3ff4_9539_f0f0_10b0, 0xbfd7_418b_0a1f_b77b], [0x3ff3_c995_b0b8_0385, 0xbfd3_9de9_1a6d_cf7b],
    [0x3ff3_0d19_0c88_64a5, 0xbfd0_1d9b_f3f2_b631], [0x3ff2_5e22_7b0b_8ea0, 0xbfc9_7c1d_1b3b_7af0],
    [0x3ff1_bb4a_4a1a_343f, 0xbfc2_f9e3_93af_3c9f], [0x3ff1_2358_f08a_e5ba, 0xbfb9_60cb_bf78_8d5c],
    [0x3ff0_953f_4199_00a7, 0xbfaa_6f9d_b647_5fce], [0x3ff0_0000_0000_0000, 0x0000_0000_0000_0000],
    [0x3fee_608c_fd9a_47ac, 0x3fb3_38ca_9f24_f53d], [0x3fec_a4b3_1f02_6aa0, 0x3fc4_76a9_5438_91ba],
    [0x3feb_2036_576a_fce6, 0x3fce_840b_4ac4_e4d2], [0x3fe9_c2d1_63a1_aa2d, 0x3fd4_0645_f0c6_651c],
    [0x3fe8_86e6_0378_41ed, 0x3fd8_8e9c_2c1b_9ff8], [0x3fe7_67dc_f553_4862, 0x3fdc_e0a4_4eb1_7bcc],
];

/// Of `log₂(1 + r)`, the highest power first.
const LOG2_COEFFICIENTS: [f64; 5] = [
    f64::from_bits(0x3fd2_7616_c949_6e0b),
    f64::from_bits(0xbfd7_1969_a075_c67a),
    f64::from_bits(0x3fde_c70a_6ca7_badd),
    f64::from_bits(0xbfe7_1547_48be_f6c8),
    f64::from_bits(0x3ff7_1547_652a_b82b),
];

/// `2^(i/32)` for i from 0 to 31, as float64 bits less `i` at the place to which n is shifted.
#[rustfmt::skip]
const EXP2_TABLE: [u64; 32] = [
    0x3ff0_0000_0000_0000, 0x3fef_d9b0_d315_8574, 0x3fef_b558_6cf9_890f, 0x3fef_9301_d012_5b51,
    0x3fef_72b8_3c7d_517b, 0x3fef_5487_3168_b9aa, 0x3fef_387a_6e75_6238, 0x3fef_1e9d_f51f_dee1,
    0x3fef_06fe_0a31_b715, 0x3fee_f1a7_373a_a9cb, 0x3fee_dea6_4c12_3422, 0x3fee_ce08_6061_892d,
    0x3fee_bfda_d536_2a27, 0x3fee_b42b_569d_4f82, 0x3fee_ab07_dd48_5429, 0x3fee_a47e_b03a_5585,
    0x3fee_a09e_667f_3bcd, 0x3fee_9f75_e8ec_5f74, 0x3fee_a114_73eb_0187, 0x3fee_a589_994c_ce13,
    0x3fee_ace5_422a_a0db, 0x3fee_b737_b0cd_c5e5, 0x3fee_c491_82a3_f090, 0x3fee_d503_b23e_255d,
    0x3fee_e89f_995a_d3ad, 0x3fee_ff76_f2fb_5e47, 0x3fef_199b_dd85_529c, 0x3fef_3720_dcef_9069,
    0x3fef_5818_dcfb_a487, 0x3fef_7c97_337b_9b5f, 0x3fef_a4af_a2a4_90da, 0x3fef_d076_5b6e_4540,
];

/// Of `2ʳ` less 1, the highest power first.
const EXP2_COEFFICIENTS: [f64; 3] = [
    f64::from_bits(0x3fac_6af8_4b91_2394),
    f64::from_bits(0x3fce_bfce_50fa_c4f3),
    f64::from_bits(0x3fe6_2e42_ff0c_52d6),
];

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use random::mt19937::Mt19937;

    use super::{Base, expf, log1pf};

    /// Rust's own `powf` and `exp` are calls of the C library.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn powers_are_the_c_librarys_at_every_step_and_of_random_pairs() {
        let betas =
            [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.995, 0.997, 0.9995, 0.5, 0.6, 0.7, 0.8, 0.85, 0.925, 0.95, 0.98_f32];
        for beta in betas {
            let base = Base::new(beta);
            for step in 1..=100_000 {
                let (ours, theirs) = (base.power(step as f32), black_box(beta).powf(black_box(step as f32)));
                assert_eq!(ours.to_bits(), theirs.to_bits(), "{beta} to {step}: {ours:e}, {theirs:e}");
            }
        }
        let mut random = Mt19937::new(1);
        for number in 0..10_000_000 {
            let (x, y) = match number % 3 {
                0 => (f32::from_bits(random.next_u32() & 0x7fff_ffff), f32::from_bits(random.next_u32())),
                1 => ((random.next_f64() as f32).max(f32::MIN_POSITIVE), (random.next_u32() % 100_000) as f32),
                _ => (4.0 * random.next_f64() as f32, 60.0 * random.next_f64() as f32 - 30.0),
            };
            if !(x > 0.0 && x.is_finite() && y != 0.0 && y.is_finite()) {
                continue;
            }
            let (ours, theirs) = (Base::new(x).power(y), black_box(x).powf(black_box(y)));
            assert_eq!(ours.to_bits(), theirs.to_bits(), "{x:e} to {y:e}: {ours:e}, {theirs:e}");
        }
        assert_eq!(Base::new(0.0).power(1.0), 0.0);
    }

    /// Every argument up to 1, and of those that softplus has every hundredth.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn logarithms_are_the_c_librarys() {
        for bits in (0..=0x3f80_0000).chain((0x3f80_0000..0x5c00_0000_u32).step_by(97)) {
            let x = f32::from_bits(bits);
            let (ours, theirs) = (log1pf(x), black_box(x).ln_1p());
            assert_eq!(ours.to_bits(), theirs.to_bits(), "logarithm of 1 + {x:e}: {ours:e}, {theirs:e}");
        }
    }

    /// Every hundredth argument, and the two for which the C library's code without fused multiply-adds differs.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn exponentials_are_the_c_librarys() {
        for bits in (0..=u32::MAX).step_by(101) {
            let x = f32::from_bits(bits);
            if x.is_nan() {
                assert!(expf(x).is_nan());
                continue;
            }
            let (ours, theirs) = (expf(x), black_box(x).exp());
            assert_eq!(ours.to_bits(), theirs.to_bits(), "exponential of {x:e}: {ours:e}, {theirs:e}");
        }
        assert_eq!(expf(f32::from_bits(0x4202_422f)).to_bits(), 0x56fc_9f1c);
        assert_eq!(expf(f32::from_bits(0xc27c_65d9)).to_bits(), 0x11fa_2993);
    }
}

//! Plain arrays: what every processor can do. On ARM a fused multiply-add is an instruction and arrays become NEON
//! registers; an x86-64 processor without it computes it in float64.

use super::{LANES, Lanes};

/// `factor · other + term`, rounded once.
///
/// The product of two float32 is exact in float64. Their sum is rounded to odd: where it is not exact, to the neighbour whose
/// last bit is set, so that rounding it again to float32 rounds the exact sum (Boldo and Melquiond, "Emulation of FMA and
/// correctly rounded sums: proved algorithms using rounding to odd", 2008). The error is Knuth's two-sum.
#[inline(always)]
fn fused(factor: f32, other: f32, term: f32) -> f32 {
    if !cfg!(target_arch = "x86_64") {
        return factor.mul_add(other, term);
    }
    let (product, term) = (f64::from(factor) * f64::from(other), f64::from(term));
    let sum = product + term;
    let from_product = sum - term;
    let error = (product - from_product) + (term - (sum - from_product));
    let bits = sum.to_bits();
    let odd = match (error * sum.signum(), bits & 1) {
        (error, 0) if error > 0.0 => bits + 1,
        (error, 0) if error < 0.0 => bits - 1,
        _ => bits,
    };
    f64::from_bits(odd) as f32
}

#[derive(Clone, Copy)]
pub(in super::super) struct Portable([f32; LANES]);

impl Portable {
    #[inline(always)]
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Lanes for Portable {
    type Half = [f32; 8];
    type Mask = [bool; LANES];
    const WIDE: usize = 1;

    operations! {
        fn splat(value: f32) -> Self { Self([value; LANES]) }
        fn load(from: *const f32) -> Self { Self(from.cast::<[f32; LANES]>().read_unaligned()) }
        fn store(self, to: *mut f32) { to.cast::<[f32; LANES]>().write_unaligned(self.0) }
        fn add(self, other: Self) -> Self { self.zip(other, |a, b| a + b) }
        fn sub(self, other: Self) -> Self { self.zip(other, |a, b| a - b) }
        fn mul(self, other: Self) -> Self { self.zip(other, |a, b| a * b) }
        fn div(self, other: Self) -> Self { self.zip(other, |a, b| a / b) }

        fn mul_add(self, factor: Self, term: Self) -> Self {
            Self(std::array::from_fn(|i| fused(self.0[i], factor.0[i], term.0[i])))
        }

        fn sqrt(self) -> Self { self.map(f32::sqrt) }
        fn floor(self) -> Self { self.map(f32::floor) }
        fn at_most(self, other: Self) -> Self::Mask { std::array::from_fn(|i| self.0[i] <= other.0[i]) }
        fn below(self, other: Self) -> Self::Mask { std::array::from_fn(|i| self.0[i] < other.0[i]) }

        fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
            Self(std::array::from_fn(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
        }

        fn or(self, other: Self) -> Self { self.zip(other, |a, b| f32::from_bits(a.to_bits() | b.to_bits())) }
        fn and_bits(self, bits: u32) -> Self { self.map(|x| f32::from_bits(x.to_bits() & bits)) }

        fn look_up<const SHIFT: u32>(self, first: u32, table: &[u32; 32]) -> Self {
            self.map(|x| f32::from_bits(table[(x.to_bits().wrapping_sub(first) >> SHIFT & 31) as usize]))
        }

        fn half_power_of_two(self) -> Self {
            self.map(|n| f32::from_bits((n as i32).wrapping_add(126).cast_unsigned() << 23))
        }

        fn half_load(from: *const f32) -> Self::Half { from.cast::<[f32; 8]>().read_unaligned() }
        fn half_store(half: Self::Half, to: *mut f32) { to.cast::<[f32; 8]>().write_unaligned(half) }
        fn half_add(a: Self::Half, b: Self::Half) -> Self::Half { std::array::from_fn(|i| a[i] + b[i]) }
        fn half_mul(a: Self::Half, b: Self::Half) -> Self::Half { std::array::from_fn(|i| a[i] * b[i]) }

        fn half_mul_add(a: Self::Half, b: Self::Half, c: Self::Half) -> Self::Half {
            std::array::from_fn(|i| fused(a[i], b[i], c[i]))
        }

        fn half_keep(half: Self::Half, count: usize) -> Self::Half {
            std::array::from_fn(|i| if i < count { half[i] } else { -0.0 })
        }

        fn half_transpose(rows: [Self::Half; 8]) -> [Self::Half; 8] {
            std::array::from_fn(|i| std::array::from_fn(|j| rows[j][i]))
        }

        fn neighbours(halves: [Self::Half; 8]) -> Self::Half {
            halves.map(|q| ((q[0] + q[1]) + (q[4] + q[5])) + ((q[2] + q[3]) + (q[6] + q[7])))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fused;
    use random::philox::Stream;

    /// Rust's own `mul_add` is an instruction or a call of the C library; both round once.
    #[test]
    fn a_fused_multiply_add_rounds_once() {
        let mut stream = Stream::new([1, 2, 3, 4], [5, 6]);
        let same = |a: f32, b: f32, c: f32| {
            let (ours, theirs) = (fused(a, b, c), a.mul_add(b, c));
            let equal = ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan();
            assert!(equal, "{a:e} {b:e} {c:e}: {ours:e}, not {theirs:e}");
        };
        let mut twice = 0;
        for _ in 0..2_000_000 {
            let mut any = || f32::from_bits(stream.next_u32());
            let (a, b, c) = (any(), any(), any());
            same(a, b, c);
            // Terms about as large as the product, and those that leave it next to the middle of two float32.
            let near = |x: f32, exponent: i32| x.abs().clamp(1.0, 2.0).copysign(x) * 2f32.powi(exponent);
            let (a, b) = (
                near(f32::from_bits(a.to_bits() >> 9 | 0x3f80_0000), 0),
                f32::from_bits(b.to_bits() >> 9 | 0x3f80_0000),
            );
            for exponent in [-60, -30, -24, -23, -1, 0, 1, 23, 24, 25, 26, 30] {
                let term = near(c, exponent);
                same(a, b, term);
                twice += usize::from((f64::from(a) * f64::from(b) + f64::from(term)) as f32 != a.mul_add(b, term));
            }
            same(a, b, -(a * b));
            same(a * 1e-30, b * 1e-9, c * 1e-30);
        }
        assert_ne!(twice, 0, "no case in which rounding twice differs");
    }
}

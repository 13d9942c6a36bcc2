//! Plain arrays: what every processor can do. On ARM a fused multiply-add is an instruction and arrays become NEON
//! registers; elsewhere it is a call of libm, which has one correct result.

use super::{LANES, Lanes};

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

    #[inline(always)]
    fn compare(self, other: Self, f: impl Fn(f32, f32) -> bool) -> [bool; LANES] {
        std::array::from_fn(|i| f(self.0[i], other.0[i]))
    }
}

impl Lanes for Portable {
    type Half = [f32; 8];
    type Mask = [bool; LANES];
    const WIDE: usize = 1;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; LANES])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's.
        Self(unsafe { from.cast::<[f32; LANES]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].mul_add(factor.0[i], term.0[i])))
    }
    #[inline(always)]
    unsafe fn sqrt(self) -> Self {
        self.map(f32::sqrt)
    }
    #[inline(always)]
    unsafe fn floor(self) -> Self {
        self.map(f32::floor)
    }
    #[inline(always)]
    unsafe fn abs(self) -> Self {
        self.map(f32::abs)
    }
    #[inline(always)]
    unsafe fn copysign(self, sign: Self) -> Self {
        self.zip(sign, f32::copysign)
    }
    #[inline(always)]
    unsafe fn at_most(self, other: Self) -> Self::Mask {
        self.compare(other, |a, b| a <= b)
    }
    #[inline(always)]
    unsafe fn below(self, other: Self) -> Self::Mask {
        self.compare(other, |a, b| a < b)
    }
    #[inline(always)]
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(std::array::from_fn(|i| if mask[i] { yes.0[i] } else { no.0[i] }))
    }
    #[inline(always)]
    unsafe fn and_bits(self, bits: u32) -> Self {
        self.map(|x| f32::from_bits(x.to_bits() & bits))
    }
    #[inline(always)]
    unsafe fn look_up<const SHIFT: u32>(self, first: u32, table: &[u32; 32]) -> Self {
        self.map(|x| f32::from_bits(table[(x.to_bits().wrapping_sub(first) >> SHIFT & 31) as usize]))
    }
    #[inline(always)]
    unsafe fn half_power_of_two(self) -> Self {
        self.map(|n| f32::from_bits((n as i32).wrapping_add(126).cast_unsigned() << 23))
    }
    #[inline(always)]
    unsafe fn halves(self) -> [Self::Half; 2] {
        let (halves, _) = self.0.as_chunks();
        [halves[0], halves[1]]
    }
    #[inline(always)]
    unsafe fn join(halves: [Self::Half; 2]) -> Self {
        Self(std::array::from_fn(|i| halves[i / 8][i % 8]))
    }
    #[inline(always)]
    unsafe fn half_load(from: *const f32) -> Self::Half {
        // SAFETY: the caller's.
        unsafe { from.cast::<[f32; 8]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn half_store(half: Self::Half, to: *mut f32) {
        // SAFETY: the caller's.
        unsafe { to.cast::<[f32; 8]>().write_unaligned(half) }
    }
    #[inline(always)]
    unsafe fn half_add(a: Self::Half, b: Self::Half) -> Self::Half {
        std::array::from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn half_mul(a: Self::Half, b: Self::Half) -> Self::Half {
        std::array::from_fn(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn half_mul_add(a: Self::Half, b: Self::Half, c: Self::Half) -> Self::Half {
        std::array::from_fn(|i| a[i].mul_add(b[i], c[i]))
    }
    #[inline(always)]
    unsafe fn half_keep(half: Self::Half, count: usize) -> Self::Half {
        std::array::from_fn(|i| if i < count { half[i] } else { -0.0 })
    }
    #[inline(always)]
    unsafe fn neighbours(halves: [Self::Half; 8]) -> Self::Half {
        halves.map(|q| ((q[0] + q[1]) + (q[4] + q[5])) + ((q[2] + q[3]) + (q[6] + q[7])))
    }
}

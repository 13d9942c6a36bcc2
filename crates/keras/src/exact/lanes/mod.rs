//! Sixteen float32 side by side, in the registers of one instruction set.

/// Some of [`Lanes`]' functions, each inlined into the code that is compiled for its instruction set.
macro_rules! operations {
    ($(fn $name:ident$(<const $number:ident: u32>)?($($argument:tt)*) $(-> $result:ty)? { $($body:tt)* })*) => {
        $(
            #[inline(always)]
            unsafe fn $name$(<const $number: u32>)?($($argument)*) $(-> $result)? { $($body)* }
        )*
    };
}

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(super) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

/// Floats in a register, and the multiple to which rows in memory are padded.
pub(super) const LANES: usize = 16;

/// Sixteen float32 in the registers of one instruction set; every operation rounds once, as IEEE 754 says.
///
/// # Safety
/// Every function asks for a processor that has the type's instructions, and for pointers that are valid for the floats
/// that are read or written: sixteen unless said otherwise, of any alignment.
pub(super) trait Lanes: Copy {
    /// Eight float32, in which dot products are summed.
    type Half: Copy;
    /// The outcome of a comparison, lane by lane.
    type Mask: Copy;
    /// Registers side by side in a tile of a matrix product; two where there are registers enough.
    const WIDE: usize;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// `self · factor + term`, rounded once.
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self;
    unsafe fn sqrt(self) -> Self;
    unsafe fn floor(self) -> Self;

    /// `self <= other`; false where one is NaN.
    unsafe fn at_most(self, other: Self) -> Self::Mask;
    /// `self < other`; false where one is NaN.
    unsafe fn below(self, other: Self) -> Self::Mask;
    /// `yes` where the mask is set, else `no`.
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The bits that either has.
    unsafe fn or(self, other: Self) -> Self;
    /// The bits that `bits` has too.
    unsafe fn and_bits(self, bits: u32) -> Self;
    /// Of each lane's bits less `first`, shifted right by `shift`, the low five as an index into `table`.
    unsafe fn look_up<const SHIFT: u32>(self, first: u32, table: &[u32; 32]) -> Self;
    /// `2ⁿ⁻¹` of whole numbers n from -125 to 127; anything for others.
    unsafe fn half_power_of_two(self) -> Self;

    /// Eight floats.
    unsafe fn half_load(from: *const f32) -> Self::Half;
    unsafe fn half_store(half: Self::Half, to: *mut f32);
    unsafe fn half_add(a: Self::Half, b: Self::Half) -> Self::Half;
    unsafe fn half_mul(a: Self::Half, b: Self::Half) -> Self::Half;
    unsafe fn half_mul_add(a: Self::Half, b: Self::Half, c: Self::Half) -> Self::Half;
    /// The first `count` lanes, up to eight; -0, which changes no sum, in the others.
    unsafe fn half_keep(half: Self::Half, count: usize) -> Self::Half;
    /// Eight rows of eight with rows and columns exchanged.
    unsafe fn half_transpose(rows: [Self::Half; 8]) -> [Self::Half; 8];
    /// Of each of eight halves q: `((q0+q1)+(q4+q5)) + ((q2+q3)+(q6+q7))`.
    unsafe fn neighbours(halves: [Self::Half; 8]) -> Self::Half;

    operations! {
        fn abs(self) -> Self { self.and_bits(0x7fff_ffff) }
        fn copysign(self, sign: Self) -> Self { self.abs().or(sign.and_bits(0x8000_0000)) }
    }
}

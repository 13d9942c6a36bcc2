//! The dtypes of `randint` and its masked rejection.

use crate::mt19937::Mt19937;

/// A dtype of `randint`: `i8` to `i64`, `u8` to `u64`, and `bool`.
pub trait Integer: sealed::Integer {}

impl<T: sealed::Integer> Integer for T {}

/// Draws of `0..=range` for one call of `randint`.
///
/// A draw keeps the low bits that `range` needs and is repeated while it is above `range`. Up to 32 bits it comes from
/// one word (or a part of one for narrow dtypes), above from two; a `range` of 0 draws nothing.
pub(super) struct Bounded {
    range: u64,
    mask: u64,
    /// Bits of one draw before masking: 1, 8, 16 or 32.
    bits: u32,
    word: u32,
    /// Draws left in `word`.
    left: u32,
}

impl Bounded {
    /// `bits` is the width of the dtype: 1, 8, 16, 32 or 64.
    pub(super) fn new(bits: u32, range: u64) -> Self {
        let mask = u64::MAX.checked_shr(range.leading_zeros()).unwrap_or(0);
        Self { range, mask, bits: bits.min(32), word: 0, left: 0 }
    }

    pub(super) fn next(&mut self, twister: &mut Mt19937) -> u64 {
        if self.range == 0 {
            return 0;
        }
        loop {
            let draw =
                if self.range > u64::from(u32::MAX) { twister.next_u64() } else { u64::from(self.part(twister)) };
            if draw & self.mask <= self.range {
                return draw & self.mask;
            }
        }
    }

    /// The next `bits` of the current word, in the low bits of the result; what stands above them is left in.
    fn part(&mut self, twister: &mut Mt19937) -> u32 {
        if self.left == 0 {
            self.word = twister.next_u32();
            self.left = 32 / self.bits;
        } else {
            self.word >>= self.bits;
        }
        self.left -= 1;
        self.word
    }
}

mod sealed {
    /// Limits and conversion, out of reach of other crates.
    pub trait Integer: Sized {
        /// NumPy's name of the dtype.
        const DTYPE: &'static str;
        /// Width in bits, 1 for `bool`.
        const BITS: u32;
        /// Smallest value.
        const MIN: i128;
        /// Largest value.
        const MAX: i128;

        /// The value itself; the caller keeps it within `MIN..=MAX`.
        fn at(value: i128) -> Self;
    }

    macro_rules! dtypes {
        ($($type:ident $dtype:literal),*) => {
            $(impl Integer for $type {
                const DTYPE: &'static str = $dtype;
                const BITS: u32 = $type::BITS;
                const MIN: i128 = $type::MIN as i128;
                const MAX: i128 = $type::MAX as i128;

                fn at(value: i128) -> Self {
                    value as $type
                }
            })*
        };
    }

    dtypes!(i8 "int8", i16 "int16", i32 "int32", i64 "int64");
    dtypes!(u8 "uint8", u16 "uint16", u32 "uint32", u64 "uint64");

    impl Integer for bool {
        const DTYPE: &'static str = "bool";
        const BITS: u32 = 1;
        const MIN: i128 = 0;
        const MAX: i128 = 1;

        fn at(value: i128) -> Self {
            value == 1
        }
    }
}

//! AVX-512 and AVX2 with FMA.

#[allow(clippy::wildcard_imports, reason = "one name an instruction")]
use std::arch::x86_64::*;

use super::Lanes;

/// One register of sixteen floats.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx512(__m512);

/// Two registers of eight floats.
#[derive(Clone, Copy)]
pub(in super::super) struct Avx2(__m256, __m256);

/// The operations on eight floats, which both instruction sets share.
macro_rules! halves {
    () => {
        type Half = __m256;

        operations! {
            fn half_load(from: *const f32) -> __m256 { _mm256_loadu_ps(from) }
            fn half_store(half: __m256, to: *mut f32) { _mm256_storeu_ps(to, half) }
            fn half_add(a: __m256, b: __m256) -> __m256 { _mm256_add_ps(a, b) }
            fn half_mul(a: __m256, b: __m256) -> __m256 { _mm256_mul_ps(a, b) }
            fn half_mul_add(a: __m256, b: __m256, c: __m256) -> __m256 { _mm256_fmadd_ps(a, b, c) }

            fn half_keep(half: __m256, count: usize) -> __m256 {
                let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
                let kept = _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes);
                _mm256_blendv_ps(_mm256_set1_ps(-0.0), half, _mm256_castsi256_ps(kept))
            }

            fn half_transpose(q: [__m256; 8]) -> [__m256; 8] {
                let mut out = q;
                for i in 0..2 {
                    // Within halves of registers: squares of two, then of four.
                    let [a, b, c, d] = [q[4 * i], q[4 * i + 1], q[4 * i + 2], q[4 * i + 3]];
                    let low = [_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d)];
                    let high = [_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d)];
                    out[4 * i] = _mm256_shuffle_ps::<0b01_00_01_00>(low[0], low[1]);
                    out[4 * i + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(low[0], low[1]);
                    out[4 * i + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(high[0], high[1]);
                    out[4 * i + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(high[0], high[1]);
                }
                for i in 0..4 {
                    let (first, last) = (out[i], out[i + 4]);
                    out[i] = _mm256_permute2f128_ps::<0x20>(first, last);
                    out[i + 4] = _mm256_permute2f128_ps::<0x31>(first, last);
                }
                out
            }

            fn neighbours(q: [__m256; 8]) -> __m256 {
                // Pairs of neighbours of two rows: 01 23 of each, then 45 67 of each.
                let pairs = [
                    _mm256_hadd_ps(q[0], q[1]),
                    _mm256_hadd_ps(q[2], q[3]),
                    _mm256_hadd_ps(q[4], q[5]),
                    _mm256_hadd_ps(q[6], q[7]),
                ];
                let low_01 = _mm256_permute2f128_ps::<0x20>(pairs[0], pairs[1]);
                let high_01 = _mm256_permute2f128_ps::<0x31>(pairs[0], pairs[1]);
                let low_23 = _mm256_permute2f128_ps::<0x20>(pairs[2], pairs[3]);
                let high_23 = _mm256_permute2f128_ps::<0x31>(pairs[2], pairs[3]);
                let (first, last) = (_mm256_add_ps(low_01, high_01), _mm256_add_ps(low_23, high_23));
                // Rows 0 1 4 5 2 3 6 7.
                let rows = _mm256_castps_pd(_mm256_hadd_ps(first, last));
                _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(rows))
            }
        }
    };
}

impl Lanes for Avx512 {
    halves!();
    type Mask = __mmask16;
    const WIDE: usize = 2;

    operations! {
        fn splat(value: f32) -> Self { Self(_mm512_set1_ps(value)) }
        fn load(from: *const f32) -> Self { Self(_mm512_loadu_ps(from)) }
        fn store(self, to: *mut f32) { _mm512_storeu_ps(to, self.0) }
        fn add(self, other: Self) -> Self { Self(_mm512_add_ps(self.0, other.0)) }
        fn sub(self, other: Self) -> Self { Self(_mm512_sub_ps(self.0, other.0)) }
        fn mul(self, other: Self) -> Self { Self(_mm512_mul_ps(self.0, other.0)) }
        fn div(self, other: Self) -> Self { Self(_mm512_div_ps(self.0, other.0)) }
        fn mul_add(self, factor: Self, term: Self) -> Self { Self(_mm512_fmadd_ps(self.0, factor.0, term.0)) }
        fn sqrt(self) -> Self { Self(_mm512_sqrt_ps(self.0)) }

        fn floor(self) -> Self {
            Self(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0))
        }

        fn at_most(self, other: Self) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, other.0) }
        fn below(self, other: Self) -> __mmask16 { _mm512_cmp_ps_mask::<_CMP_LT_OQ>(self.0, other.0) }
        fn select(mask: __mmask16, yes: Self, no: Self) -> Self { Self(_mm512_mask_blend_ps(mask, no.0, yes.0)) }
        fn or(self, other: Self) -> Self { Self(_mm512_or_ps(self.0, other.0)) }
        fn and_bits(self, bits: u32) -> Self { Self(_mm512_and_ps(self.0, _mm512_set1_ps(f32::from_bits(bits)))) }

        fn look_up<const SHIFT: u32>(self, first: u32, table: &[u32; 32]) -> Self {
            let bits = _mm512_sub_epi32(_mm512_castps_si512(self.0), _mm512_set1_epi32(first.cast_signed()));
            // The instruction itself takes the low five bits of an index.
            let (low, high) = table.split_at(16);
            let (low, high) = (_mm512_loadu_ps(low.as_ptr().cast()), _mm512_loadu_ps(high.as_ptr().cast()));
            Self(_mm512_permutex2var_ps(low, _mm512_srl_epi32(bits, _mm_cvtsi32_si128(SHIFT.cast_signed())), high))
        }

        fn half_power_of_two(self) -> Self {
            let exponent = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(126));
            Self(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(exponent)))
        }
    }
}

impl Lanes for Avx2 {
    halves!();
    type Mask = Self;
    const WIDE: usize = 1;

    operations! {
        fn splat(value: f32) -> Self { Self(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
        fn load(from: *const f32) -> Self { Self(_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))) }

        fn store(self, to: *mut f32) {
            _mm256_storeu_ps(to, self.0);
            _mm256_storeu_ps(to.add(8), self.1);
        }

        fn add(self, other: Self) -> Self { Self(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
        fn sub(self, other: Self) -> Self { Self(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
        fn mul(self, other: Self) -> Self { Self(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
        fn div(self, other: Self) -> Self { Self(_mm256_div_ps(self.0, other.0), _mm256_div_ps(self.1, other.1)) }

        fn mul_add(self, factor: Self, term: Self) -> Self {
            Self(_mm256_fmadd_ps(self.0, factor.0, term.0), _mm256_fmadd_ps(self.1, factor.1, term.1))
        }

        fn sqrt(self) -> Self { Self(_mm256_sqrt_ps(self.0), _mm256_sqrt_ps(self.1)) }
        fn floor(self) -> Self { Self(_mm256_floor_ps(self.0), _mm256_floor_ps(self.1)) }

        fn at_most(self, other: Self) -> Self {
            Self(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, other.0), _mm256_cmp_ps::<_CMP_LE_OQ>(self.1, other.1))
        }

        fn below(self, other: Self) -> Self {
            Self(_mm256_cmp_ps::<_CMP_LT_OQ>(self.0, other.0), _mm256_cmp_ps::<_CMP_LT_OQ>(self.1, other.1))
        }

        fn select(mask: Self, yes: Self, no: Self) -> Self {
            Self(_mm256_blendv_ps(no.0, yes.0, mask.0), _mm256_blendv_ps(no.1, yes.1, mask.1))
        }

        fn or(self, other: Self) -> Self { Self(_mm256_or_ps(self.0, other.0), _mm256_or_ps(self.1, other.1)) }

        fn and_bits(self, bits: u32) -> Self {
            let bits = _mm256_set1_ps(f32::from_bits(bits));
            Self(_mm256_and_ps(self.0, bits), _mm256_and_ps(self.1, bits))
        }

        fn look_up<const SHIFT: u32>(self, first: u32, table: &[u32; 32]) -> Self {
            let (first, low_five) = (_mm256_set1_epi32(first.cast_signed()), _mm256_set1_epi32(31));
            let shift = _mm_cvtsi32_si128(SHIFT.cast_signed());
            let bits = [_mm256_castps_si256(self.0), _mm256_castps_si256(self.1)];
            let index_0 = _mm256_and_si256(_mm256_srl_epi32(_mm256_sub_epi32(bits[0], first), shift), low_five);
            let index_1 = _mm256_and_si256(_mm256_srl_epi32(_mm256_sub_epi32(bits[1], first), shift), low_five);
            let table = table.as_ptr().cast();
            Self(_mm256_i32gather_ps::<4>(table, index_0), _mm256_i32gather_ps::<4>(table, index_1))
        }

        fn half_power_of_two(self) -> Self {
            let bias = _mm256_set1_epi32(126);
            let exponent_0 = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(self.0), bias));
            let exponent_1 = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(self.1), bias));
            Self(_mm256_castsi256_ps(exponent_0), _mm256_castsi256_ps(exponent_1))
        }
    }
}

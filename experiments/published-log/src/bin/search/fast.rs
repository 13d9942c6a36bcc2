//! The exact epoch on AVX-512, and the plain one compiled for AVX2.
//!
//! The last stage trains some 300 million epochs, so an epoch has to take less than a microsecond. Forward, rows stand in
//! the lanes of a register; backward, units do. Each lane does what the plain code does for one row or unit, in the same
//! order, hence the same bits.

#![allow(
    unsafe_code,
    reason = "instructions beyond the portable ones are entered only after the processor was asked for them, and \
              registers are loaded from and stored to arrays of their own length"
)]

use crate::network::{Network, Order, State};
use crate::scalar;

/// Instructions that the processor has. The level is private: only the processor's word makes one of the faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// Those that every processor has; slower, and the same bits.
    pub const PORTABLE: Self = Self(Level::Portable);

    /// All paths that this processor can take, the slowest first.
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "other processors have one path"))]
        let mut paths = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") {
                paths.push(Self(Level::Avx2));
                if has!("avx512f") && has!("avx512dq") && has!("avx512vl") {
                    paths.push(Self(Level::Avx512));
                }
            }
        }
        paths
    }

    /// The fastest path.
    pub fn fastest() -> Self {
        Self::available().last().copied().unwrap_or(Self::PORTABLE)
    }

    /// Trains for one epoch; see [`Network::epoch`].
    #[inline]
    pub fn epoch(self, network: &Network, state: &mut State, order: &Order, epoch: usize) -> f32 {
        match self.0 {
            Level::Portable => scalar::epoch(network, state, order, epoch),
            // SAFETY: the level says that the processor has AVX2 and FMA.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(network, state, order, epoch) },
            // SAFETY: the level says that the processor has AVX-512 F, DQ and VL, and FMA.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::epoch(network, state, order, epoch) },
        }
    }
}

/// The plain code; fused multiply-adds are instructions instead of calls, and loops over units become vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(network: &Network, state: &mut State, order: &Order, epoch: usize) -> f32 {
    scalar::epoch(network, state, order, epoch)
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m128i, __m512, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_loadu_si128, _mm_movehl_ps, _mm_shuffle_ps,
        _mm256_add_ps, _mm256_castps256_ps128, _mm256_extractf128_ps, _mm512_add_ps, _mm512_castps512_ps256,
        _mm512_cvtepu8_epi32, _mm512_div_ps, _mm512_extractf32x8_ps, _mm512_fmadd_ps, _mm512_i32gather_ps,
        _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_sqrt_ps, _mm512_storeu_ps,
        _mm512_sub_ps,
    };

    use crate::network::{BATCH, Network, Order, State, UNITS};
    use crate::scalar;

    /// Inputs, or gradients by the outputs, of a batch.
    #[repr(align(64))]
    struct Batch([[f32; 16]; 2]);

    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    pub fn epoch(network: &Network, state: &mut State, order: &Order, epoch: usize) -> f32 {
        let alphas = network.alphas(epoch);
        let (batches, rest) = order.as_chunks::<BATCH>();
        let mut total = 0.0;
        for (rows, &alpha) in batches.iter().zip(alphas) {
            // A mean of 32 squares times 32 is their sum: dividing and multiplying by a power of two rounds nothing.
            total += full_step(network, state, rows, alpha);
        }
        total += last_step(network, state, rest, alphas[3]);
        total / order.len() as f32
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(values: &[f32; 16]) -> __m512 {
        // SAFETY: sixteen floats are what a register takes.
        unsafe { _mm512_loadu_ps(values.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn store(values: &mut [f32; 16], register: __m512) {
        // SAFETY: sixteen floats are what a register holds.
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), register) }
    }

    /// The inputs and labels of sixteen rows.
    #[expect(clippy::cast_ptr_alignment, reason = "this load takes any alignment")]
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn gather(network: &Network, rows: &[u8; 16]) -> (__m512, __m512) {
        // SAFETY: sixteen bytes are loaded; a row is a u8, and the network has 256 inputs and labels.
        unsafe {
            let rows = _mm512_cvtepu8_epi32(_mm_loadu_si128(rows.as_ptr().cast::<__m128i>()));
            (_mm512_i32gather_ps::<4>(rows, network.x.as_ptr()), _mm512_i32gather_ps::<4>(rows, network.y.as_ptr()))
        }
    }

    /// A batch of 32 rows; returns the sum of the squared errors.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn full_step(network: &Network, state: &mut State, rows: &[u8; BATCH], alpha: f32) -> f32 {
        let (halves, _) = rows.as_chunks::<16>();
        let (x0, y0) = gather(network, &halves[0]);
        let (x1, y1) = gather(network, &halves[1]);
        let (error0, error1) = (_mm512_sub_ps(forward(state, x0), y0), _mm512_sub_ps(forward(state, x1), y1));
        let (square0, square1) = (_mm512_mul_ps(error0, error0), _mm512_mul_ps(error1, error1));
        let sum = _mm256_add_ps(_mm512_castps512_ps256(square0), _mm512_extractf32x8_ps::<1>(square0));
        let sum = _mm256_add_ps(sum, _mm512_castps512_ps256(square1));
        let sum = _mm256_add_ps(sum, _mm512_extractf32x8_ps::<1>(square1));
        let sum = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
        let sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
        let sum = _mm_cvtss_f32(_mm_add_ss(sum, _mm_shuffle_ps::<1>(sum, sum)));
        let scale = _mm512_set1_ps(2.0 / BATCH as f32);
        let (mut x, mut g) = (Batch([[0.0; 16]; 2]), Batch([[0.0; 16]; 2]));
        store(&mut x.0[0], x0);
        store(&mut x.0[1], x1);
        store(&mut g.0[0], _mm512_mul_ps(error0, scale));
        store(&mut g.0[1], _mm512_mul_ps(error1, scale));
        update::<BATCH>(network, state, &x, &g, alpha);
        sum
    }

    /// The last batch of four rows; returns the sum of the squared errors.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn last_step(network: &Network, state: &mut State, rows: &[u8], alpha: f32) -> f32 {
        let (mut x, mut g) = (Batch([[0.0; 16]; 2]), Batch([[0.0; 16]; 2]));
        for (x, &row) in x.0[0].iter_mut().zip(rows) {
            *x = network.x[usize::from(row)];
        }
        store(&mut g.0[0], forward(state, load(&x.0[0])));
        let mut sum = 0.0;
        for (g, &row) in g.0[0].iter_mut().zip(rows) {
            let error = *g - network.y[usize::from(row)];
            sum += error * error;
            *g = error * 0.5;
        }
        update::<4>(network, state, &x, &g, alpha);
        sum
    }

    /// The outputs of sixteen rows; see [`scalar::output`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn forward(state: &State, x: __m512) -> __m512 {
        let one = |value: f32| _mm512_set1_ps(value);
        let hidden = |unit: usize| _mm512_add_ps(_mm512_mul_ps(x, one(state.w1[unit])), one(state.b1[unit]));
        let pair = |i: usize| {
            let low = _mm512_mul_ps(hidden(i), one(state.w2[i]));
            _mm512_fmadd_ps(hidden(i + 8), one(state.w2[i + 8]), low)
        };
        let a = _mm512_add_ps(_mm512_add_ps(pair(0), pair(1)), _mm512_add_ps(pair(4), pair(5)));
        let b = _mm512_add_ps(_mm512_add_ps(pair(2), pair(3)), _mm512_add_ps(pair(6), pair(7)));
        _mm512_add_ps(_mm512_add_ps(a, b), one(state.bias[0]))
    }

    /// Gradients, the rows in order, and Adam.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn update<const N: usize>(network: &Network, state: &mut State, x: &Batch, g: &Batch, alpha: f32) {
        let (w1, b1, w2) = (load(&state.w1), load(&state.b1), load(&state.w2));
        let zero = _mm512_setzero_ps();
        let (mut g_w1, mut g_b1, mut g_w2, mut g_bias) = (zero, zero, zero, 0.0_f32);
        for (&x, &g) in x.0.as_flattened().iter().zip(g.0.as_flattened()).take(N) {
            let (x, gs) = (_mm512_set1_ps(x), _mm512_set1_ps(g));
            let hidden = _mm512_add_ps(_mm512_mul_ps(x, w1), b1);
            let g_hidden = _mm512_mul_ps(gs, w2);
            g_w2 = _mm512_fmadd_ps(hidden, gs, g_w2);
            g_w1 = _mm512_fmadd_ps(x, g_hidden, g_w1);
            g_b1 = _mm512_add_ps(g_b1, g_hidden);
            g_bias += g;
        }
        let State { w1: to_w1, b1: to_b1, w2: to_w2, m: [m0, m1, m2], v: [v0, v1, v2], bias } = state;
        adam(network, to_w1, w1, [m0, v0], g_w1, alpha);
        adam(network, to_b1, b1, [m1, v1], g_b1, alpha);
        adam(network, to_w2, w2, [m2, v2], g_w2, alpha);
        let [bias, m, v] = bias;
        scalar::adam(network, bias, m, v, g_bias, alpha);
    }

    /// Adam's update of sixteen weights; see [`scalar::adam`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,fma")]
    fn adam(
        network: &Network,
        weights: &mut [f32; UNITS],
        old: __m512,
        [to_m, to_v]: [&mut [f32; UNITS]; 2],
        gradient: __m512,
        alpha: f32,
    ) {
        let (m, v) = (load(to_m), load(to_v));
        let [one_minus_1, one_minus_2] = network.one_minus;
        let m = _mm512_add_ps(m, _mm512_mul_ps(_mm512_sub_ps(gradient, m), _mm512_set1_ps(one_minus_1)));
        let square = _mm512_mul_ps(gradient, gradient);
        let v = _mm512_add_ps(v, _mm512_mul_ps(_mm512_sub_ps(square, v), _mm512_set1_ps(one_minus_2)));
        store(to_m, m);
        store(to_v, v);
        let below = _mm512_add_ps(_mm512_sqrt_ps(v), _mm512_set1_ps(network.epsilon));
        let step = _mm512_div_ps(_mm512_mul_ps(m, _mm512_set1_ps(alpha)), below);
        store(weights, _mm512_sub_ps(old, step));
    }
}

//! The exact epoch in plain Rust: what every faster path is compared with, and the path of other processors.
//!
//! The orders of summation are those of TensorFlow 2.12.1 on a CPU with AVX-512, as engine `exact` of the crate `keras`
//! has them for any network; here they are written out for this one.

use crate::network::{BATCH, Network, Order, State, UNITS};

/// Trains for one epoch; returns its loss: the batch losses times their rows, added up in order, over all rows.
#[inline(always)]
pub fn epoch(network: &Network, state: &mut State, order: &Order, epoch: usize) -> f32 {
    let alphas = network.alphas(epoch);
    let mut total = 0.0;
    for (rows, &alpha) in order.chunks(BATCH).zip(alphas) {
        let count = rows.len() as f32;
        total += step(network, state, rows, alpha) / count * count;
    }
    total / order.len() as f32
}

/// The output of one row, and the hidden layer before it.
///
/// The product over 16 units is eight fused pairs, unit and unit + 8, added as a tree.
#[inline(always)]
pub fn output(state: &State, x: f32) -> (f32, [f32; UNITS]) {
    let hidden: [f32; UNITS] = std::array::from_fn(|unit| x * state.w1[unit] + state.b1[unit]);
    let pairs: [f32; 8] = std::array::from_fn(|i| hidden[i + 8].mul_add(state.w2[i + 8], hidden[i] * state.w2[i]));
    let [a, b, c, d, e, f, g, h] = pairs;
    (((a + b) + (e + f)) + ((c + d) + (g + h)) + state.bias[0], hidden)
}

/// One batch; returns the sum of the squared errors before the update.
#[inline(always)]
fn step(network: &Network, state: &mut State, rows: &[u8], alpha: f32) -> f32 {
    let mut squares = [0.0; BATCH];
    let (mut g_w1, mut g_b1, mut g_w2, mut g_bias) = ([0.0; UNITS], [0.0; UNITS], [0.0; UNITS], 0.0_f32);
    let scale = 2.0 * (1.0 / rows.len() as f32);
    for (square, &row) in squares.iter_mut().zip(rows) {
        let x = network.x[usize::from(row)];
        let (output, hidden) = output(state, x);
        let error = output - network.y[usize::from(row)];
        *square = error * error;
        let g = scale * error;
        for unit in 0..UNITS {
            let g_hidden = g * state.w2[unit];
            g_w2[unit] = hidden[unit].mul_add(g, g_w2[unit]);
            g_w1[unit] = x.mul_add(g_hidden, g_w1[unit]);
            g_b1[unit] += g_hidden;
        }
        g_bias += g;
    }
    let State { w1, b1, w2, m, v, bias: [bias, bias_m, bias_v] } = state;
    for (i, (weights, gradients)) in [(w1, &g_w1), (b1, &g_b1), (w2, &g_w2)].into_iter().enumerate() {
        for (unit, weight) in weights.iter_mut().enumerate() {
            adam(network, weight, &mut m[i][unit], &mut v[i][unit], gradients[unit], alpha);
        }
    }
    adam(network, bias, bias_m, bias_v, g_bias, alpha);
    sum(&squares[..rows.len()])
}

/// Sum of squares of a batch: of 32 rows eight running sums, then halved thrice; of four one by one.
#[inline(always)]
fn sum(squares: &[f32]) -> f32 {
    let Some(squares) = squares.first_chunk::<{ BATCH }>() else {
        return squares.iter().fold(0.0, |sum, square| sum + square);
    };
    let lane = |i: usize| squares[i] + squares[i + 8] + squares[i + 16] + squares[i + 24];
    let four: [f32; 4] = std::array::from_fn(|i| lane(i) + lane(i + 4));
    (four[0] + four[2]) + (four[1] + four[3])
}

/// Adam's update of one weight, as TensorFlow's `ApplyAdam` writes it.
#[inline(always)]
pub fn adam(network: &Network, weight: &mut f32, m: &mut f32, v: &mut f32, gradient: f32, alpha: f32) {
    *m += (gradient - *m) * network.one_minus[0];
    *v += (gradient * gradient - *v) * network.one_minus[1];
    *weight -= (*m * alpha) / (v.sqrt() + network.epsilon);
}

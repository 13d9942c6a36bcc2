//! The orders in which TensorFlow 2.12 adds: matrix products by oneDNN, reductions by Eigen.
//!
//! All matrices are row-major slices. Where sums of products are "fused", each step is one fused multiply-add and the
//! first term a rounded product.

use std::ops::Range;

/// Lanes `l[0..l.len()]`, a power of two of them, by halves: each half is added to the other until one is left.
fn halves(lanes: &mut [f32]) -> f32 {
    let mut width = lanes.len() / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// Eight lanes by neighbours: `((0+1)+(4+5)) + ((2+3)+(6+7))`.
fn neighbours(q: [f32; 8]) -> f32 {
    ((q[0] + q[1]) + (q[4] + q[5])) + ((q[2] + q[3]) + (q[6] + q[7]))
}

/// `Sum` of a whole tensor; the mean of a loss is this divided by the count.
///
/// More than 8192 values are halved at a multiple of eight, and the sums of both halves added. Below eight values in order.
/// From eight on in eight lanes, from 32 on in four times eight that are merged in order; whole groups of eight that are
/// left join the lanes; the last values are summed on their own and added at the end.
pub(super) fn sum(x: &[f32]) -> f32 {
    if x.len() > 8192 {
        let (first, second) = x.split_at(x.len().div_ceil(2).div_ceil(8) * 8);
        return sum(first) + sum(second);
    }
    let in_order = |x: &[f32]| x.iter().copied().reduce(|a, b| a + b).unwrap_or(0.0);
    if x.len() < 8 {
        return in_order(x);
    }
    let (packets, tail) = x.split_at(x.len() / 8 * 8);
    let mut lanes = [0.0; 8];
    let unrolled = packets.len() / 32 * 32;
    for (i, lane) in lanes.iter_mut().enumerate() {
        let mut rest = 8;
        if unrolled > 0 {
            rest = unrolled;
            for j in 0..4 {
                let part = (1..unrolled / 32).fold(packets[i + 8 * j], |part, k| part + packets[i + 8 * j + 32 * k]);
                *lane = if j == 0 { part } else { *lane + part };
            }
        } else {
            *lane = packets[i];
        }
        for k in (rest..packets.len()).step_by(8) {
            *lane += packets[i + k];
        }
    }
    let total = halves(&mut lanes);
    if tail.is_empty() { total } else { total + in_order(tail) }
}

/// A dot product as oneDNN's transposed matrix-vector product takes it.
///
/// The first whole sixteens are fused in eight lanes and added by neighbours; then come a group of eight, of four, of
/// two and of one as the rest needs them: plain products, added by neighbours, each group added to the total.
pub(super) fn dot_vector(a: &[f32], b: &[f32]) -> f32 {
    let k = a.len();
    let mut at = k / 16 * 16;
    let mut total = None;
    if at > 0 {
        let mut q = [0.0; 8];
        for i in 0..8 {
            q[i] = a[i] * b[i];
            for j in (i + 8..at).step_by(8) {
                q[i] = a[j].mul_add(b[j], q[i]);
            }
        }
        total = Some(neighbours(q));
    }
    for width in [8, 4, 2, 1] {
        if k & width == 0 {
            continue;
        }
        let p = |i: usize| a[at + i] * b[at + i];
        let group = match width {
            8 => neighbours([p(0), p(1), p(2), p(3), p(4), p(5), p(6), p(7)]),
            4 => (p(0) + p(1)) + (p(2) + p(3)),
            2 => p(0) + p(1),
            _ => p(0),
        };
        total = Some(total.map_or(group, |total| total + group));
        at += width;
    }
    total.unwrap_or(0.0)
}

/// A dot product, fused, in order.
pub(super) fn dot_in_order(a: &[f32], b: &[f32]) -> f32 {
    let first = a[0] * b[0];
    a.iter().zip(b).skip(1).fold(first, |total, (&a, &b)| a.mul_add(b, total))
}

/// A dot product as oneDNN's kernel for a few rows takes it: fused in sixteen lanes, then by halves.
pub(super) fn dot_lanes(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 16];
    for (i, lane) in lanes.iter_mut().enumerate().take(a.len()) {
        *lane = a[i] * b[i];
        for k in (i + 16..a.len()).step_by(16) {
            *lane = a[k].mul_add(b[k], *lane);
        }
    }
    halves(&mut lanes)
}

/// The longest sum that oneDNN's matrix product takes in one go.
const BLOCK: usize = 384;

/// The blocks in which a matrix product of more than one row and column adds `terms` terms.
///
/// One while they are at most 384; else 384 as long as twice that is left, and what then is left in two halves, the
/// longer first. Each block is summed on its own, fused and in order, and added to the total of those before.
fn blocks(terms: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = terms - start;
        let length = match rest {
            0 => return None,
            1..=BLOCK => rest,
            _ if rest < 2 * BLOCK => rest.div_ceil(2),
            _ => BLOCK,
        };
        start += length;
        Some(start - length..start)
    })
}

/// A sum of products `term(k)` of a matrix product, by blocks.
fn dot_blocks(terms: usize, term: impl Fn(usize) -> (f32, f32)) -> f32 {
    let mut total = None;
    for block in blocks(terms) {
        let (a, b) = term(block.start);
        let sum = (block.start + 1..block.end).fold(a * b, |sum, k| {
            let (a, b) = term(k);
            a.mul_add(b, sum)
        });
        total = Some(total.map_or(sum, |total: f32| total + sum));
    }
    total.unwrap_or(0.0)
}

/// `MatMul(x, w)`: `x` is `[rows, inputs]`, `w` is `[inputs, units]`, `out` is `[rows, units]`.
///
/// Fused and in order, by blocks; one row is one block; one unit of several rows is a matrix-vector product.
pub(super) fn matmul(x: &[f32], w: &[f32], out: &mut [f32], inputs: usize, units: usize) {
    let rows = x.len() / inputs;
    if units == 1 && rows > 1 {
        for (x, out) in x.chunks_exact(inputs).zip(out) {
            *out = dot_vector(x, w);
        }
        return;
    }
    if rows > 1 && inputs > BLOCK {
        for (x, out) in x.chunks_exact(inputs).zip(out.chunks_exact_mut(units)) {
            for (unit, out) in out.iter_mut().enumerate() {
                *out = dot_blocks(inputs, |k| (x[k], w[k * units + unit]));
            }
        }
        return;
    }
    for (x, out) in x.chunks_exact(inputs).zip(out.chunks_exact_mut(units)) {
        for (out, &w) in out.iter_mut().zip(w) {
            *out = x[0] * w;
        }
        for (&x, w) in x.iter().zip(w.chunks_exact(units)).skip(1) {
            for (out, &w) in out.iter_mut().zip(w) {
                *out = x.mul_add(w, *out);
            }
        }
    }
}

/// `MatMul(x, g, transpose_a)`, a kernel's gradient `[inputs, units]` of `g` `[rows, units]`.
///
/// Fused, rows in order, by blocks; one input or one unit is one block.
pub(super) fn matmul_transpose_a(x: &[f32], g: &[f32], out: &mut [f32], inputs: usize, units: usize) {
    let rows = x.len() / inputs;
    if rows > BLOCK && inputs > 1 && units > 1 {
        for (input, out) in out.chunks_exact_mut(units).enumerate() {
            for (unit, out) in out.iter_mut().enumerate() {
                *out = dot_blocks(rows, |row| (x[row * inputs + input], g[row * units + unit]));
            }
        }
        return;
    }
    let (first_x, x) = x.split_at(inputs);
    let (first_g, g) = g.split_at(units);
    if units == 1 {
        for (out, &x) in out.iter_mut().zip(first_x) {
            *out = x * first_g[0];
        }
        for (x, &g) in x.chunks_exact(inputs).zip(g) {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = x.mul_add(g, *out);
            }
        }
        return;
    }
    for (out, &x) in out.chunks_exact_mut(units).zip(first_x) {
        for (out, &g) in out.iter_mut().zip(first_g) {
            *out = x * g;
        }
    }
    for (x, g) in x.chunks_exact(inputs).zip(g.chunks_exact(units)) {
        for (out, &x) in out.chunks_exact_mut(units).zip(x) {
            for (out, &g) in out.iter_mut().zip(g) {
                *out = x.mul_add(g, *out);
            }
        }
    }
}

/// `MatMul(g, w, transpose_b)`, the gradient `[rows, inputs]` of a layer's inputs.
///
/// One unit gives products; one row, or one input of sixteen rows and more, is a matrix-vector product; up to fifteen
/// rows go by lanes; more are fused and in order, by blocks.
pub(super) fn matmul_transpose_b(g: &[f32], w: &[f32], out: &mut [f32], inputs: usize, units: usize) {
    let rows = g.len() / units;
    if units == 1 {
        for (&g, out) in g.iter().zip(out.chunks_exact_mut(inputs)) {
            for (out, &w) in out.iter_mut().zip(w) {
                *out = g * w;
            }
        }
        return;
    }
    let dot: fn(&[f32], &[f32]) -> f32 = match rows {
        1 => dot_vector,
        2..16 => dot_lanes,
        _ if inputs == 1 => dot_vector,
        _ if units <= BLOCK => dot_in_order,
        _ => |g, w| dot_blocks(g.len(), |k| (g[k], w[k])),
    };
    for (g, out) in g.chunks_exact(units).zip(out.chunks_exact_mut(inputs)) {
        for (w, out) in w.chunks_exact(units).zip(out) {
            *out = dot(g, w);
        }
    }
}

/// `BiasAddGrad`: rows added in order.
pub(super) fn bias_gradient(g: &[f32], out: &mut [f32]) {
    let (first, rest) = g.split_at(out.len());
    out.copy_from_slice(first);
    for g in rest.chunks_exact(out.len()) {
        for (out, &g) in out.iter_mut().zip(g) {
            *out += g;
        }
    }
}

//! The orders in which TensorFlow 2.12 adds: matrix products by oneDNN, reductions by Eigen.
//!
//! All matrices are row-major slices. Where sums of products are "fused", each step is one fused multiply-add and the
//! first term a rounded product.

use crate::exact::sums::halves;

/// Eight lanes by neighbours: `((0+1)+(4+5)) + ((2+3)+(6+7))`.
fn neighbours(q: [f32; 8]) -> f32 {
    ((q[0] + q[1]) + (q[4] + q[5])) + ((q[2] + q[3]) + (q[6] + q[7]))
}

/// A dot product as oneDNN's transposed matrix-vector product takes it: see `products::dots`. A lane of -0 changes no sum.
fn dot_vector(a: &[f32], b: &[f32]) -> f32 {
    let mut at = a.len() / 16 * 16;
    let lane = |i: usize| (i..at).step_by(8).fold(-0.0, |sum, k| a[k].mul_add(b[k], sum));
    let mut total = (at > 0).then(|| neighbours(std::array::from_fn(lane)));
    for width in [8, 4, 2, 1] {
        if a.len() & width != 0 {
            let group = neighbours(std::array::from_fn(|i| if i < width { a[at + i] * b[at + i] } else { -0.0 }));
            total = Some(total.map_or(group, |total| total + group));
            at += width;
        }
    }
    total.unwrap_or(0.0)
}

/// A dot product, fused, in order.
fn dot_in_order(a: &[f32], b: &[f32]) -> f32 {
    let first = a[0] * b[0];
    a.iter().zip(b).skip(1).fold(first, |total, (&a, &b)| a.mul_add(b, total))
}

/// A dot product as oneDNN's kernel for a few rows takes it: fused in sixteen lanes, then by halves.
fn dot_lanes(a: &[f32], b: &[f32]) -> f32 {
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

/// A dot product of a matrix product of more than one row and column, by the blocks of `products::block`.
fn dot_blocks(mut a: &[f32], mut b: &[f32]) -> f32 {
    let mut total = None;
    while !a.is_empty() {
        let length = match a.len() {
            ..=BLOCK => a.len(),
            rest if rest < 2 * BLOCK => rest.div_ceil(2),
            _ => BLOCK,
        };
        let sum = dot_in_order(&a[..length], &b[..length]);
        total = Some(total.map_or(sum, |total: f32| total + sum));
        (a, b) = (&a[length..], &b[length..]);
    }
    total.unwrap_or(0.0)
}

/// `[rows, columns]`: each value the sum of the products `a(row, term) · b(term, column)` that `dot` takes.
fn product(
    [rows, columns, terms]: [usize; 3],
    dot: fn(&[f32], &[f32]) -> f32,
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
) -> Vec<f32> {
    let columns: Vec<Vec<f32>> = (0..columns).map(|column| (0..terms).map(|term| b(term, column)).collect()).collect();
    let mut out = Vec::new();
    for row in 0..rows {
        let row: Vec<f32> = (0..terms).map(|term| a(row, term)).collect();
        out.extend(columns.iter().map(|column| dot(&row, column)));
    }
    out
}

/// `MatMul(x, w)`: `x` is `[rows, inputs]`, `w` is `[inputs, units]`, the product `[rows, units]`.
///
/// Fused and in order, by blocks; one row is one block; one unit of several rows is a matrix-vector product.
pub(super) fn matmul(x: &[f32], w: &[f32], inputs: usize, units: usize) -> Vec<f32> {
    let rows = x.len() / inputs;
    let dot = match (rows, units) {
        (1, _) => dot_in_order,
        (_, 1) => dot_vector,
        _ => dot_blocks,
    };
    product([rows, units, inputs], dot, |row, input| x[row * inputs + input], |input, unit| w[input * units + unit])
}

/// `MatMul(x, g, transpose_a)`, a kernel's gradient `[inputs, units]` of `g` `[rows, units]`.
///
/// Fused, rows in order, by blocks; one input or one unit is one block.
pub(super) fn matmul_transpose_a(x: &[f32], g: &[f32], inputs: usize, units: usize) -> Vec<f32> {
    let dot = if inputs > 1 && units > 1 { dot_blocks } else { dot_in_order };
    let shape = [inputs, units, x.len() / inputs];
    product(shape, dot, |input, row| x[row * inputs + input], |row, unit| g[row * units + unit])
}

/// `MatMul(g, w, transpose_b)`, the gradient `[rows, inputs]` of a layer's inputs: see `Step::input_gradient`.
pub(super) fn matmul_transpose_b(g: &[f32], w: &[f32], inputs: usize, units: usize) -> Vec<f32> {
    let rows = g.len() / units;
    let dot = match rows {
        _ if units == 1 => dot_in_order,
        1 => dot_vector,
        2..16 => dot_lanes,
        _ if inputs == 1 => dot_vector,
        _ => dot_blocks,
    };
    product([rows, inputs, units], dot, |row, unit| g[row * units + unit], |unit, input| w[input * units + unit])
}

/// `BiasAddGrad`: the sums of the columns of `g` `[rows, units]`, rows added in order.
pub(super) fn column_sums(g: &[f32], units: usize) -> Vec<f32> {
    let column = |unit| g.iter().skip(unit).step_by(units).copied();
    (0..units).map(|unit| column(unit).reduce(|sum, g| sum + g).unwrap_or(0.0)).collect()
}

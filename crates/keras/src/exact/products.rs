//! Sums of products in the orders in which TensorFlow 2.12 takes them: matrix products by oneDNN, reductions by Eigen.
//!
//! Matrices are row-major; a pointer and the distances between rows and between terms say where they lie. Where sums are
//! "fused", each step is one fused multiply-add and the first term a rounded product: a fused multiply-add to -0.

use super::lanes::{LANES, Lanes};

/// The longest sum that oneDNN's matrix product takes in one go.
pub(super) const BLOCK: usize = 384;
/// Rows of a tile.
const TILE: usize = 4;
/// Rows that share a pass over the other matrix, so that it is read from memory once for all of them.
const CHUNK: usize = 64;

/// Where a matrix lies: the first value, and how far its rows are apart.
#[derive(Clone, Copy)]
pub(super) struct Matrix {
    pub(super) at: *mut f32,
    pub(super) stride: usize,
}

impl Matrix {
    /// A pointer to the first value of a row.
    #[inline(always)]
    pub(super) unsafe fn row(self, row: usize) -> *mut f32 {
        self.at.add(row * self.stride)
    }
}

/// The factor whose values are taken one by one: `value(row, term) = at[row · row_step + term · term_step]`.
#[derive(Clone, Copy)]
pub(super) struct Scalars {
    pub(super) at: *const f32,
    pub(super) row_step: usize,
    pub(super) term_step: usize,
}

/// A matrix product's shape.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) rows: usize,
    /// Columns, of which whole registers are computed.
    pub(super) columns: usize,
    pub(super) terms: usize,
    /// Whether sums of more than [`BLOCK`] terms are taken in blocks.
    pub(super) blocks: bool,
}

/// The length of the next block of a matrix product that has `rest` terms to go.
///
/// All while they are at most 384; else 384 as long as twice that is left, and what then is left in two halves, the
/// longer first. Each block is summed on its own, fused and in order, and added to the total of those before.
fn block(rest: usize, blocks: bool) -> usize {
    if !blocks || rest <= BLOCK {
        rest
    } else if rest < 2 * BLOCK {
        rest.div_ceil(2)
    } else {
        BLOCK
    }
}

/// `out[row][column] = Σ a(row, term) · b[term][column]`, fused and in order, by blocks; then plus `bias[column]`.
///
/// # Safety
/// As [`Lanes`]; the matrices have rows of whole registers, or a register's room behind them, and do not overlap.
#[inline(always)]
pub(super) unsafe fn product<L: Lanes>(a: Scalars, b: Matrix, out: Matrix, shape: Shape, bias: Option<*const f32>) {
    let registers = shape.columns.div_ceil(LANES);
    let mut first_row = 0;
    while first_row < shape.rows {
        let rows = CHUNK.min(shape.rows - first_row);
        let mut register = 0;
        while register < registers {
            if L::WIDE == 2 && register + 2 <= registers {
                column::<L, 2>(a, b, out, shape, bias, first_row..first_row + rows, register * LANES);
                register += 2;
            } else {
                column::<L, 1>(a, b, out, shape, bias, first_row..first_row + rows, register * LANES);
                register += 1;
            }
        }
        first_row += rows;
    }
}

/// `N` registers of columns of a chunk of rows.
#[inline(always)]
unsafe fn column<L: Lanes, const N: usize>(
    a: Scalars,
    b: Matrix,
    out: Matrix,
    shape: Shape,
    bias: Option<*const f32>,
    rows: std::ops::Range<usize>,
    column: usize,
) {
    let mut term = 0;
    while term < shape.terms {
        let terms = block(shape.terms - term, shape.blocks);
        let a = Scalars { at: a.at.add(term * a.term_step), ..a };
        let b = Matrix { at: b.row(term).add(column), ..b };
        let first = term == 0;
        term += terms;
        let bias = if term == shape.terms { bias } else { None };
        let mut row = rows.start;
        while L::WIDE == 2 && row + 2 * TILE <= rows.end {
            tile::<L, { 2 * TILE }, N>(a, b, out, terms, first, bias, row, column);
            row += 2 * TILE;
        }
        while row + TILE <= rows.end {
            tile::<L, TILE, N>(a, b, out, terms, first, bias, row, column);
            row += TILE;
        }
        while row < rows.end {
            tile::<L, 1, N>(a, b, out, terms, first, bias, row, column);
            row += 1;
        }
    }
}

/// `M` rows of `N` registers: one block of terms.
#[expect(clippy::too_many_arguments, reason = "inlined into its one caller")]
#[inline(always)]
unsafe fn tile<L: Lanes, const M: usize, const N: usize>(
    a: Scalars,
    b: Matrix,
    out: Matrix,
    terms: usize,
    first: bool,
    bias: Option<*const f32>,
    row: usize,
    column: usize,
) {
    let mut sums = [[L::splat(-0.0); N]; M];
    let mut values = a.at.add(row * a.row_step);
    let mut columns = b.at.cast_const();
    for _ in 0..terms {
        let mut loaded = [L::splat(0.0); N];
        for n in 0..N {
            loaded[n] = L::load(columns.add(n * LANES));
        }
        for m in 0..M {
            let value = L::splat(*values.add(m * a.row_step));
            for n in 0..N {
                sums[m][n] = value.mul_add(loaded[n], sums[m][n]);
            }
        }
        // What lies past the last term is not read.
        values = values.wrapping_add(a.term_step);
        columns = columns.wrapping_add(b.stride);
    }
    for m in 0..M {
        for n in 0..N {
            let to = out.row(row + m).add(column + n * LANES);
            let mut sum = sums[m][n];
            if !first {
                sum = L::load(to).add(sum);
            }
            if let Some(bias) = bias {
                sum = sum.add(L::load(bias.add(column + n * LANES)));
            }
            sum.store(to);
        }
    }
}

/// `out[row] = x[row] · w + bias`, contiguous: dot products as oneDNN's matrix-vector product takes them.
///
/// The first whole sixteens are fused in eight lanes and added by neighbours; then come a group of eight, of four, of
/// two and of one as the rest needs them: plain products, added by neighbours, each group added to the total.
///
/// # Safety
/// As [`Lanes`]; `out` has room for whole eights of rows, and a register may be read from where a row or `w` ends.
#[inline(always)]
pub(super) unsafe fn dots<L: Lanes>(
    x: Matrix,
    w: *const f32,
    terms: usize,
    rows: usize,
    out: *mut f32,
    bias: Option<f32>,
) {
    let mut row = 0;
    while row < rows {
        // Rows beyond the last are the last again.
        let mut from = [x.at.cast_const(); 8];
        for i in 0..8 {
            from[i] = x.row((row + i).min(rows - 1));
        }
        let at = terms / 16 * 16;
        let mut total = None;
        if at > 0 {
            let weights = L::half_load(w);
            let mut sums = [weights; 8];
            for i in 0..8 {
                sums[i] = L::half_mul(L::half_load(from[i]), weights);
            }
            let mut term = 8;
            while term < at {
                let weights = L::half_load(w.add(term));
                for i in 0..8 {
                    sums[i] = L::half_mul_add(L::half_load(from[i].add(term)), weights, sums[i]);
                }
                term += 8;
            }
            total = Some(L::neighbours(sums));
        }
        let mut term = at;
        for width in [8, 4, 2, 1] {
            if terms & width == 0 {
                continue;
            }
            let weights = L::half_load(w.add(term));
            let mut group = [weights; 8];
            for i in 0..8 {
                let products = L::half_mul(L::half_load(from[i].add(term)), weights);
                group[i] = if width == 8 { products } else { L::half_keep(products, width) };
            }
            let group = L::neighbours(group);
            total = Some(if let Some(total) = total { L::half_add(total, group) } else { group });
            term += width;
        }
        if let Some(mut total) = total {
            if let Some(bias) = bias {
                total = L::half_add(total, L::half_load([bias; 8].as_ptr()));
            }
            L::half_store(total, out.add(row));
        }
        row += 8;
    }
}

/// `out[column] = Σ values[term] · b[term][column]` in the order of a matrix-vector product; see [`dots`].
///
/// # Safety
/// As [`product`].
#[inline(always)]
pub(super) unsafe fn dots_by_column<L: Lanes>(
    values: *const f32,
    b: Matrix,
    terms: usize,
    columns: usize,
    out: *mut f32,
) {
    for column in (0..columns).step_by(LANES) {
        let columns = Matrix { at: b.at.add(column), ..b };
        dot_by_column::<L>(values, terms, &columns).store(out.add(column));
    }
}

/// A register of columns, term by term: loaded, or computed where it is needed.
///
/// No closure does it: one that is not inlined is compiled without its caller's instructions, and each of them is a call.
pub(super) trait Columns<L> {
    /// # Safety
    /// As [`Lanes`], for so many terms.
    unsafe fn of(&self, term: usize) -> L;
}

impl<L: Lanes> Columns<L> for Matrix {
    #[inline(always)]
    unsafe fn of(&self, term: usize) -> L {
        L::load(self.row(term))
    }
}

/// A register of [`dots_by_column`]: `Σ values[term] · columns[term]`.
///
/// # Safety
/// As [`Lanes`], for so many values.
#[inline(always)]
pub(super) unsafe fn dot_by_column<L: Lanes>(values: *const f32, terms: usize, columns: &impl Columns<L>) -> L {
    let at = terms / 16 * 16;
    let mut total = None;
    if at > 0 {
        let mut sums = [L::splat(-0.0); 8];
        for first in (0..at).step_by(8) {
            for i in 0..8 {
                sums[i] = L::splat(*values.add(first + i)).mul_add(columns.of(first + i), sums[i]);
            }
        }
        total = Some(group(sums, 8));
    }
    let mut first = at;
    for width in [8, 4, 2, 1] {
        if terms & width == 0 {
            continue;
        }
        let mut products = [L::splat(0.0); 8];
        for i in 0..width {
            products[i] = L::splat(*values.add(first + i)).mul(columns.of(first + i));
        }
        let group = group(products, width);
        total = Some(if let Some(total) = total { L::add(total, group) } else { group });
        first += width;
    }
    total.unwrap_or(L::splat(0.0))
}

/// One, two, four or eight values by neighbours.
#[inline(always)]
unsafe fn group<L: Lanes>(q: [L; 8], width: usize) -> L {
    match width {
        8 => (q[0].add(q[1]).add(q[4].add(q[5]))).add(q[2].add(q[3]).add(q[6].add(q[7]))),
        4 => q[0].add(q[1]).add(q[2].add(q[3])),
        2 => q[0].add(q[1]),
        _ => q[0],
    }
}

/// `out[column] = Σ values[term] · b[term][column]` as oneDNN's kernel for a few rows takes it: fused in sixteen lanes of
/// terms, which are then added by halves.
///
/// # Safety
/// As [`product`].
#[inline(always)]
pub(super) unsafe fn lanes_by_column<L: Lanes>(
    values: *const f32,
    b: Matrix,
    terms: usize,
    columns: usize,
    out: *mut f32,
) {
    for register in 0..columns.div_ceil(LANES) {
        let column = register * LANES;
        let b = Matrix { at: b.at.add(column), ..b };
        let mut sums = [L::splat(0.0); LANES];
        for term in 0..terms.min(LANES) {
            sums[term] = L::splat(*values.add(term)).mul(L::load(b.row(term)));
        }
        for term in LANES..terms {
            sums[term % LANES] = L::splat(*values.add(term)).mul_add(L::load(b.row(term)), sums[term % LANES]);
        }
        let mut width = LANES / 2;
        while width > 0 {
            for i in 0..width {
                sums[i] = sums[i].add(sums[i + width]);
            }
            width /= 2;
        }
        sums[0].store(out.add(column));
    }
}

/// `BiasAddGrad`: `out[column] = Σ g[row][column]`, rows added in order.
///
/// # Safety
/// As [`product`].
#[inline(always)]
pub(super) unsafe fn column_sums<L: Lanes>(g: Matrix, rows: usize, columns: usize, out: *mut f32) {
    for register in 0..columns.div_ceil(LANES) {
        let mut from = g.at.cast_const().add(register * LANES);
        let mut sum = L::load(from);
        for _ in 1..rows {
            from = from.add(g.stride);
            sum = sum.add(L::load(from));
        }
        sum.store(out.add(register * LANES));
    }
}

/// The most values that `Sum` takes in one go: 1024 registers of eight.
const WHOLE: usize = 8 * 1024;

/// How many of more values than [`WHOLE`] are summed apart, before the others: half, rounded up to whole eights.
fn first_half(count: usize) -> usize {
    count.div_ceil(2).next_multiple_of(8)
}

/// `Sum` of a whole tensor, whose values are lost; the mean of a loss is this divided by the count.
///
/// More than [`WHOLE`] values are halved until they are not, and the sums of both halves added. This is the order on one
/// thread; with more, real Keras' sum of very many values follows their number.
///
/// # Safety
/// As [`Lanes`], for `count` floats.
#[inline(always)]
pub(super) unsafe fn sum<L: Lanes>(x: *mut f32, count: usize) -> f32 {
    if count <= WHOLE {
        return sum_whole::<L>(x, count);
    }
    let (mut start, mut sums) = (0, 0);
    while start < count {
        let (mut length, mut offset) = (count, start);
        while length > WHOLE {
            let first = first_half(length);
            (length, offset) = if offset < first { (first, offset) } else { (length - first, offset - first) };
        }
        // The sums are written where values have been read.
        *x.add(sums) = sum_whole::<L>(x.add(start), length);
        (start, sums) = (start + length, sums + 1);
    }
    sum_of_halves(count, &mut std::slice::from_raw_parts(x, sums).iter())
}

/// Adds sums of parts as their tensor of `count` values was halved.
fn sum_of_halves(count: usize, sums: &mut std::slice::Iter<f32>) -> f32 {
    if count <= WHOLE {
        return sums.next().copied().unwrap_or(0.0);
    }
    let first = sum_of_halves(first_half(count), sums);
    first + sum_of_halves(count - first_half(count), sums)
}

/// [`sum`] of at most [`WHOLE`] values, in the order of [`super::sums::sum`].
#[inline(always)]
unsafe fn sum_whole<L: Lanes>(x: *const f32, count: usize) -> f32 {
    let packets = count / 8 * 8;
    let mut tail = None;
    for i in packets..count {
        tail = Some(if let Some(tail) = tail { tail + *x.add(i) } else { *x.add(i) });
    }
    if packets == 0 {
        return tail.unwrap_or(0.0);
    }
    let unrolled = count / 32 * 32;
    let mut lanes = L::half_load(x);
    let mut next = 8;
    if unrolled > 0 {
        let mut parts = [lanes, L::half_load(x.add(8)), L::half_load(x.add(16)), L::half_load(x.add(24))];
        next = 32;
        while next < unrolled {
            for j in 0..4 {
                parts[j] = L::half_add(parts[j], L::half_load(x.add(next + 8 * j)));
            }
            next += 32;
        }
        lanes = L::half_add(L::half_add(L::half_add(parts[0], parts[1]), parts[2]), parts[3]);
    }
    while next < packets {
        lanes = L::half_add(lanes, L::half_load(x.add(next)));
        next += 8;
    }
    let mut l = [0.0; 8];
    L::half_store(lanes, l.as_mut_ptr());
    let total = ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
    if let Some(tail) = tail { total + tail } else { total }
}

/// Writes a matrix `[rows, columns]` with rows and columns exchanged, and zeros beside it up to whole eights of rows.
///
/// # Safety
/// As [`product`]; `to` has rows for whole eights of columns.
#[inline(always)]
pub(super) unsafe fn transpose<L: Lanes>(from: Matrix, to: Matrix, rows: usize, columns: usize) {
    for row in (0..rows).step_by(8) {
        for column in (0..columns).step_by(8) {
            let mut square = [L::half_load([0.0; 8].as_ptr()); 8];
            for i in 0..8.min(rows - row) {
                square[i] = L::half_load(from.row(row + i).add(column));
            }
            let square = L::half_transpose(square);
            for i in 0..8 {
                L::half_store(square[i], to.row(column + i).add(row));
            }
        }
    }
}

//! Matrix products of engine `libtorch` on the CPU: MKL's bits on the path that every x86-64 has, in the time of the processor at hand.
//!
//! `MKL_CBWR=COMPATIBLE`, to which [`crate::Runtime`] pins MKL, keeps MKL to the instructions of the first x86-64: a large product takes
//! several times as long as with the widest instructions. Its order of additions is no secret, though: what each of its sums is
//! made of shows in products of one very large value, its negative and ones. Where rows and columns come in eights and a sum has
//! eight terms or more, the order is that of [`Product::write`], whatever the transposition, and here it is taken in AVX2's or AVX-512's
//! registers. All else is left to MKL. A test compares both.

// The memory of tensors is read and written as slices, and functions compiled for more instructions are called; see `product`.
#![allow(unsafe_code)]

use std::slice;

use tch::Tensor;

use crate::elementwise::is_ours;
use crate::exact::{Instructions, Level};

/// Terms that MKL sums in one go.
const BLOCK: usize = 112;
/// What rows and columns have to be multiples of, and the fewest terms.
const UNIT: usize = ROWS;

/// Writes `a · b`, plus `bias` in every row, over `out`: `[rows, terms] · [terms, columns]`.
pub(crate) fn product(out: &Tensor, a: &Tensor, b: &Tensor, bias: Option<&Tensor>) {
    if !own(out, a, b, bias) {
        let _ = match bias {
            Some(bias) => bias.addmm_out(out, a, b),
            None => a.mm_out(out, b),
        };
    }
}

/// Whether the product was one of those whose order is known.
fn own(out: &Tensor, a: &Tensor, b: &Tensor, bias: Option<&Tensor>) -> bool {
    // Small networks wait for these questions: the cheapest come first.
    let [rows, columns] = shape(out);
    if rows % UNIT != 0 || columns % UNIT != 0 {
        return false;
    }
    let [_, terms] = shape(a);
    if terms < UNIT {
        return false;
    }
    let (instructions, [Some(a), Some(b)]) = (Instructions::fastest(), [a, b].map(Factor::new)) else {
        return false;
    };
    if instructions.level() == Level::Portable
        || !is_ours(out)
        || !out.is_contiguous()
        || bias.is_some_and(|bias| !bias.is_contiguous())
    {
        return false;
    }
    // SAFETY: contiguous float32 tensors on the CPU are this many floats at these places; nobody else writes to them meanwhile, since
    // libtorch runs on this thread alone, and `out` is none of the others.
    let (out, bias) = unsafe {
        let bias = bias.map(|bias| slice::from_raw_parts(bias.data_ptr().cast::<f32>(), columns));
        (slice::from_raw_parts_mut(out.data_ptr().cast::<f32>(), rows * columns), bias)
    };
    Product { a, b, bias, terms, columns }.write(instructions, out);
    true
}

fn shape(tensor: &Tensor) -> [usize; 2] {
    let (rows, columns) = tensor.size2().expect("a matrix");
    [rows, columns].map(|size| size as usize)
}

/// A factor that lies in memory row by row or column by column.
#[derive(Debug, Clone, Copy)]
struct Factor<'tensor> {
    values: &'tensor [f32],
    row_step: usize,
    column_step: usize,
}

impl<'tensor> Factor<'tensor> {
    /// None if it lies in memory in another way.
    fn new(tensor: &'tensor Tensor) -> Option<Self> {
        let [rows, columns] = shape(tensor);
        let [row_step, column_step] = <[i64; 2]>::try_from(tensor.stride()).ok()?.map(|step| step as usize);
        if !is_ours(tensor) || ![[columns, 1], [1, rows]].contains(&[row_step, column_step]) {
            return None;
        }
        // SAFETY: a float32 tensor on the CPU with these steps is this many floats at this place, and lives as long as the slice.
        let values = unsafe { slice::from_raw_parts(tensor.data_ptr().cast::<f32>(), rows * columns) };
        Some(Self { values, row_step, column_step })
    }
}

/// `a · b + bias`.
#[derive(Debug, Clone, Copy)]
struct Product<'tensor> {
    a: Factor<'tensor>,
    b: Factor<'tensor>,
    bias: Option<&'tensor [f32]>,
    terms: usize,
    columns: usize,
}

/// Rows and columns of a tile.
const ROWS: usize = 8;
const COLUMNS: usize = 32;

impl Product<'_> {
    /// Writes it over row-major `out`.
    ///
    /// Each sum is taken by blocks of 112 terms, every product rounded and added in order. The last block, which may be shorter, is
    /// added to the bias; then come the others in order.
    fn write(self, instructions: Instructions, out: &mut [f32]) {
        let Self { a, b, bias, terms, columns } = self;
        let last = (terms - 1) / BLOCK * BLOCK;
        let mut panel = [0.0; BLOCK * COLUMNS];
        let mut sums = [[0.0; COLUMNS]; ROWS];
        for first in std::iter::once(last).chain((0..last).step_by(BLOCK)) {
            let count = BLOCK.min(terms - first);
            for column in (0..columns).step_by(COLUMNS) {
                // Where fewer columns are left than a tile has, the others are computed and not written.
                let width = COLUMNS.min(columns - column);
                let from = &b.values[first * b.row_step + column * b.column_step..];
                let (panel, step) = if b.column_step == 1 && width == COLUMNS {
                    (from, b.row_step)
                } else {
                    for (term, values) in panel.chunks_exact_mut(COLUMNS).take(count).enumerate() {
                        let from = from[term * b.row_step..].iter().step_by(b.column_step);
                        values[..width].iter_mut().zip(from).for_each(|(value, from)| *value = *from);
                    }
                    (&panel[..], COLUMNS)
                };
                for row in (0..out.len() / columns).step_by(ROWS) {
                    let a = Factor { values: &a.values[row * a.row_step + first * a.column_step..], ..a };
                    tile(instructions, a, panel, step, count, &mut sums);
                    for (number, sums) in sums.iter().enumerate() {
                        let start = (row + number) * columns + column;
                        let out = &mut out[start..start + width];
                        if first != last {
                            out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
                        } else if let Some(bias) = bias {
                            let bias = &bias[column..column + width];
                            out.iter_mut().zip(bias).zip(sums).for_each(|((out, bias), sum)| *out = bias + sum);
                        } else {
                            out.copy_from_slice(&sums[..width]);
                        }
                    }
                }
            }
        }
    }
}

/// The sums of a tile over the first `terms` terms: `sums[row][column] = Σ a[row][term] · panel[term · step + column]`, by instructions
/// that MKL does not use on its path; the bits are the same.
fn tile(
    instructions: Instructions,
    a: Factor,
    panel: &[f32],
    step: usize,
    terms: usize,
    sums: &mut [[f32; COLUMNS]; ROWS],
) {
    let last = terms - 1;
    assert!((ROWS - 1) * a.row_step + last * a.column_step < a.values.len() && last * step + COLUMNS <= panel.len());
    match instructions.level() {
        Level::Portable => unreachable!("left to MKL"),
        // SAFETY: the level says that the processor has them, and all that is read lies within the slices.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { x86::avx2(a, panel, step, terms, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { x86::avx512(a, panel, step, terms, sums) },
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm512_add_ps,
        _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
    };

    use super::{COLUMNS, Factor, ROWS};

    /// A tile by parts of some rows and two registers of columns, whose sums stay in registers.
    macro_rules! tile {
        ($name:ident, $feature:literal, $rows:literal, $lanes:literal, [$splat:ident, $load:ident, $mul:ident, $add:ident, $store:ident]) => {
            #[target_feature(enable = $feature)]
            pub(super) unsafe fn $name(
                a: Factor,
                panel: &[f32],
                step: usize,
                terms: usize,
                sums: &mut [[f32; COLUMNS]; ROWS],
            ) {
                for row in (0..ROWS).step_by($rows) {
                    for column in (0..COLUMNS).step_by(2 * $lanes) {
                        let mut parts = [[$splat(0.0); 2]; $rows];
                        for term in 0..terms {
                            // SAFETY: the caller's, here and below.
                            let from = unsafe { panel.as_ptr().add(term * step + column) };
                            let loaded = unsafe { [$load(from), $load(from.add($lanes))] };
                            for (number, part) in parts.iter_mut().enumerate() {
                                let at = (row + number) * a.row_step + term * a.column_step;
                                let value = $splat(unsafe { *a.values.get_unchecked(at) });
                                part[0] = $add(part[0], $mul(value, loaded[0]));
                                part[1] = $add(part[1], $mul(value, loaded[1]));
                            }
                        }
                        for (part, sums) in parts.iter().zip(&mut sums[row..row + $rows]) {
                            let to = sums[column..column + 2 * $lanes].as_mut_ptr();
                            // SAFETY: two registers are written to a slice of that many values.
                            unsafe {
                                $store(to, part[0]);
                                $store(to.add($lanes), part[1]);
                            }
                        }
                    }
                }
            }
        };
    }

    tile!(avx2, "avx2", 4, 8, [_mm256_set1_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_add_ps, _mm256_storeu_ps]);
    tile!(avx512, "avx512f", 8, 16, [_mm512_set1_ps, _mm512_loadu_ps, _mm512_mul_ps, _mm512_add_ps, _mm512_storeu_ps]);
}

#[cfg(test)]
mod tests {
    use random::mt19937::Mt19937;
    use tch::{Kind, Tensor};

    use super::{Factor, Instructions, Level, Product};
    use crate::sequential::values;
    use crate::{Device, Runtime};

    /// MKL's own product has the same bits, for every transposition, on all instructions that the processor has; a third of all
    /// values are zeros of either sign, as `relu` and dropout leave them.
    #[test]
    fn products_have_the_bits_of_mkl() {
        Runtime::new(Device::Cpu).unwrap();
        let mut random = Mt19937::new(5);
        let mut matrix = |rows: usize, columns: usize| {
            let mut value = || match random.next_u32() {
                bits if bits % 6 == 0 => 0.0,
                bits if bits % 6 == 1 => -0.0,
                bits => (f64::from(bits) / f64::from(u32::MAX) - 0.5) as f32 * 4.0,
            };
            let values: Vec<f32> = (0..rows * columns).map(|_| value()).collect();
            Tensor::from_slice(&values).view([rows as i64, columns as i64])
        };
        let bits = |tensor: &Tensor| values(tensor).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let sizes = [8, 16, 24, 40, 64, 128];
        let terms = [8, 9, 16, 30, 64, 112, 113, 128, 223, 224, 225, 300, 512];
        let pairs = sizes.iter().flat_map(|&rows| sizes.map(|columns| (rows, columns)));
        let small = pairs.flat_map(|(rows, columns)| terms.map(|terms| (rows, terms, columns)));
        for (rows, terms, columns) in small.chain([(256, 1024, 1024), (1024, 1024, 256), (1000, 999, 504)]) {
            let transposed = |rows, columns, matrix: &mut dyn FnMut(usize, usize) -> Tensor| matrix(columns, rows).tr();
            let factors = [
                (matrix(rows, terms), matrix(terms, columns), Some(matrix(1, columns).view([-1]))),
                (transposed(rows, terms, &mut matrix), matrix(terms, columns), None),
                (matrix(rows, terms), transposed(terms, columns, &mut matrix), None),
            ];
            for (case, (a, b, bias)) in factors.iter().enumerate() {
                let expected = bias.as_ref().map_or_else(|| a.mm(b), |bias| bias.addmm(a, b));
                for instructions in Instructions::available().filter(|own| own.level() != Level::Portable) {
                    let mut out = vec![f32::NAN; rows * columns];
                    let bias = bias.as_ref().map(values);
                    let [a, b] = [a, b].map(|factor| Factor::new(factor).unwrap());
                    Product { a, b, bias: bias.as_deref(), terms, columns }.write(instructions, &mut out);
                    let out = Tensor::from_slice(&out).to_kind(Kind::Float);
                    assert!(bits(&out) == bits(&expected), "{rows} × {terms} × {columns}, {case}, {instructions:?}");
                }
            }
        }
    }
}

//! Lower triangular matrices: factor, solve, invert.
//!
//! Every sum has one fixed order, so results do not depend on the machine.

/// Lanes of a dot product: partial sums that do not wait for each other.
const LANES: usize = 4;
/// Right-hand sides that [`Lower::solve_many`] carries along together.
pub(super) const WIDTH: usize = 16;

/// A lower triangular matrix by rows; row i has i + 1 entries.
#[derive(Clone, Debug)]
pub(super) struct Lower {
    size: usize,
    entries: Vec<f64>,
}

fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

impl Lower {
    /// The matrix of the given entries, row after row.
    pub(super) fn new(size: usize, entries: Vec<f64>) -> Self {
        debug_assert_eq!(entries.len(), start(size));
        Self { size, entries }
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.entries[start(row)..start(row + 1)]
    }

    pub(super) fn diagonal(&self, row: usize) -> f64 {
        self.entries[start(row + 1) - 1]
    }

    /// Cholesky's factor of the symmetric matrix whose lower half this is; `None` if it is not positive definite.
    pub(super) fn factor(mut self) -> Option<Self> {
        for i in 0..self.size {
            let (done, rest) = self.entries.split_at_mut(start(i));
            let row = &mut rest[..=i];
            let mut j = 0;
            while j < i {
                // Four columns at a time: the sums over the columns before them share their loads of this row.
                let block = (i - j).min(4);
                let sums = if block == 4 {
                    let other = |k: usize| &done[start(j + k)..][..j];
                    dot4(&row[..j], [other(0), other(1), other(2), other(3)])
                } else {
                    let mut sums = [0.0; 4];
                    for (k, sum) in sums.iter_mut().enumerate().take(block) {
                        *sum = dot(&row[..j], &done[start(j + k)..][..j]);
                    }
                    sums
                };
                for k in 0..block {
                    let other = &done[start(j + k)..start(j + k + 1)];
                    let inner: f64 = (0..k).map(|l| row[j + l] * other[j + l]).sum();
                    row[j + k] = (row[j + k] - sums[k] - inner) / other[j + k];
                }
                j += block;
            }
            let pivot = row[i] - dot(&row[..i], &row[..i]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            row[i] = pivot.sqrt();
        }
        Some(self)
    }

    /// Solves L x = b in place.
    pub(super) fn solve(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Solves Lᵀ x = b in place.
    pub(super) fn solve_transposed(&self, b: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = self.row(i);
            let value = b[i] / row[i];
            b[i] = value;
            for (b, entry) in b[..i].iter_mut().zip(row) {
                *b -= value * entry;
            }
        }
    }

    /// Solves L X = B in place for [`WIDTH`] right-hand sides.
    pub(super) fn solve_many(&self, b: &mut [[f64; WIDTH]]) {
        for i in 0..self.size {
            let (done, rest) = b.split_at_mut(i);
            let row = self.row(i);
            let mut sums = [0.0; WIDTH];
            for (entry, other) in row.iter().zip(done.iter()) {
                for (sum, other) in sums.iter_mut().zip(other) {
                    *sum += entry * other;
                }
            }
            let inverse = 1.0 / row[i];
            for (value, sum) in rest[0].iter_mut().zip(&sums) {
                *value = (*value - sum) * inverse;
            }
        }
    }

    /// The lower half of (L Lᵀ)⁻¹.
    pub(super) fn inverse_of_product(&self) -> Self {
        let inverse = self.inverse();
        let mut product = vec![0.0; self.entries.len()];
        let mut k = 0;
        while k < self.size {
            let rows = (self.size - k).min(4);
            for i in 0..k + rows {
                // Rows of the inverse from k on reach column i if they are at least that long.
                let factor = |r: usize| if r < rows && i <= k + r { inverse.row(k + r)[i] } else { 0.0 };
                let factors = [factor(0), factor(1), factor(2), factor(3)];
                let target = &mut product[start(i)..start(i + 1)];
                add_rows(target, factors, |r| if factors[r] == 0.0 { &[] } else { &inverse.row(k + r)[..=i] });
            }
            k += rows;
        }
        Self { size: self.size, entries: product }
    }

    fn inverse(&self) -> Self {
        let mut entries = vec![0.0; self.entries.len()];
        for i in 0..self.size {
            let (done, rest) = entries.split_at_mut(start(i));
            let target = &mut rest[..=i];
            let row = self.row(i);
            for j in (0..i).step_by(4) {
                let factor = |r: usize| if j + r < i { row[j + r] } else { 0.0 };
                let factors = [factor(0), factor(1), factor(2), factor(3)];
                let end = (j + 4).min(i);
                add_rows(&mut target[..end], factors, |r| {
                    if j + r < i { &done[start(j + r)..start(j + r + 1)] } else { &[] }
                });
            }
            let inverse = 1.0 / row[i];
            for value in &mut target[..i] {
                *value *= -inverse;
            }
            target[i] = inverse;
        }
        Self { size: self.size, entries }
    }
}

/// target += Σ factor × row, over the length that all rows have in one pass and over what is left of each.
fn add_rows<'a>(target: &mut [f64], factors: [f64; 4], row: impl Fn(usize) -> &'a [f64]) {
    let rows = [row(0), row(1), row(2), row(3)];
    let common = rows.iter().map(|row| row.len()).min().unwrap_or(0).min(target.len());
    let [a, b, c, d] = rows.map(|row| &row[..common]);
    for (i, value) in target[..common].iter_mut().enumerate() {
        *value += (factors[0] * a[i] + factors[1] * b[i]) + (factors[2] * c[i] + factors[3] * d[i]);
    }
    for (row, factor) in rows.iter().zip(factors) {
        for (value, entry) in target.iter_mut().zip(*row).skip(common) {
            *value += factor * entry;
        }
    }
}

/// Σ a b.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 2 * LANES];
    let (a_blocks, b_blocks) = (a.chunks_exact(2 * LANES), b.chunks_exact(2 * LANES));
    let rest: f64 = a_blocks.remainder().iter().zip(b_blocks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for lane in 0..2 * LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// Four dot products with the same first factor.
fn dot4(a: &[f64], b: [&[f64]; 4]) -> [f64; 4] {
    let mut sums = [[0.0; LANES]; 4];
    let blocks = a.len() / LANES;
    let [b0, b1, b2, b3] = b.map(|b| b[..a.len()].chunks_exact(LANES));
    for ((((a, b0), b1), b2), b3) in a.chunks_exact(LANES).zip(b0).zip(b1).zip(b2).zip(b3) {
        for lane in 0..LANES {
            sums[0][lane] += a[lane] * b0[lane];
            sums[1][lane] += a[lane] * b1[lane];
            sums[2][lane] += a[lane] * b2[lane];
            sums[3][lane] += a[lane] * b3[lane];
        }
    }
    let mut totals = [0.0; 4];
    for ((total, sums), b) in totals.iter_mut().zip(&sums).zip(b) {
        let rest: f64 = a[blocks * LANES..].iter().zip(&b[blocks * LANES..]).map(|(a, b)| a * b).sum();
        *total = (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest;
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::{Lower, WIDTH};
    use crate::random::{Draws, Purpose};

    /// The lower half of A Aᵀ + I for a random square A.
    fn positive_definite(size: usize) -> Lower {
        let mut draws = Draws::new(1, Purpose::Random, 0);
        let a: Vec<f64> = (0..size * size).map(|_| draws.uniform() - 0.5).collect();
        let entry = |i: usize, j: usize| {
            (0..size).map(|k| a[i * size + k] * a[j * size + k]).sum::<f64>() + f64::from(u8::from(i == j))
        };
        Lower::new(size, (0..size).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect())
    }

    #[test]
    fn factor_solve_and_inverse_agree() {
        for size in [1, 2, 3, 4, 5, 7, 8, 13, 30, 41] {
            let matrix = positive_definite(size);
            let full = |i: usize, j: usize| matrix.row(i.max(j))[i.min(j)];
            let factor = matrix.clone().factor().unwrap();
            let right: Vec<f64> = (0..size).map(|i| (i as f64).sin()).collect();
            let mut x = right.clone();
            factor.solve(&mut x);
            let mut many = right.iter().map(|&b| [b; WIDTH]).collect::<Vec<_>>();
            factor.solve_many(&mut many);
            for (a, b) in x.iter().zip(&many) {
                assert!(b.iter().all(|b| (a - b).abs() < 1e-12));
            }
            factor.solve_transposed(&mut x);
            let inverse = factor.inverse_of_product();
            for i in 0..size {
                let product: f64 = (0..size).map(|j| full(i, j) * x[j]).sum();
                assert!((product - right[i]).abs() < 1e-10, "size {size}, row {i}");
                let solved: f64 = (0..size).map(|j| inverse.row(i.max(j))[i.min(j)] * right[j]).sum();
                assert!((solved - x[i]).abs() < 1e-10, "size {size}, row {i}");
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        assert!(Lower::new(2, vec![1.0, 2.0, 1.0]).factor().is_none());
        assert!(Lower::new(1, vec![f64::NAN]).factor().is_none());
    }
}

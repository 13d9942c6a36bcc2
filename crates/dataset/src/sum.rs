//! NumPy's sums of float64, in its order of additions.

/// `np.sum` of a contiguous array up to NumPy 2.2: buffers of 8192 values, each summed pairwise.
pub(crate) fn buffered(values: &[f64]) -> f64 {
    values.chunks(8192).map(pairwise).reduce(|total, sum| total + sum).unwrap_or(0.0)
}

/// `np.sum` of a contiguous array from NumPy 2.3 on: eight running sums in blocks of at most 128 values, larger arrays
/// halved at a multiple of eight.
pub(crate) fn pairwise(values: &[f64]) -> f64 {
    match values.len() {
        0..8 => values.iter().sum(),
        8..=128 => {
            let mut lanes: [f64; 8] = std::array::from_fn(|lane| values[lane]);
            let blocks = values[8..].chunks_exact(8);
            let rest = blocks.remainder();
            for block in blocks {
                for (lane, value) in lanes.iter_mut().zip(block) {
                    *lane += value;
                }
            }
            let [a, b, c, d, e, f, g, h] = lanes;
            let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
            rest.iter().fold(sum, |sum, value| sum + value)
        }
        length => {
            let half = length / 2 - (length / 2) % 8;
            pairwise(&values[..half]) + pairwise(&values[half..])
        }
    }
}

/// `np.sum(x, axis=0)` of one column of a C-ordered array: pairwise if it is the only column, else row by row.
pub(crate) fn column(values: &[f64], only: bool) -> f64 {
    if only { pairwise(values) } else { values.iter().fold(0.0, |sum, value| sum + value) }
}

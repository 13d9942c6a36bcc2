//! Whether a difference between samples is more than chance.

/// Below which an adjusted p-value is called significant.
pub const LEVEL: f64 = 0.05;

/// The p-value of the one-sided Mann–Whitney test that `sample` tends to be greater than `other`, by the normal approximation with
/// its corrections for ties and continuity, as SciPy's `mannwhitneyu(…, alternative="greater", method="asymptotic")` has it; 1 where
/// all values are the same or a sample is empty. A crate that takes the C library's exponential would follow the processor.
pub fn of_greater(sample: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        sample.iter().map(|value| (*value, true)).chain(other.iter().map(|value| (*value, false))).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut rank_sum, mut ties, mut before) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|one, other| one.0 == other.0) {
        let count = equal.len() as f64;
        let of_sample = equal.iter().filter(|(_, is_of_sample)| *is_of_sample).count() as f64;
        rank_sum += of_sample * (before + f64::midpoint(count, 1.0));
        ties += count * (count * count - 1.0);
        before += count;
    }
    let (n, m, both) = (sample.len() as f64, other.len() as f64, all.len() as f64);
    let greater = rank_sum - n * (n + 1.0) / 2.0;
    let variance = n * m / 12.0 * (both + 1.0 - ties / (both * (both - 1.0)));
    if variance > 0.0 {
        let z = (greater - n * m / 2.0 - 0.5) / variance.sqrt();
        0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
    } else {
        1.0
    }
}

/// The p-values of several tests, adjusted by Holm's step-down method ("A simple sequentially rejective multiple test procedure", 1979):
/// the chance that any of them falls below the level where none of the differences is real is at most the level.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        least = least.max((p_values.len() - rank) as f64 * p_values[index]).min(1.0);
        adjusted[index] = least;
    }
    adjusted
}

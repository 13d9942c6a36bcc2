//! The Matérn 5/2 kernel with a weight for every coordinate (automatic relevance determination).

/// What is fitted: the kernel's parameters and the noise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kernel {
    /// By coordinate: 1 over the squared length scale.
    pub(super) weights: Vec<f64>,
    /// Variance of the function.
    pub(super) variance: f64,
    /// Variance of the noise of an observation.
    pub(super) noise: f64,
}

/// Points by coordinate: `columns[d][i]` is coordinate d of point i.
#[derive(Clone, Debug)]
pub(super) struct Points {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) count: usize,
}

impl Points {
    pub(super) fn new(dimensions: usize, points: &[Vec<f64>]) -> Self {
        let column = |d: usize| points.iter().map(|point| point[d]).collect();
        Self { columns: (0..dimensions).map(column).collect(), count: points.len() }
    }
}

/// The squared distance along one coordinate: the difference squared, or for categories whether they differ.
pub(super) fn add_squared_distances(sums: &mut [f64], weight: f64, categorical: bool, column: &[f64], at: f64) {
    if categorical {
        for (sum, other) in sums.iter_mut().zip(column) {
            *sum += if *other == at { 0.0 } else { weight };
        }
    } else {
        for (sum, other) in sums.iter_mut().zip(column) {
            let difference = other - at;
            *sum += weight * difference * difference;
        }
    }
}

/// Turns weighted squared distances s into correlations (1 + r + r²/3) e⁻ʳ with r = √(5s).
pub(super) fn correlations(distances: &mut [f64]) {
    for value in distances {
        let r = (5.0 * *value).sqrt();
        *value = (1.0 + r + r * r * (1.0 / 3.0)) * exp_of_negative(-r);
    }
}

/// As [`correlations`]; `slopes` becomes their derivative by s, -5/6 (1 + r) e⁻ʳ, which is finite at 0.
pub(super) fn correlations_and_slopes(distances: &mut [f64], slopes: &mut [f64]) {
    for (value, slope) in distances.iter_mut().zip(slopes) {
        let r = (5.0 * *value).sqrt();
        let decay = exp_of_negative(-r);
        *value = (1.0 + r + r * r * (1.0 / 3.0)) * decay;
        *slope = (-5.0 / 6.0) * (1.0 + r) * decay;
    }
}

/// eˣ for x ≤ 0, to about one unit in the last place, without branches so that loops over it are vectorised. Below
/// -700 it stays at e⁻⁷⁰⁰.
fn exp_of_negative(x: f64) -> f64 {
    /// Adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f64 = 6755399441055744.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = if x > -700.0 { x } else { -700.0 };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Taylor's polynomial; |r| ≤ ln(2)/2, so that the first term left out is below 2⁻⁵³.
    let mut sum = 1.0 / 6227020800.0;
    for factorial in
        [479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0]
    {
        sum = sum * r + 1.0 / factorial;
    }
    sum * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52))
}

#[cfg(test)]
mod tests {
    use super::{correlations_and_slopes, exp_of_negative};

    #[test]
    fn exp_of_negative_is_the_exponential() {
        for i in 0..7000 {
            let x = f64::from(i) * -0.1;
            assert!((exp_of_negative(x) / libm::exp(x) - 1.0).abs() < 5e-16, "{x}");
        }
        assert!(exp_of_negative(-1e9) < 1e-300);
    }

    #[test]
    fn slopes_are_the_derivatives_of_correlations() {
        for s in [0.0, 1e-3, 0.3, 2.0, 40.0] {
            let mut around = [s + 1e-7, s];
            let mut slopes = [0.0; 2];
            correlations_and_slopes(&mut around, &mut slopes);
            let change = (around[0] - around[1]) / 1e-7;
            assert!((change - slopes[1]).abs() < 1e-5 * (1.0 + slopes[1].abs()), "{s}: {change} {}", slopes[1]);
        }
    }
}

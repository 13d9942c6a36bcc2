//! The exponential for loops that a compiler vectorises.

/// eˣ for x ≤ 0, to about one unit in the last place, without branches so that loops over it are vectorised. Below
/// -700 it stays at e⁻⁷⁰⁰.
#[inline]
pub(crate) fn exp_of_negative(x: f64) -> f64 {
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
    use super::exp_of_negative;

    #[test]
    fn exp_of_negative_is_the_exponential() {
        for i in 0..7000 {
            let x = f64::from(i) * -0.1;
            assert!((exp_of_negative(x) / libm::exp(x) - 1.0).abs() < 5e-16, "{x}");
        }
        assert!(exp_of_negative(-1e9) < 1e-300);
    }
}

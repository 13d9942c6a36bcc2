//! The standard normal distribution, from `libm` alone.

use std::f64::consts::FRAC_1_SQRT_2;

use libm::{erfc, exp, log, sqrt};

/// ln √(2π).
pub(crate) const LOG_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

/// √(2π).
const SQRT_TAU: f64 = 2.506_628_274_631_000_2;

/// The density at `z`.
pub(crate) fn density(z: f64) -> f64 {
    exp(-0.5 * z * z - LOG_SQRT_TAU)
}

/// The share below `z`.
pub(crate) fn below(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// The share between `a` and `b`, `a` below `b`, without cancellation in the tails.
pub(crate) fn between(a: f64, b: f64) -> f64 {
    if a > 0.0 { below(-a) - below(-b) } else { below(b) - below(a) }
}

/// The `z` with the share `p` below it: formula 26.2.23 of Abramowitz and Stegun, then two of Halley's steps.
pub(crate) fn quantile(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - f64::EPSILON / 2.0);
    let tail = p.min(1.0 - p);
    let t = sqrt(-2.0 * log(tail));
    let numerator = 2.515517 + t * (0.802853 + t * 0.010328);
    let denominator = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    let mut z = numerator / denominator - t;
    for _ in 0..2 {
        let step = (below(z) - tail) / density(z);
        z -= step / (1.0 + 0.5 * z * step);
    }
    if p > 0.5 { -z } else { z }
}

/// ln(z Φ(z) + φ(z)): the logarithm of the expected improvement over a standard normal variable, and its derivative.
pub(crate) fn log_improvement(z: f64) -> (f64, f64) {
    if z > -1.0 {
        let (share, density) = (below(z), density(z));
        let value = z * share + density;
        return (log(value), share / value);
    }
    // zΦ + φ = φ (1 - |z| r) with Mills' ratio r = Φ/φ, so nothing underflows.
    let (ratio, rest) = mills(-z);
    (log(rest) - 0.5 * z * z - LOG_SQRT_TAU, ratio / rest)
}

/// Mills' ratio r(x) = Φ(-x)/φ(x) for x ≥ 1, and 1 - x r(x).
fn mills(x: f64) -> (f64, f64) {
    if x < 25.0 {
        let ratio = 0.5 * erfc(x * FRAC_1_SQRT_2) * exp(0.5 * x * x) * SQRT_TAU;
        return (ratio, 1.0 - x * ratio);
    }
    // The asymptotic series 1 - x r(x) = 1/x² - 3/x⁴ + 15/x⁶ - …, exact to rounding from here on.
    let s = 1.0 / (x * x);
    let rest = s * (1.0 - s * (3.0 - s * (15.0 - s * (105.0 - s * 945.0))));
    ((1.0 - rest) / x, rest)
}

#[cfg(test)]
mod tests {
    use super::{below, between, log_improvement, quantile};

    #[test]
    fn quantile_inverts_the_share_below() {
        for p in [1e-12, 1e-5, 0.02, 0.3, 0.5, 0.77, 0.999_999] {
            assert!((below(quantile(p)) / p - 1.0).abs() < 1e-12, "{p}");
        }
        assert!((between(8.0, 9.0) / 6.219_831_985e-16 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn log_improvement_is_smooth_across_its_branches() {
        for z in [-40.0, -25.0, -24.999, -5.0, -1.0, -0.999, 0.0, 3.0, 40.0] {
            let step = 1e-5;
            let (value, slope) = log_improvement(z);
            let change = (log_improvement(z + step).0 - log_improvement(z - step).0) / (2.0 * step);
            assert!(value.is_finite() && (slope / change - 1.0).abs() < 1e-4, "{z}: {slope} against {change}");
        }
        // ln(φ(0)) = -ln √(2π).
        assert!((log_improvement(0.0).0 + super::LOG_SQRT_TAU).abs() < 1e-15);
    }
}

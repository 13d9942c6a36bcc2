//! The lattice on which accuracies lie where predictions are restored in float32.

use dataset::{Restore, Scaling};

use crate::Manifest;

/// Whether the accuracies of a manifest can lie on it: with twenty test points and predictions restored in float32.
pub fn is_possible(manifest: &Manifest) -> bool {
    let is_float32 = manifest.scaling == Scaling::None || manifest.restore == Restore::Float32;
    is_float32 && manifest.data.test.size == 20
}

/// The whole number N of an accuracy 2⁻¹⁷·√(N/20), which the root mean square of twenty whole multiples of 2⁻¹⁷ is; none
/// if it has none, as far as float64 tells, such as where a prediction is so small that its steps are finer.
pub fn number(accuracy: f64) -> Option<u64> {
    let steps = accuracy * 131_072.0;
    let number = (20.0 * steps * steps).round();
    let whole = (number / 20.0).sqrt() / 131_072.0;
    // Four roundings lead from the mean of the squares to here and back.
    (accuracy >= 0.0 && (whole - accuracy).abs() <= 4.0 * f64::EPSILON * accuracy).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::number;

    /// Every accuracy of twenty gaps of whole multiples of 2⁻¹⁷ is on the lattice; between its points there is nothing.
    #[test]
    fn the_lattice_has_its_points_and_no_others() {
        for point in (0..2000_u32).chain([1 << 20, (1 << 30) + 1, u32::MAX]) {
            let at = |number: f64| (number / 20.0).sqrt() / 131_072.0;
            assert_eq!(number(at(point.into())), Some(point.into()));
            assert_eq!(number(at(f64::from(point) + 0.25)), None, "{point}");
        }
        assert_eq!(number(1.0789593218788873e-05), Some(40));
        assert_eq!([f64::NAN, f64::INFINITY, -1.0].map(number), [None; 3]);
    }
}

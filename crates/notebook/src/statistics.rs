//! Numbers that stand for many.

/// The value below which the share `share` of the values lies, with NumPy's linear interpolation between two; NaN without
/// values. Infinite values have their place at the ends.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = |place: f64| sorted.get(place as usize).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(place.floor()), at(place.ceil()));
    // Between equal values, infinite ones too, there is nothing to interpolate.
    if low == high { low } else { low + (high - low) * place.fract() }
}

/// The middle value, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

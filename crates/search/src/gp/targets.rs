//! Losses made fit for a Gaussian process.

use libm::{log1p, sqrt};

use crate::sampler::Outcome;

/// At most so many losses, the worst ones, count by their logarithm. They are from before a search knows a good region; if they
/// were always half of all, the logarithm would bend that region too, and its floor would be found late.
const MOST_COMPRESSED: usize = 30;

/// Values with mean 0 and variance 1, smaller being better, one for every outcome that is not pending.
///
/// Infinite losses count as the largest (or smallest) finite one, failed trials as the worst, pruned ones as what they
/// last reported but never as better than the median. How much worse than most a bad loss is counts by its logarithm, so that
/// a few very bad trials do not flatten the differences between good ones.
pub(super) fn standardized(outcomes: &[Outcome]) -> Vec<f64> {
    let complete = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Complete(loss) if loss.is_finite() => Some(*loss),
        _ => None,
    });
    let mut finite: Vec<f64> = complete.collect();
    finite.sort_by(f64::total_cmp);
    let (Some(&best), Some(&worst)) = (finite.first(), finite.last()) else {
        return vec![0.0; outcomes.iter().filter(|outcome| **outcome != Outcome::Pending).count()];
    };
    let median = finite[finite.len() / 2];
    let losses = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Pending => None,
        Outcome::Complete(loss) => Some(loss.clamp(best, worst)),
        Outcome::Pruned(Some((_, loss))) => Some(loss.clamp(median, worst)),
        Outcome::Pruned(None) | Outcome::Fail => Some(worst),
    });
    // Halves keep sums and differences of the largest floats finite.
    let losses: Vec<f64> = losses.map(|loss| loss / 2.0 - best / 2.0).collect();
    let largest = losses.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 {
        return vec![0.0; losses.len()];
    }
    let values = compress(losses.iter().map(|loss| loss / largest).collect());
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = sqrt(values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count);
    values.iter().map(|value| (value - mean) / deviation.max(1e-10)).collect()
}

/// Losses beyond m become m + s ln(1 + (loss - m) / s), s being the root mean square distance of the better ones from m: m is
/// the median, or more where [`MOST_COMPRESSED`] losses are beyond it.
fn compress(mut losses: Vec<f64>) -> Vec<f64> {
    let mut sorted = losses.clone();
    sorted.sort_by(f64::total_cmp);
    let last = (sorted.len() / 2).max(sorted.len().saturating_sub(1 + MOST_COMPRESSED));
    let (better, limit) = (&sorted[..=last], sorted[last]);
    let square = |loss: &f64| (loss - limit) * (loss - limit);
    let spread = sqrt(better.iter().map(square).sum::<f64>() / better.len() as f64);
    if spread > 0.0 {
        for loss in losses.iter_mut().filter(|loss| **loss > limit) {
            *loss = limit + spread * log1p((*loss - limit) / spread);
        }
    }
    losses
}

#[cfg(test)]
mod tests {
    use super::standardized;
    use crate::sampler::Outcome::{Complete, Fail, Pending, Pruned};

    #[test]
    fn values_keep_the_order_of_losses_and_have_unit_variance() {
        let losses = [3.0, -1.0, 1e9, 2.0, 2.5, f64::INFINITY, 0.0];
        let values = standardized(&losses.map(Complete));
        let by_loss = |a: usize, b: usize| losses[a] < losses[b] && losses[b].is_finite();
        assert!((0..7).all(|a| (0..7).all(|b| !by_loss(a, b) || values[a] < values[b])), "{values:?}");
        assert_eq!(values[5], values[2]);
        assert!((values.iter().map(|v| v * v).sum::<f64>() / 7.0 - 1.0).abs() < 1e-12);
        // Without the logarithm the outlier would leave the others within 1e-8 of each other.
        assert!(values[0] - values[1] > 0.1, "{values:?}");
    }

    /// Half of few losses count by their logarithm, of many only the worst ones: steps between all others keep their proportions.
    #[test]
    fn most_losses_of_a_long_study_keep_their_distances() {
        for (count, kept) in [(40, 20), (200, 169)] {
            let outcomes: Vec<_> = (0..count).map(|loss| Complete(f64::from(loss))).collect();
            let values = standardized(&outcomes);
            let step = values[1] - values[0];
            let is_kept = |pair: &&[f64]| (pair[1] - pair[0] - step).abs() < 1e-9;
            assert_eq!(values.windows(2).take_while(is_kept).count(), kept, "of {count}");
        }
    }

    #[test]
    fn failed_trials_are_the_worst_and_pruned_ones_no_better_than_the_median() {
        let outcomes =
            [Complete(0.0), Complete(1.0), Complete(4.0), Pending, Fail, Pruned(Some((3, -9.0))), Pruned(None)];
        let values = standardized(&outcomes);
        assert_eq!(values.len(), 6);
        assert_eq!((values[3], values[4], values[5]), (values[2], values[1], values[2]));
    }

    #[test]
    fn without_differences_all_values_are_0() {
        assert_eq!(standardized(&[Complete(7.0), Complete(7.0)]), [0.0; 2]);
        assert_eq!(standardized(&[Complete(f64::INFINITY), Fail, Pending]), [0.0; 2]);
        let huge = standardized(&[Complete(f64::MAX), Complete(f64::MIN), Complete(0.0)]);
        assert!(huge.iter().all(|value| value.is_finite()) && huge[1] < huge[2] && huge[2] < huge[0]);
    }
}

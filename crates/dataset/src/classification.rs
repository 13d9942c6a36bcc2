//! What outputs of a classifier say, and how good it is. Classes are their places in the order of the data's classes.

/// The class that the outputs of each of `rows` rows choose: with one output, the probability of the second of two classes,
/// the second if it is more than a half, as Keras' `binary_accuracy`; with several the first of the largest, as `argmax`.
pub fn chosen(outputs: &[f64], rows: usize) -> Vec<usize> {
    let of_row = |outputs: &[f64]| match outputs {
        [probability] => usize::from(*probability > 0.5),
        _ => {
            (0..outputs.len()).rev().max_by(|one, other| outputs[*one].total_cmp(&outputs[*other])).unwrap_or_default()
        }
    };
    outputs.chunks_exact(outputs.len() / rows).map(of_row).collect()
}

/// The share of rows whose class is the chosen one.
pub fn accuracy(chosen: &[usize], labels: &[f64]) -> f64 {
    let right = chosen.iter().zip(labels).filter(|(class, label)| **class as f64 == **label).count();
    right as f64 / labels.len() as f64
}

/// How many rows of each class, the outer index, were taken for each class, the inner one.
pub fn confusion_matrix(chosen: &[usize], labels: &[f64], classes: usize) -> Vec<Vec<u32>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (class, label) in chosen.iter().zip(labels) {
        counts[*label as usize][*class] += 1;
    }
    counts
}

/// The share of rows of the second class that are found against the share of rows of the first class that are taken for them,
/// as the probability from which on a row is taken for the second class falls: from (0, 0) to (1, 1), scikit-learn's
/// `roc_curve`. Not a number where there are no rows of a class.
pub fn roc_curve(probabilities: &[f64], labels: &[f64]) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|one, other| probabilities[*other].total_cmp(&probabilities[*one]));
    let positives = labels.iter().filter(|label| **label == 1.0).count() as f64;
    let negatives = labels.len() as f64 - positives;
    let mut curve = vec![(0.0, 0.0)];
    let (mut found, mut mistaken) = (0.0, 0.0);
    for equal in order.chunk_by(|one, other| probabilities[*one] == probabilities[*other]) {
        let hits = equal.iter().filter(|row| labels[**row] == 1.0).count();
        found += hits as f64;
        mistaken += (equal.len() - hits) as f64;
        curve.push((mistaken / negatives, found / positives));
    }
    curve
}

/// The area under such a curve, by trapezoids: how likely it is that a row of the second class has a larger probability than
/// one of the first.
pub fn area_under(curve: &[(f64, f64)]) -> f64 {
    curve.windows(2).map(|pair| (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1)).sum()
}

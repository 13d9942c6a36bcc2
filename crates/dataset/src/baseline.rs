//! What a network has to beat: predictions of the test rows, in the label's unit, that need no training.

use crate::LogisticRegression;
use crate::dataset::Dataset;

/// Columns whose part that no earlier column explains is smaller than this are left out.
const SMALLEST_PIVOT: f64 = 1e-10;

/// The mean label of the training rows for every test row.
pub fn mean(data: &Dataset) -> Vec<f64> {
    let labels = &data.train.labels;
    vec![labels.iter().sum::<f64>() / labels.len() as f64; data.test.labels.len()]
}

/// The class that most training rows have, by its place among [`Dataset::classes`], for every test row; the first of several.
pub fn majority(data: &Dataset) -> Vec<usize> {
    let counts = data.class_counts(&data.train);
    let class = (0..counts.len()).rev().max_by_key(|class| counts[*class]).unwrap_or_default();
    vec![class; data.test.labels.len()]
}

/// Logistic regression on the network's inputs, learnt from the training rows: the outputs for the test rows, as
/// [`LogisticRegression::predict`] has them.
pub fn logistic(data: &Dataset) -> Vec<f64> {
    LogisticRegression::fit(&data.train, data.classes().len()).predict(&data.test.x)
}

/// Linear regression: least squares with an intercept on the network's inputs.
///
/// It solves the normal equations of the columns with mean 0 and variance 1 by a Cholesky factorisation that takes the column
/// with the largest pivot next; columns that depend on others, as those of a one-hot category do, get the weight 0.
pub fn linear(data: &Dataset) -> Vec<f64> {
    let (x, labels, width) = (&data.train.x, &data.train.labels, data.features.len());
    let rows = labels.len() as f64;
    let mut means = vec![0.0; width];
    for row in x.chunks_exact(width) {
        means.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value) / rows);
    }
    let label_mean = labels.iter().sum::<f64>() / rows;
    let mut products = vec![vec![0.0; width]; width];
    let mut weights = vec![0.0; width];
    let centred = |row: &[f32]| -> Vec<f64> { row.iter().zip(&means).map(|(x, mean)| f64::from(*x) - mean).collect() };
    for (row, label) in x.chunks_exact(width).zip(labels) {
        let row = centred(row);
        for (i, value) in row.iter().enumerate() {
            weights[i] += value * (label - label_mean) / rows;
            products[i][..=i].iter_mut().zip(&row).for_each(|(product, other)| *product += value * other / rows);
        }
    }
    let spread: Vec<f64> = (0..width).map(|i| products[i][i].sqrt()).collect();
    let inverse = |i: usize| if spread[i] > 0.0 { 1.0 / spread[i] } else { 0.0 };
    let correlation = |i: usize, j: usize| products[i.max(j)][i.min(j)] * inverse(i) * inverse(j);
    let mut correlations =
        (0..width).map(|i| (0..width).map(|j| correlation(i, j)).collect()).collect::<Vec<Vec<f64>>>();
    weights.iter_mut().enumerate().for_each(|(i, weight)| *weight *= inverse(i));
    solve(&mut correlations, &mut weights);
    weights.iter_mut().enumerate().for_each(|(i, weight)| *weight *= inverse(i));
    let predict =
        |row: &[f32]| label_mean + centred(row).iter().zip(&weights).map(|(x, weight)| x * weight).sum::<f64>();
    data.test.x.chunks_exact(width).map(predict).collect()
}

/// Solves `a x = b` for a symmetric, positive semidefinite `a`, by elimination with the largest pivot next; `x` replaces `b`.
fn solve(a: &mut [Vec<f64>], b: &mut [f64]) {
    let mut left: Vec<usize> = (0..b.len()).collect();
    let mut taken = Vec::new();
    while let Some(position) = (0..left.len()).max_by(|i, j| a[left[*i]][left[*i]].total_cmp(&a[left[*j]][left[*j]])) {
        let pivot = left[position];
        if a[pivot][pivot] < SMALLEST_PIVOT {
            break;
        }
        left.swap_remove(position);
        let row = a[pivot].clone();
        for &i in &left {
            let factor = row[i] / row[pivot];
            b[i] -= factor * b[pivot];
            for &j in &left {
                a[i][j] -= factor * row[j];
            }
        }
        taken.push(pivot);
    }
    for &i in &left {
        b[i] = 0.0;
    }
    for (step, &pivot) in taken.iter().enumerate().rev() {
        let known: f64 = taken[step + 1..].iter().map(|&j| a[pivot][j] * b[j]).sum();
        b[pivot] = (b[pivot] - known) / a[pivot][pivot];
    }
}

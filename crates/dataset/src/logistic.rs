//! Logistic regression, the straight line of classes.

use libm::{exp, log, log1p, sqrt};

use crate::Rows;

/// Steps that L-BFGS remembers.
const REMEMBERED: usize = 20;
/// The search ends where no derivative of the mean loss is larger.
const TOLERANCE: f64 = 1e-7;
const MOST_STEPS: usize = 10_000;

/// scikit-learn's `LogisticRegression` with its defaults: the sum of the cross-entropies of all rows, each by its sample
/// weight, and half the sum of the squared weights, without the intercepts, is least. Two classes have one output, the
/// probability of the second; more have one each (multinomial).
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegression {
    /// The weights `[features, outputs]`.
    pub weights: Vec<f64>,
    /// The intercepts `[outputs]`.
    pub intercepts: Vec<f64>,
}

impl LogisticRegression {
    /// Learns from the inputs and classes of these rows. The sum to minimise is convex, so it is what scikit-learn's solvers
    /// come near to; L-BFGS finds it in float64, on weights that are scaled so that the curvature at
    /// the start is about 1 in each direction.
    ///
    /// # Panics
    /// If there are no rows.
    pub fn fit(rows: &Rows, classes: usize) -> Self {
        let problem = Problem::new(rows, classes);
        problem.regression(&minimize(&problem))
    }

    /// The probabilities `[rows, outputs]` of the classes for row-major inputs: one output of two classes, the second's.
    pub fn predict(&self, x: &[f32]) -> Vec<f64> {
        let width = self.weights.len() / self.intercepts.len();
        x.chunks_exact(width).flat_map(|row| probabilities(self.scores(row)).0).collect()
    }

    fn scores(&self, row: &[f32]) -> Vec<f64> {
        let mut scores = self.intercepts.clone();
        for (x, weights) in row.iter().zip(self.weights.chunks_exact(scores.len())) {
            let x = f64::from(*x);
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += x * weight);
        }
        scores
    }
}

/// The probabilities of one row's scores, and the logarithm of what they are divided by, the first class of two having the
/// score 0.
fn probabilities(mut scores: Vec<f64>) -> (Vec<f64>, f64) {
    if let [score] = scores[..] {
        let small = exp(-score.abs());
        let larger = 1.0 / (1.0 + small);
        return (vec![if score >= 0.0 { larger } else { small * larger }], score.max(0.0) + log1p(small));
    }
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for score in &mut scores {
        *score = exp(*score - most);
    }
    let sum: f64 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    (scores, most + log(sum))
}

/// What is minimised, divided by the number of rows, over the scaled weights of columns of mean 0 and the intercepts after them.
struct Problem<'a> {
    rows: &'a Rows,
    width: usize,
    outputs: usize,
    means: Vec<f64>,
    /// By how much each column's scaled weights are multiplied.
    scales: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(rows: &'a Rows, classes: usize) -> Self {
        let number = rows.labels.len() as f64;
        let width = rows.x.len() / rows.labels.len();
        let (mut means, mut variances) = (vec![0.0; width], vec![0.0; width]);
        for row in rows.x.chunks_exact(width) {
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += f64::from(*x) / number);
        }
        for row in rows.x.chunks_exact(width) {
            for ((variance, x), mean) in variances.iter_mut().zip(row).zip(&means) {
                *variance += (f64::from(*x) - mean) * (f64::from(*x) - mean) / number;
            }
        }
        // Where all classes are as likely, a weight has the curvature of the cross-entropy and that of its penalty.
        let likely = 1.0 / classes as f64;
        let scale = |variance: &f64| 1.0 / sqrt(likely * (1.0 - likely) * variance + 1.0 / number);
        let scales = variances.iter().map(scale).collect();
        Self { rows, width, outputs: if classes == 2 { 1 } else { classes }, means, scales }
    }

    /// The same weights for the columns as they are.
    fn regression(&self, parameters: &[f64]) -> LogisticRegression {
        let (weights, intercepts) = parameters.split_at(self.width * self.outputs);
        let (mut weights, mut intercepts) = (weights.to_vec(), intercepts.to_vec());
        for ((weights, scale), mean) in weights.chunks_exact_mut(self.outputs).zip(&self.scales).zip(&self.means) {
            for (weight, intercept) in weights.iter_mut().zip(&mut intercepts) {
                *weight *= scale;
                *intercept -= *weight * mean;
            }
        }
        LogisticRegression { weights, intercepts }
    }

    /// What is minimised, and its derivatives.
    fn value_and_gradient(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let Self { rows, width, outputs, means, scales } = self;
        let number = rows.labels.len() as f64;
        let regression = self.regression(parameters);
        let mut value = regression.weights.iter().map(|weight| weight * weight).sum::<f64>() / 2.0 / number;
        let mut gradient: Vec<f64> = regression.weights.iter().map(|weight| weight / number).collect();
        let mut errors = vec![0.0; *outputs];
        for (index, (row, label)) in rows.x.chunks_exact(*width).zip(&rows.labels).enumerate() {
            let weight = rows.sample_weight.as_ref().map_or(1.0, |weights| f64::from(weights[index])) / number;
            let scores = regression.scores(row);
            let class = *label as usize;
            let of_class = if *outputs == 1 { scores[0] * label } else { scores[class] };
            let (mut error, logarithm) = probabilities(scores);
            value += weight * (logarithm - of_class);
            if *outputs == 1 {
                error[0] -= label;
            } else {
                error[class] -= 1.0;
            }
            error.iter_mut().zip(&mut errors).for_each(|(error, sum)| {
                *error *= weight;
                *sum += *error;
            });
            for (x, gradient) in row.iter().zip(gradient.chunks_exact_mut(*outputs)) {
                let x = f64::from(*x);
                gradient.iter_mut().zip(&error).for_each(|(gradient, error)| *gradient += x * error);
            }
        }
        for ((gradient, scale), mean) in gradient.chunks_exact_mut(*outputs).zip(scales).zip(means) {
            gradient
                .iter_mut()
                .zip(&errors)
                .for_each(|(gradient, error)| *gradient = (*gradient - mean * error) * scale);
        }
        gradient.extend(errors);
        (value, gradient)
    }
}

/// The parameters where the value is least, from zero: L-BFGS (Nocedal 1980) with halved steps.
fn minimize(problem: &Problem) -> Vec<f64> {
    let mut parameters = vec![0.0; (problem.width + 1) * problem.outputs];
    let (mut value, mut gradient) = problem.value_and_gradient(&parameters);
    // Differences of parameters and of gradients from step to step, and one over their product.
    let mut steps: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    for _ in 0..MOST_STEPS {
        if gradient.iter().all(|derivative| derivative.abs() <= TOLERANCE) {
            break;
        }
        let mut direction: Vec<f64> = gradient.iter().map(|derivative| -derivative).collect();
        let mut shares = Vec::new();
        for (moved, changed, inverse) in steps.iter().rev() {
            let share = inverse * dot(moved, &direction);
            add(&mut direction, -share, changed);
            shares.push(share);
        }
        if let Some((_, changed, inverse)) = steps.last() {
            let scale = 1.0 / (inverse * dot(changed, changed));
            for value in &mut direction {
                *value *= scale;
            }
        }
        for ((moved, changed, inverse), share) in steps.iter().zip(shares.iter().rev()) {
            let other = inverse * dot(changed, &direction);
            add(&mut direction, share - other, moved);
        }
        let slope = dot(&direction, &gradient);
        let mut length = 1.0;
        let next = loop {
            let mut next = parameters.clone();
            add(&mut next, length, &direction);
            let (next_value, next_gradient) = problem.value_and_gradient(&next);
            if next_value <= value + 1e-4 * length * slope {
                break Some((next, next_value, next_gradient));
            }
            length /= 2.0;
            if length < 1e-10 {
                break None;
            }
        };
        // To rounding, nothing is lower.
        let Some((next, next_value, next_gradient)) = next else { break };
        let difference =
            |one: &[f64], other: &[f64]| -> Vec<f64> { one.iter().zip(other).map(|(a, b)| a - b).collect() };
        let (moved, changed) = (difference(&next, &parameters), difference(&next_gradient, &gradient));
        let product = dot(&moved, &changed);
        if product > 0.0 {
            if steps.len() == REMEMBERED {
                steps.remove(0);
            }
            steps.push((moved, changed, 1.0 / product));
        }
        (parameters, value, gradient) = (next, next_value, next_gradient);
    }
    parameters
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += times * what);
}

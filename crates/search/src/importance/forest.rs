//! Regression trees on bootstrap samples (Breiman 2001), split down to single trials.

use crate::stream::{Draws, Purpose};

use super::observed::{Column, Observed};
use super::side::{Question, Side};

/// Splits between the root and a leaf, at most.
const DEPTH: usize = 64;

/// By how much a split must beat another one: what is equal stays equal, in whatever order it was summed.
const MARGIN: f64 = 1e-10;

/// A leaf: its box, one side a parameter, and the mean loss there.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) sides: Vec<Side>,
    pub(super) value: f64,
}

/// The leaves of tree number `tree`.
pub(super) fn grow(observed: &Observed<'_>, losses: &[f64], seed: u64, tree: u64) -> Vec<Leaf> {
    let mut draws = Draws::new(seed, Purpose::Forest, tree);
    let mut rows: Vec<usize> = losses.iter().map(|_| draws.below(losses.len())).collect();
    let columns = &observed.parameters;
    let mut sides = columns.iter().map(|column| Side::whole(&column.scale)).collect();
    let mut grower = Grower { columns, losses, draws, leaves: Vec::new() };
    grower.node(&mut rows, &mut sides, 0);
    grower.leaves
}

struct Grower<'a> {
    columns: &'a [Column<'a>],
    losses: &'a [f64],
    draws: Draws,
    leaves: Vec<Leaf>,
}

/// A split that a node may take.
#[derive(Clone, Copy, Debug)]
struct Split {
    column: usize,
    question: Question,
    gain: f64,
}

impl Grower<'_> {
    fn node(&mut self, rows: &mut [usize], sides: &mut Vec<Side>, depth: usize) {
        let mean = rows.iter().map(|&row| self.losses[row]).sum::<f64>() / rows.len() as f64;
        let equal = rows.iter().all(|&row| self.losses[row] == self.losses[rows[0]]);
        let split = if equal || depth == DEPTH { None } else { self.split(rows, mean) };
        let Some(Split { column, question, .. }) = split else {
            self.leaves.push(Leaf { sides: sides.clone(), value: mean });
            return;
        };
        let places = &self.columns[column].places;
        rows.sort_by_key(|&row| !question.holds(places[row]));
        let (left, right) = rows.split_at_mut(rows.partition_point(|&row| question.holds(places[row])));
        let side = sides[column].clone();
        for (rows, answer) in [(left, true), (right, false)] {
            sides[column] = side.after(question, answer);
            self.node(rows, sides, depth + 1);
        }
        sides[column] = side;
    }

    /// The split that lowers the sum of squares most. Parameters come in random order, so that none gains from being
    /// asked first where several do equally well, as they do between two trials.
    fn split(&mut self, rows: &[usize], mean: f64) -> Option<Split> {
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, self.draws.below(last + 1));
        }
        let mut best = None;
        for column in order {
            let places = &self.columns[column].places;
            let mut points: Vec<(f64, f64)> = rows.iter().map(|&row| (places[row], self.losses[row] - mean)).collect();
            let scale = &self.columns[column].scale;
            let consider = |question, gain| keep(&mut best, Split { column, question, gain });
            if scale.categorical {
                let choices = scale.count as usize;
                one_against_rest(&points, choices, self.draws.below(choices), consider);
            } else {
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                thresholds(&points, consider);
            }
        }
        best
    }
}

fn keep(best: &mut Option<Split>, split: Split) {
    if best.is_none_or(|best| split.gain > best.gain * (1.0 + MARGIN)) {
        *best = Some(split);
    }
}

/// By how much a split lowers the sum of squares, if losses of mean 0 add up to `sum` in `part` of `all` rows.
fn gain(sum: f64, part: usize, all: usize) -> f64 {
    sum * sum * (all as f64 / (part as f64 * (all - part) as f64))
}

/// Thresholds halfway between neighbours, for points in order.
fn thresholds(points: &[(f64, f64)], mut consider: impl FnMut(Question, f64)) {
    let mut sum = 0.0;
    for (i, pair) in points.windows(2).enumerate() {
        let (here, next) = (pair[0].0, pair[1].0);
        sum += pair[0].1;
        if here < next {
            let middle = f64::midpoint(here, next);
            // Halfway between two floats next to each other can round up.
            let threshold = if middle < next { middle } else { here };
            consider(Question::AtMost(threshold), gain(sum, i + 1, points.len()));
        }
    }
}

/// Every choice against all others, which leaves a choice that no point has with the rest; `first` comes first.
fn one_against_rest(points: &[(f64, f64)], choices: usize, first: usize, mut consider: impl FnMut(Question, f64)) {
    let mut sums = vec![(0.0, 0); choices];
    for (place, loss) in points {
        let (sum, count) = &mut sums[*place as usize];
        *sum += loss;
        *count += 1;
    }
    for choice in (first..choices).chain(0..first) {
        let (sum, count) = sums[choice];
        if count > 0 && count < points.len() {
            consider(Question::Is(choice), gain(sum, count, points.len()));
        }
    }
}

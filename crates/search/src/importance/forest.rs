//! Regression trees on bootstrap samples (Breiman 2001), split down to single trials, and what single parameters have of a
//! tree's variance.

use crate::random::{Draws, Purpose};
use crate::scale::Scale;

use super::{Column, Observed};

/// Splits between the root and a leaf, at most.
const DEPTH: usize = 64;

/// Trials that a tree is grown on, at most.
const MOST: usize = 10_000;

/// By how much a split must beat another one: what is equal stays equal, in whatever order it was summed.
const MARGIN: f64 = 1e-10;

/// A leaf: its box, one side a parameter, and the mean loss there.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) sides: Vec<Side>,
    pub(super) value: f64,
}

/// The values of one parameter that lead to a node.
#[derive(Clone, Debug)]
pub(super) enum Side {
    /// A stretch of the scale, its ends.
    Stretch(f64, f64),
    /// By choice: whether it must be that one, or must not.
    Choices(Vec<Option<bool>>),
}

/// A question that a node asks of one parameter; those who say yes go left.
#[derive(Clone, Copy, Debug)]
enum Question {
    /// Is the place at most this?
    AtMost(f64),
    /// Is it this choice?
    Is(usize),
}

/// A split that a node may take.
#[derive(Clone, Copy, Debug)]
struct Split {
    column: usize,
    question: Question,
    gain: f64,
}

/// The leaves of tree number `tree`.
pub(super) fn grow(observed: &Observed<'_>, losses: &[f64], seed: u64, tree: u64) -> Vec<Leaf> {
    let mut draws = Draws::new(seed, Purpose::Forest, tree);
    let mut rows: Vec<usize> = losses.iter().take(MOST).map(|_| draws.below(losses.len())).collect();
    let columns = &observed.parameters;
    let whole = |column: &Column<'_>| match &column.scale {
        scale if scale.categorical => Side::Choices(vec![None; scale.count as usize]),
        scale => Side::Stretch(scale.low, scale.high),
    };
    let mut sides = columns.iter().map(whole).collect();
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
        let holds = |row: &usize| match question {
            Question::AtMost(threshold) => places[*row] <= threshold,
            Question::Is(choice) => places[*row] as usize == choice,
        };
        rows.sort_by_key(|row| !holds(row));
        let (left, right) = rows.split_at_mut(rows.partition_point(holds));
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
        let mut best: Option<Split> = None;
        for column in order {
            // The losses have mean 0; `sum` is that of the `part` of them for which the question holds.
            let mut consider = |question, sum: f64, part: usize| {
                let gain = sum * sum * (rows.len() as f64 / (part as f64 * (rows.len() - part) as f64));
                if best.is_none_or(|best| gain > best.gain * (1.0 + MARGIN)) {
                    best = Some(Split { column, question, gain });
                }
            };
            let Column { places, scale, .. } = &self.columns[column];
            let mut points: Vec<(f64, f64)> = rows.iter().map(|&row| (places[row], self.losses[row] - mean)).collect();
            if scale.categorical {
                // Every choice against all others, which leaves a choice that no point has with the rest.
                let mut sums = vec![(0.0, 0); scale.count as usize];
                for (place, loss) in points {
                    let (sum, count) = &mut sums[place as usize];
                    *sum += loss;
                    *count += 1;
                }
                let first = self.draws.below(sums.len());
                for choice in (first..sums.len()).chain(0..first) {
                    let (sum, count) = sums[choice];
                    if count > 0 && count < rows.len() {
                        consider(Question::Is(choice), sum, count);
                    }
                }
                continue;
            }
            // Thresholds halfway between neighbours.
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut sum = 0.0;
            for (i, pair) in points.windows(2).enumerate() {
                let (here, next) = (pair[0].0, pair[1].0);
                sum += pair[0].1;
                if here < next {
                    let middle = f64::midpoint(here, next);
                    // Halfway between two floats next to each other can round up.
                    let threshold = if middle < next { middle } else { here };
                    consider(Question::AtMost(threshold), sum, i + 1);
                }
            }
        }
        best
    }
}

/// By parameter: the variance of the tree's mean as a function of that parameter, over the tree's variance; all 0 for
/// a tree without variance. Equations 7 to 10 of Hutter, Hoos and Leyton-Brown (2014) for sets of one parameter.
pub(super) fn shares(leaves: &[Leaf], observed: &Observed<'_>) -> Vec<f64> {
    let scales: Vec<&Scale> = observed.parameters.iter().map(|column| &column.scale).collect();
    let widths: Vec<Vec<f64>> = leaves
        .iter()
        .map(|leaf| leaf.sides.iter().zip(&scales).map(|(side, scale)| side.share(scale)).collect())
        .collect();
    let volumes: Vec<f64> = widths.iter().map(|widths| widths.iter().product()).collect();
    let mean: f64 = leaves.iter().zip(&volumes).map(|(leaf, volume)| leaf.value * volume).sum();
    let variance: f64 =
        leaves.iter().zip(&volumes).map(|(leaf, volume)| volume * (leaf.value - mean) * (leaf.value - mean)).sum();
    let share = |(parameter, scale): (usize, &&Scale)| {
        if scale.count == 1 {
            return 0.0;
        }
        // What a leaf adds to the marginal where it is: its distance from the mean by the volume of its other sides.
        let parts =
            leaves.iter().zip(&volumes).zip(&widths).filter(|((_, volume), _)| **volume > 0.0).map(
                |((leaf, volume), widths)| (&leaf.sides[parameter], (leaf.value - mean) * volume / widths[parameter]),
            );
        marginal_variance(scale, parts) / variance
    };
    if variance > 0.0 { scales.iter().enumerate().map(share).collect() } else { vec![0.0; scales.len()] }
}

/// The mean square of a function on a scale, given as a sum of constants on sides.
fn marginal_variance<'a>(scale: &Scale, parts: impl Iterator<Item = (&'a Side, f64)>) -> f64 {
    let (mut stretches, mut choices) = (Vec::new(), Vec::<(&[Option<bool>], f64)>::new());
    for (side, part) in parts {
        match side {
            Side::Stretch(low, high) => stretches.extend([(*low, part), (*high, -part)]),
            Side::Choices(asked) => match choices.iter_mut().find(|(known, _)| known == asked) {
                Some((_, sum)) => *sum += part,
                None => choices.push((asked, part)),
            },
        }
    }
    if scale.categorical {
        let pairs = choices.iter().flat_map(|a| choices.iter().map(move |b| (a, b)));
        return pairs.map(|((a, x), (b, y))| x * y * common_share(a, b)).sum::<f64>().max(0.0);
    }
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut height, mut area) = (0.0, 0.0);
    for pair in stretches.windows(2) {
        height += pair[0].1;
        area += height * height * (pair[1].0 - pair[0].0);
    }
    if scale.high > scale.low { area / (scale.high - scale.low) } else { 0.0 }
}

impl Side {
    /// What is left where the answer is `answer`.
    fn after(&self, question: Question, answer: bool) -> Self {
        match (self, question) {
            (Self::Stretch(low, _), Question::AtMost(threshold)) if answer => Self::Stretch(*low, threshold),
            (Self::Stretch(_, high), Question::AtMost(threshold)) => Self::Stretch(threshold, *high),
            (Self::Choices(asked), Question::Is(choice)) => {
                let mut asked = asked.clone();
                asked[choice] = Some(answer);
                Self::Choices(asked)
            }
            (side, _) => side.clone(),
        }
    }

    /// The share of the scale that it is: half for every choice that was asked for.
    fn share(&self, scale: &Scale) -> f64 {
        match self {
            Self::Stretch(low, high) if scale.high > scale.low => (high - low) / (scale.high - scale.low),
            Self::Stretch(..) => 1.0,
            Self::Choices(asked) => common_share(asked, asked),
        }
    }
}

/// The share of a scale of choices that two sides have in common: half for every choice that one of them asks for.
fn common_share(a: &[Option<bool>], b: &[Option<bool>]) -> f64 {
    if a.iter().zip(b).any(|(a, b)| a.is_some() && b.is_some() && a != b) {
        return 0.0;
    }
    let asked = a.iter().zip(b).filter(|(a, b)| a.is_some() || b.is_some()).count();
    libm::ldexp(1.0, -(asked.min(1000) as i32))
}

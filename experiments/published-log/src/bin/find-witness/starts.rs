//! Stage 1, starts: weights, and orders of epochs 1 to 6 that print the first six lines.
//!
//! How far the loss falls in an epoch depends more on the order of its rows than on anything the weights can do, so both
//! are moved together until all six losses are near the lines. Then the weights are moved on, keeping the lines near, to
//! where biases end small: a bias below 1/16 has float32 steps fine enough to move in the last epochs. In the end small
//! changes of the orders meet the lines.

use keras::{State, Trainer};
use random::philox::Stream;
use random::tensorflow::unit_f32;

use crate::task::{HALF_DIGIT, KERNELS, Order, Purpose, ROWS, SHOWN, Task, UNITS, initial_weights, prints};

/// A training of six epochs that prints the first six lines.
#[derive(Debug)]
pub struct Start {
    /// Its number.
    pub number: u32,
    /// The kernels of the hidden and the output layer before training.
    pub kernels: [f32; KERNELS],
    /// The orders of its epochs.
    pub orders: Vec<Order>,
    /// After these epochs.
    pub state: State,
}

/// How far the loss of each of the first epochs varies with the order of its rows, roughly: a standard deviation.
const SPREAD: [f32; SHOWN] = [0.03, 0.017, 0.011, 0.0065, 0.003, 0.0005];
/// Glorot's limit of both kernels, √(6 / (1 + 16)) = 0.5940885…, rounded down.
const LIMIT: f32 = 0.594;
/// Moves towards the six lines, and then towards small biases.
const MOVES: [usize; 2] = [3000, 1000];
/// Epochs after which the biases are about what they are in the end.
const SETTLED: usize = 60;
/// States that the beam keeps at each line, of how many found in how many tries at most.
const BEAM: [usize; 3] = [12, 36, 12_000];

/// The start of that number, if it leads to the six lines.
pub fn start(task: &Task, trainer: &mut Trainer, number: u32) -> Option<Start> {
    let mut words = task.words(Purpose::Start, [number, 0]);
    let mut orders = task.first_orders(Purpose::Start, [number, 1], SETTLED);
    let (first, later) = orders.split_at_mut(SHOWN);
    // The slope of a random network is the sum of its products of weights; only here does the loss begin near the line.
    let kernels = loop {
        let kernels: [f32; KERNELS] = std::array::from_fn(|_| unit(&mut words) * LIMIT);
        let slope: f32 = (0..UNITS).map(|unit| kernels[unit] * kernels[UNITS + unit]).sum();
        if (-0.75..-0.45).contains(&slope) {
            break kernels;
        }
    };
    let mut climb = Climb { kernels, orders: first, words };
    climb.up(MOVES[0], |kernels, orders| -miss(task, trainer, kernels, orders));
    climb.up(MOVES[1], |kernels, orders| {
        if miss(task, trainer, kernels, orders) > 2.0 {
            return f32::NEG_INFINITY;
        }
        for order in &*later {
            trainer.train_epoch(order);
        }
        let weights = trainer.weights();
        let output_bias = weights[KERNELS + UNITS];
        let biases = weights[UNITS..2 * UNITS].iter().map(|bias| bias.abs()).sum::<f32>();
        -(32.0 * output_bias * output_bias + biases)
    });
    first_lines(task, trainer, number, climb)
}

/// A number from −1 up to 1.
fn unit(words: &mut Stream) -> f32 {
    2.0 * unit_f32(words.next_u32()) - 1.0
}

/// A whole number below `n`.
fn below(words: &mut Stream, n: usize) -> usize {
    ((u64::from(words.next_u32()) * n as u64) >> 32) as usize
}

/// Exchanges so many random pairs of rows.
fn stir(words: &mut Stream, order: &mut Order, pairs: usize) {
    for _ in 0..pairs {
        let (one, other) = (below(words, ROWS), below(words, ROWS));
        order.swap(one, other);
    }
}

/// Trains the first six epochs; the sum of the squares of their losses less the lines, in units of their spread.
fn miss(task: &Task, trainer: &mut Trainer, kernels: &[f32; KERNELS], orders: &[Order]) -> f32 {
    trainer.restart(&initial_weights(kernels));
    let lines = orders.iter().zip(task.first).zip(SPREAD);
    lines.map(|((order, line), spread)| ((trainer.train_epoch(order) - line) / spread).powi(2)).sum()
}

/// Weights and orders on their way up.
struct Climb<'a> {
    kernels: [f32; KERNELS],
    orders: &'a mut [Order],
    words: Stream,
}

impl Climb<'_> {
    /// Tries random moves of few weights or of one order, and keeps those after which `value` is higher.
    fn up(&mut self, moves: usize, mut value: impl FnMut(&[f32; KERNELS], &[Order]) -> f32) {
        let Self { kernels, orders, words } = self;
        let (mut size, mut best) = (0.1_f32, value(kernels, orders));
        for _ in 0..moves {
            if below(words, 3) == 0 {
                let epoch = below(words, orders.len());
                let before = orders[epoch];
                let pairs = [3, ROWS][below(words, 2)];
                stir(words, &mut orders[epoch], pairs);
                let there = value(kernels, orders);
                if there > best {
                    best = there;
                } else {
                    orders[epoch] = before;
                }
                continue;
            }
            let mut moved = *kernels;
            for _ in 0..[1, 2, 3, 6][below(words, 4)] {
                let weight = &mut moved[below(words, KERNELS)];
                *weight = (*weight + 1.7 * size * unit(words)).clamp(-LIMIT, LIMIT);
            }
            let there = value(&moved, orders);
            if there > best {
                (best, *kernels) = (there, moved);
                size = (size * 1.3).min(0.2);
            } else {
                size = if below(words, 100) == 0 { 0.1 } else { (size * 0.98).max(0.002) };
            }
        }
    }
}

/// Orders that print the six lines, few exchanges away from those climbed to: a beam, in which those states stay whose
/// next loss is nearest the next line.
fn first_lines(task: &Task, trainer: &mut Trainer, number: u32, climb: Climb) -> Option<Start> {
    let Climb { kernels, orders: near, mut words } = climb;
    trainer.restart(&initial_weights(&kernels));
    let mut beam = vec![(0.0, trainer.state(), Vec::new())];
    let [kept, enough, tries] = BEAM;
    for (epoch, line) in task.first.into_iter().enumerate() {
        let mut next = Vec::new();
        for attempt in 0..tries {
            let (_, state, orders) = &beam[attempt % beam.len()];
            let mut order = near[epoch];
            let pairs = below(&mut words, 16);
            stir(&mut words, &mut order, pairs);
            trainer.restore(state);
            if !prints(trainer.train_epoch(&order), line, HALF_DIGIT[0]) {
                continue;
            }
            let state = trainer.state();
            let off =
                near.get(epoch + 1).map_or(0.0, |order| (trainer.train_epoch(order) - task.first[epoch + 1]).abs());
            next.push((off, state, [&orders[..], &[order]].concat()));
            if next.len() == enough {
                break;
            }
        }
        next.sort_by(|a, b| a.0.total_cmp(&b.0));
        next.truncate(kept);
        beam = next;
        if beam.is_empty() {
            return None;
        }
    }
    let (_, state, orders) = beam.swap_remove(0);
    Some(Start { number, kernels, orders, state })
}

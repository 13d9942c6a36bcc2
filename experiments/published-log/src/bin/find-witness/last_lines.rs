//! Stage 3, last lines: orders of epochs 95 to 100 that print the last six lines and end on the post's accuracy.
//!
//! A line has five digits, so of some ten thousand losses in reach one is wanted. A beam goes from line to line: from
//! every state that it keeps, many orders are drawn, and the states whose loss prints the line are the next ones.

use keras::{State, Trainer};
use rayon::prelude::*;

use crate::middles::{Middle, draw, promise};
use crate::task::{HALF_DIGIT, LAST, Order, Purpose, SHOWN, Task, prints};

/// The settings of the stage.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// States kept at each line.
    pub states: usize,
    /// Orders drawn for a line, at most.
    pub orders: usize,
}

/// A state in the last epochs, and how it was reached.
#[derive(Debug, Clone)]
pub struct Tail {
    /// Which of the middles it follows.
    pub middle: usize,
    /// The orders since epoch 95.
    pub orders: Vec<Order>,
    state: State,
    promise: f32,
}

impl Tail {
    /// No order yet, after the middle of that place.
    pub fn begin(middle: usize, Middle { state, promise, .. }: &Middle) -> Self {
        Self { middle, orders: Vec::new(), state: state.clone(), promise: *promise }
    }
}

/// Orders drawn from a state at a time.
const CHUNK: usize = 2000;
/// Chunks of a round at least, so that few states still occupy all threads. Part of the search, not of the machine.
const CHUNKS: usize = 256;

/// Goes on from these middles to a tail that prints all six lines and ends on the accuracy, if one is found.
pub fn last_lines(task: &Task, plan: Plan, middles: &[Middle]) -> Option<Tail> {
    let mut tails: Vec<Tail> = middles.iter().enumerate().map(|(number, middle)| Tail::begin(number, middle)).collect();
    for line in 0..SHOWN {
        tails = print_line(task, plan, &tails, line);
    }
    tails.into_iter().next()
}

/// The best states that print one more line, best first.
pub fn print_line(task: &Task, plan: Plan, tails: &[Tail], line: usize) -> Vec<Tail> {
    let last = line + 1 == SHOWN;
    let repeat = CHUNKS.div_ceil(tails.len().max(1));
    let (mut next, mut drawn) = (Vec::new(), 0);
    let progress = notebook::progress_bar(plan.orders as u64, "orders", false);
    for round in 0.. {
        let chunks = (0..tails.len() * repeat).into_par_iter().map_init(
            || task.trainer.clone(),
            |trainer, chunk| {
                let found = draw_chunk(task, trainer, &tails[chunk / repeat], line, [chunk as u32, round]);
                progress.inc(CHUNK as u64);
                found
            },
        );
        next.extend(chunks.collect::<Vec<_>>().into_iter().flatten());
        drawn += CHUNK * tails.len() * repeat;
        let enough = if last { 1 } else { 3 * plan.states };
        if tails.is_empty() || next.len() >= enough || drawn >= plan.orders {
            break;
        }
    }
    progress.finish_and_clear();
    eprintln!("epoch {}: {} of {drawn} orders print the line", LAST + line + 1, next.len());
    next.sort_by(|a: &Tail, b| b.promise.total_cmp(&a.promise));
    next.truncate(plan.states);
    next
}

/// Draws orders: the states whose loss prints the line, after the last line those that are on the accuracy.
fn draw_chunk(task: &Task, trainer: &mut Trainer, tail: &Tail, line: usize, numbers: [u32; 2]) -> Vec<Tail> {
    let mut random = task.orders(Purpose::Last(line), numbers);
    let mut found = Vec::new();
    for _ in 0..CHUNK {
        trainer.restore(&tail.state);
        let (loss, order) = draw(trainer, &mut random);
        if prints(loss, task.last[line], HALF_DIGIT[1]) && (line + 1 < SHOWN || task.is_accurate(trainer)) {
            let state = trainer.state();
            let orders = [&tail.orders[..], &[order]].concat();
            let promise = promise(task, trainer, &state, line + 1, &mut random);
            found.push(Tail { middle: tail.middle, orders, state, promise });
        }
    }
    found
}

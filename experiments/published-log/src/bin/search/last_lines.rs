//! Stage 3, last lines: orders of epochs 95 to 100 that print the last six lines and end on the post's accuracy.
//!
//! A line has five digits, so of some ten thousand losses in reach one is wanted. A beam goes from line to line: from
//! every state that it keeps, many orders are drawn, and the states whose loss prints the line are the next ones.

use std::collections::HashSet;

use crate::network::{EPOCHS, Order, State};
use crate::parallel::in_order;
use crate::progress::Progress;
use crate::rng::{Purpose, Rng};
use crate::starts::Run;
use crate::task::{LAST, SHOWN, Task, Window};

/// The settings of the stage.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Seed of the orders drawn here.
    pub seed: u64,
    /// States kept at each line.
    pub states: usize,
    /// Orders drawn from a state at a time.
    pub chunk: usize,
    /// Orders drawn for a line, at most; four times as many for the last one.
    pub orders: u64,
    /// Threads; they change only the time.
    pub threads: usize,
}

impl Plan {
    /// The settings of every search.
    pub fn new(threads: usize) -> Self {
        Self { seed: 1, states: 1000, chunk: 4000, orders: 60_000_000, threads }
    }
}

/// Chunks of a round at least, so that few states still occupy all threads. Part of the search, not of the machine.
const CHUNKS: usize = 256;
/// Random continuations by which a state is judged.
const CONTINUATIONS: usize = 150;

/// A state in the last epochs, with the orders that led to it from epoch 95 on.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// Where it stands.
    pub state: State,
    /// The orders since epoch 95.
    pub orders: Vec<Order>,
}

/// How far the last lines were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// Lines printed, of six.
    pub lines: usize,
    /// The best tail that printed them, the nearest to the accuracy if it printed all.
    pub best: Tail,
}

/// From a run of 94 epochs to the last lines; the accuracy counts at the last one.
pub fn last_lines(task: &Task, plan: &Plan, run: &Run, progress: &Progress) -> Reached {
    let mut tails = vec![Tail { state: run.state, orders: Vec::new() }];
    for line in 0..SHOWN {
        let next = line_of(task, plan, &tails, line, progress);
        let Some(best) = next.first() else { break };
        let near = next.iter().filter(|tail| task.miss(&tail.state) == 0).count();
        progress.say(&format!(
            "  line {}: {} states, {near} of them on the accuracy; the best is off by {}",
            LAST + line + 1,
            next.len(),
            task.miss(&best.state)
        ));
        tails = next;
    }
    let best = tails.swap_remove(0);
    Reached { lines: best.orders.len(), best }
}

/// The states kept of those that print one more line, best first.
fn line_of(task: &Task, plan: &Plan, tails: &[Tail], line: usize, progress: &Progress) -> Vec<Tail> {
    let last = line + 1 == SHOWN;
    let limit = if last { 4 * plan.orders } else { plan.orders };
    let repeat = (CHUNKS / tails.len()).max(1);
    let mut next: Vec<Tail> = Vec::new();
    let mut seen = HashSet::new();
    let mut drawn = 0;
    progress.begin(limit, &format!("epoch {}", LAST + line + 1));
    for round in 0.. {
        let found = draw(task, plan, tails, line, round, repeat, progress);
        next.extend(found.into_iter().filter(|tail| seen.insert(tail.state.digest())));
        drawn += (plan.chunk * tails.len() * repeat) as u64;
        let enough =
            if last { next.iter().any(|tail| task.miss(&tail.state) == 0) } else { next.len() >= 3 * plan.states };
        if enough || drawn >= limit {
            break;
        }
    }
    progress.end();
    // Neighbours have one parent; a shuffle before the cut keeps many parents.
    Rng::new(plan.seed, Purpose::Spread, line as u64).shuffle(&mut next);
    if last {
        next.sort_by_key(|tail| task.miss(&tail.state));
        next.truncate(plan.states);
        return next;
    }
    cut(rank(task, plan, next, line), plan.states)
}

/// One round: `plan.chunk` orders from every state, `repeat` times; the tails whose loss prints the line, by their
/// state and draw, whatever thread drew them.
fn draw(
    task: &Task,
    plan: &Plan,
    tails: &[Tail],
    line: usize,
    round: usize,
    repeat: usize,
    progress: &Progress,
) -> Vec<Tail> {
    let (epoch, window): (usize, Window) = (LAST + line, task.last[line]);
    let found = in_order(plan.threads, tails.len() * repeat, |chunk| {
        let tail = &tails[chunk / repeat];
        let number = round * repeat + chunk % repeat;
        let mut rng = Rng::new(plan.seed ^ tail.state.digest(), Purpose::Epoch(epoch), number as u64);
        let mut order = rng.order();
        let mut found = Vec::new();
        for _ in 0..plan.chunk {
            rng.stir(&mut order);
            let mut state = tail.state;
            if window.contains(task.network.epoch(&mut state, &order, epoch)) {
                let orders = tail.orders.iter().copied().chain([order]).collect();
                found.push(Tail { state, orders });
            }
        }
        progress.add(plan.chunk as u64);
        found
    });
    found.into_iter().flatten().collect()
}

/// The states by how much they promise for the lines after `line`, best first; of equals the earlier.
fn rank(task: &Task, plan: &Plan, tails: Vec<Tail>, line: usize) -> Vec<Tail> {
    let promises = in_order(plan.threads, tails.len(), |i| {
        let state = &tails[i].state;
        let mut rng = Rng::new(plan.seed ^ state.digest(), Purpose::Promise, line as u64);
        promise(task, &mut rng, state, LAST + line + 1, &task.last[line + 1..])
    });
    let mut ranked: Vec<(f32, Tail)> = promises.into_iter().zip(tails).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, tail)| tail).collect()
}

/// Three quarters of the places go to those that promise most, the others evenly to the rest: a promise is a guess.
fn cut(mut tails: Vec<Tail>, places: usize) -> Vec<Tail> {
    if tails.len() > places {
        let rest = tails.split_off(places * 3 / 4);
        let step = rest.len() / (places / 4).max(1);
        tails.extend(rest.into_iter().step_by(step.max(1)));
        tails.truncate(places);
    }
    tails
}

/// How good a state is for what is left, from random continuations to the end: the share that ends on the accuracy, the
/// share of losses within 4 % of the wanted ones, and the share of different losses in the next epoch, each with one
/// added to count and total, multiplied.
fn promise(task: &Task, rng: &mut Rng, state: &State, epoch: usize, lines: &[Window]) -> f32 {
    let mut order = rng.order();
    let (mut ends, mut near) = (0, 0);
    let mut seen = HashSet::new();
    for _ in 0..CONTINUATIONS {
        let mut end = *state;
        for (epoch, line) in (epoch..EPOCHS).zip(lines) {
            rng.stir(&mut order);
            let loss = task.network.epoch(&mut end, &order, epoch);
            near += usize::from((loss / line.loss - 1.0).abs() < 0.04);
            if epoch + lines.len() == EPOCHS {
                // Units of 1e-19 are the last printed digit.
                seen.insert((loss * 1e19) as u32);
            }
        }
        ends += usize::from(task.miss(&end) == 0);
    }
    let share = |count: usize, total: usize| (count as f32 + 1.0) / (total as f32 + 1.0);
    share(ends, CONTINUATIONS) * share(near, CONTINUATIONS * lines.len()) * share(seen.len(), CONTINUATIONS)
}

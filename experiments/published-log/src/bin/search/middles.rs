//! Stage 2, middles: epochs 7 to 94 in random orders, and those after which the last lines are in reach.
//!
//! By epoch 94 a training has all but stopped: from most states, all orders of the next epoch print a handful of losses.
//! From some, thousands are in reach. How many, how near the last lines, and how often the training then ends on the
//! post's accuracy, says which middles are worth the last stage.

use serde::{Deserialize, Serialize};

use crate::network::{EPOCHS, State};
use crate::rng::{Purpose, Rng};
use crate::starts::{Run, start};
use crate::task::{LAST, SHOWN, Task};

/// Middles of each start.
pub const MIDDLES: u64 = 3000;
/// Best middles of a start that are looked at closely.
pub const KEPT: usize = 6;
/// Middles by which a start is judged before it is given all of them.
const LOOK: u64 = 200;
/// Orders by which a state is judged closely.
const CLOSELY: usize = 40_000;

/// What the next epoch can print from a state.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// How many of the orders tried print each of the last lines.
    pub hits: [u32; SHOWN],
    /// Different losses.
    pub distinct: usize,
    mean: f64,
}

/// A middle, judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Middle {
    /// Its number within its start.
    pub number: u64,
    /// What it is worth: how evenly the last lines are hit, times the share.
    pub score: f32,
    /// Share of random continuations that end on the post's accuracy.
    pub share: f32,
    /// Hits of each of the last lines among the next epoch's losses.
    pub hits: [u32; SHOWN],
    /// Different losses of the next epoch.
    pub distinct: usize,
}

/// The start followed by this middle.
pub fn run(task: &Task, number: u64, middle: u64) -> Option<Run> {
    let mut run = start(task, number)?;
    let mut rng = Rng::new(task.seed, Purpose::Middle(middle), number);
    for epoch in run.orders.len()..LAST {
        let order = rng.order();
        task.network.epoch(&mut run.state, &order, epoch);
        run.orders.push(order);
    }
    Some(run)
}

/// The state after this middle, and its random numbers, further used to judge it.
fn after(task: &Task, number: u64, start: &Run, middle: u64) -> (State, Rng) {
    let mut rng = Rng::new(task.seed, Purpose::Middle(middle), number);
    let mut state = start.state;
    for epoch in SHOWN..LAST {
        task.network.epoch(&mut state, &rng.order(), epoch);
    }
    (state, rng)
}

/// Tries `orders` orders of the next epoch.
fn reach(task: &Task, rng: &mut Rng, state: &State, orders: usize) -> Reach {
    let mut order = rng.order();
    let mut hits = [0; SHOWN];
    let mut seen = Vec::with_capacity(orders);
    let mut sum = 0.0;
    for _ in 0..orders {
        rng.stir(&mut order);
        let loss = task.network.try_epoch(state, &order, LAST);
        for (hits, line) in hits.iter_mut().zip(&task.last) {
            *hits += u32::from(line.contains(loss));
        }
        // Units of 1e-19 are the last printed digit.
        seen.push((loss * 1e19) as u32);
        sum += f64::from(loss);
    }
    seen.sort_unstable();
    seen.dedup();
    Reach { hits, distinct: seen.len(), mean: sum / orders as f64 }
}

/// Share of random continuations to the end that end on the post's accuracy.
fn share(task: &Task, rng: &mut Rng, state: &State, trainings: usize) -> f32 {
    let mut order = rng.order();
    let mut hits = 0;
    for _ in 0..trainings {
        let mut end = *state;
        for epoch in LAST..EPOCHS {
            rng.stir(&mut order);
            task.network.epoch(&mut end, &order, epoch);
        }
        hits += usize::from(task.miss(&end) == 0);
    }
    hits as f32 / trainings as f32
}

/// The state after a middle and its reach, if the first glance at its next loss is not hopeless.
fn glance(task: &Task, number: u64, start: &Run, middle: u64) -> Option<(State, Rng, Reach)> {
    let (state, mut rng) = after(task, number, start, middle);
    let loss = task.network.try_epoch(&state, &rng.order(), LAST);
    if !(5.0e-15..8.0e-15).contains(&loss) {
        return None;
    }
    let reach = reach(task, &mut rng, &state, 256);
    Some((state, rng, reach))
}

/// Judges a start by the most movable of its first middles. The reach of that middle, if it has any.
pub fn look(task: &Task, number: u64) -> Option<Reach> {
    let start = start(task, number)?;
    let (mut most, mut best) = (79, None);
    for middle in 0..LOOK {
        let Some((state, _, reach)) = glance(task, number, &start, middle) else { continue };
        if reach.mean > 5.2e-15 && reach.mean < 7.2e-15 && reach.distinct > most {
            (most, best) = (reach.distinct, Some(state));
        }
    }
    let mut rng = Rng::new(task.seed, Purpose::Look, number);
    best.map(|state| reach(task, &mut rng, &state, CLOSELY))
}

/// A first judgement of a middle: share and mobility. Nothing if it is hopeless.
pub fn judge(task: &Task, number: u64, start: &Run, middle: u64) -> Option<(f32, f32)> {
    let (state, mut rng, reach) = glance(task, number, start, middle)?;
    if reach.mean < 5.4e-15 || reach.mean > 7.0e-15 || reach.distinct < 150 {
        return None;
    }
    let share = share(task, &mut rng, &state, 200);
    Some((share * reach.distinct as f32, share))
}

/// A closer judgement of a middle whose share was judged first.
///
/// The score is the geometric mean of the hits of the six lines, each counted up to 8, times the share; a share that was
/// low at first cannot be more than four times as high now.
pub fn judge_closely(task: &Task, number: u64, start: &Run, middle: u64, first_share: f32) -> Middle {
    let (state, mut rng) = after(task, number, start, middle);
    let Reach { hits, distinct, .. } = reach(task, &mut rng, &state, CLOSELY);
    let share = share(task, &mut rng, &state, 1000).min(first_share.max(0.001) * 4.0);
    let evenly = hits.iter().map(|&hits| (hits as f32).min(8.0) + 0.3).product::<f32>().powf(1.0 / SHOWN as f32);
    Middle { number: middle, score: evenly * share, share, hits, distinct }
}

//! Stage 1, starts: weights, and orders of epochs 1 to 6 that print the first six lines.
//!
//! A line of four digits is a coarse wish: for random orders the weights are solved so that the six losses come near the
//! six lines, and a beam over further orders meets them. Every third start is also softened: its weights are moved,
//! keeping the lines near, to where small weights leave the network movable in the last epochs.

use crate::network::{KERNELS, Network, Order, ROWS, State, UNITS};
use crate::rng::{Purpose, Rng};
use crate::task::{SHOWN, Task};

/// A training so far: its weights before it, its orders, and where it stands.
#[derive(Debug, Clone)]
pub struct Run {
    /// The kernels of the hidden and the output layer before training.
    pub kernels: [f32; KERNELS],
    /// The orders of the epochs so far.
    pub orders: Vec<Order>,
    /// After these epochs.
    pub state: State,
}

/// How far the loss of each of the first epochs varies with the order of its rows, roughly: a standard deviation.
const SPREAD: [f32; SHOWN] = [0.03, 0.017, 0.011, 0.0065, 0.003, 0.0005];
/// States that the beam keeps at each line.
const BEAM: usize = 12;
/// Orders that the beam tries at each line.
const TRIES: usize = 10_000;

/// The start of that number, if it leads to the six lines.
pub fn start(task: &Task, number: u64) -> Option<Run> {
    let mut rng = Rng::new(task.seed, Purpose::Start, number);
    let (mut kernels, orders) = random_kernels(task, &mut rng)?;
    if number % 3 == 1 {
        soften(task, &mut rng, &mut kernels, &orders);
    }
    first_lines(task, &mut rng, kernels)
}

/// Random weights that nearly print the six lines with the orders drawn for them.
///
/// The slope of a random network is the sum of its products of weights; only between −0.75 and −0.45 does the loss begin
/// near the first line.
fn random_kernels(task: &Task, rng: &mut Rng) -> Option<([f32; KERNELS], Vec<Order>)> {
    let orders: Vec<Order> = (0..SHOWN).map(|_| rng.order()).collect();
    let mut kernels = [0.0; KERNELS];
    for _ in 0..400 {
        kernels = std::array::from_fn(|_| (rng.unit() * 2.0 - 1.0) * task.limit);
        let slope: f32 = (0..UNITS).map(|unit| kernels[unit] * kernels[UNITS + unit]).sum();
        if (-0.75..-0.45).contains(&slope) {
            break;
        }
    }
    (solve(task, &mut kernels, &orders) < 15.0).then_some((kernels, orders))
}

/// Losses of the first epochs less the wanted ones, in units of their spread.
fn misses(task: &Task, kernels: &[f32; KERNELS], orders: &[Order]) -> [f64; SHOWN] {
    let mut state = State::new(kernels);
    std::array::from_fn(|epoch| {
        let loss = task.network.epoch(&mut state, &orders[epoch], epoch);
        f64::from((loss - task.first[epoch].loss) / SPREAD[epoch])
    })
}

/// Moves the weights until the six losses are near the lines; returns the sum of the squared misses.
///
/// Levenberg and Marquardt's damped steps, in the form for fewer equations than unknowns: δ = −Jᵀ (J Jᵀ + λ I)⁻¹ r. The
/// derivatives are differences.
fn solve(task: &Task, kernels: &mut [f32; KERNELS], orders: &[Order]) -> f64 {
    const ROUNDS: usize = 30;
    const ENOUGH: f64 = 6.0;
    let norm = |misses: &[f64; SHOWN]| misses.iter().map(|miss| miss * miss).sum::<f64>();
    let mut missed = misses(task, kernels, orders);
    let mut damping = 1.0;
    for _ in 0..ROUNDS {
        if norm(&missed) < ENOUGH {
            break;
        }
        let mut jacobian = [[0.0_f64; KERNELS]; SHOWN];
        for i in 0..KERNELS {
            let mut moved = *kernels;
            moved[i] += if kernels[i] > 0.0 { -2e-3 } else { 2e-3 };
            let by = f64::from(moved[i] - kernels[i]);
            let there = misses(task, &moved, orders);
            for line in 0..SHOWN {
                jacobian[line][i] = (there[line] - missed[line]) / by;
            }
        }
        let factors = damped(&jacobian, &missed, damping);
        let mut moved = *kernels;
        for (i, kernel) in moved.iter_mut().enumerate() {
            let step: f64 = (0..SHOWN).map(|line| jacobian[line][i] * factors[line].0 / factors[line].1).sum();
            let limit = f64::from(task.limit);
            *kernel = (f64::from(*kernel) + step.clamp(-0.1, 0.1)).clamp(-limit, limit) as f32;
        }
        let there = misses(task, &moved, orders);
        if norm(&there) < norm(&missed) {
            (*kernels, missed) = (moved, there);
            damping = (damping * 0.1).max(1e-3);
        } else {
            damping *= 10.0;
            if damping > 1e7 {
                break;
            }
        }
    }
    norm(&missed)
}

/// Solves (J Jᵀ + λ I) f = −r by Gauss and Jordan's elimination with pivots; each fⱼ as numerator and denominator.
fn damped(jacobian: &[[f64; KERNELS]; SHOWN], missed: &[f64; SHOWN], damping: f64) -> [(f64, f64); SHOWN] {
    let mut rows = [[0.0_f64; SHOWN + 1]; SHOWN];
    for i in 0..SHOWN {
        for j in 0..SHOWN {
            rows[i][j] = jacobian[i].iter().zip(&jacobian[j]).map(|(a, b)| a * b).sum();
        }
        rows[i][i] += damping;
        rows[i][SHOWN] = -missed[i];
    }
    for column in 0..SHOWN {
        let larger = |&a: &usize, &b: &usize| rows[a][column].abs().total_cmp(&rows[b][column].abs());
        let pivot = (column..SHOWN).max_by(larger).unwrap_or(column);
        rows.swap(column, pivot);
        let pivot = rows[column];
        for (i, row) in rows.iter_mut().enumerate() {
            if i != column {
                let factor = row[column] / pivot[column];
                row.iter_mut().zip(&pivot).skip(column).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    std::array::from_fn(|i| (rows[i][SHOWN], rows[i][i]))
}

/// Climbs towards softer ends of training by random moves of few weights, in three rounds that look ever closer.
fn soften(task: &Task, rng: &mut Rng, kernels: &mut [f32; KERNELS], orders: &[Order]) {
    const MOVES: usize = 2000;
    const ROUND: usize = MOVES / 3;
    let later: Vec<Order> = (SHOWN..60).map(|_| rng.order()).collect();
    let value = |kernels: &[f32; KERNELS], width: f32| {
        let mut state = State::new(kernels);
        let mut miss = 0.0_f32;
        for (epoch, order) in orders.iter().chain(&later).enumerate() {
            let loss = task.network.epoch(&mut state, order, epoch);
            if epoch < SHOWN {
                miss += ((loss - task.first[epoch].loss) / SPREAD[epoch]).powi(2);
            }
            if epoch + 1 == SHOWN && miss > 40.0 {
                return -1e9;
            }
        }
        softness(&state, width) - 0.2 * (miss - 6.0).max(0.0)
    };
    let (mut size, mut best) = (0.1_f32, 0.0_f32);
    for step in 0..MOVES {
        let width = match step {
            0..ROUND => 0.03,
            _ if step < 2 * MOVES / 3 => 0.012,
            _ => 0.005,
        };
        if step % ROUND == 0 {
            (best, size) = (value(kernels, width), 0.1);
        }
        let mut moved = *kernels;
        for _ in 0..[1, 2, 3, 6][rng.below(4)] {
            let i = rng.below(KERNELS);
            moved[i] = (moved[i] + size * rng.normal()).clamp(-task.limit, task.limit);
        }
        let there = value(&moved, width);
        if there > best {
            (best, *kernels) = (there, moved);
            size = (size * 1.3).min(0.2);
        } else {
            size = (size * 0.98).max(0.002);
            if rng.below(100) == 0 {
                size = 0.1;
            }
        }
    }
}

/// How much of the output small weights can still move: a weight near zero has fine float32 steps, and counts by its
/// lever on the output.
fn softness(state: &State, width: f32) -> f32 {
    let small = |weight: f32| 1.0 / (1.0 + (weight / width) * (weight / width));
    let mut sum = 3.0 * small(state.bias[0]);
    for ((&w1, &b1), &w2) in state.w1.iter().zip(&state.b1).zip(&state.w2) {
        sum += w2.abs() * (small(w1) + small(b1)) + w1.abs() * small(w2);
    }
    sum
}

/// Orders of the first epochs that print the six lines: a beam, in which those states stay whose next loss is likely
/// near the next line.
fn first_lines(task: &Task, rng: &mut Rng, kernels: [f32; KERNELS]) -> Option<Run> {
    let network = &task.network;
    let mut beam = vec![Run { kernels, orders: Vec::new(), state: State::new(&kernels) }];
    for (epoch, line) in task.first.iter().enumerate() {
        let mut next: Vec<(f32, Run)> = Vec::new();
        for run in &beam {
            for _ in 0..TRIES / beam.len() {
                let order = biased_order(network, rng);
                let mut state = run.state;
                if line.contains(network.epoch(&mut state, &order, epoch)) {
                    let orders = run.orders.iter().copied().chain([order]).collect();
                    let mut off = 0.0_f32;
                    if epoch + 1 < SHOWN {
                        for _ in 0..4 {
                            off += network.try_epoch(&state, &rng.order(), epoch + 1) / 4.0;
                        }
                        off = ((off - task.first[epoch + 1].loss) / SPREAD[epoch + 1]).abs();
                    }
                    next.push((off, Run { kernels, orders, state }));
                }
            }
        }
        next.sort_by(|a, b| a.0.total_cmp(&b.0));
        beam = next.into_iter().take(BEAM).map(|(_, run)| run).collect();
        if beam.is_empty() {
            return None;
        }
    }
    beam.into_iter().next()
}

/// A random order that has the rows far from the mean early or late, more or less: that spreads the loss of an epoch.
fn biased_order(network: &Network, rng: &mut Rng) -> Order {
    let bias = 0.5 * rng.normal();
    let mut keys: [(u32, u8); ROWS] = std::array::from_fn(|row| {
        let key = rng.unit() + bias * network.x[row].abs();
        (((key + 10.0) * 1e7) as u32, row as u8)
    });
    keys.sort_unstable();
    keys.map(|(_, row)| row)
}

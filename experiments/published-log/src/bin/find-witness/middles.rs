//! Stage 2, middles: epochs 7 to 94 in random orders, and those after which the last lines are in reach.
//!
//! By epoch 94 a training has all but stopped: after most middles, all orders of the next epoch print a handful of losses,
//! after some, thousands. How many, how near the last lines, and how often the training then ends on the post's accuracy,
//! says which middles are worth the last stage.

use std::collections::HashSet;

use keras::{State, Trainer};
use random::keras::EpochOrders;

use crate::starts::Start;
use crate::task::{EPOCHS, LAST, Order, Purpose, ROWS, SHOWN, Task};

/// Middles by which a start is judged.
const LOOK: u32 = 12;
/// Middles of a start that is worth it.
pub const MIDDLES: u32 = 3000;
/// Orders by which it is judged how movable a state is.
const GLANCE: usize = 300;
/// Different losses of these that a middle must have in reach.
const MOVABLE: usize = 120;
/// Trainings to the end by which a state is judged.
const ENDS: usize = 60;

/// A training of 94 epochs from which the last lines seem to be in reach.
#[derive(Debug, Clone)]
pub struct Middle {
    /// The number of its start.
    pub start: u32,
    /// Its number within the start.
    pub number: u32,
    /// After these epochs.
    pub state: State,
    /// How much it promises for the last lines; see [`promise`].
    pub promise: f32,
}

/// How movable the training is after some middles of this start, added up.
pub fn look(task: &Task, trainer: &mut Trainer, start: &Start) -> usize {
    // From the other end of the numbers, so that these middles are not tried again.
    let numbers = (0..LOOK).map(|number| u32::MAX - number);
    let movable = numbers.map(|number| {
        let mut orders = train(task, trainer, start, number);
        movable(trainer, &mut orders)
    });
    movable.sum()
}

/// The middle of that number, if its first continuation comes near the lines and ends on the accuracy.
pub fn middle(task: &Task, trainer: &mut Trainer, start: &Start, number: u32) -> Option<Middle> {
    let mut orders = train(task, trainer, start, number);
    let state = trainer.state();
    let (loss, _) = draw(trainer, &mut orders);
    if !(5.0e-15..8.0e-15).contains(&loss) {
        return None;
    }
    for _ in LAST + 1..EPOCHS {
        draw(trainer, &mut orders);
    }
    if !task.is_accurate(trainer) {
        return None;
    }
    trainer.restore(&state);
    if movable(trainer, &mut orders) < MOVABLE {
        return None;
    }
    let promise = promise(task, trainer, &state, 0, &mut orders);
    Some(Middle { start: start.number, number, state, promise })
}

/// The orders of that middle.
pub fn orders(task: &Task, start: u32, number: u32) -> Vec<Order> {
    task.first_orders(Purpose::Middle, [start, number], LAST - SHOWN)
}

/// Trains up to epoch 94; returns where the random orders go on.
fn train(task: &Task, trainer: &mut Trainer, start: &Start, number: u32) -> EpochOrders {
    let mut orders = task.orders(Purpose::Middle, [start.number, number]);
    trainer.restore(&start.state);
    for _ in SHOWN..LAST {
        draw(trainer, &mut orders);
    }
    orders
}

/// Trains for an epoch in the next of the random orders.
pub fn draw(trainer: &mut Trainer, orders: &mut EpochOrders) -> (f32, Order) {
    let mut order = [0; ROWS];
    orders.fill(&mut order);
    (trainer.train_epoch(&order), order)
}

/// How many different losses some random orders of the next epoch print.
fn movable(trainer: &mut Trainer, orders: &mut EpochOrders) -> usize {
    let state = trainer.state();
    let printed = (0..GLANCE).map(|_| {
        trainer.restore(&state);
        // Units of 1e-19 are the last printed digit.
        (draw(trainer, orders).0 * 1e19) as u32
    });
    printed.collect::<HashSet<u32>>().len()
}

/// How good a state is for the last lines from `line` on, from random continuations: the share that ends on the accuracy,
/// the shares of losses within 2 % of each wanted one, and how movable it is, multiplied.
pub fn promise(task: &Task, trainer: &mut Trainer, state: &State, line: usize, orders: &mut EpochOrders) -> f32 {
    // What was never hit may be hit yet.
    let (mut accurate, mut near) = (0.01_f32, [0.2_f32; SHOWN]);
    for _ in 0..ENDS {
        trainer.restore(state);
        for (near, line) in near.iter_mut().zip(task.last).skip(line) {
            let (loss, _) = draw(trainer, orders);
            *near += f32::from((loss / line - 1.0).abs() < 0.02);
        }
        accurate += f32::from(task.is_accurate(trainer));
    }
    trainer.restore(state);
    accurate * near[line..].iter().product::<f32>() * movable(trainer, orders) as f32
}

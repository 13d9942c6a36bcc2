//! The fast paths beside the plain one and engine `exact`; threads; the journal.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::tempdir;

use crate::fast::Instructions;
use crate::journal::{Candidate, Journal, Start};
use crate::last_lines::{Plan, last_lines};
use crate::middles;
use crate::network::{EPOCHS, KERNELS, Network, Order, State};
use crate::progress::Progress;
use crate::rng::{Purpose, Rng};
use crate::task::{Task, Window, copy_order, initial_weights};

fn task() -> Task {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Task::load(&folder.join("manifest.yaml"), &folder.join("../..")).unwrap()
}

fn kernels(task: &Task, rng: &mut Rng) -> [f32; KERNELS] {
    std::array::from_fn(|_| (rng.unit() * 2.0 - 1.0) * task.limit)
}

/// Every path gives the same bits from random states, early and late in training.
#[test]
fn paths_agree_bit_for_bit() {
    let task = task();
    let paths: Vec<Network> = Instructions::available()
        .into_iter()
        .map(|instructions| Network { instructions, ..task.network.clone() })
        .collect();
    for number in 0..20 {
        let mut rng = Rng::new(0, Purpose::Look, number);
        let mut states = vec![State::new(&kernels(&task, &mut rng)); paths.len()];
        for epoch in 0..EPOCHS {
            let order = rng.order();
            let losses: Vec<u32> = paths
                .iter()
                .zip(&mut states)
                .map(|(network, state)| network.epoch(state, &order, epoch).to_bits())
                .collect();
            assert!(losses.iter().all(|&loss| loss == losses[0]), "run {number}, epoch {epoch}: {losses:08x?}");
            assert!(states.iter().all(|state| state.digest() == states[0].digest()), "run {number}, epoch {epoch}");
        }
    }
}

/// The same training by engine `exact`: every loss, and in the end every weight.
#[test]
fn the_epoch_is_engine_exacts() {
    let task = task();
    let mut trainer = task.trainer();
    for number in 0..5 {
        let mut rng = Rng::new(1, Purpose::Look, number);
        let kernels = kernels(&task, &mut rng);
        let orders: Vec<Order> = (0..EPOCHS).map(|_| rng.order()).collect();
        let mut expected = Vec::new();
        trainer.train_from(&initial_weights(&kernels), &mut expected, |epoch, order| {
            copy_order(&orders[epoch as usize], order);
        });
        for instructions in [Instructions::PORTABLE, Instructions::fastest()] {
            let network = Network { instructions, ..task.network.clone() };
            let mut state = State::new(&kernels);
            for (epoch, (order, expected)) in orders.iter().zip(&expected).enumerate() {
                assert_eq!(network.epoch(&mut state, order, epoch).to_bits(), expected.to_bits(), "epoch {epoch}");
            }
            let weights = [state.w1, state.b1, state.w2].concat();
            assert_eq!([&weights[..], &state.bias[..1]].concat(), trainer.weights());
        }
    }
}

#[test]
fn a_window_holds_what_prints_alike() {
    for (printed, loss) in [("0.0059", 0.0059_f32), ("6.0676e-15", 6.0676e-15)] {
        let window = Window::new(printed).unwrap();
        let off = loss * 1e-2;
        assert!(window.contains(loss) && !window.contains(loss + off) && !window.contains(loss - off));
    }
    assert!(Window::new("0.00590").is_err() && Window::new("loss").is_err());
}

/// A small version of the last stage finds the same with one thread and with three.
#[test]
fn threads_change_nothing() {
    let task = task();
    let run = middles::run(&task, 7155, 1637).unwrap();
    assert_eq!(task.miss(&run.state), 0);
    let reached = [1, 3].map(|threads| {
        let plan = Plan { states: 8, chunk: 500, orders: 600_000, ..Plan::new(threads) };
        last_lines(&task, &plan, &run, &Progress::silent())
    });
    assert!(reached[0].lines > 0, "nothing to compare");
    assert_eq!(reached[0], reached[1]);
}

fn journal(place: &Path) -> (PathBuf, PathBuf) {
    (place.join("witness.json"), place.join("witness.json.journal"))
}

#[test]
fn a_journal_keeps_what_is_finished_and_drops_a_torn_line() {
    let place = tempdir().unwrap();
    let (out, path) = journal(place.path());
    let start = Start { number: 3, distinct: 10, hits: [0, 1, 2, 3, 4, 5] };
    let candidate = Candidate { start: 3, middle: 4, lines: 6, miss: 0 };
    let opened = Journal::open(&out, "task").unwrap();
    opened.add_start(start).unwrap();
    opened.add_candidate(candidate).unwrap();
    assert!(Journal::open(&out, "task").unwrap_err().to_string().contains("another search is writing it"));
    drop(opened);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"start\":{{\"sta")).unwrap();
    let opened = Journal::open(&out, "task").unwrap();
    assert_eq!((opened.start(3), opened.start(4)), (Some(start), None));
    assert_eq!((opened.candidate(3, 4), opened.candidate(4, 3)), (Some(candidate), None));
    opened.add_middles(3, &[]).unwrap();
    drop(opened);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole + "{\"middles\":{\"start\":3,\"middles\":[]}}\n");
}

#[test]
fn a_journal_of_another_task_or_of_something_else_is_an_error() {
    let place = tempdir().unwrap();
    let (out, path) = journal(place.path());
    drop(Journal::open(&out, "one task").unwrap());
    let error = Journal::open(&out, "another").unwrap_err().to_string();
    assert!(error.contains(":1: the journal of another search (one task, not another)"), "{error}");
    fs::write(&path, "hello\n").unwrap();
    let error = Journal::open(&out, "one task").unwrap_err().to_string();
    assert!(error.contains("witness.json.journal:1: not a line of a journal"), "{error}");
}

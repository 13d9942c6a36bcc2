//! The stages on the committed witness and in small; threads.

use std::fs;
use std::path::Path;

use rayon::ThreadPoolBuilder;
use serde_json::Value;

use crate::each;
use crate::last_lines::{Plan, Tail, print_line};
use crate::middles::{self, middle};
use crate::starts::start;
use crate::task::{LAST, Order, Task};

/// Where the committed witness was found.
const WITNESS: [u32; 2] = [88, 2196];

fn task() -> Task {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Task::load(&folder.join("manifest.yaml"), &folder.join("../.."), crate::COMMITTED).unwrap()
}

/// The start and the middle of the committed witness still come out, and what is written from them is the file.
#[test]
fn the_search_leads_to_the_committed_witness() {
    let (task, [number, of_start]) = (task(), WITNESS);
    let mut trainer = task.trainer.clone();
    let start = start(&task, &mut trainer, number).unwrap();
    assert!(middle(&task, &mut trainer, &start, of_start).is_some());

    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/published-log/witness.json");
    let committed = fs::read_to_string(committed).unwrap();
    let witness: Value = serde_json::from_str(&committed).unwrap();
    let orders: Vec<Order> = serde_json::from_value::<Vec<Vec<u32>>>(witness["orders"].clone())
        .unwrap()
        .into_iter()
        .map(|order| order.try_into().unwrap())
        .collect();
    let found = [&start.orders[..], &middles::orders(&task, number, of_start)].concat();
    assert_eq!(found, orders[..LAST]);
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("witness.json");
    crate::try_to_write(&out).unwrap();
    assert!(!out.exists(), "a search that is stopped leaves nothing");
    task.write(&out, &start.kernels, &orders).unwrap();
    crate::try_to_write(&out).unwrap();
    assert_eq!(fs::read_to_string(&out).unwrap(), committed);

    let mut other = orders.clone();
    other.swap(0, 1);
    let error = task.write(&out, &start.kernels, &other).unwrap_err().to_string();
    assert!(error.starts_with("trained again, epoch 1 prints "), "{error}");
}

/// Each stage in small comes out the same with one thread and with three.
#[test]
fn threads_change_nothing() {
    let (task, [number, of_start]) = (task(), WITNESS);
    let found = [1, 3].map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let starts = each(&task, "starts", &[number, number + 1, number + 2, number + 3], |trainer, &number| {
                start(&task, trainer, number)
            });
            let first = starts.iter().find(|start| start.number == number).unwrap();
            let middles =
                each(&task, "middles", &[of_start], |trainer, &of_start| middle(&task, trainer, first, of_start));
            let begin: Vec<Tail> = middles.iter().map(|middle| Tail::begin(0, middle)).collect();
            let tails = print_line(&task, Plan { states: 8, orders: 500_000 }, &begin, 0);
            let kernels: Vec<_> = starts.into_iter().map(|start| (start.number, start.kernels, start.orders)).collect();
            (kernels, tails.into_iter().map(|tail| tail.orders).collect::<Vec<_>>())
        })
    });
    assert!(!found[0].1.is_empty(), "nothing to compare");
    assert_eq!(found[0], found[1]);
}

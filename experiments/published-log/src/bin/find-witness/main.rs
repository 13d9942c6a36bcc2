//! Searches initial weights and batch orders with which the post's program prints the post's log.
//!
//! The post's run set no seed, so no seed can be tried; but weights and orders can be searched directly, since engine
//! `exact` is real Keras bit for bit. A round has three stages; what gets through none of them is dropped early:
//!
//! ```text
//! starts.rs      weights, and orders of epochs 1-6 that print the first six lines
//! middles.rs     random epochs 7-94, and those after which the last lines are in reach
//! last_lines.rs  orders of epochs 95-100 that print the last six lines and end on the accuracy
//! ```
//!
//! All random numbers follow from the seed, so the same seed leads to the same witness, whatever the number of threads.
//! The committed witness is that of the default seed; expect it in the first round, after some four minutes of one core.
//! Other seeds may need several rounds.
//!
//! ```text
//! cargo run --release -p published-log --bin find-witness -- --out /tmp/witness.json
//! ```

mod last_lines;
mod middles;
mod starts;
mod task;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use keras::Trainer;
use rayon::prelude::*;

use crate::last_lines::{Plan, last_lines};
use crate::middles::{MIDDLES, Middle, look, middle};
use crate::starts::{Start, start};
use crate::task::Task;

/// Search weights and batch orders that print the post's log.
///
/// Goes on until a training prints the twelve losses and the accuracy. RAYON_NUM_THREADS changes the number of threads,
/// and only the time.
#[derive(Debug, Parser)]
#[command(name = "find-witness", version)]
struct Arguments {
    /// Seed of the search; the default finds the committed witness
    #[arg(long, value_name = "N", default_value_t = COMMITTED, allow_hyphen_values = true)]
    seed: i64,
    /// Where the witness is written
    #[arg(long, value_name = "FILE", default_value = "witness.json")]
    out: PathBuf,
}

/// The seed that finds the committed witness.
const COMMITTED: i64 = 11;
/// Starts of a round.
const STARTS: u32 = 512;
/// The most movable starts of a round, whose middles are tried.
const MOVABLE: usize = 48;
/// The best middles of a round, after which the last lines are searched.
const BEST: usize = 64;

fn main() -> ExitCode {
    match search(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => notebook::fail(&error, false),
    }
}

fn search(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = &arguments.out;
    // Before the search, which takes minutes.
    try_to_write(out).with_context(|| format!("cannot write {}", out.display()))?;
    let task = Task::load(&folder.join("manifest.yaml"), &folder.join("../.."), arguments.seed)?;
    for round in 0.. {
        let numbers: Vec<u32> = (round * STARTS..(round + 1) * STARTS).collect();
        let mut starts: Vec<(usize, Start)> = each(&task, "starts", &numbers, |trainer, &number| {
            let start = start(&task, trainer, number)?;
            Some((look(&task, trainer, &start), start))
        });
        eprintln!("round {round}: {} starts print the first lines", starts.len());
        starts.sort_by_key(|&(movable, _)| Reverse(movable));
        starts.truncate(MOVABLE);

        let judged: Vec<Vec<Middle>> = each(&task, "movable starts", &starts, |trainer, (_, start)| {
            Some((0..MIDDLES).filter_map(|number| middle(&task, trainer, start, number)).collect())
        });
        let mut best: Vec<Middle> = judged.into_iter().flatten().collect();
        eprintln!("round {round}: {} middles may reach the last ones", best.len());
        best.sort_by(|a, b| b.promise.total_cmp(&a.promise));
        best.truncate(BEST);

        if let Some(tail) = last_lines(&task, Plan { states: 400, orders: 40_000_000 }, &best) {
            let Middle { start: number, number: of_start, .. } = best[tail.middle];
            let start = starts.iter().map(|(_, start)| start).find(|start| start.number == number);
            let start = start.context("a middle without its start")?;
            let orders = [&start.orders[..], &middles::orders(&task, number, of_start), &tail.orders].concat();
            task.write(out, &start.kernels, &orders)?;
            println!("start {number}, middle {of_start}: witness in {}", out.display());
            return Ok(());
        }
    }
    Ok(())
}

/// Whether there can be a file in this place, which is left as it is.
fn try_to_write(out: &Path) -> io::Result<()> {
    match OpenOptions::new().append(true).open(out) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            File::create_new(out)?;
            fs::remove_file(out)
        }
        opened => opened.map(drop),
    }
}

/// What `judge` makes of each item, in their order.
fn each<I: Sync, T: Send>(
    task: &Task,
    work: &'static str,
    items: &[I],
    judge: impl Fn(&mut Trainer, &I) -> Option<T> + Sync,
) -> Vec<T> {
    let progress = notebook::progress_bar(items.len() as u64, work, false);
    let judged = items.par_iter().map_init(
        || task.trainer.clone(),
        |trainer, item| {
            let judged = judge(trainer, item);
            progress.inc(1);
            judged
        },
    );
    let judged: Vec<Option<T>> = judged.collect();
    progress.finish_and_clear();
    judged.into_iter().flatten().collect()
}

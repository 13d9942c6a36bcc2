//! Searches initial weights and batch orders with which the post's program prints the post's log.
//!
//! The post's run set no seed, so no seed can be tried; but weights and orders can be searched directly, since engine
//! `exact` is real Keras bit for bit. Three stages, each cheap enough to be repeated until one gets through:
//!
//! ```text
//! starts.rs      weights, and orders of epochs 1-6 that print the first six lines
//! middles.rs     random epochs 7-94, and those after which the last lines are in reach
//! last_lines.rs  orders of epochs 95-100 that print the last six lines and end on the accuracy
//! ```
//!
//! All random numbers follow from the manifest's `training.seed`, so the same manifest and arguments lead to the same
//! witness, whatever the number of threads. The committed one is that of start 7155 and its middle 1637, the candidate
//! with the highest score among the starts that were judged; other candidates end in other witnesses, so a search from
//! start 0 on need not stop at this one.
//!
//! ```text
//! cargo run --release -p published-log --bin search -- --start 7155 --middle 1637
//! ```

mod fast;
mod journal;
mod last_lines;
mod middles;
mod network;
mod parallel;
mod progress;
mod rng;
// A step is compiled once for every set of instructions, which needs it inlined.
#[allow(clippy::inline_always)]
mod scalar;
mod starts;
mod task;
#[cfg(test)]
mod tests;
mod witness;

use std::io::{self, IsTerminal as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use anyhow::Context as _;
use clap::Parser;

use crate::journal::{Candidate, Journal, Start};
use crate::last_lines::{Plan, last_lines};
use crate::middles::{KEPT, MIDDLES, Middle};
use crate::progress::Progress;
use crate::starts::start;
use crate::task::Task;

/// Search weights and batch orders that print the post's log.
///
/// Works through starts 0, 1, 2, … until one leads to the twelve losses and the accuracy. What is finished stands in a
/// journal beside the output, so a search that was stopped goes on where it was.
///
/// Exit code: 0 found, 1 not found or failed, 2 wrong arguments, 65 bad manifest, 74 cannot read or write.
#[derive(Debug, Parser)]
#[command(name = "search", version)]
struct Arguments {
    /// The manifest [default: the one in the experiment's folder]
    #[arg(long, value_name = "PATH")]
    manifest: Option<PathBuf>,
    /// Search from this start only, its best middles one after the other
    #[arg(long, value_name = "N", conflicts_with = "starts")]
    start: Option<u64>,
    /// Of that start try this middle only
    #[arg(long, value_name = "M", requires = "start")]
    middle: Option<u64>,
    /// Search from these starts only, B not included
    #[arg(long, value_name = "A..B", value_parser = range)]
    starts: Option<Range<u64>>,
    /// Threads; they change only the time [default: as many as the machine has cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Where the witness is written; the journal stands beside it
    #[arg(long, value_name = "FILE", default_value = "witness.json")]
    out: PathBuf,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let ends = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    ends.filter(|range| !range.is_empty()).ok_or_else(|| "expected A..B with A below B, as in 0..1000".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = io::stderr().is_terminal();
    match search(arguments, Progress::new(terminal)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let color = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            notebook::fail(&error, color)
        }
    }
}

/// Whether a witness was found.
fn search(arguments: Arguments, progress: Progress) -> anyhow::Result<bool> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = folder.parent().and_then(Path::parent).unwrap_or(folder);
    let Arguments { manifest, start, middle, starts, threads, out } = arguments;
    let task = Task::load(&manifest.unwrap_or_else(|| folder.join("manifest.yaml")), root)?;
    let threads = threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let journal = Journal::open(&out, &task.name())?;
    let search = Search { plan: Plan::new(threads), task, journal, progress, out };
    match (start, middle) {
        (Some(start), Some(middle)) => search.candidate(start, middle),
        (Some(start), None) => {
            let middles = search.middles(start)?;
            search.first_of(middles.iter().map(|middle| (start, middle.number)))
        }
        _ => search.walk(starts.unwrap_or(0..u64::MAX)),
    }
}

/// Starts that are judged before the best of them go on.
const ROUND: u64 = 256;
/// Different losses that must be in reach from a start, of 40000 drawn, for all its middles to be tried. Some one start in
/// a hundred has them.
const MOVABLE: usize = 9000;
/// The score from which a middle is a candidate. Some one middle in twenty of those judged closely has it, and fewer still
/// get through all six lines.
const PROMISING: f32 = 0.6;

/// A search under way.
struct Search {
    task: Task,
    plan: Plan,
    journal: Journal,
    progress: Progress,
    out: PathBuf,
}

impl Search {
    /// All three stages, a round of starts at a time; within a round the best candidates come first.
    fn walk(&self, starts: Range<u64>) -> anyhow::Result<bool> {
        let mut from = starts.start;
        while from < starts.end {
            let to = starts.end.min(from.saturating_add(ROUND));
            let movable = self.starts(from..to)?.into_iter().filter(|start| start.distinct >= MOVABLE);
            let mut candidates: Vec<(u64, Middle)> = Vec::new();
            for Start { number: start, .. } in movable {
                candidates.extend(self.middles(start)?.into_iter().map(|middle| (start, middle)));
            }
            candidates.retain(|(_, middle)| middle.score >= PROMISING);
            candidates.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score));
            if self.first_of(candidates.iter().map(|(start, middle)| (*start, middle.number)))? {
                return Ok(true);
            }
            from = to;
        }
        Ok(false)
    }

    /// Stage 1: judges these starts.
    fn starts(&self, starts: Range<u64>) -> anyhow::Result<Vec<Start>> {
        let count = (starts.end - starts.start) as usize;
        self.progress.begin(count as u64, &format!("starts {}..{}", starts.start, starts.end));
        let judged = parallel::in_order(self.plan.threads, count, |i| {
            let number = starts.start + i as u64;
            let judged = self.journal.start(number).map_or_else(
                || {
                    let reach = middles::look(&self.task, number);
                    let (distinct, hits) = reach.map_or_else(Default::default, |reach| (reach.distinct, reach.hits));
                    let start = Start { number, distinct, hits };
                    self.journal.add_start(start).map(|()| start)
                },
                Ok,
            );
            self.progress.add(1);
            judged
        });
        self.progress.end();
        judged.into_iter().collect()
    }

    /// Stage 2: the best middles of a start, best first; none if the start does not print the six lines.
    fn middles(&self, number: u64) -> anyhow::Result<Vec<Middle>> {
        if let Some(middles) = self.journal.middles(number) {
            return Ok(middles.to_vec());
        }
        let mut middles = Vec::new();
        if let Some(start) = start(&self.task, number) {
            self.progress.begin(MIDDLES, &format!("middles of start {number}"));
            let judged = parallel::in_order(self.plan.threads, MIDDLES as usize, |middle| {
                let judged = middles::judge(&self.task, number, &start, middle as u64);
                self.progress.add(1);
                judged.map(|(score, share)| (score, middle as u64, share))
            });
            self.progress.end();
            let mut judged: Vec<(f32, u64, f32)> =
                judged.into_iter().flatten().filter(|(score, ..)| *score > 0.0).collect();
            judged.sort_by(|a, b| b.0.total_cmp(&a.0));
            judged.truncate(KEPT);
            middles = parallel::in_order(self.plan.threads, judged.len(), |i| {
                let (_, middle, share) = judged[i];
                middles::judge_closely(&self.task, number, &start, middle, share)
            });
            middles.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        self.journal.add_middles(number, &middles)?;
        let best = middles.first().map_or(0.0, |middle| middle.score);
        self.progress.say(&format!("start {number}: {} middles, the best scores {best:.3}", middles.len()));
        Ok(middles)
    }

    /// Stage 3 for each of these candidates until one is a witness.
    fn first_of(&self, candidates: impl Iterator<Item = (u64, u64)>) -> anyhow::Result<bool> {
        for (start, middle) in candidates {
            if self.candidate(start, middle)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Stage 3: searches the last lines after this start and middle, and writes the witness if it finds one.
    fn candidate(&self, start: u64, middle: u64) -> anyhow::Result<bool> {
        let name = format!("start {start}, middle {middle}");
        // What was found is searched again only if its file is gone.
        if let Some(known) = self.journal.candidate(start, middle)
            && (!known.complete() || self.out.is_file())
        {
            self.progress.say(&format!("{name}: {} last lines, by the journal", known.lines));
            return Ok(known.complete());
        }
        let Some(run) = middles::run(&self.task, start, middle) else {
            self.progress.say(&format!("{name}: does not print the first six lines"));
            return Ok(false);
        };
        self.progress.say(&format!("{name}: the last lines"));
        let reached = last_lines(&self.task, &self.plan, &run, &self.progress);
        let miss = self.task.miss(&reached.best.state);
        let candidate = Candidate { start, middle, lines: reached.lines, miss };
        if candidate.complete() {
            let orders: Vec<_> = run.orders.iter().chain(&reached.best.orders).copied().collect();
            witness::write(&self.task, &self.out, &run.kernels, &orders).with_context(|| name.clone())?;
            println!("{name}: witness in {}", self.out.display());
        } else {
            self.progress.say(&format!("{name}: {} last lines, off the accuracy by {miss}", reached.lines));
        }
        self.journal.add_candidate(candidate)?;
        Ok(candidate.complete())
    }
}

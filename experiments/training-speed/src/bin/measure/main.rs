//! Times the manifest's trainings in turns and adds a dated record.
//!
//! ```text
//! make speed
//! cargo run --release -p training-speed --bin measure -- --set speed.repetitions=3
//! ```

mod engine;
mod peer;
mod plan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Parser as _;
use training_speed::record::{self, Machine, Missing, Record, Timing};
use training_speed::{Manifest, Subject};

use crate::peer::Peer;
use crate::plan::Task;

/// Times the manifest's trainings in turns and adds a dated record
#[derive(Debug, clap::Parser)]
#[command(version)]
struct Arguments {
    /// Override a key of the manifest, as in speed.repetitions=3; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Where the record goes [default: reports/training-speed/records in the workspace]
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

fn main() -> ExitCode {
    match measure(Arguments::parse()) {
        Ok(path) => {
            eprintln!("added {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => notebook::fail(&error, false),
    }
}

fn measure(arguments: Arguments) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = folder.parent().and_then(Path::parent).context("the experiment lies in the workspace")?;
    let manifest = manifest::load::<Manifest>(&folder.join("manifest.yaml"), &arguments.set)?;
    let tasks = plan::tasks(root, &manifest)?;
    let records = arguments.records.unwrap_or_else(|| root.join("reports/training-speed/records"));

    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let load = [benchmark::load(); 2];
    let keras::Peak { instructions, flops_per_second } = keras::peak();
    let cores = std::thread::available_parallelism().context("cannot count the cores")?.get();
    let (processor, instructions) = (benchmark::processor(), instructions.to_owned());
    let mut machine = Machine { processor, cores, instructions, flops_per_second, load };
    let mut peers = Peers { root, running: BTreeMap::new(), missing: BTreeMap::new() };
    let length = tasks.iter().map(|task| task.subjects.len() as u64 * u64::from(task.repetitions)).sum();
    let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} · {eta} left")?;
    let progress = indicatif::ProgressBar::new(length).with_style(style);
    let mut timings = Vec::new();
    for task in &tasks {
        progress.set_message(task.title());
        timings.extend(time(task, &mut peers, &progress)?);
    }
    progress.finish_and_clear();
    machine.load[1] = benchmark::load();

    let versions = peers.running.iter().map(|(&subject, peer)| (record::key(subject), peer.versions.clone())).collect();
    let missing = peers.missing.into_iter().map(|(subject, reason)| Missing { subject, reason }).collect();
    let record = Record { date, machine, versions, missing, timings };
    for Missing { subject, reason } in &record.missing {
        eprintln!("not timed: {}: {reason}", record::key(*subject));
    }
    notebook::write_record(&records, &format!("{}.json", record.date.replace(':', "-")), &record)
}

/// The peers that were started, and those that could not be.
struct Peers<'a> {
    root: &'a Path,
    running: BTreeMap<Subject, Peer>,
    missing: BTreeMap<Subject, String>,
}

/// What a training leaves behind.
#[derive(Debug, Clone, Copy)]
struct Trained {
    seconds: f64,
    /// Of the first and the last epoch.
    losses: [f64; 2],
    /// The same of the rows that are validated on.
    val_losses: Option<[f64; 2]>,
}

/// Something ready to train.
enum Runner<'a> {
    Engine(Box<engine::Engine>),
    Peer(&'a mut Peer),
}

impl Runner<'_> {
    /// Trains from a seed.
    fn train(&mut self, seed: i64) -> anyhow::Result<Trained> {
        match self {
            Self::Engine(engine) => Ok(engine.train(seed)),
            Self::Peer(peer) => peer.train(seed),
        }
    }
}

/// Trains a task by each of its subjects in turns.
fn time(task: &Task, peers: &mut Peers, progress: &indicatif::ProgressBar) -> anyhow::Result<Vec<Timing>> {
    for &subject in task.subjects.iter().filter(|&&subject| peer::script(subject).is_some()) {
        if peers.missing.contains_key(&subject) {
            continue;
        }
        let prepared = match peers.running.get_mut(&subject) {
            Some(peer) => peer.prepare(task),
            None => Peer::start(peers.root, subject).and_then(|mut peer| {
                peer.prepare(task)?;
                peers.running.insert(subject, peer);
                Ok(())
            }),
        };
        if let Err(error) = prepared {
            peers.running.remove(&subject);
            peers.missing.insert(subject, format!("{error:#}"));
        }
    }
    let mut running: BTreeMap<Subject, &mut Peer> =
        peers.running.iter_mut().map(|(&subject, peer)| (subject, peer)).collect();
    let mut runners = Vec::new();
    for &subject in &task.subjects {
        if let Some(engine) = engine::Engine::new(subject, task)? {
            runners.push((subject, Runner::Engine(Box::new(engine))));
        } else if let Some(peer) = running.remove(&subject) {
            runners.push((subject, Runner::Peer(peer)));
        }
    }
    let mut timings: Vec<Timing> = runners.iter().map(|&(subject, _)| task.timing(subject)).collect();
    for round in 0..task.repetitions {
        for ((_, runner), timing) in runners.iter_mut().zip(&mut timings) {
            let trained = runner.train(i64::from(round))?;
            timing.seconds.push(trained.seconds);
            (timing.losses, timing.val_losses) = (trained.losses, trained.val_losses);
            progress.inc(1);
        }
    }
    Ok(timings)
}

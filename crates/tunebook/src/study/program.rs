//! What the program of a study's experiment does for `tunebook study`, on the manifest that the journal holds.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use search::State;
use search::storage::{Journal, STORAGE_VARIABLE, StoredStudy, StoredTrial, shown};
use serde::Deserialize;
use serde_json::Value;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

use super::{OfStudy, best, chosen, coded, named, numbers, read};
use crate::answer::Answer;
use crate::run::program;

#[derive(Deserialize)]
struct Named {
    experiment: String,
}

/// The experiment whose manifest the study has, and that manifest.
fn experiment<'s>(journal: &Journal, study: &'s StoredStudy) -> anyhow::Result<(String, &'s str)> {
    let (place, name) = (journal.location(), shown(&study.name));
    let manifest = search::study::manifest(study);
    let manifest = manifest.with_context(|| format!("{place}: study {name} has no manifest to go on by"))?;
    let Named { experiment } = serde_yaml::from_str(manifest)
        .with_context(|| format!("{place}: the manifest of study {name} names no experiment"))?;
    Ok((experiment, manifest))
}

/// Starts the program of the study's experiment with these arguments and returns what it prints. Where it fails, it has said
/// why, and this program ends with its exit code.
fn start(root: &Path, of: &OfStudy, journal: Journal, arguments: &[OsString]) -> anyhow::Result<String> {
    journal.ensure_appendable().map_err(coded)?;
    let study = named(&journal, of)?;
    let (experiment, manifest) = experiment(&journal, study)?;
    let mut command = Command::new(program(of.workspace.as_deref().unwrap_or(root), &experiment)?);
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = place.path().join("manifest.yaml");
    std::fs::write(&file, manifest).with_context(|| format!("cannot write {}", file.display()))?;
    command.arg("--manifest").arg(&file).arg("--out").arg(place.path().join("report"));
    // A password is to stay out of the list of processes.
    let storage =
        if of.journal == "env" { std::env::var_os(STORAGE_VARIABLE).unwrap_or_default() } else { of.journal.clone() };
    command.arg("--resume").arg("env").env(STORAGE_VARIABLE, storage);
    command.arg(format!("--study={}", study.name)).args(arguments);
    // The program reads it itself.
    drop(journal);
    // Whoever is to end hands its trial over, which is the program's to do.
    let mut signals = Signals::new([SIGTERM]).context("cannot listen to signals")?;
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let started = started.with_context(|| format!("cannot start {experiment}"))?;
    let process = Pid::from_child(&started);
    std::thread::spawn(move || signals.forever().try_for_each(|_| kill_process(process, Signal::TERM)));
    let output = started.wait_with_output().with_context(|| format!("cannot wait for {experiment}"))?;
    let status = output.status;
    if !status.success() {
        // It has said why.
        drop(place);
        std::process::exit(status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Goes on with a study.
pub fn resume(
    root: &Path,
    of: &OfStudy,
    trials: Option<u64>,
    jobs: Option<NonZeroUsize>,
    quiet: bool,
) -> anyhow::Result<Answer> {
    let journal = read(&of.journal)?;
    let name = named(&journal, of)?.name.clone();
    let trials = trials.map(|trials| format!("--trials={trials}"));
    let jobs = jobs.map(|jobs| format!("--jobs={jobs}"));
    let quiet = quiet.then(|| "--quiet".to_owned());
    let arguments: Vec<OsString> = [trials, jobs, quiet].into_iter().flatten().map(OsString::from).collect();
    start(root, of, journal, &arguments)?;
    let of = OfStudy { study: Some(name), journal: of.journal.clone(), workspace: None };
    let journal = read(&of.journal)?;
    let study = named(&journal, &of)?;
    for (state, did) in [(State::Waiting, "enqueued"), (State::Running, "began and did not end")] {
        let left = study.trials.iter().filter(|trial| trial.state == state && trial.is_left_to_others());
        let left: Vec<&Arc<StoredTrial>> = left.collect();
        if !left.is_empty() {
            eprintln!("left alone, since another program {did} it: trial {}", numbers(&left));
        }
    }
    best(&of)
}

/// The manifest of the best trial, which the experiment's program runs, into this file; `-` is stdout.
pub fn manifest(root: &Path, of: &OfStudy, file: &Path) -> anyhow::Result<Answer> {
    let journal = read(&of.journal)?;
    let study = named(&journal, of)?;
    let name = shown(&study.name);
    let trials = chosen(study).map_err(|reason| anyhow!("{name}: {reason}"))?;
    let [trial] = trials[..] else { bail!("{name}: {} trials are best, each in its way", trials.len()) };
    let (experiment, _) = experiment(&journal, study)?;
    let (number, value) = (trial.number, trial.value().unwrap_or(f64::NAN));
    let made = start(root, of, journal, &["--quiet".into(), format!("--trial-manifest={number}").into()])?;
    let is_printed = file == Path::new("-");
    let shown = if is_printed { "FILE".into() } else { file.to_string_lossy() };
    let made = format!(
        "# Trial {number} of {name}, the best, whose value is {value:?}. Its program runs it, as a search of this trial alone:\n\
         #   cargo run --release -p {experiment} -- --manifest {shown}\n{made}"
    );
    let json = serde_yaml::from_str(&made)?;
    if is_printed {
        return Ok(Answer::new(made, json));
    }
    std::fs::write(file, made).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Answer::new(format!("trial {number} of {name} is in {}\n", file.display()), json))
}

/// Runs a trial again.
pub fn replay(root: &Path, of: &OfStudy, number: u64) -> anyhow::Result<Answer> {
    #[derive(Deserialize)]
    struct Circumstance {
        name: String,
        was: Option<String>,
        is: String,
    }
    #[derive(Deserialize)]
    struct Proof {
        results: Vec<String>,
        settings: Vec<String>,
        circumstances: Vec<Circumstance>,
    }
    let journal = read(&of.journal)?;
    let study = named(&journal, of)?;
    let (place, name) = (journal.location(), shown(&study.name));
    let trial = study.trials.get(usize::try_from(number)?).map(Arc::clone);
    let trial = trial.with_context(|| format!("{place}: study {name} has no trial {number}"))?;
    if !trial.state.is_finished() {
        bail!("{place}: trial {number} of {name} is {}; only one that has ended can be replayed", trial.state);
    }
    let answer = start(root, of, journal, &["--quiet".into(), format!("--replay={number}").into()])?;
    let mut json: Value = serde_json::from_str(&answer)?;
    let Proof { results, settings, circumstances } = Proof::deserialize(&json)?;
    let good = results.is_empty();
    json["trial"] = number.into();
    json["same"] = good.into();
    let mut text = if good {
        let reports = notebook::counted(trial.intermediate_values.len() as u64, "intermediate value");
        let result = match (trial.value(), super::error(&trial)) {
            (Some(value), _) => format!("{} with {value:?}", trial.state),
            (None, Some(error)) => format!("{}, {}", trial.state, shown(&error)),
            (None, None) => trial.state.to_string(),
        };
        format!("trial {number} of {name} is the same to the last bit: {result}, and {reports}\n")
    } else {
        let lines = results.iter().map(|result| format!("  {}\n", shown(result)));
        format!("trial {number} of {name} differs:\n{}", lines.collect::<String>())
    };
    let (mut same, mut unknown) = (Vec::new(), Vec::new());
    for setting in &settings {
        writeln!(text, "the manifest differs: {}", shown(setting))?;
    }
    if settings.is_empty() {
        same.push("manifest");
    }
    for Circumstance { name, was, is } in &circumstances {
        match was {
            Some(was) if was == is => same.push(name),
            Some(was) => writeln!(text, "the {name} differs: was {}, is {is}", shown(was))?,
            None => unknown.push(name.as_str()),
        }
    }
    if !same.is_empty() {
        writeln!(text, "the same as then: {}", same.join(", "))?;
    }
    if !unknown.is_empty() {
        writeln!(text, "not recorded in the journal: {}", unknown.join(", "))?;
    }
    Ok(Answer { text, json, good })
}

/// Enqueues the next round.
pub fn ask(root: &Path, of: &OfStudy, trials: Option<u64>) -> anyhow::Result<Answer> {
    #[derive(Deserialize)]
    struct Queue {
        waiting: Vec<u64>,
        running: Vec<u64>,
    }
    let journal = read(&of.journal)?;
    let name = shown(&named(&journal, of)?.name);
    let trials = trials.map(|trials| format!("--trials={trials}").into());
    let arguments: Vec<OsString> = ["--quiet".into(), "--enqueue".into()].into_iter().chain(trials).collect();
    let answer = start(root, of, journal, &arguments)?;
    let json: Value = serde_json::from_str(&answer)?;
    let Queue { waiting, running } = Queue::deserialize(&json)?;
    let listed = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    if !waiting.is_empty() {
        writeln!(text, "wait to be evaluated: trial {}", listed(&waiting))?;
    }
    if !running.is_empty() {
        writeln!(text, "run, or their program was killed: trial {}", listed(&running))?;
    }
    if text.is_empty() {
        text = format!("{name} has its trials\n");
    }
    Ok(Answer::new(text, json))
}

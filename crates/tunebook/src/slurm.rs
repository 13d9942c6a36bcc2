//! `tunebook slurm`: the script by which Slurm runs the parts of a seed study, or workers of a search, on many machines.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use notebook::{Failure, JOURNAL, RECORDS};
use serde_json::json;
use serde_yaml::Value;

use crate::answer::Answer;
use crate::run::{binaries, check_names, experiments};

/// What the script is of.
#[derive(Debug, Args)]
pub struct Slurm {
    /// An experiment with a seed study or a search
    experiment: String,
    /// Tasks of the array: parts of the seed study, or workers of the search
    #[arg(long, value_name = "N", default_value = "64")]
    tasks: NonZeroU32,
    /// Where the parts of a seed study go, a folder that every machine sees [default: runs/EXPERIMENT.parts in the workspace]
    #[arg(long, value_name = "DIR")]
    parts: Option<PathBuf>,
    /// How many trials a search has in the end [default: as many as its manifest says]
    #[arg(long, value_name = "N")]
    trials: Option<u64>,
    /// Override a key of the manifest, as in seed_scan.last=9999999999; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Options of sbatch, such as --partition=long --account=me --time=2:00:00 --cpus-per-task=8
    #[arg(last = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// Prints the script; starts nothing.
///
/// # Errors
/// If there is no such experiment, it has neither a seed study nor a search, or an option is none that the script can have.
pub fn slurm(root: &Path, slurm: &Slurm) -> anyhow::Result<Answer> {
    let Slurm { experiment, tasks, parts, trials, set, options } = slurm;
    check_names(std::slice::from_ref(experiment), &experiments(root)?)?;
    let path = root.join("experiments").join(experiment).join("manifest.yaml");
    let manifest = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value = serde_yaml::from_str(&manifest).with_context(|| path.display().to_string())?;
    let journal = root.join("reports").join(experiment).join(RECORDS).join(JOURNAL);
    let is_seed_study = manifest.get("seed_scan").is_some_and(Value::is_mapping);
    if !is_seed_study && !journal.is_file() {
        let text = "in its manifest is no seed_scan, and no study is among its report's records: Slurm has nothing to share out";
        return Err(Failure::usage(format!("{experiment}: {text}")));
    }
    if let Some(flag) = if is_seed_study { trials.map(|_| "--trials") } else { parts.as_ref().map(|_| "--parts") } {
        let (has, other) = if is_seed_study { ("seed study", "search") } else { ("search", "seed study") };
        return Err(Failure::usage(format!("{flag} is of a {other}, and {experiment} is a {has}")));
    }
    let programs = binaries()?;
    let joined = |words: &[&str]| {
        let words: Result<Vec<String>, String> = words.iter().map(|word| quoted(word)).collect();
        words.map(|words| words.join(" ")).map_err(Failure::usage)
    };
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path is no UTF-8");
    let program = text(&programs.join(experiment))?;
    let set: Vec<&str> = set.iter().flat_map(|change| ["--set", change.as_str()]).collect();
    let mut options = lines(options).map_err(Failure::usage)?;
    let rest = if is_seed_study {
        let parts = match parts {
            Some(parts) => std::path::absolute(parts)?,
            None => root.join("runs").join(format!("{experiment}.parts")),
        };
        let command = joined(&[&[program.as_str(), "--parts", &text(&parts)?], &set[..]].concat())?;
        format!(
            "# Start:   build with `cargo build --release -p {experiment}`, and hand this file to sbatch.
# See:     `squeue --me`; a task that ended says in its output how many blocks of seeds it computed.
# Resume:  hand it to sbatch again; finished blocks are kept. `sbatch --array=LIST` runs some parts only.
# Collect: the following makes the report, or says which LIST is missing.
#     {command}
exec {command} --part \"$SLURM_ARRAY_TASK_ID/{tasks}\"
"
        )
    } else {
        options.push("#SBATCH --signal=TERM@60".to_owned());
        let of_manifest = || manifest.get("search")?.get("trials")?.as_u64();
        let trials = trials.or_else(of_manifest).context("search.trials is missing in the manifest; say --trials")?;
        let trials = trials.to_string();
        let start = joined(&[&[program.as_str(), "--journal", "env"], &set[..]].concat())?;
        let tunebook = text(&programs.join("tunebook"))?;
        let show = joined(&[&tunebook, "study", "show", "env"])?;
        let resume = joined(&[&tunebook, "study", "resume", "env", "--study", experiment, "--trials", &trials])?;
        format!(
            "# The study is in the Redis server that TUNEBOOK_STORAGE names, as in redis://:PASSWORD@HOST:6379/0; export it before all else.
# Start:   build with `cargo build --release -p tunebook -p {experiment}`. This begins the study, and waits for its trials:
#     {start} --set search.trials={trials}
#          Then hand this file to sbatch: every task is one more worker.
# See:     `squeue --me`, and {show}
# Resume:  hand it to sbatch again; what a worker left is taken over by others.
# Collect: the first command makes the report when the study has its trials.
exec srun --cpus-per-task=\"${{SLURM_CPUS_PER_TASK:-1}}\" {resume}
"
        )
    };
    let array = format!("#SBATCH --array=0-{}", tasks.get() - 1);
    let name = format!("#SBATCH --job-name={experiment}");
    let first = ["#!/bin/bash".to_owned(), name, array, "#SBATCH --requeue".to_owned()];
    let script = [&first[..], &options, &["#".to_owned(), rest]].concat().join("\n");
    Ok(Answer::new(script.clone(), json!({"script": script})))
}

/// The options as lines of the script; a word that is no option belongs to the one before.
fn lines(options: &[String]) -> Result<Vec<String>, String> {
    let mut lines: Vec<String> = Vec::new();
    for option in options {
        if ["--array", "-a"].iter().any(|array| option.starts_with(array)) {
            return Err(format!("{option}: --tasks says how large the array is"));
        }
        let word = quoted(option)?;
        match lines.last_mut() {
            _ if option.starts_with('-') => lines.push(format!("#SBATCH {word}")),
            Some(line) => line.extend([" ", &word]),
            None => return Err(format!("{option}: is no option of sbatch, which begins with -")),
        }
    }
    Ok(lines)
}

/// A word as the shell reads it, on one line.
fn quoted(word: &str) -> Result<String, String> {
    if word.contains(char::is_control) {
        return Err(format!("{word:?}: a line of the script cannot have that"));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Ok(word.to_owned());
    }
    shlex::try_quote(word).map(std::borrow::Cow::into_owned).map_err(|error| format!("{word:?}: {error}"))
}

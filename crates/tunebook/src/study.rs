//! `tunebook study`: what stands in a study's journal.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use notebook::Failure;
use polars::prelude::{Column, DataFrame};
use search::State;
use search::storage::{Journal, JournalError, Json, StoredStudy, StoredTrial, shown};
use search::study::MANIFEST_ATTRIBUTE;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::run::{binaries, build, check_names, experiments};

/// What is asked of a study.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// List the studies of a journal: direction, trials by state, best value or Pareto front
    Show {
        /// The journal, in Optuna's format
        journal: PathBuf,
    },
    /// Print the best trial of a study, or the Pareto front of one with several objectives
    Best(OfStudy),
    /// Go on with a study that was interrupted, or add trials to one
    Resume {
        #[command(flatten)]
        of: OfStudy,
        /// How many trials the study has in the end; as many as its manifest says if left out
        #[arg(long, value_name = "N")]
        trials: Option<u64>,
        /// How many trials run at once, which changes none of them; as many as there are cores if left out
        #[arg(long, value_name = "N")]
        jobs: Option<NonZeroUsize>,
        /// No progress bar
        #[arg(short, long)]
        quiet: bool,
    },
    /// Print all trials of a study as CSV; a parameter named as another column has `params_` before its name
    Export(OfStudy),
}

/// One study of a journal.
#[derive(Debug, Args)]
pub struct OfStudy {
    /// The journal, in Optuna's format
    journal: PathBuf,
    /// The study's name; needed if the journal has several
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    study: Option<String>,
}

/// The states in the order in which they are listed.
const STATES: [(State, &str); 5] = [
    (State::Complete, "complete"),
    (State::Pruned, "pruned"),
    (State::Fail, "failed"),
    (State::Running, "running"),
    (State::Waiting, "waiting"),
];

/// Answers from the journal; only `resume` writes to it.
///
/// # Errors
/// If the journal cannot be read, or there is no such study or nothing to tell of it.
pub fn study(root: &Path, command: &StudyCommand) -> anyhow::Result<Answer> {
    match command {
        StudyCommand::Show { journal } => {
            let journal = read(journal)?;
            Ok(Answer::new(show(&journal)?, journal.studies().map(described).collect()))
        }
        StudyCommand::Best(of) => best(of),
        StudyCommand::Resume { of, trials, jobs, quiet } => resume(root, of, *trials, *jobs, *quiet),
        StudyCommand::Export(of) => {
            let journal = read(&of.journal)?;
            let study = named(&journal, of)?;
            Ok(Answer::new(export(study)?, study.trials.iter().map(|trial| in_json(trial)).collect()))
        }
    }
}

/// A study for programs.
fn described(study: &StoredStudy) -> Value {
    let directions: Vec<String> = study
        .directions
        .iter()
        .map(|direction| direction.map_or("none".to_owned(), |direction| format!("{direction:?}").to_lowercase()))
        .collect();
    let counts: serde_json::Map<String, Value> =
        STATES.iter().map(|(state, word)| ((*word).to_owned(), study.count(*state).into())).collect();
    let best: Vec<Value> = chosen(study).unwrap_or_default().into_iter().map(|trial| in_json(trial)).collect();
    json!({"study": study.name, "directions": directions, "trials": counts, "best": best})
}

/// A trial for programs.
fn in_json(trial: &StoredTrial) -> Value {
    let parameters: serde_json::Map<String, Value> =
        trial.parameters.iter().map(|parameter| (parameter.name.clone(), parameter.value.to_string().into())).collect();
    json!({
        "number": trial.number, "state": trial.state.to_string(), "values": trial.values, "parameters": parameters,
    })
}

fn read(path: &Path) -> Result<Journal, Failure> {
    Journal::read(path).map_err(coded)
}

/// The error with the exit code that it stands for.
fn coded(error: JournalError) -> Failure {
    Failure::new(error.exit_code(), error)
}

/// The study of that name, or the only one.
fn named<'a>(journal: &'a Journal, of: &OfStudy) -> anyhow::Result<&'a StoredStudy> {
    let path = of.journal.display();
    if let Some(name) = &of.study {
        return journal.study(name).with_context(|| format!("{path}: there is no study {}", shown(name)));
    }
    let studies: Vec<&StoredStudy> = journal.studies().collect();
    match studies[..] {
        [] => bail!("{path}: there is no study"),
        [study] => Ok(study),
        _ => {
            let names: Vec<String> = studies.iter().map(|study| shown(&study.name)).collect();
            bail!("{path}: there are {} studies; name one with --study: {}", names.len(), names.join(", "))
        }
    }
}

fn show(journal: &Journal) -> anyhow::Result<String> {
    let mut text = String::new();
    for study in journal.studies() {
        let objectives = match study.directions[..] {
            [Some(direction)] => format!("{direction:?}").to_lowercase(),
            [None] => "no direction".to_owned(),
            _ => format!("{} objectives", study.directions.len()),
        };
        let count = |(state, word): &(State, &str)| match study.count(*state) {
            0 => None,
            count => Some(format!("{count} {word}")),
        };
        let counts: Vec<String> = STATES.iter().filter_map(count).collect();
        let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
        writeln!(text, "{}: {objectives}, {} trials{counts}", shown(&study.name), study.trials.len())?;
        match chosen(study) {
            Ok(trials) if has_one_objective(study) => {
                let trial = trials[0];
                writeln!(text, "  best {:?} in trial {}", trial.value().unwrap_or(f64::NAN), trial.number)?;
            }
            Ok(trials) => writeln!(text, "  Pareto front of {}: {}", trials.len(), numbers(&trials))?,
            Err(reason) if study.count(State::Complete) > 0 => writeln!(text, "  {reason}")?,
            Err(_) => {}
        }
    }
    if text.is_empty() {
        bail!("{}: there is no study", journal.path().display());
    }
    Ok(text)
}

/// Starts the program of the study's experiment to go on with it, on the manifest that the journal holds.
fn resume(
    root: &Path,
    of: &OfStudy,
    trials: Option<u64>,
    jobs: Option<NonZeroUsize>,
    quiet: bool,
) -> anyhow::Result<Answer> {
    #[derive(Deserialize)]
    struct Named {
        experiment: String,
    }
    let journal = read(&of.journal)?;
    journal.ensure_file().map_err(coded)?;
    let study = named(&journal, of)?;
    let (path, name) = (of.journal.display(), study.name.clone());
    let manifest = study.user_attribute(MANIFEST_ATTRIBUTE).and_then(Json::as_str);
    let manifest = manifest.with_context(|| format!("{path}: study {} has no manifest to go on by", shown(&name)))?;
    let Named { experiment } = serde_yaml::from_str(manifest)
        .with_context(|| format!("{path}: the manifest of study {} names no experiment", shown(&name)))?;
    check_names(std::slice::from_ref(&experiment), &experiments(root)?)?;
    build(root, &[&experiment])?.into_iter().collect::<anyhow::Result<()>>()?;
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let file = place.path().join("manifest.yaml");
    std::fs::write(&file, manifest).with_context(|| format!("cannot write {}", file.display()))?;
    drop(journal);
    let mut command = Command::new(binaries()?.join(&experiment));
    command.arg("--manifest").arg(&file).arg("--out").arg(place.path().join("report"));
    command.arg("--resume").arg(&of.journal).arg(format!("--study={name}"));
    command.args(trials.map(|trials| format!("--trials={trials}"))).args(jobs.map(|jobs| format!("--jobs={jobs}")));
    command.args(quiet.then_some("--quiet")).stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.status().with_context(|| format!("cannot start {experiment}"))?;
    if !status.success() {
        // It has said why.
        drop(place);
        std::process::exit(status.code().unwrap_or(1));
    }
    let journal = read(&of.journal)?;
    let study = named(&journal, &OfStudy { study: Some(name.clone()), journal: of.journal.clone() })?;
    for (state, did) in [(State::Waiting, "enqueued"), (State::Running, "began and did not end")] {
        let left = study.trials.iter().filter(|trial| trial.state == state && trial.is_left_to_others());
        let left: Vec<&Arc<StoredTrial>> = left.collect();
        if !left.is_empty() {
            eprintln!("left alone, since another program {did} it: trial {}", numbers(&left));
        }
    }
    best(&OfStudy { study: Some(name), journal: of.journal.clone() })
}

fn best(of: &OfStudy) -> anyhow::Result<Answer> {
    let journal = read(&of.journal)?;
    let study = named(&journal, of)?;
    let trials = chosen(study).map_err(|reason| anyhow!("{}: {reason}", shown(&study.name)))?;
    let json = trials.iter().map(|trial| in_json(trial)).collect();
    let mut text = String::new();
    for trial in trials {
        let values: Vec<String> = trial.values.iter().map(|value| format!("{value:?}")).collect();
        writeln!(text, "trial {}: {}", trial.number, values.join(", "))?;
        for parameter in &trial.parameters {
            writeln!(text, "  {}: {}", shown(&parameter.name), shown(&parameter.value.to_string()))?;
        }
    }
    Ok(Answer::new(text, json))
}

/// The best trial of a study, or the Pareto front of one with several objectives; never empty. Or why there is none.
fn chosen(study: &StoredStudy) -> Result<Vec<&Arc<StoredTrial>>, String> {
    let trials = if has_one_objective(study) { study.best().into_iter().collect() } else { study.pareto_front()? };
    let complete = || study.trials.iter().filter(|trial| trial.state == State::Complete);
    match trials.is_empty() {
        false => Ok(trials),
        true if study.trials.is_empty() => Err("there is no trial yet".to_owned()),
        true if complete().count() == 0 => Err("no trial is complete".to_owned()),
        true if complete().all(|trial| !trial.is_feasible()) => {
            Err("no complete trial keeps its constraints".to_owned())
        }
        true => Err("no complete trial has a value".to_owned()),
    }
}

fn has_one_objective(study: &StoredStudy) -> bool {
    study.directions.len() == 1
}

fn numbers(trials: &[&Arc<StoredTrial>]) -> String {
    trials.iter().map(|trial| trial.number.to_string()).collect::<Vec<_>>().join(", ")
}

fn export(study: &StoredStudy) -> anyhow::Result<String> {
    let trials = &study.trials;
    let text = |cell: &dyn Fn(&StoredTrial) -> Option<String>| -> Vec<Option<String>> {
        trials.iter().map(|trial| cell(trial)).collect()
    };
    let mut columns = vec![
        Column::new("number".into(), trials.iter().map(|trial| trial.number).collect::<Vec<_>>()),
        Column::new("state".into(), trials.iter().map(|trial| trial.state.to_string()).collect::<Vec<_>>()),
    ];
    for place in 0..study.directions.len() {
        // Optuna's names of these columns.
        let name = if has_one_objective(study) { "value".to_owned() } else { format!("values_{place}") };
        let values: Vec<Option<f64>> = trials.iter().map(|trial| trial.values.get(place).copied()).collect();
        columns.push(Column::new(name.into(), values));
    }
    let error = text(&|trial| {
        trial.user_attribute("error").map(|error| error.as_str().map_or_else(|| error.to_string(), str::to_owned))
    });
    let error = Column::new("error".into(), error);
    let parameters = study.parameter_names();
    let mut taken: BTreeSet<String> = columns.iter().chain([&error]).map(|column| column.name().to_string()).collect();
    for &name in &parameters {
        let mut column = name.to_owned();
        while taken.contains(&column) || (column != name && parameters.contains(&column.as_str())) {
            column.insert_str(0, "params_");
        }
        let values = text(&|trial| trial.parameter(name).map(ToString::to_string));
        columns.push(Column::new(column.as_str().into(), values));
        taken.insert(column);
    }
    columns.push(error);
    let mut frame = DataFrame::new(trials.len(), columns)?;
    notebook::csv(&mut frame)
}

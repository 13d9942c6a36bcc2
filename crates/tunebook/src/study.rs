//! `tunebook study`: what stands in a study's journal, and what the program of its experiment makes of it.

mod program;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};
use notebook::Failure;
use polars::prelude::{Column, DataFrame};
use search::State;
use search::storage::{Journal, JournalError, Location, StoredStudy, StoredTrial, shown};
use search::study::manifest;
use serde_json::{Value, json};

use crate::answer::Answer;

/// What is asked of a study.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// List the studies of a journal: direction, trials by state, best value or Pareto front, and what failed
    Show {
        /// The journal, in Optuna's format: a file, redis://host:6379/0, or `env` for what TUNEBOOK_STORAGE says
        journal: OsString,
    },
    /// Print the best trial of a study, or the Pareto front of one with several objectives
    Best {
        #[command(flatten)]
        of: OfStudy,
        /// Print the manifest of that trial instead, or write it into this file: the experiment's program runs it, as a search
        /// of this trial alone
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
        manifest: Option<PathBuf>,
    },
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
    /// Run a trial that has ended again, and prove its results equal to the last bit; exit code 1 if one differs
    ///
    /// What differs is named: the results, and besides them the manifest, the build, the data and the processor.
    Replay {
        #[command(flatten)]
        of: OfStudy,
        /// The trial's number
        #[arg(long, value_name = "N")]
        trial: u64,
    },
    /// Enqueue the next round of a study for whoever evaluates it, Python's `study.optimize` too
    ///
    /// Its trials wait in the journal, with their parameters. A round follows once all trials of the one before have ended.
    Ask {
        #[command(flatten)]
        of: OfStudy,
        /// How many trials the study has in the end; as many as its manifest says if left out
        #[arg(long, value_name = "N")]
        trials: Option<u64>,
    },
    /// Print all trials of a study as CSV; a parameter named as another column has `params_` before its name
    Export(OfStudy),
    /// Copy a journal to where nothing is, or an earlier copy of it, which then gets the lines that it lacks
    Copy {
        /// The journal to read: a file, redis://host:6379/0, or `env` for what TUNEBOOK_STORAGE says
        from: OsString,
        /// The journal to write, said in the same way
        to: OsString,
    },
}

/// One study of a journal.
#[derive(Debug, Args)]
pub struct OfStudy {
    /// The journal, in Optuna's format: a file, redis://host:6379/0, or `env` for what TUNEBOOK_STORAGE says
    journal: OsString,
    /// The study's name; needed if the journal has several
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    study: Option<String>,
    /// The workspace of the study's experiment [default: the one in which this program was built]
    #[arg(long, value_name = "DIR", hide = true)]
    workspace: Option<PathBuf>,
}

/// The states in the order in which they are listed.
const STATES: [(State, &str); 5] = [
    (State::Complete, "complete"),
    (State::Pruned, "pruned"),
    (State::Fail, "failed"),
    (State::Running, "running"),
    (State::Waiting, "waiting"),
];

/// Answers from the journal; only `resume` and `ask` write to it, and `copy` to another one.
///
/// # Errors
/// If the journal cannot be read, or there is no such study or nothing to tell of it.
pub fn study(root: &Path, command: &StudyCommand) -> anyhow::Result<Answer> {
    match command {
        StudyCommand::Show { journal } => {
            let journal = read(journal)?;
            Ok(Answer::new(show(&journal)?, journal.studies().map(described).collect()))
        }
        StudyCommand::Best { of, manifest: None } => best(of),
        StudyCommand::Best { of, manifest: Some(file) } => program::manifest(root, of, file),
        StudyCommand::Resume { of, trials, jobs, quiet } => program::resume(root, of, *trials, *jobs, *quiet),
        StudyCommand::Replay { of, trial } => program::replay(root, of, *trial),
        StudyCommand::Ask { of, trials } => program::ask(root, of, *trials),
        StudyCommand::Export(of) => {
            let journal = read(&of.journal)?;
            let study = named(&journal, of)?;
            Ok(Answer::new(export(study)?, study.trials.iter().map(|trial| in_json(trial)).collect()))
        }
        StudyCommand::Copy { from, to } => {
            let mut from = read(from)?;
            let mut to = Location::parse(to).and_then(Journal::open).map_err(coded)?;
            let lines = to.copy_from(&mut from).map_err(coded)?;
            let (from, to) = (from.location(), to.location());
            Ok(Answer::new(
                format!("{} of {from} added to {to}\n", notebook::counted(lines, "line")),
                json!({"lines": lines}),
            ))
        }
    }
}

/// Failed trials that `show` names.
const MOST_FAILURES: usize = 3;

/// Why a trial failed.
fn error(trial: &StoredTrial) -> Option<String> {
    let error = trial.user_attribute("error")?;
    Some(error.as_str().map_or_else(|| error.to_string(), str::to_owned))
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

fn read(journal: &OsStr) -> Result<Journal, Failure> {
    Location::parse(journal).and_then(Journal::read).map_err(coded)
}

/// The error with the exit code that it stands for.
fn coded(error: JournalError) -> Failure {
    Failure::new(error.exit_code(), error)
}

/// The study of that name, or the only one.
fn named<'a>(journal: &'a Journal, of: &OfStudy) -> anyhow::Result<&'a StoredStudy> {
    let path = journal.location();
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
        // Of other programs' studies there is no command that repeats a trial.
        if manifest(study).is_some() {
            // A URL may need the password that only the environment has.
            let place = journal.location().file().map_or_else(|| "env".into(), Path::to_string_lossy);
            let (place, name) = (shlex::try_quote(&place)?, shown(&study.name));
            let failed = study.trials.iter().filter(|trial| trial.state == State::Fail);
            for trial in failed.clone().take(MOST_FAILURES) {
                let error = error(trial).unwrap_or_else(|| "no reason is kept".to_owned());
                writeln!(text, "  trial {} failed: {}", trial.number, shown(&error))?;
                writeln!(text, "    tunebook study replay {place} --study {name} --trial {}", trial.number)?;
            }
            let more = failed.count().saturating_sub(MOST_FAILURES);
            if more > 0 {
                writeln!(text, "  {more} more failed, which `study export` lists")?;
            }
        }
    }
    if text.is_empty() {
        bail!("{}: there is no study", journal.location());
    }
    Ok(text)
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
    let error = Column::new("error".into(), text(&error));
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

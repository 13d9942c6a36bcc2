//! `tunebook study`: what stands in a study's journal.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use polars::prelude::{Column, DataFrame};
use search::State;
use search::storage::{Journal, StoredStudy, StoredTrial};

/// What is asked of a study.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// List the studies of a journal: direction, trials by state, best value
    Show {
        /// The journal, in Optuna's format
        journal: PathBuf,
    },
    /// Print the best trial of a study
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
    /// Print all trials of a study as CSV
    Export(OfStudy),
}

/// One study of a journal.
#[derive(Debug, Args)]
pub struct OfStudy {
    /// The journal, in Optuna's format
    journal: PathBuf,
    /// The study's name; needed if the journal has several
    #[arg(long, value_name = "NAME")]
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
pub fn study(command: &StudyCommand) -> anyhow::Result<bool> {
    let answer = match command {
        StudyCommand::Show { journal } => show(&read(journal)?)?,
        StudyCommand::Best(of) => best(of)?,
        StudyCommand::Resume { of, trials, jobs, quiet } => resume(of, *trials, *jobs, *quiet)?,
        StudyCommand::Export(of) => export(of)?,
    };
    notebook::show(&answer)?;
    Ok(true)
}

fn read(path: &Path) -> anyhow::Result<Journal> {
    Ok(Journal::read(path)?)
}

/// The study of that name, or the only one.
fn named<'a>(journal: &'a Journal, of: &OfStudy) -> anyhow::Result<&'a StoredStudy> {
    let path = of.journal.display();
    if let Some(name) = &of.study {
        return journal.study(name).with_context(|| format!("{path}: there is no study {name}"));
    }
    let studies: Vec<&StoredStudy> = journal.studies().collect();
    match studies[..] {
        [] => bail!("{path}: there is no study"),
        [study] => Ok(study),
        _ => {
            let names: Vec<&str> = studies.iter().map(|study| study.name.as_str()).collect();
            bail!("{path}: there are {} studies; name one with --study: {}", names.len(), names.join(", "))
        }
    }
}

fn show(journal: &Journal) -> anyhow::Result<String> {
    let mut text = String::new();
    for study in journal.studies() {
        let direction = match study.directions[..] {
            [Some(direction)] => format!("{direction:?}").to_lowercase(),
            [None] | [] => "no direction".to_owned(),
            _ => format!("{} objectives", study.directions.len()),
        };
        let count = |(state, word): &(State, &str)| match study.count(*state) {
            0 => None,
            count => Some(format!("{count} {word}")),
        };
        let counts: Vec<String> = STATES.iter().filter_map(count).collect();
        writeln!(text, "{}: {direction}, {} trials ({})", study.name, study.trials.len(), counts.join(", "))?;
        if let Some(trial) = study.best() {
            writeln!(text, "  best {:?} in trial {}", trial.value().unwrap_or(f64::NAN), trial.number)?;
        }
    }
    if text.is_empty() {
        bail!("{}: there is no study", journal.path().display());
    }
    Ok(text)
}

fn resume(of: &OfStudy, trials: Option<u64>, jobs: Option<NonZeroUsize>, quiet: bool) -> anyhow::Result<String> {
    let name = named(&read(&of.journal)?, of)?.name.clone();
    let progress = notebook::progress_bar(0, "trials", quiet);
    tuning::resume(&of.journal, &name, trials, jobs, &progress)?;
    progress.finish_and_clear();
    best(&OfStudy { study: Some(name), journal: of.journal.clone() })
}

fn best(of: &OfStudy) -> anyhow::Result<String> {
    let journal = read(&of.journal)?;
    let study = named(&journal, of)?;
    let trial = study.best().with_context(|| format!("{}: no trial is complete", study.name))?;
    let mut text = format!("trial {}: {:?}\n", trial.number, trial.value().unwrap_or(f64::NAN));
    for parameter in &trial.parameters {
        writeln!(text, "  {}: {}", parameter.name, parameter.value)?;
    }
    Ok(text)
}

fn export(of: &OfStudy) -> anyhow::Result<String> {
    let journal = read(&of.journal)?;
    let study = named(&journal, of)?;
    let trials = &study.trials;
    let text = |cell: &dyn Fn(&StoredTrial) -> Option<String>| -> Vec<Option<String>> {
        trials.iter().map(|trial| cell(trial)).collect()
    };
    let state = |trial: &StoredTrial| STATES.iter().find(|(state, _)| *state == trial.state).map(|(_, word)| *word);
    let mut columns = vec![
        Column::new("number".into(), trials.iter().map(|trial| trial.number).collect::<Vec<_>>()),
        Column::new("state".into(), trials.iter().map(|trial| state(trial)).collect::<Vec<_>>()),
        Column::new("value".into(), trials.iter().map(|trial| trial.value()).collect::<Vec<_>>()),
    ];
    for name in study.parameter_names() {
        let values = text(&|trial| trial.parameter(name).map(ToString::to_string));
        columns.push(Column::new(name.into(), values));
    }
    let error = text(&|trial| trial.user_attribute("error").and_then(|error| Some(error.as_str()?.to_owned())));
    columns.push(Column::new("error".into(), error));
    let mut frame = DataFrame::new(trials.len(), columns)?;
    notebook::csv(&mut frame)
}

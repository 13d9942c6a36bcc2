//! The studies of a search from their first trial to their report.

use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use anyhow::Context as _;
use indicatif::ProgressBar;
use manifest::{Document, Rules};
use notebook::{Done, Failure, JOURNAL, Notebook, RECORDS};
use search::Search;
use search::storage::{Journal, JournalError, Json, Location, StoredStudy, StoredTrial};
use search::study::{Evaluation, Outcome, Plan, Run, Study, StudyError, manifest};
use serde_json::Value;

use crate::circumstances::{CIRCUMSTANCES, circumstances};
use crate::rules::UNTRAINED;
use crate::{Attempt, Charts, Measured, Metric, Train, table, with};

/// The studies of a search as they stand in the journal that was kept.
#[derive(Debug)]
pub struct Studies {
    /// Measured on the test data.
    pub test: StoredStudy,
    /// Measured on held-out training data, where the manifest asks for it.
    pub validation: Option<StoredStudy>,
}

impl Studies {
    /// What became of the study on the test data, on one line.
    pub fn outcome(&self) -> String {
        let best =
            self.test.best().and_then(|best| Some(format!("the best {:?} in trial {}", best.value()?, best.number)));
        format!(
            "{}, {}\n",
            notebook::counted(self.test.trials.len() as u64, "trial"),
            best.unwrap_or_else(|| "none complete".to_owned())
        )
    }
}

/// The search of a manifest.
pub struct Tuning<'a, T> {
    /// The manifest whose values are searched.
    pub manifest: &'a Document<T>,
    /// Its search.
    pub search: &'a Search,
    /// What a training is judged by, and the search's objective among it.
    pub metrics: &'a [Metric],
}

impl<'a, T: Rules + Clone + Send + Sync + 'static> Tuning<'a, T> {
    /// Runs the study on the test data and, where `validation_split` says so, another one on held-out data. `train`
    /// trains an attempt and measures it; the search's objective is one of the metrics that it returns.
    ///
    /// While the studies run, their journal lies beside the report folder; a run that was killed goes on from there. Or they
    /// are kept in the journal that the user named, with whoever else runs them there. The journal holds times, so it, or a
    /// copy of the user's, lies among the records in the end: the committed one stays as long as its trials are those of
    /// this run.
    ///
    /// # Errors
    /// If something cannot be read or written; [`Done`] where the program was started to go on with a study.
    #[track_caller]
    pub fn optimize(&self, notebook: &mut Notebook, train: &Train<'_, T>) -> anyhow::Result<Studies> {
        let Self { search, .. } = self;
        let experiment = notebook.about().experiment.clone();
        let measured: &[Measured] = match search.validation_split {
            Some(_) => &[Measured::Test, Measured::Validation],
            None => &[Measured::Test],
        };
        if let Some(report) = notebook.predicts_by() {
            return self.told(&report.join(RECORDS).join(JOURNAL), &experiment);
        }
        let circumstances = circumstances(&self.manifest.to_json(), notebook.folders());
        if let Some(resume) = notebook.resume() {
            let done = self.resume(notebook, resume, circumstances, train);
            return Err(done.map_or_else(coded, |()| Done(String::new()).into()));
        }
        let beside = notebook.beside(JOURNAL);
        let named = notebook.take_journal().map(|named| Location::parse(&named)).transpose().map_err(of_journal)?;
        let journal = named.clone().unwrap_or_else(|| (&beside).into());
        let mut found = Vec::new();
        for &measured in measured {
            let progress = notebook.progress_bar(search.trials.into(), "trials");
            let goal = Goal { trials: search.trials.into(), jobs: None };
            let plan = || self.plan(&experiment, measured, circumstances.clone());
            let run = || self.run(&journal, plan()?, measured, goal, &progress, train);
            found.push(
                match run() {
                    // What a killed run of another manifest left is no part of this one.
                    Err(error)
                        if named.is_none() && matches!(error.downcast_ref(), Some(StudyError::Different(..))) =>
                    {
                        let aside = set_aside(&beside)?;
                        // Said even where the run is quiet: a file of the user's has another name now.
                        progress.suspend(|| eprintln!("{error:#}; it is kept as {}", aside.display()));
                        run()
                    }
                    result => result,
                }
                .map_err(|error| advised(error, &journal))?,
            );
            progress.finish_and_clear();
        }
        let committed = notebook.record_path(JOURNAL);
        let earlier = Journal::read(&committed).ok();
        let study = |measured| earlier.as_ref()?.study(&study_name(&experiment, measured)).cloned();
        let kept: Option<Vec<StoredStudy>> = measured.iter().map(|&measured| study(measured)).collect();
        // Where the journal has more trials than the committed one, it is the one that is kept.
        let mut kept =
            kept.filter(|kept| kept.iter().zip(&found).all(|(kept, found)| kept.trials.len() >= found.trials.len()));
        // A longer run that was killed, or `resume`, leaves more trials than the manifest asks for: they stay in the
        // journal, and the report is of the manifest's.
        for study in found.iter_mut().chain(kept.iter_mut().flatten()) {
            study.trials.truncate(search.trials as usize);
        }
        let kept = kept.filter(|kept| kept.iter().zip(&found).all(|(kept, found)| same_trials(kept, found)));
        keep_earlier(notebook)?;
        if let (Some(named), None) = (named, &kept) {
            // A copy that was not finished is made anew.
            let copy = beside.with_extension("copy.log");
            let _ = std::fs::remove_file(&copy);
            let copied = Journal::open(&copy).and_then(|mut new| new.copy_from(&mut Journal::read(named)?));
            copied.map_err(of_journal)?;
            notebook.record(JOURNAL, &copy)?;
            notebook.remove_when_published(copy);
        } else {
            notebook.record(JOURNAL, if kept.is_some() { &committed } else { &beside })?;
            notebook.remove_when_published(beside);
        }
        let mut stored = kept.unwrap_or(found).into_iter();
        let studies = Studies { test: stored.next().context("no study was run")?, validation: stored.next() };
        let others: usize = [Some(&studies.test), studies.validation.as_ref()]
            .into_iter()
            .flatten()
            .map(|study| study.of_others().count())
            .sum();
        if others > 0 {
            notebook.paragraph(format!(
                "Another program added {} to this search. What is suggested after such a trial depends on when it was told, so a \
                 search of this manifest alone has other trials.",
                notebook::counted(others as u64, "trial")
            ));
        }
        Ok(studies)
    }

    /// The studies that a report's journal tells of.
    fn told(&self, journal: &Path, experiment: &str) -> anyhow::Result<Studies> {
        let told = Journal::read(journal).map_err(StudyError::from).map_err(|error| coded(error.into()))?;
        let study = |measured| {
            let mut study = told.study(&study_name(experiment, measured))?.clone();
            study.trials.truncate(self.search.trials as usize);
            Some(study)
        };
        let test = study(Measured::Test).with_context(|| format!("{} has no such study", journal.display()))?;
        Ok(Studies { test, validation: study(Measured::Validation) })
    }

    /// Writes the tables of trials, `trials.csv` and, for held-out data, `trials_validation.csv`; where trials failed,
    /// `failures.csv` says of each what it was and by which command it is run again.
    ///
    /// # Errors
    /// If a table cannot be written.
    #[track_caller]
    pub fn tables(&self, notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<()> {
        table::write(notebook, "trials", &studies.test, self.search)?;
        if let Some(study) = &studies.validation {
            table::write(notebook, "trials_validation", study, self.search)?;
        }
        table::failures(notebook, studies)
    }

    /// The figures of the study on the test data.
    ///
    /// # Errors
    /// If the objective is no metric.
    pub fn charts(&self, studies: &'a Studies) -> anyhow::Result<Charts<'a>> {
        Charts::new(self.search, self.metrics, studies)
    }

    /// Runs one study until it has its trials, whatever it had before, and returns it.
    pub(crate) fn run(
        &self,
        journal: &Location,
        plan: Plan,
        measured: Measured,
        goal: Goal,
        progress: &ProgressBar,
        train: &Train<'_, T>,
    ) -> anyhow::Result<StoredStudy> {
        let mut study = Study::open(journal.clone(), plan)?;
        let jobs = goal.jobs.unwrap_or_else(|| available_parallelism().unwrap_or(NonZeroUsize::MIN));
        let run = Run { trials: goal.trials, jobs, cancel: &AtomicBool::new(false) };
        progress.set_length(goal.trials);
        study.run(run, &self.objective(measured, train), &mut |told| {
            // Trials of an earlier run do not count for the rate.
            if told.told == 1 {
                progress.reset_eta();
            }
            progress.set_position(told.finished);
            if let Some((number, value)) = told.best {
                progress.set_message(format!("trials, best {value:.4} (trial {number})"));
            }
        })?;
        Ok(study.stored()?.clone())
    }

    /// What a trial of the study is: its training, and the metric that is the search's objective.
    pub(crate) fn objective<'f>(
        &'f self,
        measured: Measured,
        train: &'f Train<'_, T>,
    ) -> impl Fn(&Evaluation<'_>) -> Outcome + Sync + 'f {
        let every = u64::from(self.search.report_every);
        // By trial: the repeats of a trial train the same manifest.
        let manifests = Mutex::new(HashMap::new());
        move |evaluation| {
            let report = |epoch: u64, loss: f64| epoch.is_multiple_of(every) && evaluation.report(epoch, loss);
            let (trial, repeat) = (evaluation.trial(), evaluation.repeat());
            let kept = manifests.lock().ok().and_then(|mut manifests| manifests.remove(&trial.number));
            let manifest = match kept.filter(|_| repeat > 0).map_or_else(|| with(self.manifest, &trial.parameters), Ok)
            {
                Ok(manifest) => manifest,
                Err(error) => return Outcome::Failed(error.to_string()),
            };
            let next = (repeat + 1 < self.search.repeats).then(|| manifest.clone());
            let outcome = Attempt::of(manifest, measured, repeat, &report).outcome(&self.search.objective, train);
            if let (Some(next), Some(_), Ok(mut manifests)) = (next, outcome.value(), manifests.lock()) {
                manifests.insert(trial.number, next);
            }
            outcome
        }
    }

    /// The plan of a study; whatever decides a trial is in it, so that a study goes on only as it began.
    pub(crate) fn plan(
        &self,
        experiment: &str,
        measured: Measured,
        circumstances: Vec<(&'static str, String)>,
    ) -> anyhow::Result<Plan> {
        let Self { manifest, search, .. } = *self;
        let json = manifest.to_json();
        // A part of the manifest on one line.
        let text = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
        let section = |key: &str| json["search"].get(key).map(|value| (key.to_owned(), text(value)));
        let of_search = ["sampler", "seed", "objective", "report_every"].into_iter().filter_map(section);
        // In the order of the manifest.
        let written: serde_yaml::Mapping = serde_yaml::from_str(&manifest.to_yaml())?;
        let keys = written.keys().filter_map(|key| key.as_str()).filter(|key| !UNTRAINED.contains(key));
        let mut settings: Vec<(String, String)> =
            of_search.chain(keys.map(|key| (key.to_owned(), text(&json[key])))).collect();
        settings.extend(["pruner", "grid_points", "startup_trials", "candidates"].into_iter().filter_map(section));
        if measured == Measured::Validation {
            settings.extend(section("validation_split"));
        }
        let (name, of_trial) = (study_name(experiment, measured), manifest.clone());
        Ok(Plan {
            objective: search.objective.clone(),
            direction: search.direction,
            sampler: search.sampler()?,
            space: search.parameters.clone(),
            pruner: search.pruner.as_ref().map(search::PrunerKind::build),
            round: NonZeroU64::from(NonZeroU32::new(search.round).context("search.round is at least 1")?),
            repeats: NonZeroU32::new(search.repeats).context("search.repeats is at least 1")?,
            settings,
            manifest: manifest.to_yaml(),
            circumstances,
            trial_manifest: Box::new(move |parameters| Some(with(&of_trial, parameters).ok()?.to_yaml())),
            // Wherever the journal is copied to, the line stays true.
            repeat_command: replay_command("JOURNAL", &name),
            name,
        })
    }
}

/// How far a study goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// Trials that it has in the end.
    pub trials: u64,
    /// Trials that run at once; as many as there are cores if left out.
    pub jobs: Option<NonZeroUsize>,
}

/// The command that runs a trial of a study again, if the trial's number follows.
pub(crate) fn replay_command(journal: &str, study: &str) -> String {
    format!("tunebook study replay {journal} --study {study} --trial")
}

/// The error with the exit code that it stands for.
fn coded(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<StudyError>() {
        Ok(error) => Failure::new(error.exit_code(), error).into(),
        Err(error) => error,
    }
}

/// The same of a journal.
fn of_journal(error: JournalError) -> anyhow::Error {
    Failure::new(error.exit_code(), error).into()
}

/// The error with its exit code, and with what to do about it where the journal beside the report cannot be read.
fn advised(error: anyhow::Error, journal: &Location) -> anyhow::Error {
    let is_damaged = matches!(error.downcast_ref(), Some(StudyError::Journal(JournalError::Damaged { .. })));
    let error = coded(error);
    if !is_damaged {
        return error;
    }
    error.context(format!("a search goes on from {journal}, which cannot be read; move it away to begin anew"))
}

/// Keeps the journal of the report that is being replaced if it holds more than that report tells: somebody went on with
/// it there.
fn keep_earlier(notebook: &Notebook) -> anyhow::Result<()> {
    let earlier = notebook.earlier_record(JOURNAL);
    let (Some(records), true) = (earlier.parent(), earlier.is_file()) else { return Ok(()) };
    let rows = |table: &str| notebook::read_csv_texts(&records.with_file_name(table)).map_or(0, |table| table.height());
    let told = rows("trials.csv") + rows("trials_validation.csv");
    let trials = |journal: &Journal| journal.studies().map(|study| study.trials.len()).sum::<usize>();
    if Journal::read(&earlier).is_ok_and(|journal| trials(&journal) <= told) {
        return Ok(());
    }
    let mut names = (1..1000).map(|number: u32| format!("journal.{number}.log"));
    let free = names.find(|name| !records.join(name).exists()).context("no name is free")?;
    eprintln!("{} holds more than its report; it is kept as {free}", earlier.display());
    notebook.record(&free, &earlier)
}

/// Renames a journal to a name that is free.
fn set_aside(journal: &Path) -> anyhow::Result<PathBuf> {
    let free = (1..1000).map(|number: u32| journal.with_extension(format!("{number}.log"))).find(|path| !path.exists());
    let aside = free.context("no name is free")?;
    std::fs::rename(journal, &aside).with_context(|| format!("cannot rename {}", journal.display()))?;
    Ok(aside)
}

/// Whether both have the same trials, apart from their times, who ran them and on what.
fn same_trials(a: &StoredStudy, b: &StoredStudy) -> bool {
    let bits = |trial: &StoredTrial| {
        let reports = trial.intermediate_values.iter().map(|(step, value)| (*step, value.to_bits()));
        let values = trial.values.iter().map(|value| value.to_bits());
        (trial.number, trial.state, values.collect::<Vec<_>>(), reports.collect::<Vec<_>>())
    };
    let is_circumstance = |key: &str| CIRCUMSTANCES.contains(&key);
    let results = |trial: &StoredTrial| {
        let of = trial.user_attributes.iter().filter(|(key, _)| !is_circumstance(key));
        of.cloned().collect::<Vec<_>>()
    };
    let same = |a: &StoredTrial, b: &StoredTrial| {
        bits(a) == bits(b) && a.parameters == b.parameters && results(a) == results(b)
    };
    // One that says nothing of the circumstances gives way to one that does.
    let of_study = |study: &StoredStudy| {
        let of = study.user_attributes.iter();
        let text = |(key, value): &(String, Json)| (!is_circumstance(key)).then(|| value.clone());
        of.map(|field| (field.0.clone(), text(field))).collect::<Vec<_>>()
    };
    of_study(a) == of_study(b)
        && manifest(a) == manifest(b)
        && a.trials.len() == b.trials.len()
        && a.trials.iter().zip(&b.trials).all(|(a, b)| same(a, b))
}

/// The study's name in its journal: the experiment's, and `-validation` where held-out data are measured on.
pub(crate) fn study_name(experiment: &str, measured: Measured) -> String {
    match measured {
        Measured::Test => experiment.to_owned(),
        Measured::Validation => format!("{experiment}-validation"),
    }
}

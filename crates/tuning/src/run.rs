//! The studies of a search from their first trial to their report.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use anyhow::Context as _;
use indicatif::ProgressBar;
use manifest::{Document, Rules};
use notebook::{Failure, JOURNAL, Notebook, Resumed};
use search::Search;
use search::storage::{Journal, JournalError, StoredStudy, StoredTrial};
use search::study::{Evaluation, Run, Study, StudyError};

use crate::plan::{plan, study_name};
use crate::{Attempt, Charts, Measured, Metric, Train, table};

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
        format!("{} trials, {}\n", self.test.trials.len(), best.unwrap_or_else(|| "none complete".to_owned()))
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

impl<'a, T: Rules + Clone + Sync> Tuning<'a, T> {
    /// Runs the study on the test data and, where `validation_split` says so, another one on held-out data. `train`
    /// trains an attempt and measures it; the search's objective is one of the metrics that it returns.
    ///
    /// While the studies run, their journal lies beside the report folder; a run that was killed goes on from there. The
    /// journal holds times, so it lies among the records in the end: the committed one stays as long as its trials are those
    /// of this run.
    ///
    /// # Errors
    /// If something cannot be read or written; [`Resumed`] where the program was started to go on with a study.
    pub fn optimize(&self, notebook: &mut Notebook, train: &Train<'_, T>) -> anyhow::Result<Studies> {
        let Self { search, .. } = self;
        let experiment = notebook.about().experiment.clone();
        let measured: &[Measured] = match search.validation_split {
            Some(_) => &[Measured::Test, Measured::Validation],
            None => &[Measured::Test],
        };
        if let Some(resume) = notebook.resume() {
            return Err(self.resume(notebook, resume, &experiment, train));
        }
        let journal = notebook.beside(JOURNAL);
        let mut found = Vec::new();
        for &measured in measured {
            let progress = notebook.progress_bar(search.trials.into(), "trials");
            let goal = Goal { trials: search.trials.into(), jobs: None };
            let run = || self.run(&journal, &experiment, measured, goal, &progress, train);
            found.push(
                match run() {
                    // What a killed run of another manifest left is no part of this one.
                    Err(error) if matches!(error.downcast_ref(), Some(StudyError::Different { .. })) => {
                        let aside = set_aside(&journal)?;
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
        let names = measured.iter().map(|&measured| study_name(&experiment, measured));
        let kept: Option<Vec<StoredStudy>> = names.map(|name| read(&committed, &name)).collect();
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
        notebook.record(JOURNAL, if kept.is_some() { &committed } else { &journal })?;
        notebook.remove_when_published(journal);
        let mut stored = kept.unwrap_or(found).into_iter();
        let test = stored.next().context("no study was run")?;
        Ok(Studies { test, validation: stored.next() })
    }

    /// Goes on with a study of this manifest in a journal of the user's, and says which of its trials it left alone.
    fn resume(
        &self,
        notebook: &Notebook,
        resume: &notebook::Resume,
        experiment: &str,
        train: &Train<'_, T>,
    ) -> anyhow::Error {
        let measured = [Measured::Test, Measured::Validation];
        // An experiment's own name may end as the names of its studies on held-out data do.
        let Some(measured) = measured.into_iter().find(|&of| study_name(experiment, of) == resume.study) else {
            return anyhow::anyhow!(
                "{}: study {} is not the one of its manifest, {experiment}",
                resume.journal.display(),
                search::storage::shown(&resume.study)
            );
        };
        let progress = notebook.progress_bar(0, "trials");
        let goal = Goal { trials: resume.trials.unwrap_or(self.search.trials.into()), jobs: resume.jobs };
        let result = self.run(&resume.journal, experiment, measured, goal, &progress, train);
        progress.finish_and_clear();
        result.map_or_else(coded, |_| Resumed.into())
    }

    /// Writes the tables of trials, `trials.csv` and, for held-out data, `trials_validation.csv`.
    ///
    /// # Errors
    /// If a table cannot be written.
    pub fn tables(&self, notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<()> {
        table::write(notebook, "trials", &studies.test, self.search)?;
        let validation = studies.validation.as_ref();
        validation.map_or(Ok(()), |study| table::write(notebook, "trials_validation", study, self.search))
    }

    /// The figures of the study on the test data.
    ///
    /// # Errors
    /// If the objective is no metric.
    pub fn charts(&self, studies: &'a Studies) -> anyhow::Result<Charts<'a>> {
        Charts::new(self.search, self.metrics, studies)
    }

    /// Runs one study until it has its trials, whatever it had before, and returns it.
    fn run(
        &self,
        journal: &Path,
        experiment: &str,
        measured: Measured,
        goal: Goal,
        progress: &ProgressBar,
        train: &Train<'_, T>,
    ) -> anyhow::Result<StoredStudy> {
        let mut study = Study::open(journal, plan(experiment, self.manifest, self.search, measured)?)?;
        let jobs = goal.jobs.unwrap_or_else(|| available_parallelism().unwrap_or(NonZeroUsize::MIN));
        let run = Run { trials: goal.trials, jobs, cancel: &AtomicBool::new(false) };
        let every = u64::from(self.search.report_every);
        let objective = |evaluation: &Evaluation<'_>| {
            let report = |epoch: u64, loss: f64| epoch.is_multiple_of(every) && evaluation.report(epoch, loss);
            let parameters = &evaluation.trial().parameters;
            match Attempt::new(self.manifest, parameters, measured, evaluation.repeat(), &report) {
                Ok(attempt) => attempt.outcome(&self.search.objective, train),
                Err(error) => search::study::Outcome::Failed(error.to_string()),
            }
        };
        progress.set_length(goal.trials);
        study.run(run, &objective, &mut |told| {
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
}

/// How far a study goes.
#[derive(Debug, Clone, Copy)]
struct Goal {
    /// Trials that it has in the end.
    trials: u64,
    /// Trials that run at once; as many as there are cores if left out.
    jobs: Option<NonZeroUsize>,
}

/// The error with the exit code that it stands for.
fn coded(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<StudyError>() {
        Ok(error) => Failure::new(error.exit_code(), error).into(),
        Err(error) => error,
    }
}

/// The error with its exit code, and with what to do about it where the journal beside the report cannot be read.
fn advised(error: anyhow::Error, journal: &Path) -> anyhow::Error {
    let damaged = |cause: &JournalError| matches!(cause, JournalError::Damaged { .. });
    if error
        .downcast_ref::<StudyError>()
        .is_some_and(|error| matches!(error, StudyError::Journal(cause) if damaged(cause)))
    {
        let text =
            format!("a search goes on from {}, which cannot be read; move it away to begin anew", journal.display());
        return coded(error).context(text);
    }
    coded(error)
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
    let names = (1..1000).map(|number: u32| format!("journal.{number}.log"));
    let free = names.into_iter().find(|name| !records.join(name).exists()).context("no name is free")?;
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

/// The study in a committed journal; none where there is none, or no longer one.
fn read(path: &Path, name: &str) -> Option<StoredStudy> {
    Journal::read(path).ok()?.study(name).cloned()
}

/// Whether both have the same trials, apart from their times and who ran them.
fn same_trials(a: &StoredStudy, b: &StoredStudy) -> bool {
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let intermediate = |trial: &StoredTrial| {
        trial.intermediate_values.iter().map(|(step, value)| (*step, value.to_bits())).collect::<Vec<_>>()
    };
    a.user_attributes == b.user_attributes
        && a.trials.len() == b.trials.len()
        && a.trials.iter().zip(&b.trials).all(|(a, b)| {
            (a.number, a.state, bits(&a.values)) == (b.number, b.state, bits(&b.values))
                && a.parameters == b.parameters
                && intermediate(a) == intermediate(b)
                && a.user_attributes == b.user_attributes
        })
}

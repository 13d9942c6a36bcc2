//! What each study would choose, and what its choice is worth on seeds that the search has not seen.

use anyhow::Context as _;
use manifest::{Document, Rules};
use notebook::Notebook;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use search::State;
use search::storage::{StoredStudy, StoredTrial};

use crate::{Attempt, Measured, Studies, Train, Tuning, with};

/// Seeds that no trial trains from: those after the repeats', which show what is worth what a study chooses.
pub const FRESH_SEEDS: u32 = 100;

/// A study's best trial, trained again on all training data from fresh seeds.
struct Chosen<'s> {
    name: &'static str,
    trial: &'s StoredTrial,
    /// Median of the first metric on the test data over the fresh seeds.
    median: f64,
}

impl<T: Rules + Clone + Send + Sync> Tuning<'_, T> {
    /// Says which trial is chosen, and gives the manifest with its values.
    ///
    /// # Errors
    /// If no trial is complete.
    #[track_caller]
    pub fn choose(&self, notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<Document<T>> {
        let study = &studies.test;
        let error = || study.trials.iter().find_map(|trial| trial.user_attribute("error")?.as_str());
        let nothing = || format!("no trial is complete; the first error: {}", error().unwrap_or("none"));
        let best = study.best().with_context(nothing)?;
        notebook.value("best_trial", best.number);
        notebook.value("best_value", best.value());
        notebook.paragraph(format!("Trial {} is chosen: {}.", best.number, in_words(best)));
        Ok(with(self.manifest, &best.assignment())?)
    }

    /// Says what the study on the test data found. Then trains what each study chooses again, from 100 seeds that no trial has
    /// used: `chosen.csv` has the value that the study saw, and the median of the first metric on the test data.
    ///
    /// # Errors
    /// If a table cannot be written.
    #[track_caller]
    pub fn compare(&self, notebook: &mut Notebook, studies: &Studies, train: &Train<'_, T>) -> anyhow::Result<()> {
        summary(notebook, &studies.test);
        let metric = self.metrics.first().context("there is a metric")?.name;
        let all = [("test", Some(&studies.test)), ("validation", studies.validation.as_ref())];
        let mut found = Vec::new();
        for (name, study) in all {
            let Some(trial) = study.and_then(StoredStudy::best) else { continue };
            let (manifest, first) = (with(self.manifest, &trial.assignment())?, self.search.repeats);
            let metrics = (first..first + FRESH_SEEDS).into_par_iter().map(|seed| {
                let attempt = Attempt::of(manifest.clone(), Measured::Test, seed, &|_, _| false);
                // A training that diverges has the worst value there is.
                attempt.outcome(metric, train).value().unwrap_or(f64::INFINITY)
            });
            let metrics: Vec<f64> = metrics.collect();
            found.push(Chosen { name, trial, median: notebook::median(&metrics) });
        }
        let median_name = format!("median_test_{metric}");
        let columns = vec![
            Column::new("chosen_by".into(), found.iter().map(|chosen| chosen.name).collect::<Vec<_>>()),
            Column::new("trial".into(), found.iter().map(|chosen| chosen.trial.number).collect::<Vec<_>>()),
            Column::new("value".into(), found.iter().map(|chosen| chosen.trial.value()).collect::<Vec<_>>()),
            Column::new(median_name.as_str().into(), found.iter().map(|chosen| chosen.median).collect::<Vec<_>>()),
        ];
        notebook.table("chosen", DataFrame::new(found.len(), columns)?)?;
        for chosen in &found {
            notebook.value(&format!("{median_name}_{}", chosen.name), chosen.median);
        }
        let worth = |chosen: &Chosen<'_>| match chosen.median {
            median if median.is_finite() => format!("a median {metric} of {}", figures::significant(median, 4)),
            _ => format!("no finite median {metric}"),
        };
        let (test, validation) = match &found[..] {
            [test, validation] => (test, validation),
            [alone] => {
                let (name, fresh) = (alone.name, worth(alone));
                notebook.paragraph(format!(
                    "What is chosen by the {name} data, trained from {FRESH_SEEDS} seeds that no trial used, has {fresh}."
                ));
                return Ok(());
            }
            _ => return Ok(()),
        };
        let share = self.search.validation_split.unwrap_or(0.0);
        notebook.paragraph(format!(
            "This search measures on the test data. But a trial that is chosen by the test data says little about new data, \
             since they have taken part in the choice. A user holds out a part of the training data, chooses by it, and looks \
             at the test data once. So the same search is run again with the last rows held out, a share of {share:?} \
             (`trials_validation.csv`), and its choice is trained on all rows in the end."
        ));
        notebook.paragraph(format!(
            "Both choices, trained from {FRESH_SEEDS} seeds that no trial used: chosen by the test data, trial {} has {}; chosen \
             by held-out data, trial {} ({}) has {}.",
            test.trial.number,
            worth(test),
            validation.trial.number,
            in_words(validation.trial),
            worth(validation),
        ));
        Ok(())
    }
}

#[track_caller]
fn summary(notebook: &mut Notebook, study: &StoredStudy) {
    for (state, name) in [(State::Complete, "complete"), (State::Pruned, "pruned"), (State::Fail, "failed")] {
        notebook.value(&format!("trials_{name}"), study.count(state) as u64);
    }
    let Some(best) = study.best() else {
        let (failed, pruned) = (study.count(State::Fail), study.count(State::Pruned));
        let error = study.trials.iter().find_map(|trial| trial.user_attribute("error")?.as_str());
        let error = error.map_or_else(String::new, |error| format!(" The first error: {error}."));
        notebook.paragraph(format!(
            "No trial is complete, so nothing is chosen: {failed} failed and {pruned} were ended early.{error}"
        ));
        return;
    };
    let value = best.value().unwrap_or(f64::NAN);
    notebook.value("best_value", value);
    notebook.value("best_trial", best.number);
    notebook.paragraph(format!(
        "The best value on the test data, {value:?}, is that of trial {}: {}.",
        best.number,
        in_words(best),
    ));
}

/// A trial's parameters in words.
fn in_words(trial: &StoredTrial) -> String {
    let parameters = trial.parameters.iter().map(|parameter| format!("`{}` {}", parameter.name, parameter.value));
    parameters.collect::<Vec<_>>().join(", ")
}

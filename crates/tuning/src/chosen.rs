//! What each study would choose, and what its choice is worth on seeds that the search has not seen.

use anyhow::Context as _;
use manifest::Rules;
use notebook::Notebook;
use polars::prelude::{Column, DataFrame};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use search::Assignment;
use search::storage::{StoredStudy, StoredTrial};

use crate::run::parameters;
use crate::{Attempt, Measured, Studies, Tuning};

/// Seeds that no trial trains from: those after the repeats', which show what is worth what a study chooses.
pub const FRESH_SEEDS: u32 = 100;

/// A study's best trial, trained again on all training data from fresh seeds.
struct Chosen {
    name: &'static str,
    trial: u64,
    /// The objective where the study measured it.
    value: f64,
    /// Median of the first metric on the test data over the fresh seeds.
    median: f64,
    parameters: String,
}

/// Writes `chosen.csv` and says what it shows: for the best trial of each study the value that the study saw, and the
/// median of the first metric on the test data over fresh seeds.
pub(crate) fn compare<T, F>(tuning: &Tuning<'_, T, F>, notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<()>
where
    T: Rules + Clone + Sync,
    F: Fn(&Attempt<'_, T>) -> anyhow::Result<Vec<(&'static str, f64)>> + Sync,
{
    let metric = tuning.metrics.first().context("there is a metric")?.name;
    let all = [("test", Some(&studies.test)), ("validation", studies.validation.as_ref())];
    let mut found = Vec::new();
    for (name, study) in all {
        if let Some(best) = study.and_then(StoredStudy::best) {
            found.push(chosen(name, best, tuning, metric)?);
        }
    }
    let number = |of: &dyn Fn(&Chosen) -> f64| found.iter().map(of).collect::<Vec<f64>>();
    let median_name = format!("median_test_{metric}");
    let columns = vec![
        Column::new("chosen_by".into(), found.iter().map(|chosen| chosen.name).collect::<Vec<_>>()),
        Column::new("trial".into(), found.iter().map(|chosen| chosen.trial).collect::<Vec<_>>()),
        Column::new("value".into(), number(&|chosen| chosen.value)),
        Column::new(median_name.as_str().into(), number(&|chosen| chosen.median)),
    ];
    notebook.table("chosen", DataFrame::new(found.len(), columns)?)?;
    for chosen in &found {
        notebook.value(&format!("{median_name}_{}", chosen.name), chosen.median);
    }
    let [test, validation] = &found[..] else { return Ok(()) };
    let share = tuning.search.validation_split.unwrap_or(0.0);
    notebook.paragraph(format!(
        "This search measures on the test data. But a trial that is chosen by the test data says little about new data, since \
         they have taken part in the choice. A user holds out a part of the training data, chooses by it, and looks at the \
         test data once. So the same search is run again with the last rows held out, a share of {share:?} \
         (`trials_validation.csv`), and its choice is trained on all rows in the end."
    ));
    notebook.paragraph(format!(
        "Both choices, trained from {FRESH_SEEDS} seeds that no trial used: chosen by the test data, trial {} has a median \
         {metric} of {:.3e}; chosen by held-out data, trial {} ({}) has {:.3e}.",
        test.trial, test.median, validation.trial, validation.parameters, validation.median,
    ));
    Ok(())
}

fn chosen<T, F>(
    name: &'static str,
    best: &StoredTrial,
    tuning: &Tuning<'_, T, F>,
    metric: &str,
) -> anyhow::Result<Chosen>
where
    T: Rules + Clone + Sync,
    F: Fn(&Attempt<'_, T>) -> anyhow::Result<Vec<(&'static str, f64)>> + Sync,
{
    let assignment: Assignment =
        best.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.value.clone())).collect();
    let first = tuning.search.repeats;
    let metrics = (first..first + FRESH_SEEDS).into_par_iter().map(|seed| {
        let attempt = Attempt::new(tuning.manifest, &assignment, Measured::Test, seed, &|_, _| false)?;
        // A training that diverges has the worst value there is.
        Ok(attempt.outcome(metric, &tuning.train).value().unwrap_or(f64::INFINITY))
    });
    let metrics: Vec<f64> = metrics.collect::<anyhow::Result<_>>()?;
    let value = best.value().context("the best trial has a value")?;
    Ok(Chosen { name, trial: best.number, value, median: notebook::median(&metrics), parameters: parameters(best) })
}

//! What each study would choose, and what its choice is worth on seeds that the search has not seen.

use std::ops::ControlFlow;
use std::sync::Arc;

use anyhow::Context as _;
use keras::{Configuration, Member};
use manifest::{FRESH_SEEDS, Manifest};
use notebook::Notebook;
use polars::prelude::{Column, DataFrame};
use search::Assignment;
use search::storage::{StoredStudy, StoredTrial};

use crate::run::{Studies, parameters};
use crate::{Measured, Problem};

/// A study's best trial, trained again on all training data from fresh seeds.
struct Chosen {
    name: &'static str,
    trial: u64,
    /// The objective where the study measured it.
    value: f64,
    /// Median accuracy on the test data over the fresh seeds.
    accuracy: f64,
    parameters: String,
}

/// Writes `chosen.csv` and says what it shows: for the best trial of each study the value that the study saw, and the
/// median test accuracy of the same configuration over fresh seeds.
pub(crate) fn compare(notebook: &mut Notebook, studies: &Studies) -> anyhow::Result<()> {
    let manifest = notebook.manifest().clone();
    let problem = Problem::new(&manifest, Measured::Test)?;
    let all = [("test", Some(&studies.test)), ("validation", studies.validation.as_ref())];
    let mut found = Vec::new();
    for (name, study) in all {
        if let Some(best) = study.and_then(StoredStudy::best) {
            found.push(chosen(name, best, &manifest, &problem)?);
        }
    }
    let number = |of: &dyn Fn(&Chosen) -> f64| found.iter().map(of).collect::<Vec<f64>>();
    let columns = vec![
        Column::new("chosen_by".into(), found.iter().map(|chosen| chosen.name).collect::<Vec<_>>()),
        Column::new("trial".into(), found.iter().map(|chosen| chosen.trial).collect::<Vec<_>>()),
        Column::new("value".into(), number(&|chosen| chosen.value)),
        Column::new("median_test_accuracy".into(), number(&|chosen| chosen.accuracy)),
    ];
    notebook.table("chosen", DataFrame::new(found.len(), columns)?)?;
    for chosen in &found {
        notebook.value(&format!("median_test_accuracy_{}", chosen.name), chosen.accuracy);
    }
    let [test, validation] = &found[..] else { return Ok(()) };
    let share = manifest.search.as_ref().and_then(|search| search.validation_split).unwrap_or(0.0);
    notebook.paragraph(format!(
        "The post measures on the test data, and so does this search. But a trial that is chosen by the test data says \
         little about new data, since they have taken part in the choice. A user holds out a part of the training data, \
         chooses by it, and looks at the test data once. So the same search is run again with the last rows held out, a \
         share of {share:?} (`trials_validation.csv`), and its choice is trained on all rows in the end."
    ));
    let (train, test_data) = (manifest.data.train, manifest.data.test);
    let beyond = if test_data.low >= train.high || test_data.high <= train.low {
        " Held-out rows come from the range that is trained on, the test data from beyond it: validation does not see how a \
         network goes on outside of its data."
    } else {
        ""
    };
    notebook.paragraph(format!(
        "Both choices, trained from {FRESH_SEEDS} seeds that no trial used: chosen by the test data, trial {} has a median \
         accuracy of {:.3e}; chosen by held-out data, trial {} ({}) has {:.3e}.{beyond}",
        test.trial, test.accuracy, validation.trial, validation.parameters, validation.accuracy,
    ));
    Ok(())
}

fn chosen(name: &'static str, best: &StoredTrial, manifest: &Manifest, problem: &Problem) -> anyhow::Result<Chosen> {
    let assignment: Assignment =
        best.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.value.clone())).collect();
    let seeds = manifest.search.as_ref().map_or(1, |search| search.repeats);
    let first = manifest.training.seed + i64::from(seeds);
    let accuracy = notebook::median(&problem.accuracies(&assignment, first, FRESH_SEEDS)?);
    let value = best.value().context("the best trial has a value")?;
    Ok(Chosen { name, trial: best.number, value, accuracy, parameters: parameters(best) })
}

impl Problem {
    /// The accuracy after training with these parameters from each of the `count` seeds from `first` on, all of which the
    /// flow takes; infinite where training diverges.
    ///
    /// # Errors
    /// If the parameters do not fit the manifest.
    pub fn accuracies(&self, parameters: &Assignment, first: i64, count: u32) -> anyhow::Result<Vec<f64>> {
        let manifest = self.assigned(parameters)?;
        let configuration = Arc::new(Configuration { layers: manifest.model.layers, training: manifest.training });
        let members =
            (0..i64::from(count)).map(|seed| Member { configuration: Arc::clone(&configuration), seed: first + seed });
        let mut accuracies = Vec::with_capacity(count as usize);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        keras::sweep(threads, self.samples(), members, |trained| {
            let accuracy = self.accuracy(&trained.predictions);
            accuracies.push(if accuracy.is_finite() { accuracy } else { f64::INFINITY });
            ControlFlow::Continue(())
        });
        Ok(accuracies)
    }
}

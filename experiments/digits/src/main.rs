//! Which digit did somebody write, and does a network read it better than logistic regression?
//!
//! The digits of 13 people are pictures of 8 × 8 pixels. A search chooses a network by training rows that it holds out; it is
//! trained again from seeds that no trial used, and the test digits are looked at once, at the end. Beside it stand the logistic
//! regression of the same pixels and the most frequent digit, and, where it was recorded, real Keras.
//!
//! ```text
//! cargo run --release -p digits
//! ```

// %%
mod charts;

use std::path::PathBuf;
use std::process::ExitCode;

use dataset::{Rows, baseline, classification};
use figures::{Direction, Distribution, Factor, Objective};
use keras::{RecordedData, Sequential};
use manifest::{Broken, Document, Rules};
use notebook::{Notebook, markdown_table, median};
use polars::df;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, FreshSeeds, Measurements, Metric, TableTask, Tuning};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    task: TableTask,
    /// Pixels in a row of a picture; its features are pixels, row by row.
    #[schemars(range(min = 1, max = 4096))]
    picture_width: usize,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        let Self { task, picture_width } = self;
        task.data.rules_of_classes()?;
        task.rules(&METRICS)?;
        let features = task.data.features.len();
        if features.is_multiple_of(*picture_width) {
            return Ok(());
        }
        let message = format!("must part the {features} features into rows of equal length");
        Err(Broken::new("picture_width", message).with("data.features"))
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_trials(document, "search.parameters", &document.task.search.parameters)
    }
}

/// What the search can go by: on the rows that are validated on, the mean over the parts.
const METRICS: [Metric; 2] = [
    Metric { name: "val_loss", label: "loss on the rows validated on", log: false },
    Metric { name: "val_accuracy", label: "accuracy on the rows validated on", log: false },
];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data
    //
    // The rows are split and scaled as scikit-learn does it. Only the training rows are looked at here.

    // %%
    let folders = notebook.folders().map(PathBuf::from);
    let folders = folders.each_ref().map(PathBuf::as_path);
    let data = manifest.task.data.load_from(&folders)?;
    notebook.paragraph(data.describe());
    let title = notebook.name();
    let width = manifest.picture_width;
    charts::training_digits(notebook, &data, width)?;

    // %% [markdown]
    // ## A search by validation
    //
    // Every trial is trained on parts of the training rows and judged by the others; the mean over the parts counts. Scaling is
    // learnt from all training rows.

    // %%
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Measurements> {
        let task = &attempt.manifest.task;
        let (data, training) = (task.data.load_from(&folders)?, task.training(attempt.repeat));
        let parts = data.validations();
        let (mut loss, mut accuracy) = (0.0, 0.0);
        for (index, [rows, held]) in parts.iter().enumerate() {
            let mut model = Sequential::from(&task.model).compile(&training, data.features.len())?;
            // The losses of the first part are those that a pruner sees.
            let goes_on = |epoch: &keras::Epoch| index > 0 || attempt.goes_on(epoch.epoch, epoch.loss);
            model.fit_validated(rows, None::<&Rows>, goes_on)?.converged()?;
            loss += f64::from(model.evaluate(held, training.batch_size)?.loss);
            let outputs = data.restore(&model.predict(&held.x)?);
            accuracy += classification::accuracy(&classification::chosen(&outputs, held.labels.len()), &held.labels);
        }
        let parts = parts.len() as f64;
        Ok(vec![("val_loss", loss / parts), ("val_accuracy", accuracy / parts)])
    };
    let tuning = Tuning { manifest, search: &manifest.task.search, metrics: &METRICS };
    let studies = tuning.optimize(notebook, &train)?;
    tuning.tables(notebook, &studies)?;
    let charts = tuning.charts(&studies)?;
    charts.optimization_history(notebook)?;
    charts.slice(notebook)?;

    // %% [markdown]
    // ## The chosen network
    //
    // It is trained on all training rows, from seeds that no trial used.

    // %%
    let chosen = tuning.choose(notebook, &studies)?;
    let data = chosen.task.data.load_from(&folders)?;
    let recorded = RecordedData::load(&notebook.root().join(&chosen.task.recorded))?;
    let fresh = FreshSeeds::train(&chosen.task, &data, &recorded, Some(notebook))?;

    // %% [markdown]
    // ## The test
    //
    // The test rows are used here alone: for the chosen network, and for what it has to beat.

    // %%
    let labels = &data.test.labels;
    let accuracy = |outputs: &[f64]| classification::accuracy(&classification::chosen(outputs, labels.len()), labels);
    let logistic = baseline::logistic(&data);
    let (majority, regression) = (classification::accuracy(&baseline::majority(&data), labels), accuracy(&logistic));
    let baselines = ["most frequent class", "logistic regression"];
    notebook.table("baselines", df!("predicted_by" => baselines, "accuracy" => [majority, regression])?)?;
    let accuracies = fresh.scores(accuracy);
    let table = df!("seed" => &fresh.seeds, "accuracy" => &accuracies)?;
    let result = markdown_table(&table);
    notebook.table("seeds", table)?;
    let objective = Objective { name: "accuracy on the test rows", direction: Direction::Maximize, log: false };
    let levels = [Distribution { name: "the chosen network", values: &accuracies }];
    let caption = "Accuracy on the test rows, a dot a seed, beside logistic regression";
    let beside = Some(("logistic regression", regression));
    let figure = figures::one_at_a_time(caption, &title, objective, Factor { name: "", levels: &levels }, beside);
    notebook.figure("accuracy_by_seed", caption, figure)?;

    // %% [markdown]
    // ### What it mistakes
    //
    // The first seed stands for all.

    // %%
    let (seed, outputs) = (fresh.seeds[0], &fresh.outputs[0]);
    let read = classification::chosen(outputs, labels.len());
    let names: Vec<&str> = data.classes().iter().map(String::as_str).collect();
    let counts = classification::confusion_matrix(&read, labels, names.len()).concat();
    let pairs = names.iter().flat_map(|class| names.iter().map(move |other| (*class, *other)));
    let (classes, others): (Vec<&str>, Vec<&str>) = pairs.unzip();
    let table = df!(data.label.as_str() => classes, "taken_for" => others, "rows" => &counts)?;
    notebook.table("confusion_matrix", table)?;
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let caption = "What the test rows are taken for, by the network from the first seed";
    let figure = figures::confusion_matrix(caption, &title, [&data.label, "taken for"], &names, &counts);
    notebook.figure("confusion_matrix", caption, figure)?;
    let wrong = charts::wrong_digits(notebook, &data, &read, width)?;

    // %% [markdown]
    // ## Real Keras and scikit-learn

    // %%
    notebook.value("recorded_runs", fresh.recorded);
    notebook.value("runs_equal_in_every_bit", fresh.equal);
    notebook.paragraph(fresh.beside_keras(&recorded));
    notebook.paragraph(tuning::beside_scikit_learn(&recorded, &data, &logistic));

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.value("accuracy_most_frequent_class", majority);
    notebook.value("accuracy_logistic_regression", regression);
    notebook.value("median_accuracy", median(&accuracies));
    notebook.paragraph(tuning::conclusion_on_classes(&accuracies, labels.len(), regression, majority));
    let regression_read = classification::chosen(&logistic, labels.len());
    let both = wrong.iter().filter(|row| regression_read[**row] as f64 != labels[**row]).count();
    notebook.paragraph(format!(
        "The network from seed {seed} reads {} of the {} test digits wrongly, and logistic regression {both} of these as well. Test \
         and training digits are of one file: how well the network reads a hand that is not in it is not known from them.",
        wrong.len(),
        labels.len(),
    ));
    let median = median(&accuracies);
    Ok(format!("{result}\nmedian accuracy {median:.4}; logistic regression {regression:.4}\n"))
}

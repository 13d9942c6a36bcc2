//! Is a tumour malignant or benign, and does a network tell it better than logistic regression?
//!
//! The Breast Cancer Wisconsin (Diagnostic) data set has 569 tumours with what was measured of their cells in a picture. A search
//! chooses a small network by cross-validation on the training tumours; it is trained again from seeds that no trial used, and the
//! test tumours are looked at once, at the end. Beside it stand the logistic regression of the same inputs and the most frequent
//! diagnosis, and, where it was recorded, real Keras.
//!
//! ```text
//! cargo run --release -p tumours
//! ```

// %%
mod charts;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use dataset::{LabelEncoding, Rows, baseline, classification};
use figures::{Direction, Distribution, Factor, Objective};
use keras::{RecordedData, Sequential};
use manifest::{Broken, Document, Rules};
use notebook::{Failure, Notebook, markdown_table, median};
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
    /// The two features of the first figure.
    #[schemars(length(min = 2, max = 2))]
    shown: Vec<String>,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        let Self { task, shown } = self;
        task.data.rules_of_classes()?;
        task.rules(&METRICS)?;
        if task.data.label_encoding != LabelEncoding::Ordinal {
            return Err(Broken::new("data.label_encoding", "must be ordinal, the curve is one of a single output"));
        }
        match shown.iter().find(|name| !task.data.features.contains(name)) {
            Some(name) => Err(Broken::new("shown", format!("{name} is none of the features")).with("data.features")),
            None => Ok(()),
        }
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
    let [first, second] = data.classes() else {
        bail!(Failure::new(65, anyhow!("data.label: {} has more than two classes", data.label)));
    };
    notebook.paragraph(data.describe());
    let title = notebook.name();
    charts::training_tumours(notebook, &data, &manifest.shown)?;

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
    // It is trained on all training rows, from seeds that no trial used; the first of these trainings is shown.

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
    let area = |outputs: &[f64]| classification::area_under(&classification::roc_curve(outputs, labels));
    let logistic = baseline::logistic(&data);
    let (majority, regression) = (classification::accuracy(&baseline::majority(&data), labels), accuracy(&logistic));
    let baselines = ["most frequent class", "logistic regression"];
    let table =
        df!("predicted_by" => baselines, "accuracy" => [majority, regression], "roc_auc" => [0.5, area(&logistic)])?;
    notebook.table("baselines", table)?;
    let (accuracies, areas) = (fresh.scores(accuracy), fresh.scores(area));
    let table = df!("seed" => &fresh.seeds, "accuracy" => &accuracies, "roc_auc" => &areas)?;
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
    // The first seed stands for all. The curve shows how many of the second class are found, for every share of the first class
    // that is taken for it.

    // %%
    let (seed, outputs) = (fresh.seeds[0], &fresh.outputs[0]);
    let read = classification::chosen(outputs, labels.len());
    let names: Vec<&str> = data.classes().iter().map(String::as_str).collect();
    let confusion = classification::confusion_matrix(&read, labels, names.len());
    let counts = confusion.concat();
    let pairs = names.iter().flat_map(|class| names.iter().map(move |other| (*class, *other)));
    let (classes, others): (Vec<&str>, Vec<&str>) = pairs.unzip();
    let table = df!(data.label.as_str() => classes, "taken_for" => others, "rows" => &counts)?;
    notebook.table("confusion_matrix", table)?;
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let caption = "What the test rows are taken for, by the network from the first seed";
    let figure = figures::confusion_matrix(caption, &title, [&data.label, "taken for"], &names, &counts);
    notebook.figure("confusion_matrix", caption, figure)?;
    charts::roc_curves(notebook, &data, [&logistic, outputs])?;

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
    notebook.value("median_roc_auc", median(&areas));
    notebook.paragraph(tuning::conclusion_on_classes(&accuracies, labels.len(), regression, majority));
    notebook.paragraph(format!(
        "The network from seed {seed} finds {} of the {} test rows that are {second}, and takes {} of the {} that are {first} for \
         {second}. Which mistake is worse is not said by an accuracy; the threshold of one half can be moved along the curve.",
        confusion[1][1],
        confusion[1][0] + confusion[1][1],
        confusion[0][1],
        confusion[0][0] + confusion[0][1],
    ));
    let median = median(&accuracies);
    Ok(format!("{result}\nmedian accuracy {median:.4}; logistic regression {regression:.4}\n"))
}

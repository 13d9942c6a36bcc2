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
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use dataset::{Dataset, Rows, Table, baseline, classification};
use figures::{Direction, Distribution, Factor, Objective, Picture};
use keras::{Model, RecordedData, Seeds, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, markdown_table, median};
use polars::df;
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, FreshSeeds, Measurements, Metric, Tuning};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    /// The table and what is made of it.
    data: Table,
    /// The network.
    model: Model,
    /// How the network is trained.
    training: Training,
    /// The search for better values of keys of this manifest.
    search: Search,
    /// The seeds from which the chosen network is trained, none of which a trial uses.
    seeds: Seeds,
    /// Pixels in a row of a picture; its features are pixels, row by row.
    #[schemars(range(min = 1, max = 4096))]
    picture_width: usize,
    /// Recorded runs of real Keras to compare with, relative to the workspace.
    #[schemars(length(min = 1))]
    recorded: String,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        let outputs = self.model.units().last().copied().unwrap_or_default();
        self.training.rules(&self.model, self.data.label_columns(outputs))?;
        tuning::rules_of_fresh_seeds(&self.data, &self.search, &METRICS, (self.seeds, &self.training))?;
        if !self.data.features.len().is_multiple_of(self.picture_width) {
            let message = format!("must part the {} features into rows of equal length", self.data.features.len());
            return Err(Broken::new("picture_width", message).with("data.features"));
        }
        Ok(())
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_trials(document, "search.parameters", &document.search.parameters)
    }
}

/// What the search can go by: on the rows that are validated on, the mean over the parts.
const METRICS: [Metric; 2] = [
    Metric { name: "val_loss", label: "loss on the rows validated on", log: false },
    Metric { name: "val_accuracy", label: "accuracy on the rows validated on", log: false },
];

/// Digits of each class in the first figure.
const A_CLASS: usize = 4;

/// The pixels of every row as they are in the file.
fn pixels(data: &Dataset, rows: &Rows) -> anyhow::Result<Vec<Vec<f64>>> {
    let column = |name: &String| rows.values(name).with_context(|| format!("{name} is no number"));
    let columns = data.features.iter().map(column).collect::<anyhow::Result<Vec<_>>>()?;
    Ok((0..rows.labels.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect())
}

/// The first digits of each class as pictures.
#[track_caller]
fn training_digits(notebook: &mut Notebook, data: &Dataset, width: usize) -> anyhow::Result<()> {
    let all = pixels(data, &data.train)?;
    let mut pictures = Vec::new();
    for (class, name) in data.classes().iter().enumerate() {
        let rows = (0..all.len()).filter(|row| data.train.labels[*row] == class as f64).take(A_CLASS);
        pictures.extend(rows.map(|row| Picture { name, pixels: &all[row], width }));
    }
    let caption = "The first training digits of each class";
    notebook.figure("training_digits", caption, figures::pictures(caption, &notebook.name(), &pictures))
}

/// The test digits that are not what they were read as, as pictures, and their numbers.
#[track_caller]
fn wrong_digits(notebook: &mut Notebook, data: &Dataset, read: &[usize], width: usize) -> anyhow::Result<Vec<usize>> {
    let labels = &data.test.labels;
    let names = data.classes();
    let all = pixels(data, &data.test)?;
    let is_wrong = |row: &usize| read[*row] as f64 != labels[*row];
    let wrong: Vec<usize> = (0..all.len()).filter(is_wrong).collect();
    let captions: Vec<String> =
        wrong.iter().map(|row| format!("{} read as {}", names[labels[*row] as usize], names[read[*row]])).collect();
    let pictures: Vec<Picture> =
        wrong.iter().zip(&captions).map(|(row, name)| Picture { name, pixels: &all[*row], width }).collect();
    let caption = "The test digits that the network from the first seed reads wrongly";
    if pictures.is_empty() {
        notebook.paragraph("The network from the first seed reads every test digit right.");
    } else {
        notebook.figure("wrong_digits", caption, figures::pictures(caption, &notebook.name(), &pictures))?;
    }
    Ok(wrong)
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data
    //
    // The rows are split and scaled as scikit-learn does it. Only the training rows are looked at here.

    // %%
    let folders = notebook.folders().map(PathBuf::from);
    let folders = folders.each_ref().map(PathBuf::as_path);
    let data = manifest.data.load_from(&folders)?;
    notebook.paragraph(data.describe());
    let title = notebook.name();
    let width = manifest.picture_width;
    training_digits(notebook, &data, width)?;

    // %% [markdown]
    // ## A search by validation
    //
    // Every trial is trained on parts of the training rows and judged by the others; the mean over the parts counts. Scaling is
    // learnt from all training rows.

    // %%
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Measurements> {
        let Manifest { data, model, training, .. } = &*attempt.manifest;
        let data = data.load_from(&folders)?;
        let training = Training { seed: training.seed + i64::from(attempt.repeat), ..training.clone() };
        let parts = data.validations();
        let (mut loss, mut accuracy) = (0.0, 0.0);
        for (index, [rows, held]) in parts.iter().enumerate() {
            let mut model = Sequential::from(model).compile(&training, data.features.len())?;
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
    let tuning = Tuning { manifest, search: &manifest.search, metrics: &METRICS };
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
    let best = studies.test.best().context("no trial is complete")?;
    let chosen = tuning::with(manifest, &best.assignment())?;
    let data = chosen.data.load_from(&folders)?;
    notebook.value("best_trial", best.number);
    notebook.value("best_value", best.value());
    notebook.paragraph(format!("Trial {} is chosen. {}", best.number, chosen.training.describe()));
    data.check_units(chosen.model.units().last().copied().unwrap_or_default())?;
    notebook.print(&chosen.model.summary(data.features.len()))?;
    let recorded = RecordedData::load(&notebook.root().join(&manifest.recorded))?;
    let what = (&chosen.model, &chosen.training, manifest.seeds);
    let fresh = FreshSeeds::train(notebook, what, &data, &recorded)?;
    notebook.table("history", fresh.histories[0].frame())?;
    notebook.training_loss(&format!("{} of {}", chosen.training.loss.words(), data.label))?;

    // %% [markdown]
    // ## The test
    //
    // The test rows are used here alone: for the chosen network, and for what it has to beat.

    // %%
    let labels = &data.test.labels;
    let majority = classification::accuracy(&baseline::majority(&data), labels);
    let logistic = baseline::logistic(&data);
    let regression = classification::accuracy(&classification::chosen(&logistic, labels.len()), labels);
    let baselines = ["most frequent class", "logistic regression"];
    let table = df!("predicted_by" => baselines, "accuracy" => [majority, regression])?;
    notebook.table("baselines", table)?;
    let table = df!("seed" => &fresh.seeds, "accuracy" => &fresh.accuracies)?;
    let result = markdown_table(&table);
    notebook.table("seeds", table)?;
    let objective = Objective { name: "accuracy on the test rows", direction: Direction::Maximize, log: false };
    let levels = [Distribution { name: "the chosen network", values: &fresh.accuracies }];
    let caption = "Accuracy on the test rows, a dot a seed, beside logistic regression";
    let factor = Factor { name: "", levels: &levels };
    let figure = figures::one_at_a_time(caption, &title, objective, factor, Some(regression));
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
    let pairs = names.iter().flat_map(|digit| names.iter().map(move |other| (*digit, *other)));
    let (digits, others): (Vec<&str>, Vec<&str>) = pairs.unzip();
    notebook
        .table("confusion_matrix", df!(data.label.as_str() => digits, "taken_for" => others, "rows" => &counts)?)?;
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let caption = "What the test rows are taken for, by the network from the first seed";
    let figure = figures::confusion_matrix(caption, &title, [&data.label, "taken for"], &names, &counts);
    notebook.figure("confusion_matrix", caption, figure)?;
    let wrong = wrong_digits(notebook, &data, &read, width)?;

    // %% [markdown]
    // ## Real Keras and scikit-learn

    // %%
    notebook.value("recorded_runs", fresh.recorded);
    notebook.value("runs_equal_in_every_bit", fresh.equal);
    notebook.paragraph(fresh.beside_keras(&recorded));
    notebook.paragraph(tuning::beside_scikit_learn(&recorded, &data));

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.value("accuracy_most_frequent_class", majority);
    notebook.value("accuracy_logistic_regression", regression);
    notebook.value("median_accuracy", median(&fresh.accuracies));
    notebook.paragraph(fresh.conclusion(&data, regression, majority));
    let regression_read = classification::chosen(&logistic, labels.len());
    let both = wrong.iter().filter(|row| regression_read[**row] as f64 != labels[**row]).count();
    notebook.paragraph(format!(
        "The network from seed {seed} reads {} of the {} test digits wrongly, and logistic regression {both} of these as well. Test \
         and training digits are of one file: how well the network reads a hand that is not in it is not known from them.",
        wrong.len(),
        labels.len(),
    ));
    let network = median(&fresh.accuracies);
    Ok(format!("{result}\nmedian accuracy {network:.4}; logistic regression {regression:.4}\n"))
}

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
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use dataset::{Dataset, Rows, Table, baseline, classification};
use figures::{Direction, Distribution, Factor, Line, Objective, Point};
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
    /// The two features of the first figure.
    #[schemars(length(min = 2, max = 2))]
    shown: Vec<String>,
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
        match self.shown.iter().find(|name| !self.data.features.contains(name)) {
            Some(name) => Err(Broken::new("shown", format!("{name} is none of the features")).with("data.features")),
            None => Ok(()),
        }
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

/// The training rows of both classes by two features.
#[track_caller]
fn training_tumours(notebook: &mut Notebook, data: &Dataset, names: &[String]) -> anyhow::Result<()> {
    let column = |name: &String| data.train.values(name).with_context(|| format!("{name} is no number"));
    let shown = [column(&names[0])?, column(&names[1])?];
    let of_class = |class: f64| -> Vec<Point> {
        let points = shown[0].iter().zip(&shown[1]).zip(&data.train.labels);
        points.filter(|(_, label)| **label == class).map(|((x, y), _)| (*x, *y)).collect()
    };
    let points = [of_class(0.0), of_class(1.0)];
    let groups: Vec<(&str, &[Point])> = data.classes().iter().zip(&points).map(|(name, of)| (&**name, &**of)).collect();
    let caption = "The training tumours by two of their features";
    let figure = figures::groups(caption, &notebook.name(), [&names[0], &names[1]], &groups);
    notebook.figure("training_tumours", caption, figure)
}

/// The curves of logistic regression and network.
#[track_caller]
fn roc_curves(notebook: &mut Notebook, data: &Dataset, outputs: [&Vec<f64>; 2]) -> anyhow::Result<()> {
    let (first, second) = (&data.classes()[0], &data.classes()[1]);
    let curve = |outputs: &Vec<f64>| classification::roc_curve(outputs, &data.test.labels).into_iter().unzip();
    let [of_regression, of_network]: [(Vec<f64>, Vec<f64>); 2] = outputs.map(curve);
    let lines = [("logistic regression", &of_regression), ("network", &of_network)];
    let lines = lines.map(|(name, (x, y))| Line::new(name, x, y));
    let axes = [format!("share of {first} that is taken for {second}"), format!("share of {second} that is found")];
    let caption = "ROC curves on the test rows";
    let figure = figures::curves_of_shares(caption, &notebook.name(), axes.each_ref().map(String::as_str), &lines);
    notebook.figure("roc", caption, figure)
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
    let [first, second] = data.classes() else { bail!("{} has more than two classes", data.label) };
    ensure!(data.outputs() == 1, "data.label_encoding: must be ordinal, the curve is one of a single output");
    notebook.paragraph(data.describe());
    let title = notebook.name();
    training_tumours(notebook, &data, &manifest.shown)?;

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
    let area = |outputs: &[f64]| classification::area_under(&classification::roc_curve(outputs, labels));
    let majority = classification::accuracy(&baseline::majority(&data), labels);
    let logistic = baseline::logistic(&data);
    let regression = classification::accuracy(&classification::chosen(&logistic, labels.len()), labels);
    let baselines = ["most frequent class", "logistic regression"];
    let areas = [0.5, area(&logistic)];
    let table = df!("predicted_by" => baselines, "accuracy" => [majority, regression], "roc_auc" => areas)?;
    notebook.table("baselines", table)?;
    let areas: Vec<f64> = fresh.outputs.iter().map(|outputs| area(outputs)).collect();
    let table = df!("seed" => &fresh.seeds, "accuracy" => &fresh.accuracies, "roc_auc" => &areas)?;
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
    // The first seed stands for all. The curve shows how many of the second class are found, for every share of the first class
    // that is taken for it.

    // %%
    let (seed, outputs) = (fresh.seeds[0], &fresh.outputs[0]);
    let confusion = classification::confusion_matrix(&classification::chosen(outputs, labels.len()), labels, 2);
    let counts = confusion.concat();
    let names = [first.as_str(), second];
    let table = df!(
        data.label.as_str() => [first.as_str(), first, second, second],
        "taken_for" => [names, names].concat(),
        "rows" => &counts,
    )?;
    notebook.table("confusion_matrix", table)?;
    let counts: Vec<f64> = counts.into_iter().map(f64::from).collect();
    let caption = "What the test rows are taken for, by the network from the first seed";
    let figure = figures::confusion_matrix(caption, &title, [&data.label, "taken for"], &names, &counts);
    notebook.figure("confusion_matrix", caption, figure)?;
    roc_curves(notebook, &data, [&logistic, outputs])?;

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
    notebook.value("median_roc_auc", median(&areas));
    notebook.paragraph(fresh.conclusion(&data, regression, majority));
    notebook.paragraph(format!(
        "The network from seed {seed} finds {} of the {} test rows that are {second}, and takes {} of the {} that are {first} for \
         {second}. Which mistake is worse is not said by an accuracy; the threshold of one half can be moved along the curve.",
        confusion[1][1],
        confusion[1][0] + confusion[1][1],
        confusion[0][1],
        confusion[0][0] + confusion[0][1],
    ));
    let network = median(&fresh.accuracies);
    Ok(format!("{result}\nmedian accuracy {network:.4}; logistic regression {regression:.4}\n"))
}

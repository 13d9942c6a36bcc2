//! How many miles does a car drive on a gallon, and does a network know it better than a straight line?
//!
//! The Auto MPG data set has cars of 1970 to 1982 with what they are like. A search chooses a small network by training cars that it
//! holds out; it is trained again from seeds that no trial used, by both engines, and the test cars are looked at once, at the end. Beside
//! it stand a linear regression on the same inputs and the mean, and, where it was recorded, real Keras.
//!
//! ```text
//! cargo run --release -p fuel-efficiency
//! ```

// %%
mod charts;
mod saved;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use dataset::{baseline, mean_absolute_error, root_mean_square_error};
use figures::{Direction, Distribution, Factor, Objective};
use keras::{Engine, RecordedData, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{Notebook, counted, markdown_table, median};
use polars::df;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tuning::{Attempt, FreshSeeds, Measurements, Metric, TableTask, Tuning};

use crate::saved::Saved;

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    task: TableTask,
    /// The feature and the category of the first figure.
    #[schemars(length(min = 2, max = 2))]
    shown: Vec<String>,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        let Self { task, shown } = self;
        task.data.rules()?;
        task.rules(&METRICS)?;
        // Both engines train what is chosen.
        keras::supports(&task.model, &task.training)?;
        let is_category = |name: &String| task.data.categorical.contains_key(name);
        if !task.data.features.contains(&shown[0]) || is_category(&shown[0]) {
            return Err(Broken::new("shown.0", "must be a feature that is a number").with("data.features"));
        }
        if is_category(&shown[1]) {
            return Ok(());
        }
        Err(Broken::new("shown.1", "must be a feature that is a category").with("data.categorical"))
    }

    fn rules_of_changes(document: &Document<Self>) -> Result<(), Broken> {
        tuning::rules_of_trials(document, "search.parameters", &document.task.search.parameters)
    }
}

/// What the search can go by, in the label's unit: on the rows that are validated on.
const METRICS: [Metric; 2] = [
    Metric { name: "val_rmse", label: "root mean square error on the rows validated on", log: false },
    Metric { name: "val_mae", label: "mean absolute error on the rows validated on", log: false },
];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data
    //
    // The rows are split, scaled and encoded as scikit-learn does it. Only training rows are looked at here.

    // %%
    let folders = notebook.folders().map(PathBuf::from);
    let folders = folders.each_ref().map(PathBuf::as_path);
    let data = manifest.task.data.load_from(&folders)?;
    notebook.paragraph(data.describe());
    charts::training_cars(notebook, &data, &manifest.shown)?;

    // %% [markdown]
    // ## A search by validation
    //
    // Every trial is trained on some of the training rows and judged by the others, which nothing is learnt from. A callback may end a
    // training by them.

    // %%
    let train = |attempt: &Attempt<Manifest>| -> anyhow::Result<Measurements> {
        let task = &attempt.manifest.task;
        let data = task.data.load_from(&folders)?;
        let held = data.validation.as_ref().context("there are rows to validate on")?;
        let mut model = Sequential::from(&task.model).compile(&task.training(attempt.repeat), data.features.len())?;
        let goes_on = |epoch: &keras::Epoch| attempt.goes_on(epoch.epoch, epoch.loss);
        model.fit_validated(&data.train, Some(held), goes_on)?.converged()?;
        let predict = data.restore(&model.predict(&held.x)?);
        let mae = mean_absolute_error(&predict, &held.labels);
        Ok(vec![("val_rmse", root_mean_square_error(&predict, &held.labels)), ("val_mae", mae)])
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
    // It is trained from seeds that no trial used, by the manifest's engine; the first of these trainings is shown.

    // %%
    let chosen = tuning.choose(notebook, &studies)?;
    let data = chosen.task.data.load_from(&folders)?;
    let recorded = RecordedData::load(&notebook.root().join(&chosen.task.recorded))?;
    let fresh = FreshSeeds::train(&chosen.task, &data, &recorded, Some(notebook))?;

    // %% [markdown]
    // ## The test
    //
    // The test rows are used here alone: for the chosen network, by both engines, and for what it has to beat.

    // %%
    let labels = &data.test.labels;
    let errors = |predict: &[f64]| [root_mean_square_error(predict, labels), mean_absolute_error(predict, labels)];
    let linear_predict = baseline::linear(&data);
    let [[mean, mean_mae], [linear, linear_mae]] = [&baseline::mean(&data), &linear_predict].map(|of| errors(of));
    let names = ["mean of the training rows", "linear regression"];
    notebook
        .table("baselines", df!("baseline" => names, "rmse" => [mean, linear], "mae" => [mean_mae, linear_mae])?)?;
    let predict = &fresh.outputs[0];
    let gap: Vec<f64> = predict.iter().zip(labels).map(|(predict, label)| predict - label).collect();
    notebook.table("predictions", df!("label" => labels, "predict" => predict, "gap" => gap)?)?;
    notebook.predictions()?;
    let by_engine = |engine: Engine| -> anyhow::Result<[Vec<f64>; 2]> {
        let task = TableTask { training: Training { engine, ..chosen.task.training.clone() }, ..chosen.task.clone() };
        let of = FreshSeeds::train(&task, &data, &recorded, None)?;
        Ok([0, 1].map(|error| of.scores(|outputs| errors(outputs)[error])))
    };
    let ([rmse, mae], [libtorch_rmse, libtorch_mae]) = (by_engine(Engine::Exact)?, by_engine(Engine::Libtorch)?);
    let table = df!(
        "seed" => &fresh.seeds,
        "exact_rmse" => &rmse, "exact_mae" => &mae,
        "libtorch_rmse" => &libtorch_rmse, "libtorch_mae" => &libtorch_mae,
    )?;
    let result = markdown_table(&table);
    notebook.table("errors", table)?;
    let name = format!("root mean square error ({})", data.label);
    let objective = Objective { name: &name, direction: Direction::Minimize, log: false };
    let levels = [("exact", &rmse), ("libtorch", &libtorch_rmse)].map(|(name, values)| Distribution { name, values });
    let factor = Factor { name: "trained by", levels: &levels };
    let caption = "Error on the test rows by engine, a dot a seed, beside linear regression";
    let beside = Some(("linear regression", linear));
    let figure = figures::one_at_a_time(caption, &notebook.name(), objective, factor, beside);
    notebook.figure("errors_by_engine", caption, figure)?;

    // %% [markdown]
    // ## Real Keras and scikit-learn

    // %%
    notebook.value("recorded_runs", fresh.recorded);
    notebook.value("runs_equal_in_every_bit", fresh.equal);
    notebook.paragraph(fresh.beside_keras(&recorded));
    notebook.paragraph(if recorded.is_of_data(&data) {
        let gaps = linear_predict.iter().zip(&recorded.linear_regression).map(|(own, other)| (own - other).abs());
        let most = gaps.fold(0.0, f64::max);
        let (rows, label) = (labels.len(), &data.label);
        format!("scikit-learn's own `LinearRegression` predicts the {rows} test rows within {most:.0e} {label} of the one here.")
    } else {
        "The recorded linear regression of scikit-learn is of other data.".to_owned()
    });

    // %% [markdown]
    // ## Conclusion
    //
    // A test row says the more for one of the two, the more of the other's squared error it saves; the mean of these differences has a
    // standard error, by which other rows could have turned it round.

    // %%
    notebook.value("rmse_mean", mean);
    notebook.value("rmse_linear_regression", linear);
    notebook.value("mae_linear_regression", linear_mae);
    notebook.value("median_rmse_exact", median(&rmse));
    notebook.value("median_rmse_libtorch", median(&libtorch_rmse));
    let seeds = counted(rmse.len() as u64, "seed");
    let lost = rmse.iter().filter(|rmse| !rmse.is_finite()).count();
    if lost > 0 {
        let said = format!("from {lost} of {seeds} the training diverges, and there is no finite error");
        notebook.paragraph(format!("Engine `exact`: {said}."));
        return Ok(format!("{result}\n{said}\n"));
    }
    let [least, most] = [f64::min, f64::max].map(|of| rmse.iter().copied().reduce(of).unwrap_or(f64::NAN));
    let better = rmse.iter().filter(|rmse| **rmse < linear).count();
    let saved = Saved::of(&linear_predict, &fresh.outputs, labels).in_words();
    notebook.paragraph(format!(
        "Engine `exact`: from {seeds} that no trial used, on the {} test rows, the chosen network's root mean square error (rmse) is \
         {least:.3} to {most:.3} {}, in the median {:.3}, and its mean absolute error (mae) in the median {:.3}. A linear \
         regression on the same inputs has an rmse of {linear:.3} and an mae of {linear_mae:.3}; the mean of the {} training rows, \
         predicted for every row, {mean:.3} and {mean_mae:.3}. By the rmse the network is better than the regression from {better} of \
         {seeds}. {saved}",
        labels.len(),
        data.label,
        median(&rmse),
        median(&mae),
        data.train.labels.len(),
    ));
    let (median, label) = (median(&rmse), &data.label);
    Ok(format!("{result}\nmedian rmse {median:.3} {label}; linear regression {linear:.3}\n"))
}

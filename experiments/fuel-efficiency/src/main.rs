//! How many miles does a car drive on a gallon, and does a network know it better than a straight line?
//!
//! The Auto MPG data set has cars of 1970 to 1982 with what they are like. A small network learns their consumption; beside it stand a
//! linear regression on the same inputs and the mean. Both engines train from the same seeds, since a single one says little, and where
//! real Keras was recorded from some of them, it is compared bit by bit.
//!
//! ```text
//! cargo run --release -p fuel-efficiency
//! ```

// %%
mod by_seed;
mod recorded;

use std::process::ExitCode;

use dataset::{Rows, Table, baseline};
use figures::{Direction, Distribution, Factor, Objective};
use keras::{Model, Seeds, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, counted, markdown_table, median};
use polars::df;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::by_seed::{BySeed, Errors, test_errors};
use crate::recorded::{Digests, Recorded};

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
    /// How the network is trained whose losses and predictions are shown.
    training: Training,
    /// The seeds from which both engines train as well.
    seeds: Seeds,
    /// Recorded runs of real Keras to compare with, relative to the workspace.
    #[schemars(length(min = 1))]
    recorded: String,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules()?;
        self.training.rules(&self.model, 1)?;
        keras::supports(&self.model, &self.training)?;
        self.seeds.rules("seeds", &self.training)
    }
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data
    //
    // The rows are split, scaled and encoded as scikit-learn does it.

    // %%
    let data = manifest.data.load_from(&notebook.folders())?;
    let label = &data.label;
    notebook.paragraph(data.describe());

    // %% [markdown]
    // ## Model

    // %%
    let mut model = Sequential::from(&manifest.model).compile(&manifest.training, data.features.len())?;
    notebook.print(&manifest.model.summary(data.features.len()))?;
    notebook.keep(&data, model.program())?;

    // %% [markdown]
    // ## Training

    // %%
    notebook.paragraph(manifest.training.describe());
    let validation = data.validation.as_ref().map(Rows::x_and_y);
    let history = model.fit_validated(data.train.x_and_y(), validation, |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, &epoch.logs());
        true
    })?;
    notebook.table("history", history.frame())?;
    notebook.training_loss(&format!("{} of {label}", manifest.training.loss.words()))?;

    // %% [markdown]
    // ## Predictions against labels

    // %%
    let predict = data.restore(&model.predict(&data.test.x)?);
    let gap: Vec<f64> = predict.iter().zip(&data.test.labels).map(|(predict, label)| predict - label).collect();
    notebook.table("predictions", df!("label" => &data.test.labels, "predict" => &predict, "gap" => gap)?)?;
    notebook.predictions()?;

    // %% [markdown]
    // ## What it has to beat

    // %%
    let baselines =
        [("mean of the training cars", baseline::mean(&data)), ("linear regression", baseline::linear(&data))];
    let names = baselines.each_ref().map(|(name, _)| *name);
    let [[mean, mean_mae], [linear, linear_mae]] = baselines.map(|(_, predict)| test_errors(&data, &predict));
    notebook
        .table("baselines", df!("baseline" => names, "rmse" => [mean, linear], "mae" => [mean_mae, linear_mae])?)?;

    // %% [markdown]
    // ## From several seeds, by both engines and by real Keras

    // %%
    let recorded = Recorded::load(&notebook.root().join(&manifest.recorded))?;
    let same_data = recorded.digests == Digests::of(&data);
    let is_recorded = same_data && recorded.is_of(&manifest.model, &manifest.training);
    let by_seed = BySeed::train(notebook, manifest, &data, if is_recorded { &recorded.runs } else { &[] })?;
    let table = by_seed.table()?;
    let shown = markdown_table(&table);
    notebook.table("errors", table)?;
    let (title, name) = (notebook.name(), format!("root mean square error ({label})"));
    let objective = Objective { name: &name, direction: Direction::Minimize, log: false };
    let levels: Vec<Distribution> =
        by_seed.errors.iter().map(|of| Distribution { name: of.name, values: &of.rmse }).collect();
    let factor = Factor { name: "trained by", levels: &levels };
    let caption = "Error on the test cars by engine, a dot a seed";
    let figure = figures::one_at_a_time(caption, &title, objective, factor, None);
    notebook.figure("errors_by_engine", caption, figure)?;

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.value("rmse_mean", mean);
    notebook.value("mae_mean", mean_mae);
    notebook.value("rmse_linear_regression", linear);
    notebook.value("mae_linear_regression", linear_mae);
    for Errors { name, rmse, mae } in by_seed.errors.iter().take(2) {
        notebook.value(&format!("median_rmse_{name}"), median(rmse));
        notebook.value(&format!("median_mae_{name}"), median(mae));
    }
    let exact = &by_seed.errors[0];
    let better = exact.rmse.iter().filter(|rmse| **rmse < linear).count();
    let lost = exact.rmse.iter().filter(|rmse| !rmse.is_finite()).count();
    let seeds = counted(by_seed.seeds.len() as u64, "seed");
    let network = if lost > 0 {
        format!("from {lost} of {seeds} the training diverges, and there is no finite error")
    } else {
        let [least, most] = [f64::min, f64::max].map(|of| exact.rmse.iter().copied().reduce(of).unwrap_or(f64::NAN));
        format!(
            "from {seeds}, on the {} test cars, the root mean square error (rmse) is {least:.3} to {most:.3} {label}, in the \
             median {:.3}, and the mean absolute error (mae) in the median {:.3}",
            data.test.labels.len(),
            median(&exact.rmse),
            median(&exact.mae),
        )
    };
    notebook.paragraph(format!(
        "Engine `exact`: {network}. A linear regression on the same inputs has an rmse of {linear:.3} and an mae of \
         {linear_mae:.3}; the mean of the {} training cars, predicted for every car, {mean:.3} and {mean_mae:.3}. By the rmse the \
         network is better than the regression from {better} of {seeds}.",
        data.train.labels.len(),
    ));
    notebook.value("same_data_as_scikit_learn", same_data);
    if by_seed.recorded > 0 {
        let (runs, equal) = (by_seed.recorded, by_seed.equal);
        notebook.value("recorded_runs", runs);
        notebook.value("exact_runs_equal_in_every_bit", equal);
        let Recorded { tensorflow, scikit_learn, processor, .. } = &recorded;
        notebook.paragraph(format!(
            "Real Keras (TensorFlow {tensorflow}, on {processor}) was recorded from {runs} of these seeds, on inputs and labels \
             from scikit-learn {scikit_learn} that have the same float32 bits as the ones here. Engine `exact` repeats {equal} of \
             the {runs} runs in every bit of every loss, of the final weights and of the predictions.",
        ));
    } else {
        let other = match (same_data, is_recorded) {
            (false, _) => "on other inputs and labels",
            (true, false) => "of another network or another training",
            (true, true) => "from other seeds",
        };
        notebook.paragraph(format!("Real Keras was recorded {other} than these: there is nothing to compare with it."));
    }
    Ok(format!(
        "{shown}\n{}\nmedian rmse {} {label}; linear regression {linear:.3}\n",
        history.outcome(),
        if lost > 0 { "not finite".to_owned() } else { format!("{:.3}", median(&exact.rmse)) }
    ))
}

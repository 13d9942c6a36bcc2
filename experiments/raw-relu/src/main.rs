//! No scaling, hidden ReLU: the first attempt, before the post.
//!
//! The network learns `y = x + 10` with one hidden layer of 16 from the whole numbers as they are. It gets near
//! the line and stays there.
//!
//! ```text
//! cargo run --release -p raw-relu
//! ```

// %% [markdown]
// # No scaling, ReLU
//
// The network sees inputs and labels as they are, from 0 to 200.

// %%
use std::process::ExitCode;

use keras::{Runtime, Scaler, Sequential, root_mean_square_error};
use notebook::{Notebook, markdown_table, python_repr};
use polars::df;
use random::numpy::RandomState;

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

fn experiment(notebook: &mut Notebook) -> anyhow::Result<String> {
    let manifest = notebook.manifest().clone();
    let runtime = Runtime::new(manifest.training.device)?;

    // %% [markdown]
    // ## Data set
    //
    // Whole numbers drawn as `np.random.seed` and `np.random.randint` draw them. The test inputs lie beyond the
    // training inputs: the model has to extrapolate.

    // %%
    let data = &manifest.data;
    let f = |x: &i64| x + data.label.add;
    let mut random = RandomState::new(data.seed);
    let x_train: Vec<i64> = random.randint(data.train.low.into(), data.train.high.into(), data.train.size)?;
    let x_test: Vec<i64> = random.randint(data.test.low.into(), data.test.high.into(), data.test.size)?;
    let y_train: Vec<i64> = x_train.iter().map(f).collect();
    let y_test: Vec<i64> = x_test.iter().map(f).collect();

    // %% [markdown]
    // ## Scaling
    //
    // The manifest says `scaling: none`: the numbers only become float32.

    // %%
    let scaler = Scaler::new(manifest.scaling, &x_train)?;
    let x_train_std = scaler.transform(&x_train);
    let y_train_std = scaler.transform(&y_train);
    let x_test_std = scaler.transform(&x_test);

    // %% [markdown]
    // ## Model

    // %%
    let mut model = Sequential::new(&runtime, 1);
    for &layer in &manifest.model.layers {
        model.add(layer);
    }
    let mut model = model.compile(&manifest.training)?;

    // %% [markdown]
    // ## Training

    // %%
    let history = model.fit(&x_train_std, &y_train_std, |epoch| {
        notebook.epoch(epoch.epoch, epoch.epochs, epoch.steps, epoch.loss);
    })?;
    notebook.table("history", history.frame())?;

    // %% [markdown]
    // ## Predictions against labels

    // %%
    let predict = scaler.restore(&model.predict(&x_test_std)?, manifest.restore);
    let gap: Vec<f64> = predict.iter().zip(&y_test).map(|(predict, &label)| predict - label as f64).collect();
    let predictions = df!("x" => &x_test, "label" => &y_test, "predict" => &predict, "gap" => &gap)?;
    let shown = markdown_table(&predictions, predictions.height());
    notebook.table("predictions", predictions)?;

    // %% [markdown]
    // ## Accuracy
    //
    // What the post calls accuracy is the root mean square error on the test data.

    // %%
    let accuracy = root_mean_square_error(&predict, &y_test);
    notebook.value("accuracy", accuracy);
    notebook.value("final_loss", history.final_loss());
    notebook.value("outcome", history.outcome());
    notebook.value("mean", scaler.mean);
    notebook.value("std", scaler.std);
    notebook.value("epochs", manifest.training.epochs);
    notebook.value("steps", history.steps);

    // %% [markdown]
    // ## Figures

    // %%
    notebook.training_loss()?;
    notebook.predictions()?;
    notebook.prediction_gap()?;

    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

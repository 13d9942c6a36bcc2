//! Every activation linear: the post's program.
//!
//! The post learns `y = x + 10` with one hidden layer of 16 and, once every activation is linear, prints
//! `Accuracy: 1.0789593218788873e-05`. This run prints the same line.
//!
//! ```text
//! cargo run --release -p linear-activation
//! ```

// %% [markdown]
// # Every activation linear
//
// The data lie on a straight line, and so does a network without bends. Only the hidden layer's activation
// differs from the experiment `standardized-relu`.

// %%
use std::process::ExitCode;

use keras::{Runtime, Scaler, Sequential, root_mean_square_error};
use manifest::{Engine, Training};
use notebook::{Notebook, markdown_table, python_repr};
use polars::df;
use random::numpy::RandomState;
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};

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
    // Inputs and labels alike are standardised with the mean and standard deviation of the training inputs.

    // %%
    let scaler = Scaler::new(manifest.scaling, &x_train)?;
    let x_train_std = scaler.transform(&x_train);
    let y_train_std = scaler.transform(&y_train);
    let x_test_std = scaler.transform(&x_test);

    // %% [markdown]
    // ## Model

    // %%
    let mut untrained = Sequential::new(&runtime, 1);
    for &layer in &manifest.model.layers {
        untrained.add(layer);
    }
    let mut model = untrained.clone().compile(&manifest.training)?;

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

    // %% [markdown]
    // ## Real Keras' bits
    //
    // Engine `exact` repeats real Keras' order of operations. From its own seed it prints the same line, and real
    // Keras does so from that seed too: `data/keras/recorded.json` holds the run.

    // %%
    let exact = manifest.variant("exact")?;
    let mut model = untrained.clone().compile(&exact.training)?;
    let history_exact = model.fit(&x_train_std, &y_train_std, |_| ())?;
    let restored = scaler.restore(&model.predict(&x_test_std)?, exact.restore);
    let accuracy_exact = root_mean_square_error(&restored, &y_test);
    notebook.table("history_exact", history_exact.frame())?;
    notebook.value("accuracy_exact", accuracy_exact);
    notebook.value("final_loss_exact", history_exact.final_loss());
    let engine = if exact.training.engine == Engine::Exact { "exact" } else { "libtorch" };
    notebook.paragraph(format!(
        "Engine `{engine}`, seed {}: `Accuracy: {}`, and a final loss of {}.",
        exact.training.seed,
        python_repr(accuracy_exact),
        python_repr(history_exact.final_loss()),
    ));

    // %% [markdown]
    // ## Seeds
    //
    // The post sets no seed for TensorFlow, so its own initial weights and batch orders are unknown. Here many
    // seeds are trained, to see how often its accuracy comes out and that the manifest's seed is the smallest.

    // %%
    if let Some(scan) = manifest.seed_scan {
        let seeds: Vec<i64> = (scan.first..=scan.last).collect();
        let progress = notebook.progress_bar(seeds.len() as u64, "seeds");
        let accuracy = |&seed: &i64| -> anyhow::Result<f64> {
            let training = Training { seed, ..manifest.training.clone() };
            let mut model = untrained.clone().compile(&training)?;
            model.fit(&x_train_std, &y_train_std, |_| ())?;
            let predict = scaler.restore(&model.predict(&x_test_std)?, manifest.restore);
            progress.inc(1);
            Ok(root_mean_square_error(&predict, &y_test))
        };
        // On all cores, and collected in the order of the seeds.
        let accuracies: Vec<f64> = seeds.par_iter().map(accuracy).collect::<Result<_, _>>()?;
        progress.finish_and_clear();
        notebook.table("seeds", df!("seed" => &seeds, "accuracy" => &accuracies)?)?;
        notebook.seed_scan()?;
    }

    Ok(format!("{shown}\n{}\nAccuracy: {}\n", history.outcome(), python_repr(accuracy)))
}

//! The post's printed log: twelve losses and the accuracy, digit for digit.
//!
//! The witness in `data/published-log` holds initial weights and the order of the rows in every epoch; a search found
//! them (`cargo run --release -p published-log --bin search -- --help`). Expect every printed number of the post.
//!
//! ```text
//! cargo run --release -p published-log
//! ```

// %% [markdown]
// # The post's printed log, line by line
//
// The post's run set no seed, so no seed can be named that repeats it. But its log can be asked for: is there a run of
// this very program that prints it? Here is one.

mod witness;

use std::process::ExitCode;

use anyhow::Context as _;
use keras::{Scaler, Trainer, root_mean_square_error};
use notebook::{Notebook, printed_loss, python_repr};
use polars::df;
use random::numpy::RandomState;

use crate::witness::{Replayed, Witness};

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

/// The parts of the manifest that say what real Keras was given.
const REPLAYED: [&str; 9] = [
    "data",
    "scaling",
    "model",
    "training.optimizer",
    "training.loss",
    "training.epochs",
    "training.batch_size",
    "restore",
    "witness",
];

fn experiment(notebook: &mut Notebook) -> anyhow::Result<String> {
    let manifest = notebook.manifest().clone();

    // %% [markdown]
    // ## Data set and scaling

    // %%
    let data = &manifest.data;
    let f = |x: &i64| x + data.label.add;
    let mut random = RandomState::new(data.seed);
    let x_train: Vec<i64> = random.randint(data.train.low.into(), data.train.high.into(), data.train.size)?;
    let x_test: Vec<i64> = random.randint(data.test.low.into(), data.test.high.into(), data.test.size)?;
    let y_train: Vec<i64> = x_train.iter().map(f).collect();
    let y_test: Vec<i64> = x_test.iter().map(f).collect();
    let scaler = Scaler::new(manifest.scaling, &x_train)?;
    let (x_train, y_train) = (scaler.transform(&x_train), scaler.transform(&y_train));

    // %% [markdown]
    // ## The witness

    // %%
    let path = manifest.witness.as_ref().context("witness: this experiment needs the weights and orders to replay")?;
    let witness = Witness::load(&notebook.root().join(path), y_train.len())?;
    witness.check(&manifest)?;

    // %% [markdown]
    // ## Training

    // %%
    let mut trainer = Trainer::new(&manifest.model.layers, 1, &manifest.training, &x_train, &y_train);
    let mut losses = Vec::new();
    trainer.train_from(&witness.initial_weights(), &mut losses, |epoch, order| {
        order.copy_from_slice(&witness.orders[epoch as usize]);
    });
    let (epoch, loss): (Vec<u32>, Vec<f64>) = (1..).zip(losses.iter().map(|&loss| f64::from(loss))).unzip();
    let printed: Vec<String> = loss.iter().map(|&loss| printed_loss(loss)).collect();
    notebook.table("history", df!("epoch" => &epoch, "loss" => &loss)?)?;
    notebook.training_loss()?;

    // %% [markdown]
    // ## Predictions and accuracy

    // %%
    let raw = trainer.predict(&scaler.transform(&x_test));
    let predict = scaler.restore(&raw, manifest.restore);
    let gap: Vec<f64> = predict.iter().zip(&y_test).map(|(predict, &label)| predict - label as f64).collect();
    let accuracy = root_mean_square_error(&predict, &y_test);
    notebook.table("predictions", df!("x" => &x_test, "label" => &y_test, "predict" => &predict, "gap" => &gap)?)?;
    notebook.prediction_gap()?;
    notebook.value("accuracy", accuracy);
    notebook.value("final_loss", loss.last().copied().unwrap_or(f64::NAN));
    notebook.value("outcome", "complete");

    // %% [markdown]
    // ## The same in real Keras
    //
    // `data/published-log/replay.py` gave real Keras the same weights and orders and recorded its log.

    // %%
    if notebook.changes(&REPLAYED) {
        notebook.paragraph("Real Keras was recorded in another training than this one: there is nothing to compare.");
    } else {
        let replayed = Replayed::load(&notebook.root().join(path).with_file_name("replayed.json"))?;
        let same = |ours: &[f32], keras: &[f32]| {
            ours.iter().zip(keras).filter(|(ours, keras)| ours.to_bits() == keras.to_bits()).count()
        };
        let equal = same(&losses, &replayed.losses);
        notebook.value("epochs_equal_to_real_keras", equal);
        notebook.value("accuracy_of_real_keras", replayed.accuracy.as_str());
        notebook.paragraph(format!(
            "Recorded from real Keras (TensorFlow {}, NumPy {}), the same weights and orders give the same loss, bit for \
             bit, in {equal} of {} epochs, {} predictions of {}, and `Accuracy: {}`.",
            replayed.tensorflow,
            replayed.numpy,
            losses.len(),
            same(&raw, &replayed.predictions),
            raw.len(),
            replayed.accuracy,
        ));
    }

    // %% [markdown]
    // ## The log

    // %%
    let shown = notebook.published_losses().into_iter().map(|(epoch, _)| epoch as usize);
    let lines =
        shown.filter_map(|epoch| Some(format!("Epoch {epoch}/{} - loss: {}\n", losses.len(), printed.get(epoch - 1)?)));
    Ok(format!("{}Accuracy: {}\n", lines.collect::<String>(), python_repr(accuracy)))
}

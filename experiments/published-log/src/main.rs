//! The post's printed log: twelve losses and the accuracy, digit for digit.
//!
//! The witness in `data/published-log` holds initial weights and the order of the rows in every epoch; a search found
//! them (`cargo run --release -p published-log --bin find-witness -- --help`). Expect every printed number of the post.
//!
//! ```text
//! cargo run --release -p published-log
//! ```

// %% [markdown]
// # The post's printed log, line by line
//
// The post's run set no seed, so no seed can be named that repeats it. But its log can be asked for: is there a run of
// this very program that prints it? Here is one.

use std::process::ExitCode;

use dataset::Scaling;
use keras::Trainer;
use manifest::Document;
use notebook::{Notebook, printed_loss, python_repr};
use polars::df;
use published_log::{Manifest, Replayed, Witness};

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

/// The parts of the manifest that say what real Keras was given.
const REPLAYED: [&str; 6] = ["data", "scaling", "model", "training", "restore", "witness"];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data set and scaling

    // %%
    let data = manifest.data.dataset(manifest.scaling, manifest.restore)?;

    // %% [markdown]
    // ## The witness

    // %%
    let path = notebook.root().join(&manifest.witness);
    let witness = Witness::load(&path)?;
    witness.check(manifest)?;

    // %% [markdown]
    // ## Training

    // %%
    let (layers, training) = (&manifest.model.layers, manifest.training());
    let mut trainer = Trainer::new(layers, data.features.len(), &training, &data.train.x, &data.train.y);
    let mut losses = Vec::new();
    trainer.train_from(&witness.initial_weights(), &mut losses, |epoch, order| {
        order.copy_from_slice(&witness.orders[epoch as usize]);
    });
    let (epoch, loss): (Vec<u32>, Vec<f64>) = (1..).zip(losses.iter().map(|&loss| f64::from(loss))).unzip();
    let printed: Vec<String> = loss.iter().map(|&loss| printed_loss(loss)).collect();
    notebook.table("history", df!("epoch" => &epoch, "loss" => &loss)?)?;
    let scaled = if manifest.scaling == Scaling::Standard { "standardised " } else { "" };
    notebook.training_loss(&format!("{} of the {scaled}labels", training.loss.words()))?;

    // %% [markdown]
    // ## Predictions and accuracy

    // %%
    let raw = trainer.predict(&data.test.x);
    let accuracy = data.test_error(&raw);
    notebook.table("predictions", data.test.with_predictions(&data.restore(&raw)))?;
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
        let replayed = Replayed::load(&path.with_file_name("replayed.json"))?;
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
    let shown = notebook.published().by_epoch("loss").into_iter().map(|(epoch, _)| epoch as usize);
    let lines =
        shown.filter_map(|epoch| Some(format!("Epoch {epoch}/{} - loss: {}\n", losses.len(), printed.get(epoch - 1)?)));
    Ok(format!("{}Accuracy: {}\n", lines.collect::<String>(), python_repr(accuracy)))
}

//! Is there a run of the post's program that prints its log, digit for digit?
//!
//! The post prints twelve losses and an accuracy. Its run set no seed, so no seed can be named that repeats it; but initial weights and
//! an order of the rows in every epoch can be searched for from which the same program prints the same log. A search found such a
//! witness (`cargo run --release -p published-log --bin find-witness -- --help`); this run trains from it. That shows what the program
//! can print. It does not show that these were the author's weights: many others print the log too.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p published-log
//! ```

// %%
use std::process::ExitCode;

use dataset::Scaling;
use keras::{Sequential, Trainer};
use manifest::Document;
use notebook::{Notebook, printed_loss, python_repr};
use polars::df;
use published_log::{Manifest, Replayed, Witness};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The parts of the manifest that say what real Keras was given.
const REPLAYED: [&str; 6] = ["data", "scaling", "model", "training", "restore", "witness"];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## Data

    // %%
    let data = manifest.data.dataset(manifest.scaling, manifest.restore)?;
    notebook.paragraph(data.describe());

    // %% [markdown]
    // ## The witness
    //
    // The file holds the initial weights and biases, and for every epoch in which order the rows are visited.

    // %%
    let path = notebook.root().join(&manifest.witness);
    let witness = Witness::load(&path)?;
    witness.check(manifest)?;
    notebook.print(&manifest.model.summary(data.features.len()))?;
    let (layers, training) = (&manifest.model.layers, manifest.training());
    let mut model = Sequential::from(&manifest.model).compile(&training, data.features.len())?;
    notebook.keep(&data, model.program().starting_from(witness.initial_weights(), witness.orders.clone()))?;

    // %% [markdown]
    // ## Training

    // %%
    let mut trainer = Trainer::new(layers, data.features.len(), &training, &data.train.x, &data.train.y);
    let mut losses = Vec::new();
    trainer.train_from(&witness.initial_weights(), &mut losses, |epoch, order| {
        order.copy_from_slice(&witness.orders[epoch as usize]);
    });
    model.set_weights(trainer.weights())?;
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
    let outcome = losses.iter().position(|loss| !loss.is_finite());
    let outcome = outcome.map_or("complete".to_owned(), |before| format!("diverged at epoch {}", before + 1));
    notebook.value("outcome", outcome);

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
    // ## Conclusion

    // %%
    let accuracy = python_repr(accuracy);
    let losses_of_post = notebook.published().by_epoch("loss");
    let shown: Vec<usize> = losses_of_post.iter().map(|&(epoch, _)| epoch as usize).collect();
    let published = |&&(epoch, loss): &&(u32, f64)| printed.get(epoch as usize - 1) == Some(&printed_loss(loss));
    let equal = losses_of_post.iter().filter(published).count();
    let published = notebook.published().printed("accuracy").unwrap_or_default().to_owned();
    let accuracy_said = if published == accuracy {
        format!("The accuracy is the text that the post prints, `{accuracy}`.")
    } else {
        format!("The accuracy is `{accuracy}`; the post prints `{published}`.")
    };
    let reached = shown.iter().filter(|epoch| **epoch <= printed.len()).count();
    let rest = if reached < shown.len() {
        format!(" The run ends before {} of them.", shown.len() - reached)
    } else {
        String::new()
    };
    notebook.paragraph(format!(
        "{equal} of the {} losses that the post prints come out with the same text.{rest} {accuracy_said}",
        shown.len(),
    ));
    let line = |epoch: usize| Some(format!("Epoch {epoch}/{} - loss: {}\n", training.epochs, printed.get(epoch - 1)?));
    let lines: String = shown.into_iter().filter_map(line).collect();
    Ok(format!("{lines}Accuracy: {accuracy}\n"))
}

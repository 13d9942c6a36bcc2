use std::path::Path;

use keras::{Scaler, root_mean_square_error};
use manifest::{Activation, Flow, Restore, Scaling, Training};
use random::numpy::RandomState;
use serde_json::Value;

use crate::{model, runtime, training};

struct Run {
    flow: Flow,
    seed: i64,
    initial: Vec<f32>,
    loss: Vec<f32>,
    predictions: Vec<f32>,
    accuracy_float64: f64,
}

/// The recorded runs of the two flows that a manifest can name.
fn runs() -> Vec<Run> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/keras/post.json");
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("recorded runs")).expect("JSON");
    let runs: Vec<Run> = recorded["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .filter_map(|run| {
            let flow = match run["flow"].as_str()? {
                "tf-legacy" => Flow::TfLegacy,
                "keras-set-random-seed" => Flow::KerasSetRandomSeed,
                _ => return None,
            };
            let zeros = |units| std::iter::repeat_n(0.0, units);
            let initial =
                bits(&run["kernel1"]).into_iter().chain(zeros(16)).chain(bits(&run["kernel2"])).chain(zeros(1));
            Some(Run {
                flow,
                seed: run["seed"].as_i64()?,
                initial: initial.collect(),
                loss: bits(&run["loss"]),
                predictions: bits(&run["predictions"]),
                accuracy_float64: run["accuracy_float64"].as_f64()?,
            })
        })
        .collect();
    assert_eq!(runs.len(), 12);
    runs
}

fn bits(values: &Value) -> Vec<f32> {
    let values = values.as_array().expect("a list").iter().map(|value| value.as_str().expect("hexadecimal"));
    values.map(|value| f32::from_bits(u32::from_str_radix(value, 16).expect("hexadecimal"))).collect()
}

/// X_train, y_train, X_test (scaled), y_test and the scaler of the post.
fn post() -> ([Vec<f32>; 3], Vec<i64>, Scaler) {
    let mut random = RandomState::new(1234);
    let x_train: Vec<i64> = random.randint(0, 100, 100).unwrap();
    let x_test: Vec<i64> = random.randint(100, 200, 20).unwrap();
    let f = |x: &[i64]| x.iter().map(|x| x + 10).collect::<Vec<_>>();
    let scaler = Scaler::new(Scaling::Standard, &x_train);
    let scaled = [&x_train, &f(&x_train), &x_test].map(|values| scaler.transform(values));
    (scaled, f(&x_test), scaler)
}

#[test]
fn losses_follow_real_keras() {
    let ([x, y, x_test], y_test, scaler) = post();
    for run in runs() {
        let training = Training { flow: run.flow, seed: run.seed, ..training() };
        let mut model = model(runtime(), &[(16, Activation::Linear), (1, Activation::Linear)], &training);
        assert_eq!(model.weights(), run.initial, "initial weights, seed {}", run.seed);

        let history = model.fit(&x, &y, |_| ()).unwrap();
        // The flow of `keras.utils.set_random_seed` is recorded with Keras' newer Adam, whose 1 − β differ in the
        // last bits: 1.5e-5 relative in epoch 2.
        let tolerance = if run.flow == Flow::TfLegacy { 1e-5 } else { 1e-3 };
        for (epoch, (ours, theirs)) in history.loss.iter().zip(&run.loss).take(10).enumerate() {
            let distance = (ours - theirs).abs() / theirs;
            assert!(distance <= tolerance, "seed {} epoch {}: {ours} against {theirs}", run.seed, epoch + 1);
        }
        assert_eq!(history.loss.len(), 100);
        assert!(history.final_loss() < 1e-13, "seed {}: {}", run.seed, history.final_loss());

        let predictions = model.predict(&x_test).unwrap();
        for (ours, theirs) in predictions.iter().zip(&run.predictions) {
            assert!((ours - theirs).abs() < 2e-6, "seed {}: {ours} against {theirs}", run.seed);
        }
        let accuracy = root_mean_square_error(&scaler.restore(&predictions, Restore::Float64), &y_test);
        assert!(accuracy < 5.0 * run.accuracy_float64, "seed {}: {accuracy}", run.seed);
    }
}

#[test]
fn accuracy_of_recorded_predictions_is_the_recorded_accuracy() {
    let (_, y_test, scaler) = post();
    for run in runs() {
        let accuracy = root_mean_square_error(&scaler.restore(&run.predictions, Restore::Float64), &y_test);
        assert_eq!(accuracy, run.accuracy_float64, "seed {}", run.seed);
    }
}

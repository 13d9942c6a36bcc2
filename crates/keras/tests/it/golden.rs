use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use dataset::{Restore, kept, root_mean_square_error};
use keras::recorded::{self, Case, CaseData, Run, same_bits};
use keras::{
    Activation, Compiled, Configuration, Engine, Fit, Layer, Loss, Member, Metric, Model, Samples, Sequential, Trainer,
    Training, sweep,
};

/// Recorded cases of `data/keras`, and how many runs they are.
const FILES: [(&str, usize); 11] = [
    ("recorded.json", 352),
    ("validation.json", 66),
    ("keras-3.json", 126),
    ("activations.json", 317),
    ("initializers.json", 105),
    ("fitting.json", 342),
    ("fitting-keras-3.json", 414),
    ("combined.json", 103),
    ("combined-keras-3.json", 85),
    ("classification.json", 166),
    ("classification-keras-3.json", 124),
];

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (file, runs) in FILES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/keras").join(file);
        let cases = recorded::load(&path).unwrap();
        assert_eq!(cases.iter().map(|case| case.runs.len()).sum::<usize>(), runs, "{file}");
        all.extend(cases);
    }
    all
}

fn model(case: &Case, engine: Engine, run: &Run) -> Compiled {
    let model = Model { layers: case.layers.clone() };
    Sequential::from(&model).compile(&case.training(engine, run.seed), case.features).unwrap()
}

/// Losses, those on the validation rows, final weights, predictions and accuracies, of every recorded run.
#[test]
fn engine_exact_is_real_keras_bit_for_bit() {
    for case in cases() {
        let data = case.data().unwrap();
        let CaseData { x_test, y_test, scaler, .. } = &data;
        let (train, validation) = data.rows();
        for run in &case.runs {
            let name = format!("{}, seed {}", case.name, run.seed);
            let mut model = model(&case, Engine::Exact, run);
            let (mut losses, mut validated, mut metrics) = (Vec::new(), Vec::new(), Vec::new());
            if case.callbacks.is_empty() {
                // Keras goes on after a loss that is not finite, and so does this loop.
                let mut fit = Fit::validated(&mut model, train, validation).unwrap();
                for _ in 0..case.epochs {
                    losses.push(fit.epoch());
                    validated.extend(fit.validate());
                    metrics.push(fit.metrics());
                }
            } else {
                let history = model.fit_validated(train, validation, |_| true).unwrap();
                assert!(same_bits(&history.learning_rate, &run.learning_rates), "learning rates, {name}");
                let of_epoch = |columns: &[(Metric, Vec<f32>)], epoch: usize| {
                    columns.iter().map(|(_, column)| column[epoch]).collect()
                };
                metrics.extend(
                    (0..history.loss.len())
                        .map(|epoch| [of_epoch(&history.metrics, epoch), of_epoch(&history.val_metrics, epoch)]),
                );
                (losses, validated) = (history.loss, history.val_loss);
            }
            assert_eq!(run.metrics.is_empty(), case.metrics.is_empty(), "metrics, {name}");
            for (key, theirs) in &run.metrics {
                let (half, metric) = key.strip_prefix("val_").map_or((0, key.as_str()), |metric| (1, metric));
                let number = case.metrics.iter().position(|known| known.name() == metric).unwrap();
                let ours: Vec<f32> = metrics.iter().map(|halves| halves[half][number]).collect();
                assert!(same_bits(&ours, &theirs.0), "{key}, {name}");
            }
            assert!(same_bits(&losses, &run.losses), "losses, {name}");
            assert!(same_bits(&validated, &run.val_losses), "losses on the validation rows, {name}");
            assert!(same_bits(&model.weights(), &run.weights), "weights, {name}");
            let predictions = model.predict(x_test).unwrap();
            assert!(same_bits(&predictions, &run.predictions), "predictions, {name}");
            let classes = !matches!(case.loss, Loss::Mse | Loss::Mae | Loss::Huber);
            if classes || predictions.len() > x_test.len() / case.features {
                continue;
            }
            for restore in [Restore::Float32, Restore::Float64] {
                let accuracy = root_mean_square_error(&scaler.restore(&predictions, restore), y_test);
                let (ours, keras) = (accuracy.to_bits(), run.accuracy(restore).to_bits());
                assert!(ours == keras || accuracy.is_nan() && run.accuracy(restore).is_nan(), "accuracy, {name}");
            }
        }
    }
}

/// The fused and the portable code, and the trainer without tensors, compute the same bits.
#[test]
fn every_code_path_of_engine_exact_has_the_same_bits() {
    for case in cases().into_iter().filter(|case| case.callbacks.is_empty()) {
        let data = case.data().unwrap();
        let CaseData { x_train, y_train, x_test, .. } = &data;
        if data.sample_weight.is_some() {
            continue;
        }
        let run = &case.runs[0];
        let training = case.training(Engine::Exact, run.seed);
        let held = case.validation_split.map(|split| kept(case.samples, split));
        let columns = y_train.len() / case.samples;
        let held = held.map(|rows| (&x_train[rows * case.features..], &y_train[rows * columns..]));
        let held = held.or(data.validation.as_ref().map(|(x, y)| (x.as_slice(), y.as_slice())));
        let trainer = Trainer::new(&case.layers, case.features, &training, x_train, y_train);
        for (instructions, mut trainer) in trainer.each_instruction_set() {
            let (mut losses, name) = (Vec::new(), format!("{}, {instructions}", case.name));
            trainer.train(run.seed, &mut losses);
            assert!(same_bits(&losses, &run.losses), "losses, {name}");
            assert!(same_bits(trainer.weights(), &run.weights), "weights, {name}");
            assert!(same_bits(&trainer.predict(x_test), &run.predictions), "predictions, {name}");
            if let (Some((x, y)), Some(last)) = (held, run.val_losses.last()) {
                assert!(same_bits(&[trainer.evaluate(x, y).loss], &[*last]), "validation, {name}");
            }
        }
    }
}

/// A sweep can be ended; what came before is handed over, in order.
#[test]
fn a_sweep_can_be_cancelled() {
    let cases = cases();
    let case = &cases[0];
    let CaseData { x_train, y_train, x_test, .. } = case.data().unwrap();
    let training = case.training(Engine::Exact, 0);
    let configuration = Arc::new(Configuration { model: Model { layers: case.layers.clone() }, training });
    let samples = Samples { features: case.features, x: &x_train, y: &y_train, x_test: &x_test };
    let members = (0..i64::MAX).map(|seed| Member { configuration: Arc::clone(&configuration), seed });
    let mut seeds = Vec::new();
    sweep(2, samples, members, |trained| {
        seeds.push(trained.seed);
        if trained.seed == 99 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert!(seeds.into_iter().eq(0..100));
}

/// A sweep hands over every member's own training, in order, on any number of threads.
#[test]
fn a_sweep_does_not_depend_on_threads() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "relu").unwrap();
    let CaseData { x_train, y_train, x_test, .. } = case.data().unwrap();
    let training = case.training(Engine::Exact, 0);
    let configuration = |units: u32, training: Training| {
        let mut layers = case.layers.clone();
        layers[0] = Layer::dense(units, Activation::Relu);
        Arc::new(Configuration { model: Model { layers }, training })
    };
    let recorded = configuration(16, training.clone());
    let other = configuration(5, Training { batch_size: 7, ..training });
    let samples = Samples { features: case.features, x: &x_train, y: &y_train, x_test: &x_test };
    let members = || {
        (0..=200).map(|seed| {
            let configuration = if seed % 3 == 2 { &other } else { &recorded };
            Member { configuration: Arc::clone(configuration), seed: seed / 3 * 2 + seed % 3 % 2 }
        })
    };
    let sweep = |threads| {
        let mut results = Vec::new();
        sweep(threads, samples, members(), |trained| {
            results.push((trained.number, trained.seed, trained.losses.clone(), trained.predictions.clone()));
            ControlFlow::Continue(())
        })
        .unwrap();
        results
    };
    let one = sweep(1);
    assert!(one.iter().map(|result| result.0).eq(0..=200));
    for run in case.runs.iter().filter(|run| (0..100).contains(&run.seed)) {
        let number = (run.seed / 2 * 3 + run.seed % 2) as usize;
        assert_eq!(one[number], (number as u64, run.seed, run.losses.clone(), run.predictions.clone()));
    }
    assert_ne!(one[2].2, one[0].2, "another configuration");
    assert_eq!(sweep(3), one);
}

/// The post's own program, both flows: 1e-5 relative through epoch 10, below 1e-13 at the end.
#[test]
fn engine_libtorch_follows_real_keras() {
    let post: Vec<Case> =
        cases().into_iter().filter(|case| ["base", "base-set-random-seed"].contains(&case.name.as_str())).collect();
    assert_eq!(post.len(), 2);
    for case in post {
        let CaseData { x_train, y_train, x_test, y_test, scaler, .. } = case.data().unwrap();
        assert!(case.runs.len() >= 6);
        for run in &case.runs {
            let name = format!("{}, seed {}", case.name, run.seed);
            let mut model = model(&case, Engine::Libtorch, run);
            let history = model.fit(&x_train, &y_train, |_| ()).unwrap();
            for (epoch, (ours, theirs)) in history.loss.iter().zip(&run.losses).take(10).enumerate() {
                let distance = (ours - theirs).abs() / theirs;
                assert!(distance <= 1e-5, "{name}, epoch {}: {ours} against {theirs}", epoch + 1);
            }
            assert_eq!(history.loss.len(), 100);
            assert!(history.final_loss() < 1e-13, "{name}: {}", history.final_loss());
            let predictions = model.predict(&x_test).unwrap();
            for (ours, theirs) in predictions.iter().zip(&run.predictions) {
                assert!((ours - theirs).abs() < 2e-6, "{name}: {ours} against {theirs}");
            }
            let accuracy = root_mean_square_error(&scaler.restore(&predictions, Restore::Float64), &y_test);
            assert!(accuracy < 5.0 * run.accuracy_float64, "{name}: {accuracy}");
        }
    }
}

/// The two engines mean the same: in every configuration the first epoch's loss, after all of its updates but the last,
/// agrees to rounding, and so does the loss on the validation rows after it.
#[test]
fn the_engines_agree_to_rounding() {
    for case in cases() {
        let data = case.data().unwrap();
        let run = &case.runs[0];
        if !run.losses[0].is_finite() {
            continue;
        }
        let mut model = model(&case, Engine::Libtorch, run);
        let (train, validation) = data.rows();
        let history = model.fit_validated(train, validation, |_| true).unwrap();
        let (ours, exact) = (history.loss[0], run.losses[0]);
        assert!((ours - exact).abs() <= 1e-6 * exact, "{}: {ours} against {exact}", case.name);
        assert_eq!(history.val_loss.len(), run.val_losses.len(), "{}", case.name);
        for (ours, exact) in history.val_loss.iter().zip(&run.val_losses).take(1) {
            assert!((ours - exact).abs() <= 1e-3 * exact, "{}, validation: {ours} against {exact}", case.name);
        }
    }
}

/// Seed 26 of the post's program prints the post's accuracy in real Keras.
#[test]
fn recorded_seed_26_has_the_posts_accuracy() {
    let cases = cases();
    let base = cases.iter().find(|case| case.name == "base").unwrap();
    let run = base.runs.iter().find(|run| run.seed == 26).unwrap();
    assert_eq!(run.accuracy_float32, 1.0789593218788873e-05);
}

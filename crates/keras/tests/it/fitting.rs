use std::ops::ControlFlow;
use std::sync::Arc;

use keras::{Configuration, Engine, Member, Model, Samples, Sequential, Training, sweep};
use manifest::Document;

use crate::{LAYERS, Manifest, model, parabola, runtime, training};

fn read(flow: &str, layers: &str, optimizer: &str, callbacks: &str) -> Result<Document<Manifest>, String> {
    crate::read(&format!(
        "model:\n  layers: {layers}\ntraining:\n  engine: exact\n  flow: {flow}\n  seed: 1\n  optimizer: {optimizer}\n  \
         loss: mse\n  epochs: 9\n  callbacks: {callbacks}\n"
    ))
}

/// What is left out takes Keras' defaults, and what is written is written back.
#[test]
fn a_manifest_says_how_a_network_is_fitted() {
    let decay = "{name: exponential_decay, initial_learning_rate: 0.1, decay_steps: 5, decay_rate: 0.5}";
    let layers = "[{units: 3, kernel_regularizer: {l2: 0.1}}, {kind: dropout, rate: 0.5}, {units: 1}]";
    let optimizer = format!("{{name: sgd, clipnorm: 1, learning_rate: {decay}}}");
    let document = read("tf-legacy", layers, &optimizer, "[{name: early_stopping, baseline: 0.5}]").unwrap();
    let expected = "\
model:
  layers:
  - units: 3
    activation: linear
    kernel_regularizer:
      l1: 0.0
      l2: 0.1
  - kind: dropout
    rate: 0.5
  - units: 1
    activation: linear
training:
  engine: exact
  device: cpu
  flow: tf-legacy
  seed: 1
  optimizer:
    name: sgd
    learning_rate:
      name: exponential_decay
      initial_learning_rate: 0.1
      decay_steps: 5
      decay_rate: 0.5
      staircase: false
    clipnorm: 1.0
  loss: mse
  epochs: 9
  batch_size: 32
  shuffle: true
  callbacks:
  - name: early_stopping
    monitor: val_loss
    min_delta: 0.0
    patience: 0
    mode: auto
    baseline: 0.5
    restore_best_weights: false
    start_from_epoch: 0
";
    assert_eq!(document.to_yaml(), expected);
    assert_eq!(crate::read(expected).unwrap().to_yaml(), expected);
    // A learning rate stays a number to whom it is one.
    let plain = read("tf-legacy", "[{units: 1}]", "{name: sgd, learning_rate: 1}", "[]").unwrap();
    let searched = plain.with([("training.optimizer.learning_rate", 0.25.into())]).unwrap();
    assert!(searched.to_yaml().contains("  optimizer:\n    name: sgd\n    learning_rate: 0.25\n  loss"));
}

#[test]
fn what_no_keras_has_is_refused_by_its_place() {
    let refused = |flow: &str, layers: &str, optimizer: &str, callbacks: &str| {
        let error = read(flow, layers, optimizer, callbacks).unwrap_err();
        error.splitn(4, ':').nth(3).unwrap_or_default().trim().to_owned()
    };
    let one = "[{units: 1}]";
    for (optimizer, error) in [
        ("learning_rate: 0", ".learning_rate: must be > 0, got 0"),
        ("learning_rate: fast", ".learning_rate: expected a number > 0, got the text \"fast\""),
        ("clipnorm: 0", ".clipnorm: must be > 0, got 0"),
        ("clipnorm: 1, clipvalue: 1", ": clipvalue and clipnorm exclude each other, give one of them"),
        ("learning_rate: {name: cosine}", ".learning_rate.name: expected one of exponential_decay, got \"cosine\""),
    ] {
        let refusal = refused("tf-legacy", one, &format!("{{name: sgd, {optimizer}}}"), "[]");
        assert_eq!(refusal, format!("training.optimizer{error}"));
    }
    let decay = "{name: exponential_decay, initial_learning_rate: 0.1, decay_steps: 5, decay_rate: 0.5}";
    for (callback, error) in [
        ("early_stopping, patience: -1", "patience: must be >= 0, got -1"),
        (
            "early_stopping, start_from_epoch: 3",
            "start_from_epoch: must be 0 with flow tf-legacy, whose Keras has no such key",
        ),
        ("early_stopping, monitor: learning_rate", "monitor: learning_rate is no column before a callback sets it"),
        ("reduce_lr_on_plateau, factor: 1", "factor: must be > 0 and < 1, got 1"),
        (
            "learning_rate_scheduler, rates: [{epoch: 2, learning_rate: 1}, {epoch: 2, learning_rate: 2}]",
            "rates.1.epoch: must be later than the row before it",
        ),
    ] {
        let refusal = refused("tf-legacy", one, "{name: sgd}", &format!("[{{name: {callback}}}]"));
        assert_eq!(refusal, format!("training.callbacks.0.{error}"));
    }
    assert_eq!(
        refused("tf-legacy", one, &format!("{{name: sgd, learning_rate: {decay}}}"), "[{name: reduce_lr_on_plateau}]"),
        "training.callbacks.0.name: sets the learning rate, which training.optimizer.learning_rate does already"
    );
    assert_eq!(
        refused("keras-set-random-seed", "[{kind: dropout, rate: 0.5}, {units: 1}]", "{name: sgd}", "[]"),
        "model.layers.0.kind: must be dense with flow keras-set-random-seed, got dropout"
    );
    assert_eq!(
        refused("tf-legacy", one, "{name: adamw}", "[]"),
        "training.optimizer.name: must not be adamw with flow tf-legacy, whose Keras has no such optimizer"
    );
    for activation in ["gelu", "hard_sigmoid", "softplus"] {
        let layers = format!("[{{units: 1, activation: {activation}}}, {{kind: dropout, rate: 0.5}}, {{units: 1}}]");
        let error =
            "is not known in every bit below a dropout, of one unit, with a batch_size of 1; use engine libtorch";
        let error = format!("model.layers.0.activation: {error}");
        assert_eq!(refused("keras-3", &layers, "{name: sgd}", "[]\n  batch_size: 1"), error);
        read("keras-3", &layers, "{name: sgd}", "[]\n  batch_size: 2").unwrap();
    }
    let plateau = "[{name: reduce_lr_on_plateau, monitor: loss}]";
    read("keras-3", "[{units: 1, kernel_regularizer: {l2: 0.1}}]", "{name: adamw, clipnorm: 1}", plateau).unwrap();
}

fn with_callbacks(engine: Engine, callbacks: &str) -> Training {
    let callbacks = serde_json::from_str(callbacks).unwrap();
    Training { engine, callbacks, batch_size: 5, epochs: 30, validation_split: Some(0.25), ..training() }
}

/// A column that a history has not cannot be watched.
#[test]
fn a_watched_column_must_exist() {
    let [x, y] = parabola(12);
    let callbacks = r#"[{"name": "early_stopping", "monitor": "val_los"}]"#;
    let mut watching = model(runtime(), &LAYERS, &with_callbacks(Engine::Libtorch, callbacks));
    let error = watching.fit(&x, &y, |_| ()).unwrap_err().to_string();
    assert_eq!(error, "training.callbacks.0.monitor: \"val_los\" is no column of this training's history");
}

/// Both engines end at the same epoch with the best epoch's weights, and a sweep trains alike.
#[test]
fn callbacks_are_obeyed_by_both_engines_and_by_sweeps() {
    let [x, y] = parabola(12);
    let callbacks = r#"[{"name": "learning_rate_scheduler", "factor": 0.5, "start_from_epoch": 4},
        {"name": "early_stopping", "mode": "max", "patience": 3, "restore_best_weights": true}]"#;
    for engine in [Engine::Libtorch, Engine::Exact] {
        let training = with_callbacks(engine, callbacks);
        let mut stopped = model(runtime(), &LAYERS, &training);
        let mut seen = Vec::new();
        let history = stopped.fit(&x, &y, |epoch| seen.push(epoch.learning_rate.unwrap())).unwrap();
        // The loss on the validation rows falls, so the first epoch is the best.
        assert_eq!((history.loss.len(), history.diverged), (4, None), "{engine:?} {:?}", history.val_loss);
        assert_eq!(history.learning_rate, [0.01; 4]);
        assert_eq!(seen, history.learning_rate);
        assert_eq!(history.frame().get_column_names(), ["epoch", "loss", "val_loss", "learning_rate"]);
        let mut once = model(runtime(), &LAYERS, &Training { epochs: 1, callbacks: Vec::new(), ..training.clone() });
        once.fit(&x, &y, |_| ()).unwrap();
        assert_eq!(stopped.weights(), once.weights(), "{engine:?}");

        let layers = LAYERS.map(|(units, activation)| keras::Layer::dense(units, activation)).to_vec();
        let configuration = Arc::new(Configuration { model: Model { layers }, training });
        let samples = Samples { features: 1, x: &x, y: &y, x_test: &x };
        let members = (0..3).map(|seed| Member { configuration: Arc::clone(&configuration), seed });
        sweep(2, samples, members, |trained| {
            let training = Training { seed: trained.seed, ..configuration.training.clone() };
            let mut alone = Sequential::from(&configuration.model).compile(&training, 1).unwrap();
            assert_eq!(alone.fit(&x, &y, |_| ()).unwrap().loss, trained.losses);
            assert_eq!(alone.predict(&x).unwrap(), trained.predictions);
            ControlFlow::Continue(())
        })
        .unwrap();
    }
}

/// A sweep, whose trainers keep no tensors, drops what `fit` drops; without training nothing is dropped.
#[test]
fn dropout_is_of_training_alone() {
    let [x, y] = parabola(12);
    let layers = r#"[{"kind": "dropout", "rate": 0.1}, {"units": 7}, {"kind": "dropout", "rate": 0.5}, {"units": 1}]"#;
    let dropping = Model { layers: serde_json::from_str(layers).unwrap() };
    let plain = Model { layers: dropping.layers.iter().copied().filter(|layer| layer.as_dense().is_some()).collect() };
    assert_eq!(dropping.units(), [7, 1]);
    assert!(dropping.summary(1).contains("dropout, 0.5        [rows, 7]"), "{}", dropping.summary(1));
    for engine in [Engine::Libtorch, Engine::Exact] {
        let training = Training { engine, batch_size: 5, epochs: 4, ..training() };
        let [mut model, without] =
            [&dropping, &plain].map(|model| Sequential::from(model).compile(&training, 1).unwrap());
        assert_eq!(model.predict(&x).unwrap(), without.predict(&x).unwrap(), "{engine:?}");
        assert_eq!(model.evaluate((&x, &y), 4).unwrap(), without.evaluate((&x, &y), 4).unwrap(), "{engine:?}");
        let losses = model.fit(&x, &y, |_| ()).unwrap().loss;
        let configuration = Arc::new(Configuration { model: dropping.clone(), training });
        let members = [5, 0, 0].map(|seed| Member { configuration: Arc::clone(&configuration), seed });
        let mut swept = Vec::new();
        sweep(1, Samples { features: 1, x: &x, y: &y, x_test: &x }, members.into_iter(), |trained| {
            swept.push(trained.losses.clone());
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(swept[0] != losses && swept[1] == losses && swept[2] == losses, "{engine:?}");
    }
}

use keras::{Compiled, Engine, Error, Optimizer, Trainer, Training};

use crate::{LAYERS, model, parabola, runtime, training};

fn compiled(engine: Engine, validation_split: Option<f64>) -> Compiled {
    model(runtime(), &LAYERS, &Training { engine, validation_split, batch_size: 4, epochs: 5, ..training() })
}

/// Worked out by hand from the predictions: the rows count alike, whatever the batches.
#[test]
fn evaluate_is_the_mean_over_the_rows() {
    let [x, y] = parabola(10);
    for engine in [Engine::Libtorch, Engine::Exact] {
        let model = compiled(engine, None);
        let predictions = model.predict(&x).unwrap();
        let squares = predictions.iter().zip(&y).map(|(p, y)| f64::from(p - y).powi(2));
        let expected = squares.sum::<f64>() / 10.0;
        for batch_size in [1, 3, 10, 99] {
            let loss = f64::from(model.evaluate((&x, &y), batch_size).unwrap().loss);
            assert!((loss - expected).abs() < 1e-6 * expected, "{engine:?}, {batch_size}: {loss} and {expected}");
        }
    }
}

/// The last rows, as they stand before any shuffling, are not trained on; rows of their own are validated on alike.
#[test]
fn a_split_trains_on_the_first_rows_and_validates_on_the_last() {
    let [x, y] = parabola(10);
    for engine in [Engine::Libtorch, Engine::Exact] {
        let mut split = compiled(engine, Some(0.3));
        let history = split.fit(&x, &y, |epoch| assert!(epoch.val_loss.is_some())).unwrap();
        let mut first = compiled(engine, None);
        let mut seen = Vec::new();
        let alone = first.fit(&x[..7], &y[..7], |epoch| assert_eq!(epoch.val_loss, None)).unwrap();
        assert_eq!((&history.loss, history.steps), (&alone.loss, 2), "{engine:?}");
        assert_eq!(split.weights(), first.weights(), "{engine:?}");
        assert_eq!(history.val_loss.len(), 5);
        assert_eq!(history.val_loss[4], first.evaluate((&x[7..], &y[7..]), 4).unwrap().loss, "{engine:?}");

        let mut own = compiled(engine, None);
        let validation = Some((&x[7..], &y[7..]));
        let of_own = own.fit_validated((&x[..7], &y[..7]), validation, |epoch| {
            seen.push(epoch.val_loss);
            epoch.epoch < 3
        });
        assert_eq!(of_own.unwrap().val_loss, history.val_loss[..3], "{engine:?}");
        assert_eq!(seen, history.val_loss[..3].iter().map(|loss| Some(*loss)).collect::<Vec<_>>());
        assert_eq!(history.frame().get_column_names(), ["epoch", "loss", "val_loss"]);
        assert_eq!(alone.frame().get_column_names(), ["epoch", "loss"]);
    }
}

/// Trainings without tensors hold out the same rows.
#[test]
fn a_trainer_holds_out_the_same_rows() {
    let [x, y] = parabola(10);
    let layers = LAYERS.map(|(units, activation)| keras::Layer::dense(units, activation));
    let mut model = compiled(Engine::Exact, Some(0.3));
    let history = model.fit(&x, &y, |_| ()).unwrap();
    let training = Training { validation_split: Some(0.3), batch_size: 4, epochs: 5, ..training() };
    let mut losses = Vec::new();
    Trainer::new(&layers, 1, &training, &x, &y).train(training.seed, &mut losses);
    assert_eq!(losses, history.loss);
}

#[test]
fn validations_without_rows_or_with_two_kinds_of_them_are_refused() {
    let [x, y] = parabola(10);
    for split in [1e-17, 0.95] {
        let mut model = compiled(Engine::Libtorch, Some(split));
        let refused = model.fit(&x, &y, |_| ()).unwrap_err().to_string();
        let expected = format!("training.validation_split: must part the 10 rows to train on in two, got {split:?}");
        assert_eq!(refused, expected);
    }
    let mut model = compiled(Engine::Exact, Some(0.5));
    let refused = model.fit_validated((&x, &y), Some((&x, &y)), |_| true).unwrap_err();
    assert!(refused.to_string().starts_with("training.validation_split: must be left out"), "{refused}");
    let mut model = compiled(Engine::Exact, None);
    let refused = model.fit_validated((&x, &y), Some((&x, &y[1..])), |_| true).unwrap_err();
    assert!(matches!(refused, Error::Shape { .. }));
    assert!(matches!(model.evaluate((&x, &[0.0_f32; 0]), 4), Err(Error::Shape { .. })));
}

/// What is validated on changes no weight, and an optimiser with a memory goes on as if nothing had been.
#[test]
fn validation_changes_no_weight() {
    let [x, y] = parabola(10);
    let optimizer = Optimizer::Momentum { learning_rate: 0.02, momentum: 0.9, nesterov: true };
    for engine in [Engine::Libtorch, Engine::Exact] {
        let training = Training { engine, optimizer: optimizer.into(), batch_size: 4, epochs: 6, ..training() };
        let [mut with, mut without] = [0, 1].map(|_| model(runtime(), &LAYERS, &training));
        let history = with.fit_validated((&x, &y), Some((&y, &x)), |_| true).unwrap();
        assert_eq!(without.fit(&x, &y, |_| ()).unwrap().loss, history.loss);
        assert_eq!(with.weights(), without.weights());
    }
}

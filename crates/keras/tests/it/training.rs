use keras::{Activation, Device, Error, Fit, Flow, Labelled, Layer, Loss, Optimizer, Runtime, Trainer, Training};

use crate::{model, runtime, training};

const LINE: [(u32, Activation); 1] = [(1, Activation::Linear)];

const OPTIMIZERS: [Optimizer; 8] = [
    Optimizer::Sgd { learning_rate: 0.1 },
    Optimizer::Momentum { learning_rate: 0.02, momentum: 0.9, nesterov: true },
    Optimizer::Rmsprop { learning_rate: 0.01, rho: 0.9, epsilon: 1e-7 },
    Optimizer::Adam { learning_rate: 0.02, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false },
    Optimizer::Adam { learning_rate: 0.02, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: true },
    Optimizer::Adamw { learning_rate: 0.02, weight_decay: 0.004, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
    Optimizer::Adamax { learning_rate: 0.02, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
    Optimizer::Adagrad { learning_rate: 0.3, initial_accumulator_value: 0.1, epsilon: 1e-7 },
];

/// Ten points of y = 2 x.
fn data() -> [Vec<f32>; 2] {
    let x: Vec<f32> = (0..10).map(|row| row as f32 / 10.0).collect();
    let y = x.iter().map(|x| 2.0 * x).collect();
    [x, y]
}

/// Worked out by hand: batches of 4, 4 and 2 in order, a mean that weights them, each loss before its update.
#[test]
fn the_epoch_loss_weights_batches_by_their_rows() {
    let [x, y] = data();
    let sgd = Optimizer::Sgd { learning_rate: 0.1 };
    let training = Training { optimizer: sgd.into(), batch_size: 4, shuffle: false, epochs: 1, ..training() };
    let mut model = model(runtime(), &LINE, &training);
    let weights = model.weights();
    let (mut kernel, mut bias) = (f64::from(weights[0]), f64::from(weights[1]));
    let mut total = 0.0;
    for rows in [0..4, 4..8, 8..10] {
        let count = rows.len() as f64;
        let errors: Vec<(f64, f64)> =
            rows.map(|row| (f64::from(x[row]), kernel * f64::from(x[row]) + bias - f64::from(y[row]))).collect();
        total += errors.iter().map(|(_, error)| error * error).sum::<f64>();
        kernel -= 0.1 * errors.iter().map(|(x, error)| 2.0 * error * x).sum::<f64>() / count;
        bias -= 0.1 * errors.iter().map(|(_, error)| 2.0 * error).sum::<f64>() / count;
    }
    let history = model.fit(&x, &y, |_| ()).unwrap();
    assert_eq!(history.steps, 3);
    assert!((f64::from(history.loss[0]) - total / 10.0).abs() < 1e-6);
    assert!((f64::from(model.weights()[0]) - kernel).abs() < 1e-6);
    assert!((f64::from(model.weights()[1]) - bias).abs() < 1e-6);
}

#[test]
fn every_epoch_has_its_own_order_and_a_second_fit_begins_with_the_first() {
    let [x, y] = data();
    let frozen = Optimizer::Sgd { learning_rate: f64::MIN_POSITIVE };
    let training = Training { optimizer: frozen.into(), batch_size: 1, epochs: 2, ..training() };
    let mut model = model(runtime(), &LINE, &training);
    let losses = |fit: &mut Fit<'_>| {
        fit.epoch();
        fit.batch_losses()
    };
    let mut fit = Fit::validated(&mut model, (&x, &y), None::<Labelled>).unwrap();
    let (first, second) = (losses(&mut fit), losses(&mut fit));
    assert_ne!(first, second);
    let sorted = |mut losses: Vec<f32>| {
        losses.sort_by(f32::total_cmp);
        losses
    };
    assert_eq!(sorted(first.clone()), sorted(second), "the same rows in another order");
    drop(fit);
    assert_eq!(losses(&mut Fit::validated(&mut model, (&x, &y), None::<Labelled>).unwrap()), first);
}

/// A trainer that trains something else after every epoch, and then goes on from where it stood, loses no bit.
#[test]
fn a_restored_training_is_the_uninterrupted_one() {
    let [x, y] = data();
    let layers = [3, 1].map(|units| Layer::dense(units, Activation::Tanh));
    let orders = [[3, 1, 4, 0, 5, 9, 2, 6, 8, 7], [2, 7, 1, 8, 0, 4, 5, 9, 3, 6]];
    for optimizer in OPTIMIZERS {
        let training = Training { optimizer: optimizer.into(), batch_size: 4, epochs: 6, ..training() };
        let mut trainer = Trainer::new(&layers, 1, &training, &x, &y);
        let initial = trainer.initial_weights(5);
        let mut expected = Vec::new();
        trainer.train_from(&initial, &mut expected, |epoch, order| order.copy_from_slice(&orders[epoch as usize % 2]));
        let weights = trainer.weights().to_vec();

        trainer.restart(&initial);
        let losses: Vec<f32> = (0..6)
            .map(|epoch| {
                let loss = trainer.train_epoch(&orders[epoch % 2]);
                let state = trainer.state();
                trainer.train_epoch(&orders[0]);
                trainer.restart(&[0.5; 10]);
                trainer.train_epoch(&orders[1]);
                trainer.restore(&state);
                loss
            })
            .collect();
        assert_eq!(losses, expected, "{optimizer:?}");
        assert_eq!(trainer.weights(), weights, "{optimizer:?}");
    }
}

#[test]
#[should_panic(expected = "length")]
fn an_order_of_more_rows_than_there_are_is_refused() {
    let [x, y] = data();
    let layers = [Layer::dense(1, Activation::Linear)];
    Trainer::new(&layers, 1, &Training { batch_size: 64, ..training() }, &x, &y).train_epoch(&[0; 64]);
}

#[test]
fn a_loss_that_is_not_finite_ends_the_training_and_says_when() {
    let [x, y] = data();
    let sgd = Optimizer::Sgd { learning_rate: 1e30 };
    let mut model = model(runtime(), &LINE, &Training { optimizer: sgd.into(), batch_size: 4, ..training() });
    let history = model.fit(&x, &y, |_| ()).unwrap();
    let epoch = history.diverged.expect("it diverges");
    assert!(epoch < 100);
    assert_eq!(history.loss.len(), epoch as usize);
    assert!(!history.final_loss().is_finite());
    assert_eq!(history.outcome(), format!("diverged at epoch {epoch}"));
}

#[test]
fn every_loss_and_optimizer_learns_a_line() {
    let [x, y] = data();
    for optimizer in OPTIMIZERS {
        let flow = if let Optimizer::Adamw { .. } = optimizer { Flow::Keras3 } else { Flow::TfLegacy };
        for loss in [Loss::Mse, Loss::Mae, Loss::Huber] {
            let optimizer = optimizer.into();
            let training = Training { optimizer, flow, loss, batch_size: 4, epochs: 200, ..training() };
            let history = model(runtime(), &LINE, &training).fit(&x, &y, |_| ()).unwrap();
            let (first, last) = (f64::from(history.loss[0]), history.final_loss());
            assert!(last < 0.25 * first, "{optimizer:?} {loss:?}: {first} to {last}");
        }
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let mut model = model(runtime(), &LINE, &training());
    let refused = model.fit(&[1.0, 2.0], &[1.0], |_| ()).unwrap_err();
    assert_eq!(refused.to_string(), "y has 1 values, expected 2");
    assert!(matches!(model.predict(&[]), Err(Error::Shape { .. })));
}

#[test]
fn a_missing_device_is_named() {
    let refused = Runtime::new(Device::Cuda(63)).unwrap_err().to_string();
    assert!(refused.starts_with("training.device: cuda:63 is not available here"), "{refused}");
}

use keras::{Activation, Loss, Training};
use keras::{Fit, OptimizerState, loss};
use random::keras::EpochOrders;
use tch::{Kind, Tensor};

use crate::{model, runtime, training};

/// Every derivative of a two-hidden-layer model, for each activation and loss, against central differences.
#[test]
fn backward_agrees_with_finite_differences() {
    let activations = [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    let x = Tensor::from_slice(&[-1.3, -0.4, 0.2, 0.9, 1.7]).view([-1, 1]);
    let y = Tensor::from_slice(&[0.3, -2.1, 0.8, 2.9, 1.1]).view([-1, 1]);
    for activation in activations {
        for name in [Loss::Mse, Loss::Mae, Loss::Huber] {
            let layers = [(5, activation), (3, activation), (1, Activation::Linear)];
            let model = model(runtime().float64(), &layers, &Training { seed: 3, ..training() });
            let parameters = model.parameters();
            assert_eq!(parameters.kind(), Kind::Double);
            let value = || f64::try_from(tch::no_grad(|| loss(name, &model.forward(&x), &y))).unwrap();

            let _ = model.gradients().zero_();
            loss(name, &model.forward(&x), &y).backward();
            let derivatives = Vec::<f64>::try_from(model.gradients()).unwrap();
            let step = 1e-6;
            for (index, derivative) in derivatives.iter().enumerate() {
                let mut weight = parameters.get(index as i64);
                let start = weight.copy();
                let at = |weight: &mut Tensor, offset: f64| {
                    tch::no_grad(|| weight.copy_(&(&start + offset)));
                    value()
                };
                let difference = (at(&mut weight, step) - at(&mut weight, -step)) / (2.0 * step);
                at(&mut weight, 0.0);
                assert!(
                    (derivative - difference).abs() < 1e-7,
                    "{activation:?} {name:?} weight {index}: {derivative} against {difference}"
                );
            }
        }
    }
}

/// The steps of `fit` against autograd on the public definition, for each activation and loss, whole batches, a partial
/// one and single rows, and layers of one unit: not a bit apart.
#[test]
fn the_backward_pass_of_fit_is_autograds_to_the_last_bit() {
    let activations = [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    for activation in activations {
        for name in [Loss::Mse, Loss::Mae, Loss::Huber] {
            for batch_size in [1, 4] {
                for units in [[17, 5, 2], [1, 1, 1]] {
                    let training = Training { seed: 3, loss: name, batch_size, ..training() };
                    let layers = units.map(|units| (units, activation));
                    let (losses, weights) = by_fit(&layers, &training);
                    let expected = by_autograd(&layers, &training);
                    assert!(weights.iter().all(|weight| weight.is_finite()));
                    assert_eq!((losses, weights), expected, "{activation:?} {name:?} {batch_size} {units:?}");
                }
            }
        }
    }
}

const ROWS: usize = 10;
const EPOCHS: usize = 5;

/// Inputs, and as many labels a row as the model has outputs.
fn data(outputs: u32) -> [Vec<f32>; 2] {
    let wave = |length: usize, pace: f32| (0..length).map(|at| (pace * at as f32).sin()).collect();
    [wave(ROWS, 0.7), wave(ROWS * outputs as usize, 1.3)]
}

/// Every batch's loss and the last weights.
fn by_fit(layers: &[(u32, Activation)], training: &Training) -> (Vec<f32>, Vec<f32>) {
    let [x, y] = data(layers[layers.len() - 1].0);
    let mut model = model(runtime(), layers, training);
    let mut fit = Fit::new(&mut model, &x, &y).unwrap();
    let losses = (0..EPOCHS)
        .flat_map(|_| {
            fit.epoch();
            fit.batch_losses()
        })
        .collect();
    drop(fit);
    (losses, model.weights())
}

/// The same by `loss.backward()`, a batch at a time.
fn by_autograd(layers: &[(u32, Activation)], training: &Training) -> (Vec<f32>, Vec<f32>) {
    let [x, y] = data(layers[layers.len() - 1].0).map(|values| Tensor::from_slice(&values).view([ROWS as i64, -1]));
    let model = model(runtime(), layers, training);
    let (mut parameters, mut gradients) = (model.parameters(), model.gradients());
    let mut optimizer = OptimizerState::new(training.optimizer, training.flow, &parameters);
    let mut orders = EpochOrders::new(training.seed, ROWS);
    let mut order = [0; ROWS];
    let mut losses = Vec::new();
    for _ in 0..EPOCHS {
        orders.fill(&mut order);
        for batch in order.map(i64::from).chunks(training.batch_size) {
            let [x, y] = [&x, &y].map(|data| data.index_select(0, &Tensor::from_slice(batch)));
            let loss = loss(training.loss, &model.forward(&x), &y);
            let _ = gradients.zero_();
            loss.backward();
            tch::no_grad(|| optimizer.update(&mut parameters, &gradients));
            losses.push(f32::try_from(loss).unwrap());
        }
    }
    (losses, model.weights())
}

use keras::{Activation, Fit, Labelled, Loss, OptimizerState, Training, loss};
use random::keras::EpochOrders;
use tch::{Kind, Tensor};

use crate::{model, runtime, training};

/// Every derivative of a two-hidden-layer model, for each activation and loss, against central differences.
#[test]
fn backward_agrees_with_finite_differences() {
    let x = Tensor::from_slice(&[-1.3, -0.4, 0.2, 0.9, 1.7]).view([-1, 1]);
    for activation in ACTIVATIONS {
        for name in losses(true) {
            let [_, _, outputs] = units(name)[0];
            let layers = [(5, activation), (3, activation), (outputs, Activation::Linear)];
            let model = model(runtime().float64(), &layers, &Training { seed: 3, loss: name, ..training() });
            let y = Tensor::from_slice(&labels(name, outputs, 5)).view([5, -1]).to_kind(Kind::Double);
            let parameters = model.parameters();
            assert_eq!(parameters.kind(), Kind::Double);
            let value = || f64::try_from(tch::no_grad(|| loss(name, &model.trained_output(&x), &y))).unwrap();

            let _ = model.gradients().zero_();
            loss(name, &model.trained_output(&x), &y).backward();
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
    for activation in ACTIVATIONS {
        for name in losses(false) {
            for batch_size in [1, 4] {
                for units in units(name) {
                    let training = Training { seed: 3, loss: name, batch_size, ..training() };
                    let mut layers = units.map(|units| (units, activation));
                    layers[2].1 = last(name).unwrap_or(activation);
                    let (losses, weights) = by_fit(&layers, &training);
                    let expected = by_autograd(&layers, &training);
                    assert!(weights.iter().all(|weight| weight.is_finite()));
                    assert_eq!((losses, weights), expected, "{activation:?} {name:?} {batch_size} {units:?}");
                }
            }
        }
    }
}

const ACTIVATIONS: [Activation; 12] = [
    Activation::Linear,
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Elu,
    Activation::Selu,
    Activation::Softplus,
    Activation::Softsign,
    Activation::Exponential,
    Activation::HardSigmoid,
    Activation::LeakyRelu,
    Activation::Gelu,
];
const ROWS: usize = 10;
const EPOCHS: usize = 5;

/// Every loss; a cross-entropy as one of a linear last layer or not.
fn losses(from_logits: bool) -> [Loss; 6] {
    [
        Loss::Mse,
        Loss::Mae,
        Loss::Huber,
        Loss::BinaryCrossentropy { from_logits },
        Loss::CategoricalCrossentropy { from_logits },
        Loss::SparseCategoricalCrossentropy { from_logits },
    ]
}

/// The activation that the loss asks of the last layer.
fn last(loss: Loss) -> Option<Activation> {
    match loss {
        Loss::Mse | Loss::Mae | Loss::Huber => None,
        Loss::BinaryCrossentropy { .. } => Some(Activation::Sigmoid),
        Loss::CategoricalCrossentropy { .. } | Loss::SparseCategoricalCrossentropy { .. } => Some(Activation::Softmax),
    }
}

/// Widths of layers for the loss.
fn units(loss: Loss) -> [[u32; 3]; 2] {
    if last(loss) == Some(Activation::Softmax) { [[17, 5, 3], [1, 1, 2]] } else { [[17, 5, 2], [1, 1, 1]] }
}

/// Labels for the loss.
fn labels(loss: Loss, outputs: u32, rows: usize) -> Vec<f32> {
    let of_row = |row: usize| -> Vec<f32> {
        let wave = |column: u32| (1.3 * (row as u32 * outputs + column) as f32).sin();
        let class = row as u32 % outputs;
        match loss {
            Loss::Mse | Loss::Mae | Loss::Huber => (0..outputs).map(wave).collect(),
            Loss::BinaryCrossentropy { .. } => (0..outputs).map(|column| wave(column).max(0.0).ceil()).collect(),
            Loss::CategoricalCrossentropy { .. } => (0..outputs).map(|column| f32::from(column == class)).collect(),
            Loss::SparseCategoricalCrossentropy { .. } => vec![class as f32],
        }
    };
    (0..rows).flat_map(of_row).collect()
}

/// Inputs and labels.
fn data(outputs: u32, loss: Loss) -> [Vec<f32>; 2] {
    [(0..ROWS).map(|at| (0.7 * at as f32).sin()).collect(), labels(loss, outputs, ROWS)]
}

/// Every batch's loss and the last weights.
fn by_fit(layers: &[(u32, Activation)], training: &Training) -> (Vec<f32>, Vec<f32>) {
    let [x, y] = data(layers[layers.len() - 1].0, training.loss);
    let mut model = model(runtime(), layers, training);
    let mut fit = Fit::validated(&mut model, (&x, &y), None::<Labelled>).unwrap();
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
    let [x, y] = data(layers[layers.len() - 1].0, training.loss)
        .map(|values| Tensor::from_slice(&values).view([ROWS as i64, -1]));
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
            let loss = loss(training.loss, &model.trained_output(&x), &y);
            let _ = gradients.zero_();
            loss.backward();
            tch::no_grad(|| optimizer.update(&mut parameters, &gradients));
            losses.push(f32::try_from(loss).unwrap());
        }
    }
    (losses, model.weights())
}

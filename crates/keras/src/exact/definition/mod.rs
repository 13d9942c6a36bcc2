//! What engine `exact` computes, a value at a time: the order of every addition as it is known of the kernels. The tests
//! hold the engine's registers and tiles against it, in shapes of which no run of real Keras is recorded.

mod activation;
mod loss;
mod network;
mod sums;

use crate::{Activation, Device, Engine, Flow, Layer, Loss, Optimizer, Training};

use self::network::Network;
use super::Trainer;

/// Weights after one epoch of plain gradient descent from `weights`, rows in their order, and the last batch's loss.
fn train(layers: &[Layer], training: &Training, x: &[f32], y: &[f32], features: usize, weights: &mut [f32]) -> f32 {
    let Optimizer::Sgd { learning_rate } = training.optimizer else { unreachable!("the test's optimizer") };
    let network = Network::new(layers, features);
    let mut workspace = network.workspace(training.batch_size);
    let mut gradients = vec![0.0; network.parameters()];
    let mut terms = vec![0.0; training.batch_size];
    let mut last = 0.0;
    for (x, y) in x.chunks(training.batch_size * features).zip(y.chunks(training.batch_size)) {
        network.forward(weights, x, &mut workspace);
        let (outputs, delta) = network.output_and_gradient(y.len(), &mut workspace);
        last = loss::value_and_gradient(training.loss, outputs, y, delta, &mut terms[..y.len()]);
        network.backward(weights, x, &mut workspace, &mut gradients);
        for (w, g) in weights.iter_mut().zip(&gradients) {
            *w -= g * learning_rate as f32;
        }
    }
    last
}

/// Numbers of `-1..1` that look random.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut random = random::mt19937::Mt19937::new(seed);
    (0..count).map(|_| (random.next_f64() * 2.0 - 1.0) as f32).collect()
}

/// Units of the hidden layers, rows, rows of a batch, inputs.
const SHAPES: [(&[u32], usize, usize, usize); 24] = [
    (&[16], 100, 32, 1),
    (&[4], 37, 8, 1),
    (&[5], 37, 8, 1),
    (&[1], 40, 16, 1),
    (&[1, 3], 40, 17, 1),
    (&[3, 1], 40, 9, 1),
    (&[2, 1, 2], 21, 1, 2),
    (&[17], 33, 1, 1),
    (&[33], 500, 450, 1),
    (&[16], 100, 32, 3),
    (&[], 100, 32, 5),
    (&[], 30, 7, 1),
    (&[8, 8], 20, 4, 1),
    (&[24, 40], 70, 33, 2),
    (&[64, 31], 50, 15, 1),
    (&[64, 64], 64, 16, 20),
    (&[385, 7], 40, 20, 1),
    (&[7, 385], 40, 20, 1),
    (&[769, 500], 36, 18, 1),
    (&[500, 900], 20, 10, 1),
    (&[500, 900], 3, 1, 1),
    (&[20, 30, 10], 800, 780, 1),
    (&[16], 40, 16, 400),
    (&[1100], 70, 64, 1),
];

#[test]
fn registers_and_tiles_compute_what_is_defined() {
    let activations = [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    let losses = [Loss::Mse, Loss::Mae, Loss::Huber];
    for (number, &(hidden, rows, batch_size, features)) in SHAPES.iter().enumerate() {
        for (at, &activation) in activations.iter().enumerate() {
            let mut layers: Vec<Layer> = hidden.iter().map(|&units| Layer::dense(units, activation)).collect();
            layers.push(Layer::dense(1, if at == 3 { activation } else { Activation::Linear }));
            let training = Training {
                engine: Engine::Exact,
                device: Device::Cpu,
                flow: Flow::TfLegacy,
                seed: 0,
                optimizer: Optimizer::Sgd { learning_rate: 0.01 },
                loss: losses[(number + at) % 3],
                epochs: 1,
                batch_size,
                shuffle: false,
                validation_split: None,
            };
            let (x, y) = (numbers(rows * features, 1), numbers(rows, 2));
            let trainer = Trainer::new(&layers, features, &training, &x, &y);
            let initial = trainer.initial_weights(number as i64);
            let mut expected = initial.clone();
            train(&layers, &training, &x, &y, features, &mut expected);
            assert_ne!(initial, expected);
            for (instructions, mut trainer) in trainer.each_instruction_set() {
                trainer.train_from(&initial, &mut Vec::new(), |_, _| ());
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                let equal = bits(trainer.weights()) == bits(&expected);
                assert!(
                    equal,
                    "{hidden:?} {activation:?}, {rows} rows by {batch_size}, {features} inputs, {instructions}"
                );
            }
        }
    }
}

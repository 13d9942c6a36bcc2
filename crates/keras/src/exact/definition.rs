//! What engine `exact` computes, a value at a time: the order of every addition as it is known of the kernels. The tests
//! hold the engine's registers and tiles against it, in shapes of which no run of real Keras is recorded.

mod sums;

use serde_json::json;

use crate::{Activation, Flow, Layer, Loss, Optimizer, Training};

use self::sums::{column_sums, matmul, matmul_transpose_a, matmul_transpose_b};
use super::Trainer;
use super::activation::TANH;
use super::softmax::{exp, sigmoid};
use super::sums::sum;
use crate::recorded::same_bits;

/// Trains `weights` (flat: kernel, bias, kernel, bias, …) for an epoch of plain gradient descent, rows in their order;
/// returns its loss.
fn train(layers: &[Layer], training: &Training, x: &[f32], y: &[f32], features: usize, weights: &mut [f32]) -> f32 {
    let Optimizer::Sgd { learning_rate } = training.optimizer.rule else { unreachable!("the test's optimizer") };
    let (mut total, mut count) = (0.0_f32, 0.0_f32);
    for (x, y) in x.chunks(training.batch_size * features).zip(y.chunks(training.batch_size)) {
        let (mut inputs, mut start) = (features, 0);
        // Inputs, units and first parameter of each layer; what it is computed from, and last the predictions.
        let (mut places, mut values) = (Vec::new(), vec![x.to_vec()]);
        for layer in layers.iter().filter_map(Layer::as_dense) {
            let units = layer.units as usize;
            let (kernel, bias) = weights[start..start + (inputs + 1) * units].split_at(inputs * units);
            let mut outputs = matmul(&values[places.len()], kernel, inputs, units);
            for row in outputs.chunks_exact_mut(units) {
                for (output, bias) in row.iter_mut().zip(bias) {
                    *output = activated(layer.activation, *output + bias);
                }
            }
            places.push((inputs, units, start));
            values.push(outputs);
            (inputs, start) = (units, start + (inputs + 1) * units);
        }
        let (loss, mut delta) = loss_and_gradient(training.loss, &values[layers.len()], y);
        total += loss * y.len() as f32;
        count += y.len() as f32;
        let mut gradients = vec![0.0; weights.len()];
        for (number, &(inputs, units, start)) in places.iter().enumerate().rev() {
            let layer = layers[number].as_dense().expect("the test's layers");
            before_activation(layer.activation, &values[number + 1], &mut delta);
            let (kernel, bias) = gradients[start..start + (inputs + 1) * units].split_at_mut(inputs * units);
            kernel.copy_from_slice(&matmul_transpose_a(&values[number], &delta, inputs, units));
            if units == 1 && training.flow == Flow::Keras3 {
                bias[0] = sum(&delta);
            } else {
                bias.copy_from_slice(&column_sums(&delta, units));
            }
            delta = matmul_transpose_b(&delta, &weights[start..start + inputs * units], inputs, units);
        }
        for (w, g) in weights.iter_mut().zip(&gradients) {
            *w -= g * learning_rate as f32;
        }
    }
    total / count
}

/// The mean over a batch, and its gradient by the predictions.
fn loss_and_gradient(loss: Loss, predictions: &[f32], targets: &[f32]) -> (f32, Vec<f32>) {
    let count = predictions.len() as f32;
    let share = 1.0 / count;
    let term_and_slope = |(&prediction, &target): (&f32, &f32)| {
        let error: f32 = prediction - target;
        let sign = if error.abs() > 0.0 { 1f32.copysign(error) } else { error.abs() };
        match loss {
            Loss::Mse => (error * error, (2.0 * share) * error),
            Loss::Mae => (error.abs(), share * sign),
            _ if error.abs() <= 1.0 => (0.5 * (error * error), share * error),
            _ => (error.abs() - 0.5, share * sign),
        }
    };
    let (terms, gradient): (Vec<f32>, Vec<f32>) = predictions.iter().zip(targets).map(term_and_slope).unzip();
    (sum(&terms) / count, gradient)
}

fn activated(activation: Activation, x: f32) -> f32 {
    match activation {
        // NaN stays NaN, so that a training that diverges shows it.
        Activation::Relu if x <= 0.0 => 0.0,
        Activation::Linear | Activation::Softmax | Activation::Relu => x,
        Activation::Tanh => tanh(x),
        Activation::Sigmoid => sigmoid(x),
        Activation::Elu => {
            if x > 0.0 {
                x
            } else {
                exp(x) - 1.0
            }
        }
        _ => unreachable!("joined to no product"),
    }
}

/// Takes the gradient by a layer's `outputs` to the gradient by what the activation was applied to, in place.
fn before_activation(activation: Activation, outputs: &[f32], gradient: &mut [f32]) {
    // Whole groups of eight are computed as vectors, the rest as scalars, in another order.
    let vectors = outputs.len() / 8 * 8;
    for (i, (g, &y)) in gradient.iter_mut().zip(outputs).enumerate() {
        *g = match activation {
            Activation::Linear | Activation::Softmax => *g,
            Activation::Relu => *g * f32::from(y > 0.0),
            Activation::Tanh => *g * (1.0 - y * y),
            Activation::Sigmoid if i < vectors => *g * (y * (1.0 - y)),
            Activation::Sigmoid => *g * y * (1.0 - y),
            Activation::Elu => {
                if y < 0.0 {
                    (y + 1.0) * *g
                } else {
                    *g
                }
            }
            _ => unreachable!("joined to no product"),
        };
    }
}

/// The hyperbolic tangent as oneDNN approximates it: see `activation::tanh`.
fn tanh(x: f32) -> f32 {
    const IDENTITY_BELOW: u32 = 0x39dd_b3d7;
    const ONE_FROM: u32 = 0x4110_2cb3;
    /// 2⁻¹², where the table begins.
    const FIRST: u32 = 0x3980_0000;
    /// Sign, exponent and the top bit of the fraction.
    const INTERVAL: u32 = 0xffc0_0000;

    let magnitude = x.abs();
    let bits = magnitude.to_bits();
    let y = if magnitude.is_nan() || bits < IDENTITY_BELOW {
        magnitude
    } else if bits >= ONE_FROM {
        1.0
    } else {
        let left = bits & INTERVAL;
        let index = ((left - FIRST) >> 22) as usize;
        let distance = magnitude - f32::from_bits(left);
        let coefficient = |degree: usize| f32::from_bits(TANH[degree][index]);
        (0..6).rev().fold(coefficient(6), |y, degree| y.mul_add(distance, coefficient(degree)))
    };
    y.copysign(x)
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
    let activations = [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Elu];
    let losses = [Loss::Mse, Loss::Mae, Loss::Huber];
    let both = SHAPES.iter().enumerate().flat_map(|shape| [Flow::TfLegacy, Flow::Keras3].map(|flow| (flow, shape)));
    for (flow, (number, &(hidden, rows, batch_size, features))) in both {
        for (at, &activation) in activations.iter().enumerate() {
            let mut layers: Vec<Layer> = hidden.iter().map(|&units| Layer::dense(units, activation)).collect();
            layers.push(Layer::dense(1, if at == 3 { activation } else { Activation::Linear }));
            let training: Training = serde_json::from_value(json!({
                "engine": "exact", "flow": flow, "seed": 0, "optimizer": {"name": "sgd"}, "loss": losses[(number + at) % 3],
                "epochs": 1, "batch_size": batch_size, "shuffle": false
            }))
            .unwrap();
            let (x, y) = (numbers(rows * features, 1), numbers(rows, 2));
            let trainer = Trainer::new(&layers, features, &training, &x, &y);
            let initial = trainer.initial_weights(number as i64);
            let mut expected = initial.clone();
            let loss = train(&layers, &training, &x, &y, features, &mut expected);
            assert_ne!(initial, expected);
            for (instructions, mut trainer) in trainer.each_instruction_set() {
                let mut losses = Vec::new();
                trainer.train_from(&initial, &mut losses, |_, _| ());
                let what =
                    format!("{flow:?} {hidden:?} {activation:?}, {rows} by {batch_size}, {features}, {instructions}");
                assert!(same_bits(trainer.weights(), &expected), "weights, {what}");
                assert!(same_bits(&losses, &[loss]), "loss, {what}");
            }
        }
    }
}

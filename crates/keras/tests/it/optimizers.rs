use keras::{Flow, Optimizer as Rule};
use tch::{Kind, Tensor};

use crate::runtime;

/// The weight after each of three updates with the gradients 0.5, −1 and 2, from the weight 1, in float64.
fn path(rule: Rule) -> Vec<f64> {
    let _pinned = runtime();
    let mut weight = Tensor::ones([1], (Kind::Double, tch::Device::Cpu));
    let mut optimizer = keras::OptimizerState::new(rule, Flow::TfLegacy, &weight);
    [0.5, -1.0, 2.0]
        .map(|gradient| {
            optimizer.update(&mut weight, &Tensor::from_slice(&[gradient]));
            weight.double_value(&[0])
        })
        .to_vec()
}

/// Steps worked out by hand, which the comments show.
#[test]
fn weights_follow_the_formulas() {
    let learning_rate = 0.1;
    // v: 0.025, 0.1225, 0.51025
    let steps =
        [0.05 / (0.025_f64.sqrt() + 1e-7), -0.1 / (0.1225_f64.sqrt() + 1e-7), 0.2 / (0.510_25_f64.sqrt() + 1e-7)];
    let by_rmsprop = [1.0 - steps[0], 1.0 - steps[0] - steps[1], 1.0 - steps.iter().sum::<f64>()];
    // v: 0.35, 1.35, 5.35
    let steps = [0.05 / 0.35_f64.sqrt(), -0.1 / 1.35_f64.sqrt(), 0.2 / 5.35_f64.sqrt()];
    let by_adagrad = [1.0 - steps[0], 1.0 - steps[0] - steps[1], 1.0 - steps.iter().sum::<f64>()];
    // m: 0.05, -0.055, 0.1505; v: 0.5, 1, 2
    let steps = [0.1 / 0.1 * 0.05 / 0.5, 0.1 / 0.19 * -0.055, 0.1 / 0.271 * 0.1505 / 2.0];
    let by_adamax = [1.0 - steps[0], 1.0 - steps[0] - steps[1], 1.0 - steps.iter().sum::<f64>()];
    for (rule, expected) in [
        (Rule::Adagrad { learning_rate, initial_accumulator_value: 0.1, epsilon: 1e-7 }, by_adagrad),
        (Rule::Adamax { learning_rate, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }, by_adamax),
        (Rule::Sgd { learning_rate }, [0.95, 1.05, 0.85]),
        // m: −0.05, 0.055, −0.1505
        (Rule::Momentum { learning_rate, momentum: 0.9, nesterov: false }, [0.95, 1.005, 0.8545]),
        // w += 0.9 m − 0.1 g: −0.045 − 0.05, 0.0495 + 0.1, −0.13545 − 0.2
        (Rule::Momentum { learning_rate, momentum: 0.9, nesterov: true }, [0.905, 1.0545, 0.719_05]),
        (Rule::Rmsprop { learning_rate, rho: 0.9, epsilon: 1e-7 }, by_rmsprop),
    ] {
        for (step, (ours, expected)) in path(rule).iter().zip(expected).enumerate() {
            // Constants such as 0.9 are float32 in Keras, so the path differs from exact arithmetic by 1e-8 or so.
            assert!((ours - expected).abs() < 1e-7, "{rule:?} step {}: {ours} against {expected}", step + 1);
        }
    }
}

/// AdamW's weights shrink before Adam's step, which then depends on nothing but the gradients; AMSGrad divides by the largest mean of
/// squares so far.
#[test]
fn adamw_and_amsgrad_are_adam_with_one_change() {
    let (learning_rate, beta_1, beta_2, epsilon) = (0.1, 0.9, 0.5, 1e-7);
    let adam = |amsgrad| path(Rule::Adam { learning_rate, beta_1, beta_2, epsilon, amsgrad });
    let by_adam = adam(false);
    let by_adamw = path(Rule::Adamw { learning_rate, weight_decay: 0.5, beta_1, beta_2, epsilon });
    let (mut weight, mut before) = (1.0, 1.0);
    for (plain, decayed) in by_adam.iter().zip(&by_adamw) {
        weight = weight * 0.95 + plain - before;
        before = *plain;
        assert!((weight - decayed).abs() < 1e-7, "{weight} against {decayed}");
    }
    // v: 0.125, 0.5625, 2.28125: it grows with every gradient, and AMSGrad is Adam.
    assert_eq!(adam(true), by_adam);
    let mut weight = Tensor::zeros([1], (Kind::Double, tch::Device::Cpu));
    let rule = Rule::Adam { learning_rate, beta_1: 0.0, beta_2, epsilon, amsgrad: true };
    let mut optimizer = keras::OptimizerState::new(rule, Flow::TfLegacy, &weight);
    for gradient in [2.0, 1.0] {
        optimizer.update(&mut weight, &Tensor::from_slice(&[gradient]));
    }
    // v: 2, 1.5, and the first stays.
    let expected = -0.1 * 0.5_f64.sqrt() * 2.0 / 2_f64.sqrt() - 0.1 * 0.75_f64.sqrt() / 2_f64.sqrt();
    assert!((weight.double_value(&[0]) - expected).abs() < 1e-7);
}

#[test]
fn adam_adds_epsilon_before_the_bias_is_undone() {
    // A large ε tells Keras' form from libtorch's: m 0.05, −0.055, 0.1505; v 2.5e-4, 1.24975e-3, 5.24850025e-3.
    let (epsilon, mut weight) = (0.1, 1.0);
    let moments = [(0.05, 2.5e-4), (-0.055, 1.249_75e-3), (0.1505, 5.248_500_25e-3)];
    let mut expected = [0.0; 3];
    for (step, (m, v)) in moments.into_iter().enumerate() {
        let t = step as i32 + 1;
        let alpha = 0.1 * (1.0 - 0.999_f64.powi(t)).sqrt() / (1.0 - 0.9_f64.powi(t));
        weight -= alpha * m / (f64::sqrt(v) + epsilon);
        expected[step] = weight;
    }
    let rule = Rule::Adam { learning_rate: 0.1, beta_1: 0.9, beta_2: 0.999, epsilon, amsgrad: false };
    for (ours, expected) in path(rule).iter().zip(expected) {
        assert!((ours - expected).abs() < 1e-6, "{ours} against {expected}");
    }
    let libtorch = 1.0 - 0.1 * 0.5 / (0.5 + epsilon);
    assert!((expected[0] - libtorch).abs() > 0.01, "the test tells the two forms apart");
}

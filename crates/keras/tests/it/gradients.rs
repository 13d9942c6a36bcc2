use keras::loss;
use manifest::{Activation, Loss, Training};
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

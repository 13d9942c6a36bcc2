use keras::{Activation, Device, Engine, Flow, Layer, Loss, Model, Optimizer, Sequential, Training};
use training_speed::Stock;

/// Adam's ε is where the two differ. Gradients here are so large beside it that the losses of the first epochs, a partial
/// batch in each, agree to rounding; another order, other weights or another batch size would show in the first digits.
#[test]
fn the_stock_loop_trains_as_engine_libtorch_does() {
    let x: Vec<f32> = (0..30).map(|at| (0.7 * at as f32).sin()).collect();
    let y: Vec<f32> = (0..10).map(|row| 3.0 + row as f32).collect();
    for activation in [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
        let layers = [8, 4, 1].map(|units| Layer::dense(units, activation));
        let layers = [layers[0], layers[1], Layer::dense(1, Activation::Linear)];
        let training = Training {
            engine: Engine::Libtorch,
            device: Device::Cpu,
            flow: Flow::TfLegacy,
            seed: 5,
            optimizer: Optimizer::Adam {
                learning_rate: 0.01,
                beta_1: 0.9,
                beta_2: 0.999,
                epsilon: 1e-7,
                amsgrad: false,
            }
            .into(),
            loss: Loss::Mse,
            epochs: 3,
            batch_size: 4,
            shuffle: true,
            validation_split: None,
            callbacks: Vec::new(),
            metrics: Vec::new(),
            class_weight: None,
        };
        let model = Model { layers: layers.to_vec() };
        let ours = Sequential::from(&model).compile(&training, 3).unwrap().fit(&x, &y, |_| ()).unwrap().loss;
        let stock = Stock::new(&layers, 0.01, 4, &x, &y, 3, 5).fit(3);
        assert!(stock[2] < stock[0], "it learns: {stock:?}");
        for (ours, stock) in ours.iter().zip(&stock) {
            assert!((ours - stock).abs() < 1e-4 * stock, "{activation:?}: {ours} and {stock}");
        }
    }
}

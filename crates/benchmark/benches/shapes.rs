//! Engine `exact` on networks of all sizes: `cargo bench --workspace --bench shapes`.
//!
//! The names hold the float32 operations of a step; criterion shows steps per second.

use benchmark::Shape;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keras::{Activation, Device, Engine, Flow, Layer, Loss, Optimizer, Trainer, Training};

/// Units, hidden layers, rows of a batch.
const SHAPES: [(u32, usize, u32); 14] = [
    (4, 1, 32),
    (16, 1, 1),
    (16, 1, 32),
    (16, 1, 1024),
    (64, 1, 32),
    (256, 1, 32),
    (1024, 1, 32),
    (16, 2, 32),
    (64, 2, 1),
    (64, 2, 32),
    (64, 2, 1024),
    (256, 2, 32),
    (256, 2, 1024),
    (1024, 2, 32),
];

fn shapes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("shapes/exact");
    group.sample_size(10);
    for (units, hidden_layers, batch_size) in SHAPES {
        let mut layers = vec![Layer::dense(units, Activation::Relu); hidden_layers];
        layers.push(Layer::dense(1, Activation::Linear));
        let samples = batch_size.max(64);
        let training = Training {
            engine: Engine::Exact,
            device: Device::Cpu,
            flow: Flow::TfLegacy,
            seed: 0,
            optimizer: Optimizer::Adam {
                learning_rate: 0.01,
                beta_1: 0.9,
                beta_2: 0.999,
                epsilon: 1e-7,
                amsgrad: false,
            }
            .into(),
            loss: Loss::Mse,
            epochs: 1,
            batch_size: batch_size as usize,
            shuffle: true,
            validation_split: None,
            callbacks: Vec::new(),
            metrics: Vec::new(),
            class_weight: None,
        };
        let x: Vec<f32> = (0..samples).map(|i| i as f32 / samples as f32 - 0.5).collect();
        let y: Vec<f32> = x.iter().map(|x| x + 0.25).collect();
        let mut trainer = Trainer::new(&layers, 1, &training, &x, &y);
        let weights = trainer.initial_weights(0);
        let name = format!("{hidden_layers}x{units}, batch {batch_size}");
        let units = layers.iter().filter_map(Layer::as_dense).map(|layer| layer.units).collect();
        let shape = Shape { features: 1, units, samples, batch_size, epochs: 1, validation_samples: 0 };
        let id = BenchmarkId::new(name, format!("{:.0} flops a step", shape.flops_per_step()));
        group.throughput(Throughput::Elements(shape.steps()));
        let mut losses = Vec::new();
        group.bench_function(id, |bencher| bencher.iter(|| trainer.train_from(&weights, &mut losses, |_, _| ())));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = benchmark::criterion();
    targets = shapes
}
criterion_main!(benches);

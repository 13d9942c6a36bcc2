//! Populations of trainings of 100 epochs: `cargo bench --workspace --bench sweep`. Criterion shows trainings per second.

use std::ops::ControlFlow;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use dataset::{Added, Draw, Drawn, Range, Restore, Scaling};
use keras::{
    Activation, Configuration, Device, Engine, Flow, Layer, Loss, Member, Model, Optimizer, Samples, Training, sweep,
};

const MEMBERS: usize = 480;

fn configuration(units: u32, activation: Activation, learning_rate: f64) -> Arc<Configuration> {
    let output = Layer::dense(1, Activation::Linear);
    let training = Training {
        engine: Engine::Exact,
        device: Device::Cpu,
        flow: Flow::TfLegacy,
        seed: 0,
        optimizer: Optimizer::Adam { learning_rate, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }.into(),
        loss: Loss::Mse,
        epochs: 100,
        batch_size: 32,
        shuffle: true,
        validation_split: None,
        callbacks: Vec::new(),
        metrics: Vec::new(),
        class_weight: None,
    };
    Arc::new(Configuration { model: Model { layers: vec![Layer::dense(units, activation), output] }, training })
}

fn sweeps(criterion: &mut Criterion) {
    let range = Range { low: Some(0), high: Some(100), size: 100, ..Range::default() };
    let drawn =
        Drawn { seed: 1234, draw: Draw::Randint, features: 1, train: range, test: range, label: Added { add: 10 } };
    let data = drawn.dataset(Scaling::Standard, Restore::default()).expect("inputs differ");
    let (x, y) = (&data.train.x, &data.train.y);
    let samples = Samples { features: 1, x, y, x_test: &x[..20] };
    let activations = [Activation::Linear, Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    let mixed: Vec<Arc<Configuration>> = [4, 8, 16, 32, 64]
        .into_iter()
        .flat_map(|units| activations.map(|activation| (units, activation)))
        .flat_map(|(units, activation)| [0.1, 0.01, 0.001].map(|rate| configuration(units, activation, rate)))
        .collect();
    let seeds = [configuration(16, Activation::Linear, 0.01)];
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(MEMBERS as u64));
    for (name, configurations) in [("seeds", &seeds[..]), ("mixed", &mixed)] {
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new(name, format!("{threads} threads")), |bencher| {
                bencher.iter(|| {
                    let member = |number: usize| {
                        let configuration = Arc::clone(&configurations[number % configurations.len()]);
                        Member { configuration, seed: number as i64 }
                    };
                    let mut number = 0;
                    sweep(threads, samples, (0..MEMBERS).map(member), |trained| {
                        number = trained.number;
                        ControlFlow::Continue(())
                    })
                    .expect("engine exact trains them");
                    number
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = benchmark::criterion();
    targets = sweeps
}
criterion_main!(benches);

//! Engine `libtorch` beside the loop that a tch user writes, on the same work: `cargo bench -p benchmark`.

use benchmark::stock::Stock;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use keras::{Compiled, Runtime, Sequential};
use manifest::{Activation, Device, Engine, Flow, Layer, Loss, Optimizer, Training};
use random::numpy::RandomState;

/// A whole `fit` on `rows` points of `y = x + 10`, standardised.
struct Work {
    name: &'static str,
    layers: Vec<Layer>,
    rows: usize,
    training: Training,
}

const LEARNING_RATE: f64 = 0.01;
const SEED: i64 = 8;

impl Work {
    fn new(name: &'static str, units: &[u32], activation: Activation, rows: usize, [epochs, batch]: [u32; 2]) -> Self {
        let hidden = units.iter().map(|&units| Layer { units, activation });
        let output = Layer { units: 1, activation: Activation::Linear };
        let training = Training {
            engine: Engine::Libtorch,
            device: Device::Cpu,
            flow: Flow::TfLegacy,
            seed: SEED,
            optimizer: Optimizer::Adam { learning_rate: LEARNING_RATE, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
            loss: Loss::Mse,
            epochs,
            batch_size: batch as usize,
            shuffle: true,
        };
        Self { name, layers: hidden.chain([output]).collect(), rows, training }
    }

    fn data(&self) -> [Vec<f32>; 2] {
        let x = RandomState::new(1234).randint(0, 100, self.rows).expect("the range is not empty");
        let y: Vec<i64> = x.iter().map(|x| x + 10).collect();
        let scaler = keras::Scaler::new(manifest::Scaling::Standard, &x).expect("inputs differ");
        [scaler.transform(&x), scaler.transform(&y)]
    }

    fn libtorch(&self) -> Compiled {
        let runtime = Runtime::new(Device::Cpu).expect("a CPU");
        let mut model = Sequential::new(&runtime, 1);
        for &layer in &self.layers {
            model.add(layer);
        }
        model.compile(&self.training).expect("the model has layers")
    }

    fn time(&self, criterion: &mut Criterion) {
        let [x, y] = self.data();
        let Training { epochs, batch_size, .. } = self.training;
        let stock = || Stock::new(&self.layers, LEARNING_RATE, batch_size, &x, &y, 1, SEED);

        let losses = stock().fit(epochs);
        let history = self.libtorch().fit(&x, &y, |_| ()).expect("the data fit the model");
        let [first, second] = [losses[0], history.loss[0]];
        assert!((first - second).abs() < 1e-3 * first, "the same work: {first} and {second} after an epoch");
        assert!(losses.last() < losses.first() && history.loss.last() < history.loss.first(), "the losses fall");

        let mut group = criterion.benchmark_group(self.name);
        group.sample_size(20);
        group.throughput(Throughput::Elements(history.steps as u64 * u64::from(epochs)));
        group.bench_function("stock", |bencher| {
            bencher.iter_batched_ref(stock, |stock| stock.fit(epochs), BatchSize::PerIteration);
        });
        group.bench_function("libtorch", |bencher| {
            bencher.iter_batched_ref(|| self.libtorch(), |model| model.fit(&x, &y, |_| ()), BatchSize::PerIteration);
        });
        group.finish();
    }
}

fn libtorch(criterion: &mut Criterion) {
    Work::new("post", &[16], Activation::Linear, 100, [100, 32]).time(criterion);
    Work::new("two hidden layers of 64", &[64, 64], Activation::Relu, 1000, [20, 128]).time(criterion);
}

criterion_group!(benches, libtorch);
criterion_main!(benches);

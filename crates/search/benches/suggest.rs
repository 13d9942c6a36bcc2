//! What a suggestion costs after 50, 500, 1000 and (TPE alone) 2000 trials, on six numbers and on a space of a real tuning problem:
//! `cargo bench -p search --bench suggest`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};

use search::{Ask, Assignment, Direction, Options, Random, Sampler as _, SamplerKind, Space, Trial};

const NUMBERS: &str = "
x0: {min: 0.0, max: 1.0}
x1: {min: 0.0, max: 1.0}
x2: {min: 0.0, max: 1.0}
x3: {min: 0.0, max: 1.0}
x4: {min: 0.0, max: 1.0}
x5: {min: 0.0, max: 1.0}
";

/// The parameters of a small network and its training.
const NETWORK: &str = "
activation: {values: [linear, relu, tanh, sigmoid]}
optimizer: {values: [sgd, momentum, rmsprop, adam]}
learning_rate: {min: 1e-4, max: 1e-1, log: true}
units: {values: [4, 8, 16, 32, 64]}
batch_size: {values: [8, 16, 32, 64]}
";

/// A smooth function of whatever numbers there are.
fn value(parameters: &Assignment) -> f64 {
    parameters.iter().filter_map(|(_, value)| value.number()).map(|number| (number.ln_1p() - 0.3).powi(2)).sum()
}

fn ask<'a>(space: &'a Space, trials: &'a [Trial], number: u64) -> Ask<'a> {
    Ask { space, direction: Direction::Minimize, trials, number }
}

fn suggest(criterion: &mut Criterion) {
    for (name, text) in [("numbers", NUMBERS), ("network", NETWORK)] {
        let space: Space = serde_yaml::from_str(text).expect("a good space");
        for count in [50, 500, 1000, 2000] {
            let trial = |number| {
                let parameters =
                    Random { seed: 1 }.suggest(&ask(&space, &[], number)).expect("random search always answers");
                let value = value(&parameters);
                Trial::complete(number, parameters, value)
            };
            let trials: Vec<Trial> = (0..count).map(trial).collect();
            let kinds = if count <= 1000 { &[SamplerKind::Tpe, SamplerKind::Gp][..] } else { &[SamplerKind::Tpe] };
            for kind in kinds {
                let sampler = kind.build(0, &space, Options::default()).expect("a sampler for any space");
                let mut group = criterion.benchmark_group(format!("{kind:?} {name}"));
                group.sample_size(10).sampling_mode(SamplingMode::Flat);
                group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                    let mut number = count;
                    bencher.iter(|| {
                        number += 1;
                        black_box(sampler.suggest(&ask(&space, &trials, number)))
                    });
                });
                group.finish();
            }
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .nresamples(5000);
    targets = suggest
}
criterion_main!(benches);

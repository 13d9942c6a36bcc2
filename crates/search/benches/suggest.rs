//! What a suggestion costs after 50, 500 and 1000 trials, on Hartmann's function and on a space of a real tuning problem:
//! `cargo bench -p search --bench suggest`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

use search::functions::Function;
use search::{Ask, Assignment, Direction, Options, Random, Sampler, SamplerKind, Space, Trial, Value};

/// The parameters of a small network and its training.
const TUNING: &str = "
activation: {values: [linear, relu, tanh, sigmoid]}
optimizer: {values: [sgd, momentum, rmsprop, adam]}
learning_rate: {min: 1e-4, max: 1e-1, log: true}
units: {values: [4, 8, 16, 32, 64]}
batch_size: {values: [8, 16, 32, 64]}
";

/// A smooth stand-in for a trained network's error.
fn tuning(parameters: &Assignment) -> f64 {
    let number = |name: &str| parameters.get(name).and_then(Value::number).unwrap_or(1.0);
    let linear = parameters.get("activation") == Some(&Value::Text("linear".to_owned()));
    (if linear { -3.0 } else { 1.0 }) + (number("learning_rate").log10() + 2.0).powi(2) + number("units").log2() / 10.0
}

fn history(space: &Space, value: impl Fn(&Assignment) -> f64, count: u64) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..count {
        let ask = Ask { space, direction: Direction::Minimize, trials: &trials, number };
        let parameters = Random { seed: 1 }.suggest(&ask).expect("random search always answers");
        let value = value(&parameters);
        trials.push(Trial::complete(number, parameters, value));
    }
    trials
}

fn suggest(criterion: &mut Criterion) {
    let hartmann = Function::named("hartmann6").expect("a function of the crate");
    let hartmann_space = hartmann.space().expect("a good space");
    let tuning_space: Space = serde_yaml::from_str(TUNING).expect("a good space");
    for count in [50, 500, 1000] {
        let problems = [
            ("hartmann6", &hartmann_space, history(&hartmann_space, |p| hartmann.value(p), count)),
            ("tuning", &tuning_space, history(&tuning_space, tuning, count)),
        ];
        for (name, space, trials) in &problems {
            for kind in [SamplerKind::Tpe, SamplerKind::Gp] {
                let mut group = criterion.benchmark_group(format!("{kind:?} {name}"));
                group.sample_size(10);
                group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                    let sampler = kind.build(0, space, Options::default()).expect("a sampler for any space");
                    let mut number = count;
                    bencher.iter(|| {
                        number += 1;
                        let ask = Ask { space, direction: Direction::Minimize, trials, number };
                        black_box(sampler.suggest(&ask))
                    });
                });
                group.finish();
            }
        }
    }
}

criterion_group!(benches, suggest);
criterion_main!(benches);

//! An experiment's own training, timed.

use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput};
use keras::{Compiled, Fit, Runtime, Scaler, Sequential};
use manifest::{Engine, Manifest, Training};
use random::numpy::RandomState;

/// Times one training step, one epoch and one whole `fit` of the experiment in `folder` by each engine, in steps per
/// second; the names are `<experiment>/<engine>/{step,epoch,fit}`.
///
/// # Panics
/// If the manifest does not load or the training does not lower the loss: then there is nothing to time.
pub fn training(criterion: &mut Criterion, folder: &str) {
    let manifest = Manifest::load(&Path::new(folder).join("manifest.yaml"), &[]).expect("the manifest loads");
    for (name, engine) in [("libtorch", Engine::Libtorch), ("exact", Engine::Exact)] {
        let mut manifest = manifest.clone();
        manifest.training.engine = engine;
        time(criterion, &format!("{}/{name}", manifest.experiment), &manifest);
    }
}

fn time(criterion: &mut Criterion, name: &str, manifest: &Manifest) {
    let Training { device, epochs, .. } = manifest.training;
    let runtime = Runtime::new(device).expect("the device exists");
    let [x, y] = data(manifest);
    let model = || compile(manifest, &runtime);

    let history = model().fit(&x, &y, |_| ()).expect("the data fit the model");
    assert!(history.loss.last() < history.loss.first(), "the loss falls");

    let mut trained = model();
    let mut fit = Fit::new(&mut trained, &x, &y).expect("the data fit the model");
    let steps = fit.steps() as u64;
    fit.epoch();
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(1));
    group.bench_function("step", |bencher| bencher.iter(|| fit.step(0)));
    group.throughput(Throughput::Elements(steps));
    group.bench_function("epoch", |bencher| bencher.iter(|| fit.epoch()));
    group.sample_size(20);
    group.throughput(Throughput::Elements(steps * u64::from(epochs)));
    group.bench_function("fit", |bencher| {
        bencher.iter_batched_ref(model, |model| model.fit(&x, &y, |_| ()), BatchSize::PerIteration);
    });
    group.finish();
}

fn data(manifest: &Manifest) -> [Vec<f32>; 2] {
    let train = manifest.data.train;
    let mut random = RandomState::new(manifest.data.seed);
    let x: Vec<i64> =
        random.randint(train.low.into(), train.high.into(), train.size).expect("the manifest's range is not empty");
    let y: Vec<i64> = x.iter().map(|x| x + manifest.data.label.add).collect();
    let scaler = Scaler::new(manifest.scaling, &x).expect("the manifest's inputs differ");
    [scaler.transform(&x), scaler.transform(&y)]
}

fn compile(manifest: &Manifest, runtime: &Runtime) -> Compiled {
    let mut model = Sequential::new(runtime, 1);
    for &layer in &manifest.model.layers {
        model.add(layer);
    }
    model.compile(&manifest.training).expect("the manifest has layers")
}

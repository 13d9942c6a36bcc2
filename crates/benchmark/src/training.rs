//! An experiment's own training, timed.

use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput};
use dataset::{Drawn, Restore, Scaling, Table};
use keras::{Compiled, Engine, Fit, Model, Sequential, Training};
use serde::Deserialize;

/// What a manifest says of its training; other keys are not read.
#[derive(Debug, Clone, Deserialize)]
struct Manifest {
    experiment: String,
    #[serde(flatten)]
    data: Data,
    model: Model,
    training: Training,
}

/// Data that are drawn and scaled, or read.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Data {
    Drawn { data: Drawn, scaling: Scaling },
    Read { data: Table },
}

/// Criterion as all benches of the workspace have it, with the command line's options: short, since what is timed is the same
/// at every iteration, and without most of the resamples, which take longer than what they describe.
pub fn criterion() -> Criterion {
    let criterion = Criterion::default().warm_up_time(Duration::from_millis(300));
    criterion.measurement_time(Duration::from_secs(1)).nresamples(5000).configure_from_args()
}

/// Times one training step, one epoch and one whole `fit` of the experiment in `folder`, in steps per second, by each of the
/// engines of these names or by the manifest's own; the names are `<experiment>/<engine>/{step,epoch,fit}`.
///
/// # Panics
/// If the manifest does not load, an engine is unknown or the training does not lower the loss: then there is nothing to time.
pub fn training(folder: &str, engines: &[&str]) {
    let mut criterion = criterion();
    let text = std::fs::read_to_string(Path::new(folder).join("manifest.yaml")).expect("the manifest is there");
    let manifest: Manifest = serde_yaml::from_str(&text).expect("the manifest says what is trained");
    let Manifest { experiment, data, model, training } = manifest;
    let data = match data {
        Data::Drawn { data, scaling } => {
            data.dataset(scaling, Restore::default()).expect("the manifest's inputs differ")
        }
        Data::Read { data } => {
            let root = Path::new(folder).ancestors().nth(2).expect("an experiment lies in the workspace");
            data.load_from(&[root, Path::new(folder)]).expect("the manifest's file is there")
        }
    };
    let engines: Vec<Engine> = match engines {
        [] => vec![training.engine],
        names => names.iter().map(|name| serde_yaml::from_str(name).expect("an engine")).collect(),
    };
    for engine in engines {
        let name = serde_yaml::to_string(&engine).expect("an engine has a name");
        let training = Training { engine, ..training.clone() };
        let validation = data.validation.as_ref().map(|rows| (&rows.x[..], &rows.y[..]));
        let rows = (&data.train.x[..], &data.train.y[..]);
        let model =
            || Sequential::from(&model).compile(&training, data.features.len()).expect("the manifest has layers");

        let history = model().fit_validated(rows, validation, |_| true).expect("the data fit the model");
        assert!(history.loss.last() < history.loss.first(), "the loss falls");

        let mut trained = model();
        let mut fit = Fit::validated(&mut trained, rows, validation).expect("the data fit the model");
        let steps = fit.steps() as u64;
        fit.epoch();
        let mut group = criterion.benchmark_group(format!("{experiment}/{}", name.trim()));
        group.throughput(Throughput::Elements(1));
        group.bench_function("step", |bencher| bencher.iter(|| fit.step(0)));
        group.throughput(Throughput::Elements(steps));
        group.bench_function("epoch", |bencher| bencher.iter(|| fit.epoch()));
        group.sample_size(10);
        // A callback may have ended it early.
        group.throughput(Throughput::Elements(steps * history.loss.len() as u64));
        group.bench_function("fit", |bencher| {
            let fit = |model: &mut Compiled| model.fit_validated(rows, validation, |_| true);
            bencher.iter_batched_ref(model, fit, BatchSize::PerIteration);
        });
        group.finish();
    }
    criterion.final_summary();
}

//! What a trial costs above its training, with the parameters of `random-search`: its manifest, and the study that suggests it,
//! is told of it and keeps it on the disk, 100 trials at a time: `cargo bench -p tuning --bench trial`.

#[path = "../tests/it/types.rs"]
#[expect(dead_code, reason = "nothing is trained")]
mod types;

use std::hint::black_box;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use manifest::Document;
use search::study::{Outcome, Plan, Run, Study};
use search::{Ask, SamplerKind};
use types::Manifest;

/// Trials of a study.
const TRIALS: u32 = 100;

fn trial(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/random-search/manifest.yaml");
    let set = ["analysis=none", "search.objective=rmse"].map(str::to_owned);
    let (manifest, _) = Document::<Manifest>::load_and_note(&path, &set).expect("a good manifest");
    let search = manifest.search.clone().expect("a search");
    let sampler = search.sampler().expect("a good search");
    let ask = Ask { space: &search.parameters, direction: search.direction, trials: &[], number: 3 };
    let suggested = sampler.suggest(&ask).expect("random search always answers");
    criterion.bench_function("manifest", |bencher| {
        bencher.iter(|| tuning::with(&manifest, black_box(&suggested)).expect("a good trial"));
    });

    let mut group = criterion.benchmark_group(format!("study of {TRIALS}"));
    group.throughput(Throughput::Elements(TRIALS.into()));
    for kind in [SamplerKind::Random, SamplerKind::Tpe] {
        let search = search::Search { sampler: kind, ..search.clone() };
        let plan = || Plan {
            name: "bench".to_owned(),
            objective: search.objective.clone(),
            direction: search.direction,
            space: search.parameters.clone(),
            sampler: search.sampler().expect("a good search"),
            pruner: None,
            round: NonZeroU64::MIN,
            repeats: NonZeroU32::MIN,
            settings: Vec::new(),
            manifest: String::new(),
            circumstances: Vec::new(),
            trial_manifest: Box::new(|_| None),
            repeat_command: String::new(),
        };
        let opened = || {
            let folder = tempfile::tempdir().expect("a folder for temporary files");
            (Study::open(&folder.path().join("journal.log"), plan()).expect("a new journal"), folder)
        };
        let run = Run { trials: TRIALS.into(), jobs: NonZeroUsize::MIN, cancel: &AtomicBool::new(false) };
        let objective = |evaluation: &search::study::Evaluation<'_>| {
            let numbers = evaluation.trial().parameters.iter().filter_map(|(_, value)| value.number());
            Outcome::Complete(numbers.map(|number| (number.ln_1p() - 0.3).powi(2)).sum())
        };
        group.bench_function(format!("{kind:?}"), |bencher| {
            bencher.iter_batched(
                opened,
                |(mut study, folder)| {
                    study.run(run, &objective, &mut |_| ()).expect("every trial is told");
                    (study, folder)
                },
                BatchSize::PerIteration,
            );
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs(1))
        .nresamples(5000);
    targets = trial
}
criterion_main!(benches);

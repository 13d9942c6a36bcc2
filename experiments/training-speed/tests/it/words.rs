use std::path::Path;

use training_speed::Subject;
use training_speed::record::{self, Record, Timing};

#[path = "../../src/words.rs"]
mod sentences;

/// What is said of a record is true of it: of a committed one, of one in which engine `libtorch` is the faster, of one with real data,
/// of one without `libtorch` and without peers.
#[test]
fn sentences_hold_for_the_record_that_is_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/training-speed/records");
    // One from before real data were timed.
    let committed = record::load(&folder.join("2026-11-24T10-46-48Z.json")).unwrap();
    let changed = |change: &dyn Fn(&mut Timing)| {
        let mut record = committed.clone();
        record.timings.iter_mut().for_each(change);
        record
    };
    let faster = changed(&|timing| {
        if timing.subject == Subject::Libtorch && timing.over.is_none() {
            timing.seconds.iter_mut().for_each(|seconds| *seconds /= 1000.0);
        }
    });
    let mut alone = committed.clone();
    alone.timings.retain(|timing| timing.subject == Subject::Exact && timing.over.is_none());
    alone.machine.cores = 1;
    let said = |record: &Record| {
        let own: Vec<&Timing> = record.timings.iter().filter(|timing| timing.is_own()).collect();
        let exact = own.iter().find(|timing| timing.subject == Subject::Exact).unwrap();
        let crossover = sentences::crossover(record).map_or_else(String::new, |(_, said)| said);
        let peers = sentences::peers(&own, exact).unwrap_or_default();
        let beside_pytorch = sentences::beside_pytorch(record).map_or_else(String::new, |(_, said)| said);
        let real_data = sentences::experiments(record)
            .into_iter()
            .map(|(experiment, timings)| sentences::real_data(experiment, &timings, timings[0], &record.machine));
        let mut said = vec![sentences::measured(record, exact), peers, crossover, beside_pytorch];
        said.extend(real_data);
        said.push(sentences::result(&own, exact));
        said.join("\n")
    };
    let mut real = committed.clone();
    for (subject, seconds, val_losses) in
        [(Subject::Exact, 0.04, [9.0, 0.5]), (Subject::Libtorch, 0.1, [8.0, 0.4]), (Subject::JaxScan, 0.16, [7.0, 0.6])]
    {
        let mut timing = committed.timings[0].clone();
        timing.shape.units = vec![64, 1];
        timing.shape.validation_samples = 20;
        (timing.subject, timing.seconds, timing.val_losses) = (subject, vec![seconds], Some(val_losses));
        timing.experiment = Some("cars".to_owned());
        real.timings.push(timing);
    }
    let cases: [(&Record, &[&str], &[&str]); 4] = [
        (
            &committed,
            &[
                "there is none in which engine `libtorch` is the faster",
                "the slowest of its peers takes ",
                ", 2 cores,",
                "of the 16 shapes that both were timed on, in 2 it is the slower.",
                "and 1.7 times at 1-128-128-128-128-1, batches of 128.",
                "The fastest of 8 peers is JAX vmap, whose step takes 17 times as long as that of engine `exact`; the slowest is",
            ],
            &["the most at"],
        ),
        (
            &faster,
            &["engine `libtorch` is the faster in 1, the most at 1-16-1, batches of 32: "],
            &["there is none in which"],
        ),
        (
            &real,
            &[
                "`cars` (1-64-1, 100 rows, 20 validated on, batches of 32): a step of engine `exact` takes 100 µs, ",
                "The fastest peer is JAX jit(scan), whose step takes 4 times as long. The loss on the rows validated on ends \
                 between 0.4 and 0.6.",
            ],
            &["the most at"],
        ),
        (&alone, &[", 1 core,", "no peer was timed"], &["libtorch", "the slowest of its peers", " is JAX"]),
    ];
    for (record, sentences, unsaid) in cases {
        let said = said(record);
        for sentence in sentences {
            assert!(said.contains(sentence), "{sentence} in {said}");
        }
        for word in unsaid.iter().chain(&["NaN", "inf"]) {
            assert!(!said.contains(word), "{word} in {said}");
        }
    }
}

use std::path::Path;

use training_speed::Subject;
use training_speed::record::{self, Record, Timing};

#[path = "../../src/words.rs"]
mod sentences;

/// What is said of a record is true of it: of the committed one, of one in which engine `libtorch` is the faster, of one without
/// `libtorch` and without peers.
#[test]
fn sentences_hold_for_the_record_that_is_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports/training-speed/records");
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let committed = record::load(&file).unwrap();
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
        let own: Vec<&Timing> = record.timings.iter().filter(|timing| timing.over.is_none()).collect();
        let exact = own.iter().find(|timing| timing.subject == Subject::Exact).unwrap();
        let crossover = sentences::crossover(record).map_or_else(String::new, |(_, said)| said);
        let peers = sentences::peers(&own, exact).unwrap_or_default();
        [sentences::measured(record, exact), peers, crossover, sentences::result(&own, exact)].join("\n")
    };
    let cases: [(&Record, &[&str], &[&str]); 3] = [
        (
            &committed,
            &[
                "there is none in which engine `libtorch` is the faster",
                "the slowest of its peers takes ",
                ", 2 cores,",
                "The fastest of 8 peers is JAX vmap, whose step takes 17 times as long as that of engine `exact`; the slowest is",
            ],
            &["the most at"],
        ),
        (
            &faster,
            &["engine `libtorch` is the faster in 1, the most at units [16, 1], batches of 32: "],
            &["there is none in which"],
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

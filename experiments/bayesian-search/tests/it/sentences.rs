use std::process::Command;

use notebook::Contents;
use tempfile::tempdir;

/// What a run with these changes says.
fn report(set: &[&str]) -> String {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bayesian-search"));
    command.arg("--quiet").arg("--out").arg(&out).args(set.iter().flat_map(|change| ["--set", change]));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let contents = Contents::load(&out).unwrap();
    contents.paragraphs().join("\n") + "\n" + &contents.result
}

/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 3] = [
        (
            &["search.trials=6"],
            &["Sampler `gp` suggests 6 trials, and the smallest", "chosen by held-out data, trial "],
            &["No trial is complete"],
        ),
        (
            &[
                "search.trials=6",
                "training.optimizer.name=sgd",
                "search.parameters={training.optimizer.learning_rate: {min: 1.0e+6, max: 1.0e+7}}",
            ],
            &["No trial is complete, so nothing is chosen: 6 failed"],
            &["Both choices", "The best value"],
        ),
        (
            &["search.trials=6", "search.sampler=tpe", "search.validation_split=null", "search.repeats=2"],
            &["Sampler `tpe`", "the median of 2 trainings", "What is chosen by the test data"],
            &["`gp`", "Both choices"],
        ),
    ];
    for (changes, said, unsaid) in cases {
        let report = report(changes);
        for sentence in said {
            assert!(report.contains(sentence), "{changes:?}: {sentence} in {report}");
        }
        for word in unsaid.iter().chain(&["NaN", " inf"]) {
            assert!(!report.contains(word), "{changes:?}: {word} in {report}");
        }
    }
}

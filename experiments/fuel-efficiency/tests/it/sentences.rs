use std::process::Command;

use notebook::Contents;
use tempfile::tempdir;

/// What a run with these changes says.
fn report(set: &[&str]) -> String {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuel-efficiency"));
    command.arg("--quiet").arg("--out").arg(&out).args(set.iter().flat_map(|change| ["--set", change]));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let contents = Contents::load(&out).unwrap();
    contents.paragraphs().join("\n") + "\n" + &contents.result
}

/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 4] = [
        (
            &["seeds.last=1", "training.epochs=3"],
            &[
                "Engine `exact`: from 2 seeds, on the 79 test cars",
                "better than the regression from 0 of 2 seeds.",
                "Real Keras was recorded of another network or another training than these",
            ],
            &["diverges"],
        ),
        (
            &["seeds.last=1", "training.epochs=3", "training.optimizer={name: sgd, learning_rate: 1e30}"],
            &[
                "from 2 of 2 seeds the training diverges, and there is no finite error",
                "better than the regression from 0 of 2 seeds.",
                "median rmse not finite",
            ],
            &["in the median"],
        ),
        (
            &["seeds={first: 7, last: 7}"],
            &[
                "Engine `exact`: from 1 seed,",
                "better than the regression from 1 of 1 seed.",
                "Real Keras was recorded from other seeds than these",
            ],
            &["diverges"],
        ),
        (
            &["seeds.last=1", "training.epochs=2", "data.test.seed=1"],
            &["Real Keras was recorded on other inputs and labels than these"],
            &["bit"],
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

use std::process::Command;

use tempfile::tempdir;

/// The same 15 of 1,001 seeds that another implementation of Keras' arithmetic found: 26, 125, 146, …, 917.
#[test]
fn one_or_two_seeds_in_a_hundred_print_the_posts_accuracy() {
    let metrics =
        notebook::expect::Run::of(env!("CARGO_BIN_EXE_seed-study"), &["--set", "seed_scan.last=1000"]).metrics;
    assert_eq!(metrics["seeds"], 1001);
    assert_eq!(metrics["seeds_with_published_accuracy"], 15);
}

fn run(changes: &[&str]) -> (Option<i32>, String, String) {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seed-study"));
    command.args(["--quiet", "--set", "seed_scan.last=9", "--out"]).arg(place.path().join("report"));
    for change in changes {
        command.args(["--set", change]);
    }
    let output = command.output().unwrap();
    // Sentences, captions and cells of tables.
    let contents = notebook::Contents::load(&place.path().join("report")).unwrap_or_default();
    let text = serde_json::to_string(&contents.outputs().collect::<Vec<_>>()).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap(), text)
}

/// What the report says of the post's program, its lattice and its three configurations holds for the manifest that was
/// run.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let report = |changes: &[&str]| {
        let (code, stderr, report) = run(changes);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{changes:?}");
        report
    };
    let few = report(&[]);
    assert!(few.contains("None of 10 seeds ends on") && few.contains("does not touch the others"), "{few}");
    assert!(few.contains("Accuracy of the post's program on its lattice, 2⁻¹⁷·√(N/20)"), "{few}");
    for change in ["restore=float64", "data.test.size=19"] {
        let other = report(&[change]);
        assert!(
            !other.contains("2⁻¹⁷") && !other.contains("the post's program") && !other.contains("lattice"),
            "{other}"
        );
    }
    let short = report(&["training.epochs=5"]);
    assert!(short.contains("loss of epoch 5: ") && !short.contains("loss of epoch 6: "), "{short}");
    let tanh = report(&["model.layers.0.activation=tanh"]);
    assert!(
        !tanh.contains("all linear") && !tanh.contains("all-linear") && !tanh.contains("the post's program"),
        "{tanh}"
    );
    let diverged = report(&["training.optimizer={name: sgd, learning_rate: 1e30}"]);
    assert!(diverged.contains("hidden ReLU: no seed ends with a finite accuracy."), "{diverged}");
    assert!(!diverged.contains("NaN") && !diverged.contains("The range of"), "{diverged}");
    let some = report(&["training.optimizer={name: sgd, learning_rate: 0.4}", "variants=[]"]);
    assert!(some.contains("3 of 10 seeds end without a finite accuracy; from 1 to 99 % of the others, "), "{some}");
    assert!(!some.contains("NaN"), "{some}");
    let one = report(&["seed_scan={first: 26, last: 26}", "training.seed=26"]);
    assert!(
        one.contains("1 of 1 seed ends on") && one.contains("From this one seed the all-linear program has"),
        "{one}"
    );
    assert!(!one.contains("holds over"), "{one}");
    let like = report(&["variants=[{name: other batches, set: [training.batch_size=16]}]"]);
    assert!(like.contains("Over 10 seeds the range of the post's program does not lie below all others."), "{like}");
    let alone = report(&["variants=[]"]);
    assert!(!alone.contains("range of the all-linear") && !alone.contains("three configurations"), "{alone}");
}

/// Variants that cannot stand beside the others are refused before anything is trained.
#[test]
fn variants_that_cannot_be_compared_are_refused() {
    let cases = [
        (
            "variants=[{name: short, set: [training.epochs=5]}]",
            "variants.0.set: must have the manifest's 100 epochs, for their losses to be compared, got 5",
        ),
        (
            "variants=[{name: a b, set: []}, {name: a-b, set: []}]",
            "variants.1.name: the tables of a-b and of a b would have the same name, seeds_a_b.csv",
        ),
    ];
    notebook::expect::refusals(env!("CARGO_BIN_EXE_seed-study"), &cases);
    let (code, stderr, report) = run(&["variants=[{name: 숨은 ReLU, set: [model.layers.0.activation=relu]}]"]);
    assert_eq!(
        (code, stderr.as_str()),
        (Some(0), ""),
        "a name in another script is drawn in letters that the font has"
    );
    assert!(report.contains("숨은 ReLU: from 1 to 99 %"), "{report}");
}

use notebook::expect::{Run, refusals};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_digits");

#[test]
fn the_chosen_network_is_real_keras_and_no_worse_than_logistic_regression() {
    let run = Run::of(PROGRAM, &[]);
    let metrics = &run.metrics;
    assert_eq!((&metrics["recorded_runs"], &metrics["runs_equal_in_every_bit"]), (&Value::from(3), &Value::from(3)));
    let of = |name: &str| metrics[name].as_f64().unwrap();
    assert!((0.09..0.11).contains(&of("accuracy_most_frequent_class")), "{metrics}");
    assert!((0.95..of("median_accuracy")).contains(&of("accuracy_logistic_regression")), "{metrics}");
    // scikit-learn stops where its tolerance is reached.
    let said = run.read("report.md");
    assert!(said.contains("chooses the same class as the one here for 359 of the 360 test rows"), "{said}");
    assert!(run.report().join("figures/wrong_digits.png").exists());
}

/// What was recorded of another network is not set beside this one; a search may go by another metric, and data be validated on
/// otherwise.
#[test]
fn other_manifests_have_a_report_too() {
    let few = ["--set", "search.trials=2", "--set", "seeds.last=101", "--set", "training.engine=libtorch"];
    let other = ["--set", "search.objective=val_accuracy", "--set", "search.direction=maximize"];
    let split =
        ["--set", "data.validation={folds: 2}", "--set", "search.parameters={training.epochs: {min: 2, max: 4}}"];
    let metrics = Run::of(PROGRAM, &[&few[..], &other, &split].concat()).metrics;
    assert_eq!(metrics["recorded_runs"], 0);
    assert!(metrics["best_value"].as_f64().unwrap() > 0.5, "{metrics}");
}

#[test]
fn what_the_manifest_cannot_say_is_refused_by_name() {
    let cases = [
        ("seeds.first=0", "seeds.first: must be none that a trial trains from, 0 to 0"),
        ("search.validation_split=0.2", "search.validation_split: must be left out, data.validation says"),
        ("training.validation_split=0.2", "training.validation_split: must be left out, data.validation says"),
        ("data.validation=null", "data.validation: must say by which rows the search chooses"),
        ("data.classes=false", "data.classes: must be true"),
        ("data.label_encoding=one-hot", "training.loss: needs labels of one column"),
        ("picture_width=7", "picture_width: must part the 64 features into rows of equal length"),
    ];
    refusals(PROGRAM, &cases);
}

use std::path::Path;
use std::process::Command;

use notebook::expect::{Run, refusals};
use serde_json::Value;
use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tumours");

#[test]
fn the_chosen_network_is_real_keras_and_about_as_good_as_logistic_regression() {
    let run = Run::of(PROGRAM, &[]);
    let metrics = &run.metrics;
    assert_eq!((&metrics["recorded_runs"], &metrics["runs_equal_in_every_bit"]), (&Value::from(10), &Value::from(10)));
    let of = |name: &str| metrics[name].as_f64().unwrap();
    assert!((0.6..0.7).contains(&of("accuracy_most_frequent_class")), "{metrics}");
    assert!((of("median_accuracy") - of("accuracy_logistic_regression")).abs() < 0.03, "{metrics}");
    assert!(of("median_accuracy") > 0.93 && of("median_roc_auc") > 0.98, "{metrics}");
    let said = run.read("report.md");
    assert!(said.contains("These data do not tell which of the two is better"), "{said}");
    assert!(said.contains("chooses the same class as the one here for 114 of the 114 test rows"), "{said}");
}

/// What was recorded of another network is not set beside this one; a search may go by another metric, and data be validated on
/// otherwise.
#[test]
fn other_manifests_have_a_report_too() {
    let few = ["--set", "search.trials=2", "--set", "seeds.last=101", "--set", "training.engine=libtorch"];
    let other = ["--set", "search.objective=val_accuracy", "--set", "search.direction=maximize"];
    let split =
        ["--set", "data.validation={split: 0.3}", "--set", "search.parameters={training.epochs: {min: 2, max: 4}}"];
    let metrics = Run::of(PROGRAM, &[&few[..], &other, &split].concat()).metrics;
    assert_eq!(metrics["recorded_runs"], 0);
    assert!(metrics["best_value"].as_f64().unwrap() > 0.5, "{metrics}");
}

/// The table on which samplers are compared holds what this network is measured to be.
#[test]
fn the_table_for_samplers_is_of_this_network() {
    let parameters = "search.parameters={model.layers.0.activation: {values: [tanh]}, model.layers.0.units: {values: [16]}, \
                      training.optimizer.learning_rate: {values: [0.001]}, training.batch_size: {values: [32]}}";
    let few = ["--set", "search.trials=1", "--set", "seeds.last=101", "--set", parameters];
    let best = Run::of(PROGRAM, &few).metrics["best_value"].as_f64().unwrap();
    let table = include_str!("../../../../data/optuna/tumours.csv");
    assert!(table.contains(&format!("\ntanh,16,-3.0,32,{best:?}\n")), "{best}");
}

#[test]
fn what_the_manifest_cannot_say_is_refused_by_name() {
    let cases = [
        ("seeds.first=0", "seeds.first: must be none that a trial trains from, 0 to 0"),
        ("search.validation_split=0.2", "search.validation_split: must be left out, data.validation says"),
        ("training.validation_split=0.2", "training.validation_split: must be left out, data.validation says"),
        ("data.validation=null", "data.validation: must say by which rows the search chooses"),
        ("data.classes=false", "data.classes: must be true"),
        ("data.label_encoding=one-hot", "data.label_encoding: must be ordinal, the curve is one of a single output"),
        ("shown=[mean_radius, radius]", "shown: radius is none of the features"),
    ];
    refusals(PROGRAM, &cases);
}

/// Rows are predicted by the network that the report keeps; its search is read, not run again.
#[test]
fn rows_are_predicted_by_the_network_that_was_chosen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let (report, rows) = (root.join("reports/tumours"), root.join("data/tumours/tumours.csv"));
    let place = tempdir().unwrap();
    let predict = |report: &Path| {
        let mut command = Command::new(PROGRAM);
        command.arg("--predict").arg(&rows).arg("--out").arg(report).output().unwrap()
    };
    let said = String::from_utf8(predict(&report).stdout).unwrap();
    let known = std::fs::read_to_string(&rows).unwrap();
    let class = |line: &str| line.split(',').next().map(str::to_owned);
    let right = said.lines().zip(known.lines()).skip(1).filter(|(said, known)| class(said) == class(known)).count();
    assert!(said.starts_with("class,") && right > 540, "{right} of 569 are right: {said}");
    for file in ["resolved.yaml", "model.safetensors"] {
        std::fs::copy(report.join(file), place.path().join(file)).unwrap();
    }
    let output = predict(place.path());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(74) && error.contains("records/journal.log"), "{error}");
}

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::tempdir;

fn run(report: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuel-efficiency"));
    command.args(["--quiet", "--json", "--out"]).arg(report).args(arguments).output().unwrap()
}

#[test]
fn exact_is_real_keras_from_every_seed_and_both_engines_beat_linear_regression() {
    let place = tempdir().unwrap();
    let report = place.path().join("report");
    let output = run(&report, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metrics = serde_json::from_slice::<Value>(&output.stdout).unwrap()["metrics"].clone();
    assert_eq!((&metrics["recorded_runs"], &metrics["runs_equal_in_every_bit"]), (&Value::from(5), &Value::from(5)));
    let rmse = |of: &str| metrics[of].as_f64().unwrap();
    assert!(rmse("rmse_linear_regression") < rmse("rmse_mean"));
    for engine in ["median_rmse_exact", "median_rmse_libtorch"] {
        assert!((2.0..0.9 * rmse("rmse_linear_regression")).contains(&rmse(engine)), "{}", rmse(engine));
    }
    // Both solve the same equations, by other steps.
    let said = std::fs::read_to_string(report.join("report.md")).unwrap();
    let gap = said.split("`LinearRegression` predicts the 79 test rows within ").nth(1).unwrap();
    assert!(gap.split(' ').next().unwrap().parse::<f64>().unwrap() < 1e-6, "{gap}");
}

/// The table on which samplers are compared holds what this network is measured to be.
#[test]
fn the_table_for_samplers_is_of_this_network() {
    let parameters = "search.parameters={model.layers.0.units: {values: [48]}, model.layers.1.units: {values: [32]}, \
                      training.optimizer.learning_rate: {values: [0.1]}, training.batch_size: {values: [64]}}";
    let place = tempdir().unwrap();
    let few = ["search.trials=1", "search.repeats=1", "seeds.last=101", parameters].map(|set| ["--set", set]);
    let output = run(&place.path().join("report"), few.as_flattened());
    let best = serde_json::from_slice::<Value>(&output.stdout).unwrap()["metrics"]["best_value"].as_f64().unwrap();
    let table = include_str!("../../../../data/optuna/fuel-efficiency.csv");
    assert!(table.contains(&format!("\n48,32,-1.0,64,{best:?}\n")), "{best}");
}

#[test]
fn what_the_manifest_cannot_say_is_refused_by_name() {
    let place = tempdir().unwrap();
    for (set, expected) in [
        ("seeds.first=2", "seeds.first: must be none that a trial trains from, 0 to 2"),
        ("data.validation=null", "data.validation: must say by which rows the search chooses"),
        ("data.validation={folds: 3}", "data.validation.folds: must be left out"),
        ("training.validation_split=0.2", "training.validation_split: must be left out, data.validation says"),
        ("data.classes=true", "data.classes: must be false"),
        ("training.flow=keras-set-random-seed", "training.callbacks"),
        ("shown=[origin, origin]", "shown.0: must be a feature that is a number"),
        ("shown=[weight, weight]", "shown.1: must be a feature that is a category"),
    ] {
        let output = run(&place.path().join("report"), &["--set", set]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(65) && error.contains(expected), "{set}: {error}");
    }
}

/// A search none of whose trials is complete chooses nothing, and says why.
#[test]
fn a_search_without_a_complete_trial_is_an_error() {
    let place = tempdir().unwrap();
    let diverging = "training.optimizer={name: sgd, learning_rate: 1e30}";
    let parameters = "search.parameters={training.batch_size: {values: [16, 32]}}";
    let output = run(&place.path().join("report"), &["--set", diverging, "--set", parameters]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("error: no trial is complete; the first error: "), "{error}");
}

use std::process::Command;

use notebook::expect::{Run, refusals};
use serde_json::Value;
use tempfile::tempdir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fuel-efficiency");

#[test]
fn exact_is_real_keras_from_every_seed_and_both_engines_beat_linear_regression() {
    let run = Run::of(PROGRAM, &[]);
    let metrics = &run.metrics;
    assert_eq!((&metrics["recorded_runs"], &metrics["runs_equal_in_every_bit"]), (&Value::from(5), &Value::from(5)));
    let rmse = |of: &str| metrics[of].as_f64().unwrap();
    assert!(rmse("rmse_linear_regression") < rmse("rmse_mean"));
    for engine in ["median_rmse_exact", "median_rmse_libtorch"] {
        assert!((2.0..0.9 * rmse("rmse_linear_regression")).contains(&rmse(engine)), "{}", rmse(engine));
    }
    // Both solve the same equations, by other steps.
    let said = run.read("report.md");
    let gap = said.split("`LinearRegression` predicts the 79 test rows within ").nth(1).unwrap();
    assert!(gap.split(' ').next().unwrap().parse::<f64>().unwrap() < 1e-6, "{gap}");
}

/// The table on which samplers are compared holds what this network is measured to be.
#[test]
fn the_table_for_samplers_is_of_this_network() {
    let parameters = "search.parameters={model.layers.0.units: {values: [48]}, model.layers.1.units: {values: [32]}, \
                      training.optimizer.learning_rate: {values: [0.1]}, training.batch_size: {values: [64]}}";
    let few = ["search.trials=1", "search.repeats=1", "seeds.last=101", parameters].map(|set| ["--set", set]);
    let best = Run::of(PROGRAM, few.as_flattened()).metrics["best_value"].as_f64().unwrap();
    let table = include_str!("../../../../data/optuna/fuel-efficiency.csv");
    assert!(table.contains(&format!("\n48,32,-1.0,64,{best:?}\n")), "{best}");
}

#[test]
fn what_the_manifest_cannot_say_is_refused_by_name() {
    let cases = [
        ("seeds.first=2", "seeds.first: must be none that a trial trains from, 0 to 2"),
        ("data.validation=null", "data.validation: must say by which rows the search chooses"),
        ("data.validation={folds: 3}", "data.validation.folds: must be left out"),
        ("training.validation_split=0.2", "training.validation_split: must be left out, data.validation says"),
        ("data.classes=true", "data.classes: must be false"),
        ("training.flow=keras-set-random-seed", "training.callbacks"),
        ("shown=[origin, origin]", "shown.0: must be a feature that is a number"),
        ("shown=[weight, weight]", "shown.1: must be a feature that is a category"),
    ];
    refusals(PROGRAM, &cases);
}

/// A search none of whose trials is complete chooses nothing, and says why.
#[test]
fn a_search_without_a_complete_trial_is_an_error() {
    let place = tempdir().unwrap();
    let diverging = "training.optimizer={name: sgd, learning_rate: 1e30}";
    let parameters = "search.parameters={training.batch_size: {values: [16, 32]}}";
    let mut command = Command::new(PROGRAM);
    command.args(["--quiet", "--set", diverging, "--set", parameters, "--out"]).arg(place.path().join("report"));
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("error: no trial is complete; the first error: "), "{error}");
}

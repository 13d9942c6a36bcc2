use std::process::Command;

use serde_json::Value;
use tempfile::tempdir;

fn metrics(arguments: &[&str]) -> Value {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuel-efficiency"));
    command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone()
}

#[test]
fn exact_is_real_keras_from_every_seed_and_both_engines_beat_linear_regression() {
    let metrics = metrics(&[]);
    assert_eq!(metrics["same_data_as_scikit_learn"], true);
    assert_eq!(metrics["recorded_runs"], 5);
    assert_eq!(metrics["exact_runs_equal_in_every_bit"], 5);
    let rmse = |of: &str| metrics[of].as_f64().unwrap();
    assert!(rmse("rmse_linear_regression") < rmse("rmse_mean"));
    for engine in ["median_rmse_exact", "median_rmse_libtorch"] {
        assert!((2.0..0.9 * rmse("rmse_linear_regression")).contains(&rmse(engine)), "{}", rmse(engine));
    }
}

/// What was recorded of another training is not set beside this one, and other data are seen.
#[test]
fn other_settings_are_not_compared_with_the_record() {
    let fewer = metrics(&["--set", "training.epochs=2", "--set", "seeds.last=0"]);
    assert_eq!(fewer["same_data_as_scikit_learn"], true);
    assert_eq!(fewer["recorded_runs"], Value::Null);
    let other = metrics(&["--set", "training.epochs=2", "--set", "data.test.seed=1"]);
    assert_eq!(other["same_data_as_scikit_learn"], false);
}

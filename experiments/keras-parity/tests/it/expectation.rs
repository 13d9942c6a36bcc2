use std::process::Command;

use tempfile::tempdir;

#[test]
fn engine_exact_is_at_distance_0_and_libtorch_starts_within_rounding() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keras-parity"));
    let output = command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "libtorch has nothing to warn of");
    let metrics: serde_json::Value =
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone();
    assert!(metrics["runs"].as_u64().unwrap() > 200);
    assert_eq!(metrics["runs"], metrics["exact_runs_equal_in_every_bit"]);
    assert_eq!(metrics["exact_largest_distance"], 0.0);
    assert!(metrics["libtorch_largest_distance_to_epoch_10"].as_f64().unwrap() > 0.0);
}

/// Epochs that no recorded run has are not drawn.
#[test]
fn more_epochs_than_were_recorded_are_no_defect() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_keras-parity"));
    let rows = |epochs: &str, command: &mut Command| {
        let out = place.path().join(epochs);
        let output =
            command.args(["--quiet", "--set", &format!("epochs={epochs}"), "--out"]).arg(&out).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::read_to_string(out.join("distance_by_epoch.csv")).unwrap().lines().count()
    };
    assert!(rows("1000000", &mut command) < 10_000);
}

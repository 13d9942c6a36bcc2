use std::process::Command;

use tempfile::tempdir;

#[test]
fn the_loss_falls_and_predictions_stay_visibly_off() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_standardized-relu"));
    let output = command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).output().unwrap();
    assert!(output.status.success());
    let metrics: serde_json::Value =
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone();
    let accuracy = metrics["accuracy"].as_f64().unwrap();
    assert!((0.001..1.0).contains(&accuracy), "{accuracy}");
    assert!(metrics["final_loss"].as_f64().unwrap() < 1e-3);
}

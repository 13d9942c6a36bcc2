use std::process::Command;

use tempfile::tempdir;

#[test]
fn it_gets_near_the_line_and_stays_there() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_raw-relu"));
    let output = command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).output().unwrap();
    assert!(output.status.success());
    let metrics: serde_json::Value =
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone();
    let accuracy = metrics["accuracy"].as_f64().unwrap();
    assert!((1.0..50.0).contains(&accuracy), "{accuracy}");
    assert!(metrics["final_loss"].as_f64().unwrap() > 1.0);
}

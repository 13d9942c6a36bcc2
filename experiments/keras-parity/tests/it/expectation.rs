use notebook::expect::Run;

const PROGRAM: &str = env!("CARGO_BIN_EXE_keras-parity");

#[test]
fn engine_exact_is_at_distance_0_and_libtorch_starts_within_rounding() {
    // Libtorch has nothing to warn of.
    let metrics = Run::of(PROGRAM, &[]).metrics;
    assert!(metrics["runs"].as_u64().unwrap() > 200);
    assert_eq!(metrics["runs"], metrics["exact_runs_equal_in_every_bit"]);
    assert_eq!(metrics["exact_largest_distance"], 0.0);
    assert!(metrics["libtorch_largest_distance_to_epoch_10"].as_f64().unwrap() > 0.0);
}

/// Epochs that no recorded run has are not drawn.
#[test]
fn more_epochs_than_were_recorded_are_no_defect() {
    let run = Run::of(PROGRAM, &["--set", "recorded=[data/keras/keras-3.json]", "--set", "epochs=1000000"]);
    assert!(run.read("distance_by_epoch.csv").lines().count() < 10_000);
}

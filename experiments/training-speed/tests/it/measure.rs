use std::path::Path;
use std::process::Command;

use tempfile::tempdir;
use training_speed::record;

/// Every subject is timed or named as missing, and what was timed has trained.
#[test]
fn a_measurement_adds_a_record() {
    let place = tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_measure"))
        .arg("--records")
        .arg(place.path())
        .args(["--set", "speed.subjects=[exact, exact-sweep, libtorch, tch, jax-scan]", "--set", "speed.repetitions=2"])
        .args(["--set", "speed.trials=3", "--set", "training.epochs=20"])
        .args(["--set", "speed.real_data.subjects=[exact, libtorch]", "--set", "speed.real_data.repetitions=1"])
        .args(["--set", "speed.scaling=[{over: units, values: [1, 5], subjects: [exact, libtorch], repetitions: 1}]"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let files: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let record = record::load(&files[0]).unwrap();
    assert_eq!(record.timings.len() + record.missing.len(), 5 + 3 * 2 + 4);
    assert!(record.machine.flops_per_second > 1e8);
    for timing in &record.timings {
        let rounds = if timing.is_own() { 2 } else { 1 };
        assert_eq!(timing.seconds.len(), rounds, "{timing:?}");
        let validated = timing.val_losses.map(|[first, last]| last < first);
        assert_eq!(validated, timing.experiment.is_some().then_some(true), "{timing:?}");
        assert!(timing.losses[1] < timing.losses[0], "{timing:?}");
        assert!(timing.limit(&record.machine) < timing.spread()[1], "faster than arithmetic: {timing:?}");
    }
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.peers/bin/python");
    if !environment.exists() {
        assert_eq!(record.missing.len(), 1);
        assert!(stderr.contains("not timed: jax-scan: there is no environment of the peers; `make peers`"), "{stderr}");
    }
}

/// A manifest that asks for what does not exist is refused, and nothing is recorded.
#[test]
fn what_cannot_be_timed_is_named() {
    let place = tempdir().unwrap();
    for (set, said) in [
        ("speed.subjects=[exakt]", "did you mean exact?"),
        ("training.optimizer.name=sgd", "training.optimizer: must be adam, as the stock loop of tch has"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_measure"));
        command.arg("--records").arg(place.path()).args(["--set", "speed.subjects=[tch]", "--set", set]);
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(65) && error.contains(said), "{set}: {error}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

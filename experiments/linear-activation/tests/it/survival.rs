use std::fs;
use std::thread::sleep;
use std::time::Duration;

use tempfile::tempdir;

use crate::{program, run};

#[test]
fn a_killed_run_leaves_the_old_report_and_the_next_one_is_whole() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    assert_eq!(run(&mut program(&out)).0, 0);
    let old = fs::read(out.join("SHA256SUMS")).unwrap();

    let partial = place.path().join(".report.partial");
    let mut child = program(&out).args(["--set", "seed_scan={first: 0, last: 9999}"]).spawn().unwrap();
    while !partial.join("predictions.csv").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "the run is still going");
        sleep(Duration::from_millis(10));
    }
    let (code, _, stderr) = run(&mut program(&out));
    assert_eq!((code, stderr), (75, format!("error: another run is writing {}\n", out.display())));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read(out.join("SHA256SUMS")).unwrap(), old);

    assert_eq!(run(program(&out).args(["--set", "training.epochs=2"])).0, 0);
    assert_ne!(fs::read(out.join("SHA256SUMS")).unwrap(), old);
    assert!(!partial.exists());
}

#[test]
fn a_training_that_diverges_is_reported() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let optimizer = "training.optimizer={name: sgd, learning_rate: 1e30}";
    let (code, stdout, stderr) = run(program(&out).args(["--set", optimizer]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("\ndiverged at epoch 1\n"), "{stdout}");
    assert!(fs::read_to_string(out.join("metrics.json")).unwrap().contains("\"outcome\": \"diverged at epoch 1\""));
    assert!(fs::read_to_string(out.join("report.md")).unwrap().contains("diverged at epoch 1"));
}

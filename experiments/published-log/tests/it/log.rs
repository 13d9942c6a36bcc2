use std::process::Command;

use tempfile::tempdir;

#[test]
fn it_prints_the_posts_twelve_losses_and_its_accuracy() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_published-log"));
    let output = command.args(["--quiet", "--out"]).arg(place.path().join("report")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let losses =
        "2.5920 1.5766 0.7499 0.3371 0.0817 0.0059 6.0676e-15 6.2039e-15 6.4773e-15 5.6185e-15 6.5939e-15 6.7939e-15";
    let epochs = [1, 2, 3, 4, 5, 6, 95, 96, 97, 98, 99, 100];
    let log: Vec<String> = epochs
        .into_iter()
        .zip(losses.split(' '))
        .map(|(epoch, loss)| format!("Epoch {epoch}/100 - loss: {loss}\n"))
        .chain(["Accuracy: 1.0789593218788873e-05\n".to_owned()])
        .collect();
    assert_eq!(String::from_utf8_lossy(&output.stdout), log.concat());
}

/// Real Keras, given the same weights and orders, recorded the same bits.
#[test]
fn real_keras_agrees_in_every_epoch() {
    let metrics = notebook::expect::Run::of(env!("CARGO_BIN_EXE_published-log"), &[]).metrics;
    assert_eq!(metrics["epochs_equal_to_real_keras"], 100);
    assert_eq!(metrics["accuracy_of_real_keras"], "1.0789593218788873e-05");
}

/// What the witness has no weights and no orders for is refused; what real Keras was not recorded in is not compared.
#[test]
fn other_manifests_get_a_clear_answer() {
    let place = tempdir().unwrap();
    let run = |change: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_published-log"));
        command.args(["--quiet", "--set", change, "--out"]).arg(place.path().join("report"));
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for (change, answer) in [
        ("training.epochs=101", "training.epochs: must be at most 100, as many orders as the witness has, got 101"),
        ("model.layers.0.units=8", "model.layers: must have units [16, 1], as the witness has weights, got [8, 1]"),
        ("model.layers=[{units: 1}]", "model.layers: must have units [16, 1], as the witness has weights, got [1]"),
    ] {
        assert_eq!(run(change), (Some(65), format!("error: {answer}\n")));
    }
    for change in ["training.epochs=99", "training.optimizer.learning_rate=0.02"] {
        assert_eq!(run(change), (Some(0), String::new()));
        let report = notebook::Contents::load(&place.path().join("report")).unwrap().paragraphs().join("\n");
        assert!(!report.contains("the same weights and orders") && report.contains("nothing to compare"), "{report}");
    }
}

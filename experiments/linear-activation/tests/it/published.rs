use tempfile::tempdir;

use crate::{program, run};

#[test]
fn the_accuracy_is_the_posts_digit_for_digit() {
    let place = tempdir().unwrap();
    let (code, stdout, stderr) = run(&mut program(&place.path().join("report")));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout.lines().last(), Some("Accuracy: 1.0789593218788873e-05"));
}

/// The outcome beside libtorch's accuracy is libtorch's own: it diverges here, and engine `exact` does not.
#[test]
fn the_outcome_is_of_the_run_whose_accuracy_is_printed() {
    let place = tempdir().unwrap();
    let variant = "variants=[{name: exact, set: [training.engine=exact, training.optimizer.learning_rate=0.01]}]";
    let wild = ["--set", "training.optimizer={name: sgd, learning_rate: 1.0e+30}", "--set", variant];
    let (code, stdout, stderr) = run(program(&place.path().join("report")).args(wild));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let lines: Vec<&str> = stdout.lines().rev().take(2).collect();
    assert!(lines[0].starts_with("Accuracy: ") && lines[1].starts_with("diverged"), "{stdout}");
}

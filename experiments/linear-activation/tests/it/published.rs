use tempfile::tempdir;

use crate::{program, run};

#[test]
fn the_accuracy_is_the_posts_digit_for_digit() {
    let place = tempdir().unwrap();
    let (code, stdout, stderr) = run(&mut program(&place.path().join("report")));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout.lines().last(), Some("Accuracy: 1.0789593218788873e-05"));
}

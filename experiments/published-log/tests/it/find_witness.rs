use std::process::Command;

use tempfile::tempdir;

/// A search takes minutes: that its witness could not be written is said before.
#[test]
fn errors_are_one_line_and_an_exit_code() {
    let place = tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_find-witness"));
        let output = command.current_dir(place.path()).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["--seed", "one"]).0, 2);
    let (code, stderr) = run(&["--out", "no/such/folder/witness.json"]);
    assert_eq!(code, 74, "{stderr}");
    assert!(stderr.starts_with("error: cannot write no/such/folder/witness.json: "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

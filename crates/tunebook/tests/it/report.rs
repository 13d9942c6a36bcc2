use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::tempdir;

fn tunebook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn killed_while_it_works_it_leaves_the_old_reports() {
    let place = tempdir().unwrap();
    let out = place.path().join("reports");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("README.md"), "old").unwrap();
    let partial = place.path().join(".reports.partial");

    let mut child = tunebook().args(["report", "--out"]).arg(&out).spawn().unwrap();
    while !partial.join("linear-activation").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "it is still working");
        sleep(Duration::from_millis(20));
    }
    let second = tunebook().args(["report", "--out"]).arg(&out).output().unwrap();
    assert_eq!(second.status.code(), Some(75), "one writer at a time");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(out.join("README.md")).unwrap(), "old");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn wrong_usage_is_code_2() {
    assert_eq!(tunebook().arg("raport").output().unwrap().status.code(), Some(2));
}

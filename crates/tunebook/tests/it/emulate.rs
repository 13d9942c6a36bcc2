//! What needs the emulator itself is in `.ci/run`; here the programs run natively, or stand-ins in their place.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::{change_a_digit, copy, root};

/// The machines that need no emulator.
const NATIVE: [&str; 6] = ["--machine", "native-AVX2", "--machine", "native-SSE4", "--machine", "native-unpinned"];

fn emulate(arguments: &[&str], path: Option<&Path>) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    command.arg("emulate").args(arguments);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn script(path: &Path, lines: &str) {
    fs::write(path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// The path of programs, with an emulator before all others that runs a program as it is and tells it the processor.
fn with_stand_in(place: &Path) -> String {
    script(
        &place.join("qemu-x86_64"),
        "test \"$1\" = --version && exit 0\nexport PROCESSOR=\"$2\"\nshift 2\nexec \"$@\"",
    );
    format!("{}:{}", place.display(), std::env::var("PATH").unwrap())
}

/// Every experiment that has a short form runs with it, and again the same.
#[test]
fn short_forms_run() {
    let is_short = |name: &String| root().join("experiments").join(name).join("short.yaml").is_file();
    let entries = fs::read_dir(root().join("experiments")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.filter(is_short).collect();
    assert!(names.iter().any(|name| name == "digits"), "{names:?}");
    let place = tempdir().unwrap();
    let arguments: Vec<&str> = names.iter().map(String::as_str).chain(["--machine", "Haswell"]).collect();
    let (code, stdout, stderr) = emulate(&arguments, Some(Path::new(&with_stand_in(place.path()))));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.ends_with(&format!("{} runs, 0 with differences\n", names.len())), "{stdout}");
    for name in names {
        assert!(
            stdout.lines().any(|line| line.starts_with(&format!("Haswell {name} ")) && line.contains('=')),
            "{stdout}"
        );
    }
}

#[test]
fn under_every_limit_the_bytes_are_the_committed_ones() {
    let (code, stdout, stderr) = emulate(&[&["published-log", "--force"], &NATIVE[..]].concat(), None);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert_eq!(stdout.matches(" published-log: ").count(), 3, "{stdout}");
    assert!(stdout.ends_with("3 runs, 0 with differences\n"), "{stdout}");
}

#[test]
fn a_changed_digit_is_named_with_machine_file_line_and_column() {
    let place = tempdir().unwrap();
    copy(&root().join("reports/published-log"), &place.path().join("published-log"));
    let table = place.path().join("published-log/history.csv");
    let text = change_a_digit(&table);

    let reports = place.path().display().to_string();
    let run = || emulate(&["published-log", "--machine", "native-SSE4", "--reports", &reports], None);
    let (code, stdout, _) = run();
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("native-SSE4: published-log/history.csv:8: loss: expected "), "{stdout}");
    assert!(stdout.ends_with("1 runs, 1 with differences\n"), "{stdout}");

    // What is equal is not run again; a difference is.
    assert_eq!(run().1.lines().next(), stdout.lines().next());
    fs::write(&table, text).unwrap();
    let (code, stdout, _) = run();
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains(" files identical ("), "{stdout}");
    assert_eq!(run().1, "native-SSE4 published-log: was identical\n1 runs, 0 with differences\n");
}

/// What is shortened is compared with its own native run: in everything but records and provenance.
#[test]
fn a_program_that_follows_the_machine_is_found() {
    let place = tempdir().unwrap();
    let binaries = place.path().display().to_string();
    let program = place.path().join("seed-study");
    let path = with_stand_in(place.path());
    let run = || {
        let arguments = ["seed-study", "--machine", "Haswell", "--binaries", &binaries];
        emulate(&arguments, Some(Path::new(&path)))
    };

    let same = "test \"$2\" = --out && mkdir -p \"$3/records\" && echo $$ >\"$3/provenance.json\" && \
                echo $$ >\"$3/records/journal.log\" && echo \"$@\" | sed 's/--out [^ ]*//' >\"$3/report.md\"";
    script(&program, same);
    let (code, stdout, stderr) = run();
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.starts_with("Haswell seed-study seed_scan.last="), "{stdout}");
    assert!(stdout.contains(": 1 files identical ("), "{stdout}");

    script(&program, &format!("{same}\necho \"$PROCESSOR\" >>\"$3/report.md\""));
    let (code, stdout, _) = run();
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("Haswell: seed-study/report.md:2: expected \"\", found \"Haswell\""), "{stdout}");

    script(&program, "test -z \"$PROCESSOR\" && mkdir \"$3\" && exit 0\necho no such instruction >&2\nexit 4");
    let (code, _, stderr) = run();
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.starts_with("error: experiment seed-study failed as Haswell: "), "{stderr}");
    assert!(stderr.ends_with("exit status: 4: no such instruction\n"), "{stderr}");
}

#[test]
fn without_the_emulator_one_line_names_its_package() {
    let place = tempdir().unwrap();
    let (code, stdout, stderr) = emulate(&[], Some(place.path()));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.lines().count() == 1 && stderr.contains("apt-get install qemu-user"), "{stderr}");
}

/// A machine that the emulator does not know is never left out.
#[test]
fn a_machine_that_cannot_be_emulated_is_an_error() {
    let place = tempdir().unwrap();
    script(
        &place.path().join("qemu-x86_64"),
        "test \"$1\" = --version && exit 0\necho \"qemu-x86_64: unable to find CPU model '$2'\" >&2\nexit 1",
    );
    let binaries = place.path().display().to_string();
    let arguments = ["published-log", "--machine", "Nehalem", "--binaries", &binaries];
    let (code, stdout, stderr) = emulate(&arguments, Some(place.path()));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("published-log failed as Nehalem"), "{stderr}");
    assert!(stderr.ends_with("unable to find CPU model 'Nehalem'\n"), "{stderr}");
}

#[test]
fn an_unknown_machine_or_experiment_is_named_beside_the_known_ones() {
    let (code, _, stderr) = emulate(&["--machine", "Nehalen"], None);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("'Nehalen'") && stderr.contains("Haswell") && stderr.contains("native-AVX2"), "{stderr}");
    let (code, _, stderr) = emulate(&[&["no-such-experiment"], &NATIVE[..]].concat(), None);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("there is no experiment no-such-experiment; there are "), "{stderr}");
    assert!(stderr.contains("grid-search"), "{stderr}");
}

//! Tests of the workspace as a whole.

/// A clone has the bytes of which the committed digests are.
mod clone;
/// `tunebook emulate` finds what depends on the machine.
mod emulate;
/// Every key of every manifest is obeyed or refused.
mod keys;
/// `tunebook new`: what it refuses, what it says of columns, and that what it makes builds and runs.
mod new;
/// What the pages say is what the reports say.
mod pages;
/// `tunebook predict`: rows in, predictions out, and what is refused.
mod predict;
/// `tunebook study`, what it starts an experiment's program for: trials proven again, the best as a manifest, rounds for
/// whoever evaluates them.
mod replay;
/// `tunebook report` as a user starts it.
mod report;
/// `tunebook slurm`: the script of a seed study, of a search, and what has none.
mod slurm;
/// `tunebook study` on the committed journals.
mod study;
/// `tunebook verify` bites: every kind of change is found.
mod verify;

use std::path::{Path, PathBuf};
use std::process::Output;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Changes the last digit of a table's eighth line; returns what the table was.
fn change_a_digit(table: &Path) -> String {
    let text = std::fs::read_to_string(table).unwrap();
    let line = text.lines().nth(7).unwrap();
    let changed = format!("{}{}", &line[..line.len() - 1], if line.ends_with('1') { '2' } else { '1' });
    std::fs::write(table, text.replace(line, &changed)).unwrap();
    text
}

/// What a program that did what it was asked for said on stdout.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that a program leaves on stderr as it ends with `code`.
fn refusal(output: &Output, code: i32) -> String {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

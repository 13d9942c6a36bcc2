//! Runs of the program `linear-activation` as a user starts it.

/// Flags, streams and exit codes, which all experiments share.
mod command_line;
/// The same bytes whatever the environment, the folder and the locale.
mod environment;
/// The line that the post prints.
mod published;
/// What a report says holds for the manifest that was run.
mod sentences;
/// A killed or failing run leaves the last good report.
mod survival;

use std::path::Path;
use std::process::{Command, Output};

/// The program, without the seed scan, writing its report to `out`.
fn program(out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.args(["--set", "seed_scan=null", "--quiet", "--out"]).arg(out);
    command
}

fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

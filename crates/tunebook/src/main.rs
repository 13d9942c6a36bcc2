//! The workspace's own command: `cargo run --release -p tunebook -- help`.

mod index;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(version, about = "Rebuilds the reports of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every experiment, rebuild every report and compare with the published numbers
    Report {
        /// The folder of all reports [default: reports in the workspace]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/tunebook lies in the workspace");
    let done = match command {
        Command::Report { out } => report::report(root, &out.unwrap_or_else(|| root.join("reports"))),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => notebook::fail(&error, false),
    }
}

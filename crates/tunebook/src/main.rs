//! The workspace's own command: `cargo run --release -p tunebook -- help`.

mod bench_diff;
mod compare;
mod emulate;
mod index;
mod new;
mod report;
mod run;
mod stamp;
mod study;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench_diff::BenchDiff;
use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use emulate::Emulate;
use new::New;
use report::Request;
use study::StudyCommand;
use verify::Verify;

#[derive(Debug, Parser)]
#[command(version, about = "Makes experiments and rebuilds the reports of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run experiments, rebuild their reports and the pages over all, and compare with the published numbers
    ///
    /// An experiment that ran on this machine with the same program, manifest, data and records, and whose report is still
    /// what it wrote, is not run again.
    Report {
        /// Only these experiments [default: all]
        experiments: Vec<String>,
        /// Run an experiment that is up to date too
        #[arg(long)]
        force: bool,
        /// The folder of all reports [default: reports in the workspace]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Run experiments again and compare every table, value and pixel with the committed reports
    Verify {
        /// Only these experiments [default: all, and the pages over them]
        experiments: Vec<String>,
        /// The committed reports [default: reports in the workspace]
        #[arg(long, value_name = "DIR")]
        reports: Option<PathBuf>,
        /// Override a key of every manifest, to see which numbers a change moves; repeatable
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Where the experiments' programs are [default: they are built]
        #[arg(long, value_name = "DIR")]
        binaries: Option<PathBuf>,
    },
    /// Run experiments as other processors and compare every digested file with the committed reports
    ///
    /// A run of all experiments takes some twenty minutes a machine on 2 cores, and the reduced form a few minutes in all.
    Emulate {
        /// Only these experiments [default: all]
        experiments: Vec<String>,
        /// Only this machine; repeatable [default: all]
        #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(emulate::machines()))]
        machine: Vec<String>,
        /// Few experiments and short ones, compared with native runs where a manifest is overridden; what CI runs
        #[arg(long)]
        reduced: bool,
        /// The committed reports [default: reports in the workspace]
        #[arg(long, value_name = "DIR")]
        reports: Option<PathBuf>,
        /// Where the experiments' programs are [default: they are built]
        #[arg(long, value_name = "DIR")]
        binaries: Option<PathBuf>,
    },
    /// Time this tree's benchmarks and another revision's in turns; fail if one lost more than a tenth of its speed
    BenchDiff {
        /// Only benchmarks whose name contains this
        #[arg(default_value = "")]
        filter: String,
        /// The revision to compare with
        #[arg(long, value_name = "REV", default_value = "HEAD^")]
        base: String,
        /// How often both run, in turns
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
    },
    /// Make an experiment that builds and runs at once, on drawn data or on a CSV file
    New(New),
    /// Read a study's journal
    Study {
        #[command(subcommand)]
        command: StudyCommand,
    },
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/tunebook lies in the workspace");
    let committed = || root.join("reports");
    let done = match command {
        Command::Report { experiments, force, out } => {
            report::report(root, &Request { only: &experiments, force, out: &out.unwrap_or_else(committed) })
        }
        Command::Verify { experiments, reports, set, binaries } => {
            let reports = reports.unwrap_or_else(committed);
            let binaries = binaries.as_deref();
            verify::verify(root, &Verify { reports: &reports, only: &experiments, set: &set, binaries })
        }
        Command::Emulate { experiments, machine, reduced, reports, binaries } => {
            let (reports, binaries) = (reports.unwrap_or_else(committed), binaries.as_deref());
            let emulate = Emulate { reports: &reports, only: &experiments, machines: &machine, reduced, binaries };
            emulate::emulate(root, &emulate)
        }
        Command::New(new) => new::new(root, &new),
        Command::Study { command } => study::study(root, &command),
        Command::BenchDiff { filter, base, rounds } => {
            bench_diff::bench_diff(root, &BenchDiff { base: &base, filter: &filter, rounds: rounds.max(1) })
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => notebook::fail(&error, false),
    }
}

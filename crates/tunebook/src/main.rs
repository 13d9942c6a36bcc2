//! The workspace's own command: `cargo run --release -p tunebook -- help`.

mod answer;
mod bench_diff;
mod compare;
mod diff;
mod emulate;
mod export;
mod index;
mod instructions;
mod list;
mod new;
mod predict;
mod report;
mod run;
mod slurm;
mod stamp;
mod study;
mod verify;
mod watch;

use std::path::{Path, PathBuf};

use answer::Answer;
use bench_diff::BenchDiff;
use clap::builder::PossibleValuesParser;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use diff::Diff;
use emulate::Emulate;
use new::New;
use report::Request;
use serde_json::Value;
use slurm::Slurm;
use study::StudyCommand;
use verify::Verify;

#[derive(Debug, Parser)]
#[command(version, about = "Makes experiments and rebuilds the reports of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print the answer as JSON
    #[arg(long, global = true)]
    json: bool,
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
    /// An emulated processor takes tens of times as long, so it runs an experiment with the overrides of its short.yaml, if it has
    /// one, and is compared with a native run of the same. What is run without overrides and had no difference on this machine, with
    /// the same programs, data and reports, is not run again: a run that was ended goes on.
    Emulate {
        /// Only these experiments [default: all]
        experiments: Vec<String>,
        /// Only this machine; repeatable [default: all]
        #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(emulate::machines()))]
        machine: Vec<String>,
        /// Run again what was identical before
        #[arg(long)]
        force: bool,
        /// Run the committed manifests on emulated processors too, which takes hours
        #[arg(long)]
        whole: bool,
        /// The committed reports [default: reports in the workspace]
        #[arg(long, value_name = "DIR")]
        reports: Option<PathBuf>,
        /// Where the experiments' programs are [default: they are built]
        #[arg(long, value_name = "DIR")]
        binaries: Option<PathBuf>,
    },
    /// Time this tree's benchmarks and another revision's in turns, and fail if one lost more of its speed than it may
    BenchDiff {
        /// Only benchmarks whose name contains this
        #[arg(default_value = "")]
        filter: String,
        /// The revision to compare with
        #[arg(long, value_name = "REV", default_value = "HEAD^")]
        base: String,
        /// Build and run only the bench of this name; repeatable
        #[arg(long = "bench", value_name = "NAME")]
        benches: Vec<String>,
        /// How often both run, in turns
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
        /// The part of its speed that a benchmark may lose
        #[arg(long, value_name = "PART", default_value_t = 0.1)]
        tolerance: f64,
        /// Count the instructions of the hot loops with valgrind instead, and compare them with what is recorded
        #[arg(long, conflicts_with_all = ["filter", "base", "benches", "rounds", "tolerance"])]
        instructions: bool,
        /// Replace what is recorded
        #[arg(long, requires = "instructions")]
        record: bool,
    },
    /// Predict the rows of a CSV file by the network that an experiment's committed report keeps
    ///
    /// The columns are those of the experiment's data. A row that does not fit is refused with its place.
    Predict {
        /// The experiment
        experiment: String,
        /// The CSV file with a header and the rows
        #[arg(long, value_name = "FILE")]
        data: PathBuf,
        /// Write the predictions into this file [default: print them]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make an experiment that builds and runs at once, on drawn data or on a CSV file
    New(New),
    /// Build and run an experiment whenever one of its files is saved, and serve the page, which reloads by itself
    Watch {
        /// The experiment
        experiment: String,
        /// The port of the loopback address [default: a free one]
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        port: u16,
    },
    /// Say how two reports differ: keys of the manifest, values, tables and figures; exit code 1 if they do
    Diff(Diff),
    /// Write the page of a report with its figures in it, as one file to send
    Export {
        /// An experiment with a committed report, or the folder of a report
        report: String,
        /// One file with everything in it
        #[arg(long, required = true)]
        single_file: bool,
        /// The file to write [default: the report's name with .html]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the experiments in the order of the story, each with its question and its result
    List,
    /// Print the script by which Slurm runs a seed study or a search on many machines; starts nothing
    ///
    /// The script says how to start it, see how far it is, resume it and collect what it computed.
    Slurm(Slurm),
    /// Print completions of this command for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Read a study's journal
    Study {
        #[command(subcommand)]
        command: StudyCommand,
    },
}

fn main() {
    let Arguments { command, json } = Arguments::parse();
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
        Command::Emulate { experiments, machine, force, whole, reports, binaries } => {
            let (reports, binaries) = (reports.unwrap_or_else(committed), binaries.as_deref());
            let (only, machines) = (&experiments, &machine);
            let emulate = Emulate { reports: &reports, only, machines, whole, force, binaries, silent: json };
            emulate::emulate(root, &emulate)
        }
        Command::Predict { experiment, data, out } => predict::predict(root, &experiment, &data, out.as_deref()),
        Command::New(new) => new::new(root, &new),
        Command::Watch { experiment, port } => watch::watch(root, &experiment, port),
        Command::Diff(diff) => diff::diff(root, &diff),
        Command::Export { report, out, .. } => {
            let name = Path::new(&report).file_name().unwrap_or_default();
            let out = out.unwrap_or_else(|| Path::new(name).with_extension("html"));
            export::export(root, &report, &out)
        }
        Command::List => list::list(root),
        Command::Completions { shell } => {
            let mut completions = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "tunebook", &mut completions);
            Ok(Answer::new(String::from_utf8_lossy(&completions), Value::Null))
        }
        Command::Slurm(slurm) => slurm::slurm(root, &slurm),
        Command::Study { command } => study::study(root, &command),
        Command::BenchDiff { instructions: true, record, .. } => instructions::instructions(root, record),
        Command::BenchDiff { filter, base, benches, rounds, tolerance, .. } => {
            let rounds = rounds.max(1);
            let diff = BenchDiff { base: &base, filter: &filter, benches: &benches, rounds, tolerance };
            bench_diff::bench_diff(root, &diff)
        }
    };
    let shown = done.and_then(|Answer { text, json: value, good }| {
        notebook::show(&if json { serde_json::to_string_pretty(&value)? + "\n" } else { text })?;
        Ok(good)
    });
    notebook::end(match shown {
        Ok(good) => u8::from(!good),
        Err(error) => {
            notebook::fail(&error, false);
            notebook::exit_code(&error)
        }
    })
}

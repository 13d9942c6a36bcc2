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
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use diff::Diff;
use emulate::Emulate;
use new::New;
use report::Report;
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
    Report(Report),
    /// Run experiments again and compare every table, value and pixel with the committed reports
    Verify(Verify),
    /// Run experiments as other processors and compare every digested file with the committed reports
    ///
    /// An emulated processor takes tens of times as long, so it runs an experiment with the overrides of its short.yaml, if it has
    /// one, and is compared with a native run of the same. What is run without overrides and had no difference on this machine, with
    /// the same programs, data and reports, is not run again: a run that was ended goes on.
    Emulate(Emulate),
    /// Time this tree's benchmarks and another revision's in turns, and fail if one lost more of its speed than it may
    BenchDiff(BenchDiff),
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
    let done = match command {
        Command::Report(report) => report::report(root, &report),
        Command::Verify(verify) => verify::verify(root, &verify),
        Command::Emulate(emulate) => emulate::emulate(root, &emulate, json),
        Command::BenchDiff(diff) => bench_diff::bench_diff(root, &diff),
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

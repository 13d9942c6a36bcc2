//! The command line that every experiment shares.

use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};
use manifest::{Document, Rules};

use crate::{Busy, Notebook, Refused};

#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
struct Arguments {
    /// The experiment's manifest [default: the one in the experiment's folder]
    #[arg(long, value_name = "PATH")]
    manifest: Option<PathBuf>,
    /// Override a key of the manifest, as in training.epochs=10; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Override training.seed
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    seed: Option<i64>,
    /// The report folder [default: reports/<experiment> in the workspace]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The folder of reports that this report will be part of: journals lie there, and stay
    #[arg(long, value_name = "DIR", hide = true)]
    within: Option<PathBuf>,
    #[command(flatten)]
    resume: Option<Resume>,
    /// Print the resolved manifest and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the JSON Schema of the manifest and run nothing
    #[arg(long)]
    schema: bool,
    /// Print the metrics as JSON on stdout instead of text
    #[arg(long)]
    json: bool,
    /// No progress on stderr
    #[arg(short, long)]
    quiet: bool,
    /// Say where the manifest is read and the report is written
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    /// Colour in messages
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// Runs an experiment: reads the command line and the manifest, hands a [`Notebook`] and the manifest to `experiment`, and
/// writes the report when it returns. The text that `experiment` returns is the result on stdout.
///
/// `folder` is the experiment's own folder, `env!("CARGO_MANIFEST_DIR")`; the workspace is two levels up.
pub fn run<T: Rules>(
    folder: &str,
    experiment: impl FnOnce(&mut Notebook, &Document<T>) -> anyhow::Result<String>,
) -> ExitCode {
    let folder = Path::new(folder);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let command = Arguments::command().version(env!("CARGO_PKG_VERSION"));
    let arguments = match command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let color = arguments.color;
    panic::set_hook(Box::new(|defect| eprintln!("error: a defect of this program: {defect}")));
    match panic::catch_unwind(AssertUnwindSafe(|| story(folder, &name, arguments, experiment))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => fail(&error, color_wanted(color)),
        // The hook has said what happened; the unfinished report is gone with the unwinding.
        Err(_) => ExitCode::FAILURE,
    }
}

fn story<T: Rules>(
    folder: &Path,
    name: &str,
    arguments: Arguments,
    experiment: impl FnOnce(&mut Notebook, &Document<T>) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let root = folder.parent().and_then(Path::parent).unwrap_or(folder);
    let Arguments { manifest, mut set, seed, out, within, resume, dry_run, schema, json, quiet, verbose, .. } =
        arguments;
    if schema {
        return show(&manifest::json_schema::<T>());
    }
    let path = manifest.unwrap_or_else(|| relative(&folder.join("manifest.yaml")));
    set.extend(seed.map(|seed| format!("training.seed={seed}")));
    let (manifest, notes) = Document::<T>::load_and_note(&path, &set)?;
    if !quiet {
        for note in &notes {
            eprintln!("note: {note}");
        }
    }
    if dry_run {
        return show(&manifest.to_yaml());
    }
    let out = out.unwrap_or_else(|| root.join("reports").join(name));
    if verbose {
        eprintln!("manifest {}", path.display());
        eprintln!("report   {}", out.display());
    }
    let mut notebook = Notebook::begin(&manifest, [root, path.parent().unwrap_or(root)], &out, within, quiet)?;
    notebook.resume = resume;
    let result = match experiment(&mut notebook, &manifest) {
        Err(error) if error.is::<Resumed>() => return Ok(()),
        result => result?,
    };
    let metrics = notebook.finish(&result)?;
    show(if json { &metrics } else { &result })
}

/// An error with the exit code that it stands for.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// The error with this exit code; its text and those of its causes stay.
    pub fn new(code: u8, error: impl Into<anyhow::Error>) -> Self {
        Self { code, text: format!("{:#}", error.into()) }
    }
}

/// A study to go on with instead of writing a report.
#[derive(Debug, Clone, clap::Args)]
#[group(requires = "resume")]
pub struct Resume {
    /// Go on with the study in this journal and write no report
    #[arg(long = "resume", id = "resume", value_name = "JOURNAL", required = false, hide = true)]
    pub journal: PathBuf,
    /// The study's name
    #[arg(long, value_name = "NAME", required = false, default_value = "", hide = true, allow_hyphen_values = true)]
    pub study: String,
    /// How many trials it has in the end; as many as the manifest says if left out
    #[arg(long, value_name = "N", hide = true)]
    pub trials: Option<u64>,
    /// How many trials run at once; as many as there are cores if left out
    #[arg(long, value_name = "N", hide = true)]
    pub jobs: Option<NonZeroUsize>,
}

/// What a program ends with that was started to go on with a study, and did.
#[derive(Debug, thiserror::Error)]
#[error("the study has its trials")]
pub struct Resumed;

/// Writes a result to stdout; a reader that has seen enough, as in `… | head`, is no error.
///
/// # Errors
/// If stdout cannot be written for another reason.
pub fn show(result: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(result.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write the result"),
        _ => Ok(()),
    }
}

/// The path as seen from the current folder where that is shorter: errors then read as the user would type it.
fn relative(path: &Path) -> PathBuf {
    std::env::current_dir()
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
        .unwrap_or_else(|| path.to_owned())
}

/// Prints an error to stderr and returns the exit code it stands for.
pub fn fail(error: &anyhow::Error, color: bool) -> ExitCode {
    let (bold, plain) = if color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    // A path may have any character in it; an error has one line.
    let message: String = format!("{error:#}")
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect();
    eprintln!("{bold}error:{plain} {message}");
    ExitCode::from(exit_code(error))
}

/// The exit code for an error: 65 bad manifest, 74 cannot read or write, 75 another run holds the lock, 1 else.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let cause = error.chain().find_map(|cause| {
        if let Some(manifest) = cause.downcast_ref::<manifest::Error>() {
            Some(manifest.exit_code())
        } else if let Some(data) = cause.downcast_ref::<dataset::Error>() {
            Some(data.exit_code())
        } else if let Some(failure) = cause.downcast_ref::<Failure>() {
            Some(failure.code)
        } else if cause.is::<Busy>() {
            Some(75)
        } else if cause.is::<io::Error>() || cause.is::<Refused>() {
            Some(74)
        } else {
            None
        }
    });
    cause.unwrap_or(1)
}

fn color_wanted(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

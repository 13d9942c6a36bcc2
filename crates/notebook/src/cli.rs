//! The command line that every experiment shares.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};
use manifest::{Document, Rules};
use serde_json::{Value, json};

use crate::contents::{first_paragraph, printed};
use crate::outputs::ProgramSource;
use crate::parts::{Part, Parts, SECTION};
use crate::record::{Finished, METRICS, Predict, WEIGHTS};
use crate::{Busy, Notebook, Refused, cells};

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
    /// The report folder [default: reports/<experiment> in the workspace; runs/<experiment> if the manifest is another one]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The folder of reports that this report will be part of: journals lie there, and stay
    #[arg(long, value_name = "DIR", hide = true)]
    within: Option<PathBuf>,
    /// Once the report is there, write the JSON Schema of the manifest into this file if it differs
    #[arg(long, value_name = "FILE", hide = true)]
    schema_file: Option<PathBuf>,
    /// Keep the study in this journal, which several runs may share: a file, redis://host:6379/0, or `env` for what the
    /// variable TUNEBOOK_STORAGE says [default: a file of the report]
    #[arg(long, value_name = "JOURNAL", conflicts_with = "resume")]
    journal: Option<OsString>,
    #[command(flatten)]
    resume: Option<Resume>,
    /// Predict the rows of this CSV file with the weights of the report, print them as CSV and write no report
    #[arg(long, value_name = "FILE", conflicts_with_all = ["manifest", "set", "seed", "dry_run", "schema", "json"])]
    predict: Option<PathBuf>,
    /// Compute part I, from 0, of N parts of the seeds into the folder of --parts and write no report; what is there stays
    #[arg(long, value_name = "I/N", requires = "parts", conflicts_with_all = ["out", "within", "json", "journal"])]
    part: Option<Part>,
    /// Make the report from the parts in this folder, and train nothing; says which are missing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["predict", "resume"])]
    parts: Option<PathBuf>,
    /// Print the resolved manifest and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the JSON Schema of the manifest and run nothing
    #[arg(long)]
    schema: bool,
    /// Print the values, where the report is and what differs from the committed one as JSON on stdout instead of text
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

/// Ends the program without what libtorch would do at its end: it takes back one by one what it registered as it was loaded, for
/// nobody, a quarter of the time of a short run.
pub fn end(code: u8) -> ! {
    // What cannot be written here, nobody reads.
    let _ = io::stdout().flush();
    signal_hook::low_level::exit(code.into())
}

/// Runs an experiment: reads the command line and the manifest, hands a [`Notebook`] and the manifest to `experiment`, and
/// writes the report when it returns. The text that `experiment` returns is the result on stdout. `source` is
/// [`source!()`](crate::source).
///
/// A run with another manifest than the experiment's own, or with keys of it overridden, goes to `runs/` where no `--out`
/// is given: the committed report stays.
pub fn run<T: Rules>(
    source: ProgramSource,
    experiment: impl FnOnce(&mut Notebook, &Document<T>) -> anyhow::Result<String>,
) -> ! {
    let name = Path::new(source.folder).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let about = cells::cells(source.file, source.text).ok().and_then(|cells| Some(cells.first()?.text.clone()));
    let question = about.as_deref().map(first_paragraph).unwrap_or_default().replace('\n', " ");
    let command = Arguments::command().name(name).version(env!("CARGO_PKG_VERSION")).about(question);
    let arguments = match command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            end(error.exit_code() as u8)
        }
    };
    let color = arguments.color;
    panic::set_hook(Box::new(|defect| eprintln!("error: a defect of this program: {defect}")));
    end(match panic::catch_unwind(AssertUnwindSafe(|| story(source, name, arguments, experiment))) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => {
            fail(&error, color_wanted(color));
            exit_code(&error)
        }
        // The hook has said what happened; the unfinished report is gone with the unwinding.
        Err(_) => 1,
    })
}

fn story<T: Rules>(
    source: ProgramSource,
    name: &str,
    mut arguments: Arguments,
    experiment: impl FnOnce(&mut Notebook, &Document<T>) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let folder = Path::new(source.folder);
    let root = folder.parent().and_then(Path::parent).unwrap_or(folder);
    if arguments.schema {
        return show(&manifest::json_schema::<T>());
    }
    let committed = root.join("reports").join(name);
    if let Some(rows) = arguments.predict {
        return predicted(source, [root, &arguments.out.unwrap_or(committed)], rows, experiment);
    }
    let own = folder.join("manifest.yaml");
    let path = arguments.manifest.unwrap_or_else(|| relative(&own));
    arguments.set.extend(arguments.seed.map(|seed| format!("training.seed={seed}")));
    let (manifest, notes) = Document::<T>::load_and_note(&path, &arguments.set)?;
    let Arguments { quiet, json, part, .. } = arguments;
    if !quiet {
        for note in &notes {
            eprintln!("note: {note}");
        }
    }
    if arguments.parts.is_some() && !manifest.to_json()[SECTION].is_object() {
        let text = format!("--parts: the manifest of {name} has no {SECTION}, of whose seeds there could be parts");
        return Err(Failure::usage(text));
    }
    let keeps_no_study = || Failure::usage(format!("--journal: {name} keeps no study"));
    if arguments.journal.is_some() && !manifest.to_json()["search"].is_object() {
        return Err(keeps_no_study());
    }
    if arguments.dry_run {
        return show(&manifest.to_yaml());
    }
    let is_own = arguments.set.is_empty() && path.canonicalize().ok() == own.canonicalize().ok();
    // Parts of one study run beside each other, and write no report.
    let place = part.is_some().then(tempfile::tempdir).transpose().context("cannot make a temporary folder")?;
    let out = arguments.out.or_else(|| Some(place.as_ref()?.path().join("report")));
    let out = out.unwrap_or_else(|| if is_own { committed.clone() } else { root.join("runs").join(name) });
    let committed: Option<BTreeMap<String, Value>> =
        std::fs::read(committed.join(METRICS)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    if arguments.verbose {
        eprintln!("manifest {}", path.display());
        eprintln!("report   {}", out.display());
    }
    let mut notebook =
        Notebook::begin(source, &manifest, [root, path.parent().unwrap_or(root)], &out, arguments.within, quiet)?;
    notebook.journal = arguments.journal;
    notebook.resume = arguments.resume;
    notebook.silent = quiet || json || part.is_some();
    notebook.parts = arguments.parts.map(|folder| Parts { folder, part });
    let result = match experiment(&mut notebook, &manifest) {
        Err(error) if error.is::<Done>() => return show(&error.to_string()),
        Err(error) => {
            // What is refused was never begun.
            if exit_code(&error) == 1
                && place.is_none()
                && let Some(path) = notebook.leave_unfinished(&error)?
            {
                eprintln!("note: what the story gave before it failed is in {}", relative(&path).display());
            }
            return Err(error);
        }
        Ok(_) if notebook.journal.is_some() => return Err(keeps_no_study()),
        Ok(result) => result,
    };
    let Finished { report, metrics } = notebook.finish(&result)?;
    if let Some(file) = arguments.schema_file {
        let schema = manifest::json_schema::<T>();
        if std::fs::read(&file).ok().as_deref() != Some(schema.as_bytes()) {
            std::fs::write(&file, schema).with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    let differs = committed.as_ref().map(|committed| differing(committed, &metrics));
    if json {
        let sides =
            |(name, [was, is]): &(&String, [&Value; 2])| ((*name).clone(), json!({"committed": was, "run": is}));
        let differs = differs.as_ref().map(|of| of.iter().map(sides).collect::<serde_json::Map<_, _>>());
        let fields =
            json!({"experiment": name, "metrics": metrics, "report": report, "differs_from_committed": differs});
        return show(&(serde_json::to_string_pretty(&fields)? + "\n"));
    }
    show(&result)?;
    if !quiet {
        eprintln!("the report is {}", relative(&report.join("index.html")).display());
        eprintln!("{}", said(differs.as_deref(), metrics.len()));
    }
    Ok(())
}

/// Predicts rows with the weights that the report in this folder has kept; by its manifest, whatever became of the experiment's.
fn predicted<T: Rules>(
    source: ProgramSource,
    [root, report]: [&Path; 2],
    rows: PathBuf,
    experiment: impl FnOnce(&mut Notebook, &Document<T>) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let weights = report.join(WEIGHTS);
    let weights = std::fs::read(&weights)
        .with_context(|| format!("cannot read {}, the weights of a report that keeps a network", weights.display()))?;
    let (manifest, _) = Document::<T>::load_and_note(&report.join("resolved.yaml"), &[])?;
    // The story goes as far as the network that it keeps, into a folder that is thrown away.
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut notebook = Notebook::begin(source, &manifest, [root, report], &place.path().join("report"), None, true)?;
    notebook.predict = Some(Predict { rows, report: report.to_owned(), weights });
    match experiment(&mut notebook, &manifest) {
        Err(error) if error.is::<Done>() => show(&error.to_string()),
        Err(error) => Err(error),
        Ok(_) => bail!("this experiment keeps no network to predict with"),
    }
}

/// The values that differ, with the committed one and the run's.
fn differing<'a>(
    committed: &'a BTreeMap<String, Value>,
    run: &'a BTreeMap<String, Value>,
) -> Vec<(&'a String, [&'a Value; 2])> {
    let names: BTreeSet<&String> = committed.keys().chain(run.keys()).collect();
    let sides = |name| [committed, run].map(|values| values.get(name).unwrap_or(&Value::Null));
    names.into_iter().map(|name| (name, sides(name))).filter(|(_, [was, is])| was != is).collect()
}

/// How a run compares with the committed report, for people.
fn said(differs: Option<&[(&String, [&Value; 2])]>, values: usize) -> String {
    const SHOWN: usize = 4;
    match differs {
        None => "no report of this experiment is committed".to_owned(),
        Some([]) => format!("all {values} values are those of the committed report"),
        Some(differs) => {
            let side =
                |(name, [was, is]): &(&String, [&Value; 2])| format!("{name} {} → {}", printed(was), printed(is));
            let named: Vec<String> = differs.iter().take(SHOWN).map(side).collect();
            let more = differs.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!("; {more} more differ") } else { String::new() };
            format!("differs from the committed report: {}{more}", named.join("; "))
        }
    }
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

    /// The error of a wrong command line.
    pub fn usage(text: impl Into<String>) -> anyhow::Error {
        Self { code: 2, text: text.into() }.into()
    }
}

/// A study to go on with, or of which something is asked, instead of writing a report.
#[derive(Debug, Clone, clap::Args)]
#[group(requires = "resume")]
pub struct Resume {
    /// Go on with the study in this journal and write no report
    #[arg(long = "resume", id = "resume", value_name = "JOURNAL", required = false, hide = true)]
    pub journal: OsString,
    /// The study's name
    #[arg(long, value_name = "NAME", required = false, default_value = "", hide = true, allow_hyphen_values = true)]
    pub study: String,
    /// How many trials it has in the end; as many as the manifest says if left out
    #[arg(long, value_name = "N", hide = true)]
    pub trials: Option<u64>,
    /// How many trials run at once; as many as there are cores if left out
    #[arg(long, value_name = "N", hide = true)]
    pub jobs: Option<NonZeroUsize>,
    /// Run this trial again instead, and print what differs as JSON
    #[arg(long, value_name = "N", hide = true)]
    pub replay: Option<u64>,
    /// Print the manifest of this trial instead
    #[arg(long, value_name = "N", hide = true, conflicts_with = "replay")]
    pub trial_manifest: Option<u64>,
    /// Enqueue the next round instead, for whoever evaluates it, and print which trials wait and run as JSON
    #[arg(long, hide = true, conflicts_with_all = ["replay", "trial_manifest"])]
    pub enqueue: bool,
}

/// What a story ends with whose program was started for something else than a report, and did it; the text is its answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Done(pub String);

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
    let code = |cause: &(dyn std::error::Error + 'static)| {
        let manifest = cause.downcast_ref::<manifest::Error>().map(manifest::Error::exit_code);
        let data = || cause.downcast_ref::<dataset::Error>().map(dataset::Error::exit_code);
        let failure = || cause.downcast_ref::<Failure>().map(|failure| failure.code);
        let busy = || cause.is::<Busy>().then_some(75);
        let file = || (cause.is::<io::Error>() || cause.is::<Refused>()).then_some(74);
        manifest.or_else(data).or_else(failure).or_else(busy).or_else(file)
    };
    error.chain().find_map(code).unwrap_or(1)
}

fn color_wanted(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

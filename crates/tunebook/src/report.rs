//! `tunebook report`: every experiment as its own process, then the pages over all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, anyhow, bail};
use notebook::{Kind, RECORDS, Staging};
use tuning::JOURNAL;

use crate::index::{Index, Report};

/// Runs every experiment and writes `out` anew, whole or not at all; prints the table published against
/// reproduced. Where an experiment fails, its last report stays, if there is one. Returns whether none failed and every
/// number claimed to be equal is.
///
/// # Errors
/// If no experiment succeeds, or a page cannot be written; the previous reports then stay.
pub fn report(root: &Path, out: &Path) -> anyhow::Result<bool> {
    let staging = Staging::begin(out, &Kind::Reports)?;
    let (out, staged) = (staging.target().to_owned(), staging.path().to_owned());
    // Journals of searches lie in the folder itself, where a run of one experiment has its own: either goes on from there.
    let _made = Made::begin(&out)?;
    let names = experiments(root)?;
    let mut reports = Vec::new();
    let mut failed = Vec::new();
    let mut recorded = Vec::new();
    for (name, result) in names.iter().zip(run_each(root, &names, &staged, &[], Some(&out))?) {
        let folder = staged.join(name);
        match result.and_then(|()| Report::load(name, &folder)) {
            Ok(report) => {
                reports.push(report);
                if folder.join(RECORDS).join(JOURNAL).exists() {
                    recorded.push(out.join(format!(".{name}.{JOURNAL}")));
                }
            }
            Err(error) => {
                notebook::fail(&error, false);
                failed.push(name.as_str());
                if staging.take_over(name)? {
                    reports.extend(Report::load(name, &folder).ok());
                }
            }
        }
    }
    if failed.len() == names.len() {
        bail!("every experiment failed; {} is as it was", out.display());
    }
    let index = Index::new(reports);
    index.write(&staged)?;
    notebook::write_sha256sums(&staged)?;
    staging.publish()?;
    for journal in recorded.iter().filter(|journal| journal.exists()) {
        std::fs::remove_file(journal).with_context(|| format!("cannot remove {}", journal.display()))?;
    }
    notebook::show(&index.table())?;
    eprintln!("reports are in {}", out.display());
    if !failed.is_empty() {
        eprintln!("without a new report: {}", failed.join(", "));
    }
    Ok(failed.is_empty() && index.all_reproduced())
}

/// A folder that is made if it is missing, and goes again if nothing has come into it.
struct Made<'a>(Option<&'a Path>);

impl<'a> Made<'a> {
    fn begin(folder: &'a Path) -> anyhow::Result<Self> {
        if folder.exists() {
            return Ok(Self(None));
        }
        std::fs::create_dir(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self(Some(folder)))
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        if let Some(folder) = self.0 {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Runs the experiments of these names, each into its own folder below `out`.
///
/// # Errors
/// If an experiment does not build or fails, or its report is not whole.
pub fn run_all(root: &Path, names: &[String], out: &Path, set: &[String]) -> anyhow::Result<Index> {
    run_each(root, names, out, set, None)?.into_iter().collect::<anyhow::Result<()>>()?;
    let reports = names.iter().map(|name| Report::load(name, &out.join(name)));
    Ok(Index::new(reports.collect::<anyhow::Result<_>>()?))
}

/// Runs the experiments of these names, each into its own folder below `out` and as many at once as there are cores,
/// with a line on each that has ended; returns what became of each. Their reports will be part of the folder `within`,
/// if there is one.
fn run_each(
    root: &Path,
    names: &[String],
    out: &Path,
    set: &[String],
    within: Option<&Path>,
) -> anyhow::Result<Vec<anyhow::Result<()>>> {
    let built = build(root, names)?;
    let binaries = std::env::current_exe().context("cannot tell where this binary is")?;
    let binaries = binaries.parent().context("this binary has no folder")?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(names.iter().zip(built));
    let ended = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(names.len()) {
            scope.spawn(|| {
                while let Some((name, built)) = next(&waiting) {
                    let start = Instant::now();
                    let result = built.and_then(|()| run(&binaries.join(name), &out.join(name), set, within));
                    let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Ok(result) = &result {
                        let (number, seconds) = (ended.len() + 1, start.elapsed().as_secs_f64());
                        eprintln!("[{number}/{}] {name} … {seconds:.1} s · {result}", names.len());
                    }
                    ended.insert(name, result.map(drop).with_context(|| format!("experiment {name} failed")));
                }
            });
        }
    });
    Ok(ended.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect())
}

fn next<T>(waiting: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// The names of all experiments, sorted: the folders in `experiments/` that have a manifest.
///
/// # Errors
/// If there are none.
pub fn experiments(root: &Path) -> anyhow::Result<Vec<String>> {
    let folder = root.join("experiments");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let folders: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let mut names: Vec<String> = folders
        .into_iter()
        .filter(|folder| folder.join("manifest.yaml").is_file())
        .filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    if names.is_empty() {
        bail!("no experiments in {}", folder.display());
    }
    Ok(names)
}

/// Builds every experiment in the profile of this binary, so that they lie beside it; returns which of these names were
/// built.
fn build(root: &Path, names: &[String]) -> anyhow::Result<Vec<anyhow::Result<()>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = |what: &[&str], errors: Stdio| -> anyhow::Result<bool> {
        let mut command = Command::new(&cargo);
        command.args(["build", "--quiet", "--bins", "--keep-going"]).args(what).current_dir(root).stderr(errors);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        Ok(command.status().context("cannot start cargo")?.success())
    };
    if build(&["--workspace"], Stdio::inherit())? {
        return Ok(names.iter().map(|_| Ok(())).collect());
    }
    // The compiler has said why; here it says of which.
    let each = |name: &String| {
        let is_built = build(&["--package", name], Stdio::null())?;
        if is_built { Ok(()) } else { Err(anyhow!("it does not build")) }
    };
    Ok(names.iter().map(each).collect())
}

/// Runs one experiment into `folder`; returns the last line of its result.
fn run(binary: &Path, folder: &Path, set: &[String], within: Option<&Path>) -> anyhow::Result<String> {
    let mut command = Command::new(binary);
    command.arg("--quiet").arg("--out").arg(folder).stdin(Stdio::null()).stderr(Stdio::inherit());
    if let Some(within) = within {
        command.arg("--within").arg(within);
    }
    for change in set {
        command.arg("--set").arg(change);
    }
    end_with_parent(&mut command);
    let output = command.output().with_context(|| format!("cannot start {}", binary.display()))?;
    if !output.status.success() {
        bail!("{} ended with {}", binary.display(), output.status);
    }
    let result = String::from_utf8_lossy(&output.stdout);
    Ok(result.lines().last().unwrap_or_default().to_owned())
}

/// A killed `report` takes its experiment with it: an orphan would go on writing where the next run works.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn end_with_parent(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    use rustix::process::{Signal, set_parent_process_death_signal};

    // SAFETY: between fork and exec the closure makes one system call and allocates nothing.
    unsafe { command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?)) };
}

#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}

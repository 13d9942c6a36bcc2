//! `tunebook report`: every experiment as its own process, then the pages over all of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, bail};
use notebook::Staging;

use crate::index::{Index, Report};

/// Runs every experiment and writes `out` anew, whole or not at all; prints the table published against
/// reproduced. Returns whether every number claimed to be equal is.
///
/// # Errors
/// If an experiment does not build or fails, or a page cannot be written; the previous reports then stay.
pub fn report(root: &Path, out: &Path) -> anyhow::Result<bool> {
    let staging = Staging::begin(out)?;
    let index = run_all(root, &experiments(root)?, staging.path(), &[])?;
    index.write(staging.path())?;
    notebook::write_sha256sums(staging.path())?;
    staging.publish()?;
    notebook::show(&index.table())?;
    eprintln!("reports are in {}", out.display());
    Ok(index.all_reproduced())
}

/// Runs the experiments of these names, each into its own folder below `out` and as many at once as there are cores,
/// with a line on each that has ended.
///
/// # Errors
/// If an experiment does not build or fails, or its report is not whole.
pub fn run_all(root: &Path, names: &[String], out: &Path, set: &[String]) -> anyhow::Result<Index> {
    build(root)?;
    let binaries = std::env::current_exe().context("cannot tell where this binary is")?;
    let binaries = binaries.parent().context("this binary has no folder")?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(names.iter());
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(names.len()) {
            scope.spawn(|| {
                while let Some(name) = next(&waiting) {
                    let start = Instant::now();
                    let result = run(&binaries.join(name), &out.join(name), set);
                    let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Ok(result) = &result {
                        let (number, seconds) = (ended.len() + 1, start.elapsed().as_secs_f64());
                        eprintln!("[{number}/{}] {name} … {seconds:.1} s · {result}", names.len());
                    } else {
                        // Nothing more is begun; the error is told once those under way have ended.
                        waiting.lock().unwrap_or_else(PoisonError::into_inner).by_ref().for_each(drop);
                    }
                    ended.push(result.map(drop).with_context(|| format!("experiment {name} failed")));
                }
            });
        }
    });
    ended.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect::<anyhow::Result<()>>()?;
    let reports = names.iter().map(|name| Report::load(name, &out.join(name)));
    Ok(Index::new(reports.collect::<anyhow::Result<_>>()?))
}

fn next<'names>(waiting: &Mutex<std::slice::Iter<'names, String>>) -> Option<&'names String> {
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

/// Builds every experiment in the profile of this binary, so that they lie beside it.
fn build(root: &Path) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--bins"]).current_dir(root);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("the experiments do not build");
    }
    Ok(())
}

/// Runs one experiment into `folder`; returns the last line of its result.
fn run(binary: &Path, folder: &Path, set: &[String]) -> anyhow::Result<String> {
    let mut command = Command::new(binary);
    command.arg("--quiet").arg("--out").arg(folder).stdin(Stdio::null()).stderr(Stdio::inherit());
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

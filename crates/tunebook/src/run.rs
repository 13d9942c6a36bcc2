//! Experiments as processes of their own, as many at once as there are cores.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};

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

/// Refuses a name that is none of the known ones.
///
/// # Errors
/// If there is one.
pub fn check_names(names: &[String], known: &[impl AsRef<str>]) -> anyhow::Result<()> {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no experiment {unknown}; there are {}", known.join(", "));
    }
    Ok(())
}

/// Builds every experiment in the profile of this binary; returns the folder in which they lie beside it.
///
/// # Errors
/// If an experiment does not build.
pub fn build(root: &Path) -> anyhow::Result<PathBuf> {
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
    let binary = std::env::current_exe().context("cannot tell where this binary is")?;
    Ok(binary.parent().context("this binary has no folder")?.to_owned())
}

/// Does the work on every item, on as many at once as there are cores. After an error nothing more is begun, and it is
/// told once what is under way has ended.
///
/// # Errors
/// The first error of the work.
pub fn at_once<T: Sync>(items: &[T], work: impl Fn(&T) -> anyhow::Result<()> + Sync) -> anyhow::Result<()> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let waiting = Mutex::new(items.iter());
    let failed = Mutex::new(Ok(()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = next(&waiting) {
                    if let Err(error) = work(item) {
                        waiting.lock().unwrap_or_else(PoisonError::into_inner).by_ref().for_each(drop);
                        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        if failed.is_ok() {
                            *failed = Err(error);
                        }
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn next<'items, T>(waiting: &Mutex<std::slice::Iter<'items, T>>) -> Option<&'items T> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Runs an experiment by `command`, which names its program, into the folder `out`; returns the last line of its result.
///
/// # Errors
/// If it cannot be started or fails; the error has the last line that it wrote to stderr, where that is not inherited.
pub fn run(mut command: Command, out: &Path, set: &[impl AsRef<str>]) -> anyhow::Result<String> {
    command.arg("--quiet").arg("--out").arg(out).stdin(Stdio::null());
    for change in set {
        command.args(["--set", change.as_ref()]);
    }
    end_with_parent(&mut command);
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().map(|line| format!(": {line}")).unwrap_or_default();
        bail!("{program} ended with {}{last}", output.status);
    }
    let result = String::from_utf8_lossy(&output.stdout);
    Ok(result.lines().last().unwrap_or_default().to_owned())
}

/// A killed parent takes its experiments with it: an orphan would go on writing where the next run works.
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

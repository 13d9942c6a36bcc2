//! Experiments as processes of their own, as many at once as there are cores.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, anyhow, bail};
use rayon::iter::{ParallelBridge as _, ParallelIterator as _};

/// The names of all experiments, sorted: the folders in `experiments/` that have a manifest. That there is none is an error.
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
pub fn check_names(names: &[String], known: &[impl AsRef<str>]) -> anyhow::Result<()> {
    let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no experiment {unknown}; there are {}", known.join(", "));
    }
    Ok(())
}

/// Builds the experiments of these names in the profile of this binary, so that they lie beside it; returns which of them
/// were built.
pub fn build(root: &Path, names: &[impl AsRef<str>]) -> anyhow::Result<Vec<anyhow::Result<()>>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = |names: &[&str], errors: Stdio| -> anyhow::Result<bool> {
        let mut command = Command::new(&cargo);
        command.args(["build", "--quiet", "--keep-going"]).current_dir(root).stderr(errors);
        // A package may have other programs, for which no report waits.
        command.args(names.iter().flat_map(|name| ["--package", name, "--bin", name]));
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        Ok(command.status().context("cannot start cargo")?.success())
    };
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if build(&names, Stdio::inherit())? {
        return Ok(names.iter().map(|_| Ok(())).collect());
    }
    // The compiler has said why; here it says of which.
    let each = |name| {
        let is_built = build(&[name], Stdio::null())?;
        if is_built { Ok(()) } else { Err(anyhow!("it does not build")) }
    };
    Ok(names.into_iter().map(each).collect())
}

/// The folder of this binary, in which the experiments' are too.
pub fn binaries() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe().context("cannot tell where this binary is")?;
    Ok(binary.parent().context("this binary has no folder")?.to_owned())
}

/// The program of one experiment, built where it has to be. That there is none, or that it does not build, is an error.
pub fn program(root: &Path, name: &str) -> anyhow::Result<PathBuf> {
    check_names(&[name.to_owned()], &experiments(root)?)?;
    build(root, &[name])?.into_iter().collect::<anyhow::Result<()>>()?;
    Ok(binaries()?.join(name))
}

/// Does the work on every item, on as many at once as there are cores, begun in the items' order; returns the results in it.
pub fn at_once<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let ended = items.into_iter().enumerate().par_bridge().map(|(number, item)| (number, work(item)));
    let mut ended: Vec<(usize, R)> = ended.collect();
    ended.sort_by_key(|(number, _)| *number);
    ended.into_iter().map(|(_, result)| result).collect()
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

//! `tunebook report`: every experiment as its own process, then the pages over all of them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use notebook::Staging;

use crate::index::{Index, Report};
use crate::run::{at_once, build, experiments, run};

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
    let binaries = build(root)?;
    let ended = AtomicUsize::new(0);
    at_once(names, |name| {
        let start = Instant::now();
        let mut command = Command::new(binaries.join(name));
        command.stderr(Stdio::inherit());
        let result = run(command, &out.join(name), set).with_context(|| format!("experiment {name} failed"))?;
        let number = ended.fetch_add(1, Ordering::Relaxed) + 1;
        eprintln!("[{number}/{}] {name} … {:.1} s · {result}", names.len(), start.elapsed().as_secs_f64());
        Ok(())
    })?;
    let reports = names.iter().map(|name| Report::load(name, &out.join(name)));
    Ok(Index::new(reports.collect::<anyhow::Result<_>>()?))
}

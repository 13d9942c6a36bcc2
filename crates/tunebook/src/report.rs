//! `tunebook report`: every experiment as its own process, then the pages over all of them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use notebook::{JOURNAL, Kind, RECORDS, Staging};

use crate::index::{Index, Report};
use crate::run::{at_once, binaries, build, experiments, run};

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
    let (built, binaries) = (build(root, names)?, binaries()?);
    let ended = AtomicUsize::new(0);
    Ok(at_once(names.iter().zip(built).collect(), |(name, built)| {
        let start = Instant::now();
        let run = || {
            built?;
            let mut command = Command::new(binaries.join(name));
            command.stderr(Stdio::inherit());
            if let Some(within) = within {
                command.arg("--within").arg(within);
            }
            run(command, &out.join(name), set)
        };
        let result = run().with_context(|| format!("experiment {name} failed"));
        let number = ended.fetch_add(1, Ordering::Relaxed) + 1;
        if let Ok(result) = &result {
            eprintln!("[{number}/{}] {name} … {:.1} s · {result}", names.len(), start.elapsed().as_secs_f64());
        }
        result.map(drop)
    }))
}

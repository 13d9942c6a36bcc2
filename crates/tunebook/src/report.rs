//! `tunebook report`: every experiment as its own process, then the pages over all of them.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use notebook::{JOURNAL, Kind, RECORDS, Staging};
use serde_json::json;

use crate::answer::Answer;
use crate::index::{self, Index, Layout};
use crate::run::{at_once, binaries, build, check_names, experiments, run};
use crate::stamp::Stamp;

/// Which experiments are run, and where their reports go.
#[derive(Debug, Args)]
pub struct Report {
    /// Only these experiments [default: all]
    experiments: Vec<String>,
    /// Run an experiment that is up to date too
    #[arg(long)]
    force: bool,
    /// The folder of all reports [default: reports in the workspace]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs experiments and writes the folder of reports anew, whole or not at all; the answer is the table published against
/// reproduced. Where an experiment fails, its last report stays, if there is one. Good if none failed and every number that is
/// claimed to be equal is.
///
/// # Errors
/// If no experiment succeeds, or a page cannot be written; the previous reports then stay.
pub fn report(root: &Path, report: &Report) -> anyhow::Result<Answer> {
    let known = experiments(root)?;
    check_names(&report.experiments, &known)?;
    let layout = Layout::load(root, &known)?;
    let staging = Staging::begin(report.out.as_ref().unwrap_or(&root.join("reports")), &Kind::Reports)?;
    let (out, staged) = (staging.target().to_owned(), staging.path().to_owned());
    // Journals of searches lie in the folder itself, where a run of one experiment has its own: either goes on from there.
    let _made = Made::begin(&out)?;
    let (asked, others): (Vec<String>, Vec<String>) =
        known.iter().cloned().partition(|name| report.experiments.is_empty() || report.experiments.contains(name));
    let built = build(root, &asked)?;
    let stamp = |name| Stamp { root, name, report: out.join(name), machine: None };
    let (mut stale, mut kept) = (Vec::new(), others);
    for (name, built) in asked.iter().zip(built) {
        if !report.force && built.is_ok() && stamp(name).is_fresh()? {
            eprintln!("{name} is up to date");
            kept.push(name.clone());
        } else {
            stale.push((name.as_str(), built));
        }
    }
    // The longest first, so that none of them is left to run alone in the end.
    stale.sort_by_key(|(name, _)| Reverse(stamp(name).duration()));
    let mut reports = Vec::new();
    for name in &kept {
        if staging.take_over(name)? {
            reports.extend(index::Report::load_kept(name, &staged.join(name))?);
        }
    }
    let mut failed = Vec::new();
    let mut ran = Vec::new();
    let mut recorded = Vec::new();
    let names: Vec<&str> = stale.iter().map(|(name, _)| *name).collect();
    let arguments = |name: &str| vec!["--within".into(), out.clone(), "--schema-file".into(), schema_path(root, name)];
    for (&name, result) in names.iter().zip(run_each(stale, &binaries()?, &staged, &[], arguments)) {
        let folder = staged.join(name);
        match result.and_then(|took| Ok((took, index::Report::load(name, &folder)?))) {
            Ok((took, report)) => {
                reports.push(report);
                ran.push((name, took));
                if folder.join(RECORDS).join(JOURNAL).exists() {
                    recorded.push(out.join(format!(".{name}.{JOURNAL}")));
                }
            }
            Err(error) => {
                notebook::fail(&error, false);
                failed.push(name);
                if staging.take_over(name)? {
                    reports.extend(index::Report::load(name, &folder).ok());
                }
            }
        }
    }
    if failed.len() == asked.len() {
        bail!("there is no new report; {} is as it was", out.display());
    }
    let index = Index::new(layout, reports);
    index.write(&staged)?;
    notebook::write_sha256sums(&staged)?;
    staging.publish()?;
    for journal in recorded.iter().filter(|journal| journal.exists()) {
        std::fs::remove_file(journal).with_context(|| format!("cannot remove {}", journal.display()))?;
    }
    for (name, took) in ran {
        stamp(name).write(took)?;
    }
    eprintln!("reports are in {}", out.display());
    if !failed.is_empty() {
        eprintln!("without a new report: {}", failed.join(", "));
    }
    let not_reproduced = index.not_reproduced();
    for line in &not_reproduced {
        eprintln!("not reproduced: {line}");
    }
    let good = failed.is_empty() && not_reproduced.is_empty();
    let json = json!({
        "reports": out, "failed": failed, "published": index.published(), "not_reproduced": not_reproduced,
    });
    Ok(Answer { text: index.table(), json, good })
}

/// Where the schema of an experiment's manifest is committed.
pub fn schema_path(root: &Path, name: &str) -> PathBuf {
    root.join("experiments").join(name).join("manifest.schema.json")
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

/// Runs the experiments of these names, each into its own folder below `out`, and leaves the schemas of their manifests in
/// `schemas`; their programs lie in `binaries`, or are built if that is left out.
///
/// # Errors
/// If an experiment does not build or fails, or its report is not whole.
pub fn run_all(
    root: &Path,
    names: &[String],
    [out, schemas]: [&Path; 2],
    set: &[String],
    programs: Option<&Path>,
) -> anyhow::Result<Index> {
    let layout = Layout::load(root, &experiments(root)?)?;
    let built = if programs.is_some() { names.iter().map(|_| Ok(())).collect() } else { build(root, names)? };
    let experiments = names.iter().map(String::as_str).zip(built).collect();
    let arguments = |name: &str| vec!["--schema-file".into(), schemas.join(name)];
    run_each(experiments, programs.unwrap_or(&binaries()?), out, set, arguments)
        .into_iter()
        .collect::<anyhow::Result<Vec<Duration>>>()?;
    let reports = names.iter().map(|name| index::Report::load(name, &out.join(name)));
    Ok(Index::new(layout, reports.collect::<anyhow::Result<_>>()?))
}

/// Runs the experiments of these names, each with these arguments into its own folder below `out` and as many at once as
/// there are cores, with a line on each that has ended; returns how long each took; it did not run if it was not built.
fn run_each(
    experiments: Vec<(&str, anyhow::Result<()>)>,
    programs: &Path,
    out: &Path,
    set: &[String],
    arguments: impl Fn(&str) -> Vec<PathBuf> + Sync,
) -> Vec<anyhow::Result<Duration>> {
    let count = experiments.len();
    let ended = AtomicUsize::new(0);
    at_once(experiments, |(name, built)| {
        let start = Instant::now();
        let run = || {
            built?;
            let mut command = Command::new(programs.join(name));
            command.args(arguments(name)).stderr(Stdio::inherit());
            run(command, &out.join(name), set)
        };
        let result = run().with_context(|| format!("experiment {name} failed"));
        let number = ended.fetch_add(1, Ordering::Relaxed) + 1;
        let took = start.elapsed();
        if let Ok(result) = &result {
            eprintln!("[{number}/{count}] {name} … {:.1} s · {result}", took.as_secs_f64());
        }
        result.map(|_| took)
    })
}

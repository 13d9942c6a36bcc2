//! `tunebook verify`: what is committed is what a new run makes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use notebook::PROVENANCE;

use crate::compare::Compared;
use crate::report;
use crate::run::{binaries, check_names, experiments};

/// Which experiments are run, and with what changed.
#[derive(Debug)]
pub struct Verify<'a> {
    /// The committed reports.
    pub reports: &'a Path,
    /// Names of experiments; all if empty, the pages over them included.
    pub only: &'a [String],
    /// Overrides for every experiment, as `--set` takes them: shows what a change would move.
    pub set: &'a [String],
}

/// Runs the experiments into a temporary folder and compares with the committed reports; checks the digests of
/// `data/`, and the JSON Schema beside every manifest. Prints how many artefacts are identical, or every difference. Returns whether all is equal and every
/// published number is reproduced.
///
/// # Errors
/// If an experiment fails or a file cannot be read.
pub fn verify(root: &Path, verify: &Verify) -> anyhow::Result<bool> {
    let known = experiments(root)?;
    check_names(verify.only, &known)?;
    let names = if verify.only.is_empty() { &known } else { verify.only };
    if (std::env::consts::ARCH, std::env::consts::OS) != ("x86_64", "linux") {
        eprintln!("note: the same bytes are promised on x86-64 with Linux; on this machine nothing was ever compared");
    }
    let folders = std::iter::once(verify.reports.to_owned()).chain(names.iter().map(|name| verify.reports.join(name)));
    if let Some(half) = folders.into_iter().find(|folder| notebook::is_half_replaced(folder)) {
        bail!("{} is half replaced by a run that was killed; run `make report` again", half.display());
    }
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let index = report::run_all(root, names, place.path(), verify.set)?;
    let mut compared = Compared::without(&[PROVENANCE]);
    if verify.only.is_empty() {
        index.write(place.path())?;
        notebook::write_sha256sums(place.path())?;
        compared.add(verify.reports, place.path(), Path::new(""))?;
    }
    for name in verify.only {
        compared.add(verify.reports, place.path(), Path::new(name))?;
    }
    let mut lines: Vec<String> = compared.differences.iter().map(ToString::to_string).collect();
    lines.extend(notebook::check_sha256sums(&root.join("data"))?.into_iter().map(|problem| format!("data/{problem}")));
    for name in names {
        lines.extend(stale_schema(root, name)?);
    }
    let good = lines.is_empty() && index.all_reproduced();
    if !index.all_reproduced() {
        lines.push(index.table());
    }
    let remark = if good { "" } else { ", not all is as committed" };
    lines.push(format!("{} artefacts identical{remark}", compared.identical));
    notebook::show(&(lines.join("\n") + "\n"))?;
    Ok(good)
}

/// The schema of the experiment's manifest, if its program has another one than the committed.
fn stale_schema(root: &Path, name: &str) -> anyhow::Result<Option<String>> {
    let path = format!("experiments/{name}/manifest.schema.json");
    let committed = std::fs::read(root.join(&path)).unwrap_or_default();
    let output = Command::new(binaries()?.join(name)).arg("--schema").output();
    let output = output.with_context(|| format!("cannot start {name}"))?;
    let is_fresh = output.status.success() && output.stdout == committed;
    Ok((!is_fresh).then(|| format!("{path}: not fresh; run: cargo run --release -p {name} -- --schema > {path}")))
}

//! `tunebook verify`: what is committed is what a new run makes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use notebook::PROVENANCE;
use serde_json::json;

use crate::answer::Answer;
use crate::compare::Compared;
use crate::run::check_names;
use crate::{report, run};

/// Which experiments are run, and with what changed.
#[derive(Debug, Args)]
pub struct Verify {
    /// Only these experiments [default: all, and the pages over them]
    experiments: Vec<String>,
    /// The committed reports [default: reports in the workspace]
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// Override a key of every manifest, to see which numbers a change moves; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Where the experiments' programs are [default: they are built]
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
}

/// Runs the experiments into a temporary folder and compares with the committed reports; checks the digests of
/// `data/`, and the JSON Schema beside every manifest. Says how many artefacts are identical, and every difference; good if all is equal and every
/// published number is reproduced.
///
/// # Errors
/// If an experiment fails or a file cannot be read.
pub fn verify(root: &Path, verify: &Verify) -> anyhow::Result<Answer> {
    let known = run::experiments(root)?;
    let Verify { experiments, reports, set, binaries } = verify;
    check_names(experiments, &known)?;
    let names = if experiments.is_empty() { &known } else { experiments };
    let reports = &reports.clone().unwrap_or_else(|| root.join("reports"));
    if (std::env::consts::ARCH, std::env::consts::OS) != ("x86_64", "linux") {
        eprintln!("note: the same bytes are promised on x86-64 with Linux; on this machine nothing was ever compared");
    }
    let folders = std::iter::once(reports.clone()).chain(names.iter().map(|name| reports.join(name)));
    if let Some(half) = folders.into_iter().find(|folder| notebook::is_half_replaced(folder)) {
        bail!("{} is half replaced by a run that was killed; run `make report` again", half.display());
    }
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folders = ["reports", "schemas"].map(|name| place.path().join(name));
    folders.iter().try_for_each(std::fs::create_dir).context("cannot make a temporary folder")?;
    let [out, schemas] = folders.each_ref().map(AsRef::as_ref);
    let index = report::run_all(root, names, [out, schemas], set, binaries.as_deref())?;
    let mut compared = Compared::without(&[PROVENANCE]);
    if experiments.is_empty() {
        index.write(out)?;
        notebook::write_sha256sums(out)?;
        compared.add(reports, out, Path::new(""))?;
    }
    for name in experiments {
        compared.add(reports, out, Path::new(name))?;
    }
    let mut lines = compared.differences;
    lines.extend(notebook::check_sha256sums(&root.join("data"))?.into_iter().map(|problem| format!("data/{problem}")));
    for name in names {
        let path = report::schema_path(root, name);
        if std::fs::read(&path).ok() != std::fs::read(schemas.join(name)).ok() {
            lines.push(format!("{}: not fresh; `make report` writes it", path.display()));
        }
    }
    lines.extend(index.not_reproduced().iter().map(|line| format!("not reproduced: {line}")));
    let good = lines.is_empty();
    let remark = if good { "" } else { ", not all is as committed" };
    let json = json!({"identical": compared.identical, "differences": lines});
    lines.push(format!("{} artefacts identical{remark}", compared.identical));
    Ok(Answer { text: lines.join("\n") + "\n", json, good })
}

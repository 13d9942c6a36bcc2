//! `tunebook verify`: what is committed is what a new run makes.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::compare::Compared;
use crate::report::{self, experiments};

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
/// `data/`. Prints how many artefacts are identical, or every difference. Returns whether all is equal and every
/// published number is reproduced.
///
/// # Errors
/// If an experiment fails or a file cannot be read.
pub fn verify(root: &Path, verify: &Verify) -> anyhow::Result<bool> {
    let known = experiments(root)?;
    if let Some(unknown) = verify.only.iter().find(|name| !known.contains(name)) {
        bail!("there is no experiment {unknown}; there are {}", known.join(", "));
    }
    let names = if verify.only.is_empty() { &known } else { verify.only };
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let index = report::run_all(root, names, place.path(), verify.set)?;
    let mut compared = Compared::default();
    if verify.only.is_empty() {
        index.write(place.path())?;
        notebook::write_sha256sums(place.path())?;
        compared.add(verify.reports, place.path(), Path::new(""))?;
    }
    for name in verify.only {
        compared.add(verify.reports, place.path(), Path::new(name))?;
    }
    for difference in &compared.differences {
        println!("{difference}");
    }
    let mut good = compared.differences.is_empty();
    for problem in notebook::check_sha256sums(&root.join("data"))? {
        println!("data/{problem}");
        good = false;
    }
    if !index.all_reproduced() {
        print!("{}", index.table());
        good = false;
    }
    if good {
        println!("{} artefacts identical", compared.identical);
    } else {
        println!("{} artefacts identical, not all is as committed", compared.identical);
    }
    Ok(good)
}

//! A study that goes on from its journal.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::Context as _;
use indicatif::ProgressBar;
use manifest::Manifest;
use search::storage::{Journal, Json, StoredStudy, shown};
use search::study::MANIFEST_ATTRIBUTE;

use crate::Measured;
use crate::plan::study_name;
use crate::run::{Goal, run};

/// Goes on with the study of that name until it has `trials` trials (or as many as its manifest says, where none are
/// given), `jobs` at once or as many as there are cores, and returns it. What it trains stands in the manifest that the
/// journal holds.
///
/// # Errors
/// If there is no such study, it has no manifest, or something cannot be read or written.
pub fn resume(
    journal: &Path,
    name: &str,
    trials: Option<u64>,
    jobs: Option<NonZeroUsize>,
    progress: &ProgressBar,
) -> anyhow::Result<StoredStudy> {
    let shown = shown(name);
    let text = {
        let read = Journal::read(journal)?;
        let study = read.study(name).with_context(|| format!("{}: there is no study {shown}", journal.display()))?;
        let manifest = study.user_attribute(MANIFEST_ATTRIBUTE).and_then(Json::as_str);
        manifest
            .with_context(|| format!("{}: study {shown} has no manifest to go on by", journal.display()))?
            .to_owned()
    };
    let manifest = Manifest::parse(&format!("the manifest of study {shown}"), &text, &[])?;
    let search = manifest.search.clone().with_context(|| format!("the manifest of study {shown} has no search"))?;
    // An experiment's own name may end as the names of its studies on held-out data do.
    let measured = [Measured::Test, Measured::Validation].into_iter().find(|&of| study_name(&manifest, of) == name);
    let measured = measured.with_context(|| {
        format!("{}: study {shown} is not the one of its manifest, {}", journal.display(), manifest.experiment)
    })?;
    let goal = Goal { trials: trials.unwrap_or(search.trials.into()), jobs };
    run(journal, &manifest, &search, measured, goal, progress)
}

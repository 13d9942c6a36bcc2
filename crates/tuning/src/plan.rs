//! What the studies of a manifest's search are made of.

use std::num::{NonZeroU32, NonZeroU64};

use anyhow::Context as _;
use manifest::{Document, Rules};
use search::Search;
use search::study::Plan;
use serde_json::Value;

use crate::Measured;

/// Keys of a manifest that do not decide a training: texts, and what is done with many trainings.
const NOT_TRAINED: [&str; 6] = ["experiment", "title", "source", "analysis", "search", "variants"];

/// The study's name in its journal: the experiment's, and `-validation` where held-out data are measured on.
pub(crate) fn study_name(experiment: &str, measured: Measured) -> String {
    match measured {
        Measured::Test => experiment.to_owned(),
        Measured::Validation => format!("{experiment}-validation"),
    }
}

/// The plan of the study; whatever decides a trial is in it, so that a study goes on only as it began.
pub(crate) fn plan<T: Rules>(
    experiment: &str,
    manifest: &Document<T>,
    search: &Search,
    measured: Measured,
) -> anyhow::Result<Plan> {
    let json = manifest.to_json();
    let section = |key: &str| json["search"].get(key).map(|value| (key.to_owned(), text(value)));
    let of_search = ["sampler", "seed", "objective", "report_every"].into_iter().filter_map(section);
    // In the order of the manifest.
    let written: serde_yaml::Mapping = serde_yaml::from_str(&manifest.to_yaml())?;
    let keys = written.keys().filter_map(|key| key.as_str()).filter(|key| !NOT_TRAINED.contains(key));
    let mut settings: Vec<(String, String)> =
        of_search.chain(keys.map(|key| (key.to_owned(), text(&json[key])))).collect();
    settings.extend(["pruner", "grid_points", "startup_trials", "candidates"].into_iter().filter_map(section));
    if measured == Measured::Validation {
        settings.extend(section("validation_split"));
    }
    Ok(Plan {
        name: study_name(experiment, measured),
        direction: search.direction,
        sampler: search.sampler()?,
        space: search.parameters.clone(),
        pruner: search.pruner.as_ref().map(search::PrunerKind::build),
        round: NonZeroU64::from(NonZeroU32::new(search.round).context("search.round is at least 1")?),
        repeats: NonZeroU32::new(search.repeats).context("search.repeats is at least 1")?,
        settings,
        manifest: manifest.to_yaml(),
    })
}

/// A part of the manifest on one line.
fn text(part: &Value) -> String {
    part.as_str().map_or_else(|| part.to_string(), str::to_owned)
}

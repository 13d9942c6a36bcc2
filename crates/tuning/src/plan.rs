//! What the studies of a manifest's search are made of.

use std::num::{NonZeroU32, NonZeroU64};

use anyhow::Context as _;
use manifest::{Manifest, Search};
use search::study::Plan;
use serde::Serialize;

use crate::Measured;

/// The study's name in its journal: the experiment's, and `-validation` where held-out data are measured on.
pub(crate) fn study_name(manifest: &Manifest, measured: Measured) -> String {
    match measured {
        Measured::Test => manifest.experiment.clone(),
        Measured::Validation => format!("{}-validation", manifest.experiment),
    }
}

/// The plan of the study; whatever decides a trial is in it, so that a study goes on only as it began.
pub(crate) fn plan(manifest: &Manifest, search: &Search, measured: Measured) -> anyhow::Result<Plan> {
    let mut settings = vec![
        ("sampler".to_owned(), text(&search.sampler)?),
        ("seed".to_owned(), search.seed.to_string()),
        ("objective".to_owned(), text(&search.objective)?),
        ("report_every".to_owned(), search.report_every.to_string()),
        ("data".to_owned(), text(&manifest.data)?),
        ("scaling".to_owned(), text(&manifest.scaling)?),
        ("model".to_owned(), text(&manifest.model)?),
        ("training".to_owned(), text(&manifest.training)?),
        ("restore".to_owned(), text(&manifest.restore)?),
    ];
    if let Some(pruner) = &search.pruner {
        settings.push(("pruner".to_owned(), text(pruner)?));
    }
    if let Some(points) = search.grid_points {
        settings.push(("grid_points".to_owned(), points.to_string()));
    }
    if let (Measured::Validation, Some(split)) = (measured, search.validation_split) {
        settings.push(("validation_split".to_owned(), format!("{split:?}")));
    }
    Ok(Plan {
        name: study_name(manifest, measured),
        direction: search.direction,
        sampler: search.sampler()?,
        space: search.parameters.clone(),
        pruner: search.pruner.as_ref().map(manifest::Pruner::build),
        round: NonZeroU64::from(NonZeroU32::new(search.round).context("search.round is at least 1")?),
        repeats: NonZeroU32::new(search.repeats).context("search.repeats is at least 1")?,
        settings,
        manifest: manifest.to_yaml(),
    })
}

/// A part of the manifest on one line.
fn text(part: &impl Serialize) -> anyhow::Result<String> {
    let json = serde_json::to_value(part)?;
    Ok(json.as_str().map_or_else(|| json.to_string(), str::to_owned))
}

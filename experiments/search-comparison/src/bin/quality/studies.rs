//! Studies of functions with known minima, and of the post's problem.

use manifest::Document;
use rayon::prelude::*;
use search_comparison::record::{POST, Study};
use search_comparison::{Manifest, contestants};

/// Every sampler on every function, from every seed.
pub fn run(manifest: &Document<Manifest>) -> anyhow::Result<Vec<Study>> {
    let comparison = &manifest.comparison;
    let contestants = contestants(manifest)?;
    let functions = comparison.functions.iter().map(String::as_str).chain([POST]);
    let [first, last] = [comparison.recorded_seeds.first, comparison.recorded_seeds.last].map(|seed| seed as u32);
    let mut all = Vec::new();
    for function in functions {
        for contestant in &contestants {
            all.extend((first..=last).map(|seed| (function, contestant, seed)));
        }
    }
    let progress = notebook::progress_bar(all.len() as u64, "studies", false);
    let studies = all.into_par_iter().map(|(function, contestant, seed)| {
        let study = search_comparison::measured(manifest, function, contestant, seed, comparison.evaluations.into());
        progress.inc(1);
        study
    });
    let studies = studies.collect::<anyhow::Result<Vec<_>>>();
    progress.finish_and_clear();
    studies
}

//! Which way of searching should one choose?
//!
//! The post names grid search, random search and Bayesian optimisation and leaves the choice open. Here every sampler searches the same
//! space on the same problem, from the same seeds: how many trials until it finds what matters, and what does it do with the rest?
//! On functions whose minima are known the distance to the best was measured as well, beside the samplers of Optuna and Rustuna.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p search-comparison
//! cargo run --release -p search-comparison -- --out /tmp/other --set comparison.seeds=5
//! ```

// %%
mod functions;
mod post;

use std::process::ExitCode;

use anyhow::Context as _;
use manifest::Document;
use notebook::Notebook;
use search_comparison::Manifest;
use search_comparison::record::{self, RECORD};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// What `quality` obeys and this program does not: it draws what was measured.
const MEASURED: [&str; 2] = ["comparison.evaluations", "comparison.recorded_seeds"];

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The problem
    //
    // Every sampler, from every seed; all trainings of one study start from the same seed, so that the objective is a function. What the
    // post calls accuracy is the root mean square error of the predictions, where 0 is best. Conclusions count how many trials it takes
    // until the objective reaches a target.

    // %%
    if let Some(key) = MEASURED.iter().find(|key| notebook.changes(&[key])) {
        let message = "this report draws a record; `quality` takes another".to_owned();
        return Err(manifest::Error::Invalid { location: (*key).to_owned(), message }.into());
    }

    let studies = post::run(notebook, manifest)?;
    let found = notebook.within(|notebook| post::tables(notebook, manifest, &studies))?;

    // %% [markdown]
    // ## How fast each gets where, in trials and in seconds
    //
    // The seconds are those of the record: they differ from machine to machine.

    // %%
    let records = notebook.records()?;
    let path = records.iter().find(|path| path.file_name().is_some_and(|name| name == RECORD));
    let record = record::load(path.context("there is no record of the samplers; `make quality` makes it")?)?;
    notebook.within(|notebook| post::figures(notebook, manifest, &studies, &record))?;

    // %% [markdown]
    // ## Functions whose minima are known, and what a suggestion costs
    //
    // Beside the record stands what the samplers of Optuna and Rustuna reach on the same functions, from `data/optuna`.

    // %%
    notebook.within(|notebook| functions::figures(notebook, manifest, &record))?;
    let worse = notebook.within(|notebook| functions::beside_others(notebook, manifest, &record))?;
    notebook.within(|notebook| functions::costs(notebook, &record))?;

    // %% [markdown]
    // ## Conclusion

    // %%
    notebook.paragraph(format!("{found} {worse}."));
    Ok(format!("{worse}\n"))
}

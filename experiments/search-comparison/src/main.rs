//! Five samplers on the post's problem, and on functions whose minima are known.
//!
//! The studies of the post's problem are run here; those of the functions take minutes and come from the record that
//! `make quality` makes. Expect every sampler to find the linear activation, and TPE and the Gaussian process to stay
//! with it.
//!
//! ```text
//! cargo run --release -p search-comparison
//! cargo run --release -p search-comparison -- --out /tmp/other --set comparison.seeds=5
//! ```

// %% [markdown]
// # Grid, random, Sobol, TPE and a Gaussian process

mod functions;
mod post;

use std::process::ExitCode;

use anyhow::Context as _;
use manifest::Document;
use notebook::Notebook;
use search_comparison::Manifest;
use search_comparison::record::{self, RECORD};

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // What `make quality` obeys and this program does not: it draws what was measured.
    if notebook.changes(&["comparison.evaluations"]) {
        let message = "this report draws a record; `quality` takes another number".to_owned();
        let location = "comparison.evaluations".to_owned();
        return Err(manifest::Error::Invalid { location, message }.into());
    }

    // %% [markdown]
    // ## The post's problem
    //
    // Every sampler, from every seed; all trainings from the same seed, so that the objective is a function.

    // %%
    let studies = post::run(notebook, manifest)?;
    post::tables(notebook, manifest, &studies)?;

    // %% [markdown]
    // ## How fast each gets where, in trials and in seconds
    //
    // The seconds are those of the record: they differ from machine to machine.

    // %%
    let records = notebook.records()?;
    let path = records.iter().find(|path| path.file_name().is_some_and(|name| name == RECORD));
    let record = record::load(path.context("there is no record of the samplers; `make quality` makes it")?)?;
    post::figures(notebook, manifest, &studies, &record)?;

    // %% [markdown]
    // ## Functions whose minima are known, and what a suggestion costs
    //
    // Beside the record stands what Optuna reaches on the same functions, from `data/optuna`.

    // %%
    functions::figures(notebook, manifest, &record)?;
    let not_worse = functions::beside_optuna(notebook, &record)?;
    functions::costs(notebook, &record)?;
    Ok(format!("{not_worse}\n"))
}

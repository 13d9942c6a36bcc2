//! The post's knobs by grid search.
//!
//! The three searches share their program; what they try, and who suggests it, stands in their manifests. Expect the
//! best trial to be linear and to reach the floor of float32, about 1e-5.
//!
//! ```text
//! cargo run --release -p grid-search
//! cargo run --release -p grid-search -- --out /tmp/other --set search.seed=1
//! ```

// %% [markdown]
// # The post's knobs by grid search

use std::process::ExitCode;

use notebook::Notebook;

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

fn experiment(notebook: &mut Notebook) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The studies
    //
    // Every trial trains the manifest's network with the suggested values in the place of the manifest's own: first
    // measured on the test data, as in the post, then once more on held-out data.

    // %%
    Ok(tuning::studies(notebook)?.outcome())
}

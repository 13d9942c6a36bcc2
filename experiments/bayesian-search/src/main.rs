//! The post's knobs by Bayesian search.
//!
//! The three searches share their program; what they try, and who suggests it, stands in their manifests. Expect the
//! best trial to be linear and to reach the floor of float32, about 1e-5.
//!
//! ```text
//! cargo run --release -p bayesian-search
//! cargo run --release -p bayesian-search -- --out /tmp/other --set search.seed=1
//! ```

// %% [markdown]
// # The post's knobs by Bayesian search

use std::process::ExitCode;

use notebook::Notebook;

fn main() -> ExitCode {
    notebook::run(env!("CARGO_MANIFEST_DIR"), experiment)
}

fn experiment(notebook: &mut Notebook) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The study
    //
    // Every trial trains the manifest's network with the suggested values in the place of the manifest's own.

    // %%
    let study = tuning::studies(notebook)?.test;
    let best = study.best().and_then(|trial| trial.value());
    Ok(format!("{} trials, the best {:?}\n", study.trials.len(), best.unwrap_or(f64::NAN)))
}

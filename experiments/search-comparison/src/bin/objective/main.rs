//! The post's problem for other programs: parameters in, value out.
//!
//! Reads a JSON object of parameters a line and answers each with the value of the manifest's objective, or `null` where
//! training fails; `data/optuna/measure.py` runs Optuna on it.
//!
//! ```text
//! cargo run --release -p search-comparison --bin objective < parameters.jsonl
//! ```

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use search::Assignment;
use search_comparison::{Manifest, objective};

fn main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => notebook::fail(&error, false),
    }
}

fn answer() -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifest.yaml");
    let manifest = manifest::load::<Manifest>(&path, &[])?;
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.context("cannot read parameters")?;
        let parameters: Assignment = serde_json::from_str(&line).with_context(|| format!("not parameters: {line}"))?;
        let value = objective(&manifest, &parameters).value().map_or("null".to_owned(), |value| format!("{value:?}"));
        writeln!(output, "{value}").and_then(|()| output.flush()).context("cannot answer")?;
    }
    Ok(())
}

//! `tunebook predict`: new rows by the network that a report keeps.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use polars::prelude::{AnyValue, Column, DataFrame};
use serde_json::Value;

use crate::answer::Answer;
use crate::run::program;

/// Starts the program of the experiment to predict the rows of the CSV file `data` with the weights of its committed report,
/// and writes the predictions into the file `out` if there is one.
///
/// # Errors
/// If there is no such experiment, it does not build, or the predictions cannot be written. Where the program fails, it has said
/// why, and this one ends with its exit code.
pub fn predict(root: &Path, experiment: &str, data: &Path, out: Option<&Path>) -> anyhow::Result<Answer> {
    let mut command = Command::new(program(root, experiment)?);
    command.arg("--predict").arg(data).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {experiment}"))?;
    if !output.status.success() {
        std::process::exit(output.status.code().unwrap_or(1));
    }
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let table = place.path().join("predictions.csv");
    std::fs::write(&table, &output.stdout).context("cannot write into a temporary folder")?;
    let frame = notebook::read_csv(&table)?;
    let json = (0..frame.height()).map(|row| object(&frame, row)).collect();
    let Some(out) = out else { return Ok(Answer::new(String::from_utf8(output.stdout)?, json)) };
    std::fs::write(out, &output.stdout).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(Answer::new(format!("{} rows are predicted in {}\n", frame.height(), out.display()), json))
}

/// A row for programs.
fn object(frame: &DataFrame, row: usize) -> Value {
    let cell = |column: &Column| {
        let value = match column.get(row) {
            Ok(AnyValue::Float64(value)) => value.into(),
            Ok(AnyValue::Int64(value)) => value.into(),
            Ok(value) => value.get_str().map_or(Value::Null, Value::from),
            Err(_) => Value::Null,
        };
        (column.name().to_string(), value)
    };
    Value::Object(frame.columns().iter().map(cell).collect())
}

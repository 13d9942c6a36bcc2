use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{refusal, said};

fn predict(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunebook")).arg("predict").args(arguments).output().unwrap()
}

/// What is printed, what is written and what programs get is one thing.
#[test]
fn rows_are_predicted_by_the_committed_network() {
    let place = tempdir().unwrap();
    let (rows, out) = (place.path().join("rows.csv"), place.path().join("out.csv"));
    // Drawn data have a column x; the labels are x + 10.
    std::fs::write(&rows, "note,x\nfirst,20\nsecond,30.5\n").unwrap();
    let [data, file] = [&rows, &out].map(|path| path.to_str().unwrap());
    let text = said(&predict(&["linear-activation", "--data", data]));
    let numbers: Vec<f64> = text.lines().skip(1).map(|line| line.parse().unwrap()).collect();
    assert!((numbers[0] - 30.0).abs() < 1e-3 && (numbers[1] - 40.5).abs() < 1e-3, "{text}");
    let written = said(&predict(&["linear-activation", "--data", data, "--out", file]));
    assert_eq!(written, format!("2 rows are predicted in {file}\n"));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
    let answer = said(&predict(&["linear-activation", "--data", data, "--json"]));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer, json!([{"prediction": numbers[0]}, {"prediction": numbers[1]}]));
}

#[test]
fn what_cannot_be_predicted_gets_one_line() {
    let place = tempdir().unwrap();
    let rows = place.path().join("rows.csv");
    std::fs::write(&rows, "y\n20\n").unwrap();
    let rows = rows.to_str().unwrap();
    let cases = [
        ("linear-activation", rows, 65, "rows.csv:1: no column \"x\""),
        ("linear-activation", "/nowhere.csv", 74, "/nowhere.csv: no such file"),
        ("seed-study", rows, 74, "the weights of a report that keeps a network"),
        ("linear", rows, 1, "there is no experiment linear"),
    ];
    for (experiment, rows, code, expected) in cases {
        let error = refusal(&predict(&[experiment, "--data", rows]), code);
        assert!(error.contains(expected), "{experiment}: {error}");
    }
}

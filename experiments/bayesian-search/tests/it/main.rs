//! The run of `bayesian-search` as a user starts it.

/// What the page says holds for the manifest that was run.
mod sentences;

use std::process::Command;

use tempfile::tempdir;

fn run(arguments: &[&str]) -> (serde_json::Value, String) {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bayesian-search"));
    command.args(["--quiet", "--json", "--out"]).arg(&out).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone(),
        std::fs::read_to_string(out.join("trials.csv")).unwrap(),
    )
}

/// The best trial is linear and reaches the floor of float32; no trial is lost.
#[test]
fn the_best_trial_is_linear() {
    let (metrics, trials) = run(&[]);
    assert!(metrics["best_value"].as_f64().unwrap() < -4.9, "{metrics}");
    let best = metrics["best_trial"].as_u64().unwrap();
    let row = trials.lines().find(|line| line.starts_with(&format!("{best},"))).unwrap();
    assert!(row.contains(",linear,"), "{row}");
    assert_eq!(trials.lines().count(), 60 + 1);
}

/// The same study twice has the same trials; another seed has others.
#[test]
fn a_study_is_a_function_of_its_seed() {
    let few = ["--set", "search.trials=12"];
    let first = run(&few);
    assert_eq!(run(&few), first);
    let other = run(&[&few[..], &["--set", "search.seed=1"]].concat());
    assert_ne!(other.1, first.1);
}

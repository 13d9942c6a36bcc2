use std::process::Command;

use tempfile::tempdir;

fn metrics(arguments: &[&str]) -> serde_json::Value {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_seed-study"));
    command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same 15 of 1,001 seeds that another implementation of Keras' arithmetic found: 26, 125, 146, …, 917.
#[test]
fn one_or_two_seeds_in_a_hundred_print_the_posts_accuracy() {
    let metrics = metrics(&["--set", "seed_scan.last=1000"]);
    assert_eq!(metrics["seeds"], 1001);
    assert_eq!(metrics["seeds_with_published_accuracy"], 15);
}

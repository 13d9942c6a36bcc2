use std::process::Command;

/// criterion is built for benches alone: no library and no program of the workspace depends on it.
#[test]
fn criterion_is_no_normal_dependency() {
    assert!(!has(&["--workspace", "--edges", "normal"], "criterion"));
    assert!(has(&["--workspace", "--edges", "normal,dev"], "criterion"));
}

/// An experiment that searches nothing builds without samplers and journals.
#[test]
fn what_searches_nothing_carries_no_search() {
    for (experiment, searches) in [("raw-relu", false), ("linear-activation", false), ("bayesian-search", true)] {
        assert_eq!(has(&["--package", experiment, "--edges", "normal"], "search"), searches, "{experiment}");
    }
}

/// Whether the tree of dependencies that these arguments of `cargo tree` name has the crate.
fn has(arguments: &[&str], name: &str) -> bool {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--locked", "--prefix", "none"]).args(arguments);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().any(|line| line.starts_with(&format!("{name} v")))
}

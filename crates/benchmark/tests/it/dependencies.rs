use std::process::Command;

/// criterion is built for benches alone: no library and no program of the workspace depends on it.
#[test]
fn criterion_is_no_normal_dependency() {
    let tree = |edges: &str| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["tree", "--workspace", "--offline", "--locked", "--prefix", "none", "--edges", edges]);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let has = |tree: &str| tree.lines().any(|line| line.starts_with("criterion v"));
    assert!(!has(&tree("normal")));
    assert!(has(&tree("normal,dev")));
}

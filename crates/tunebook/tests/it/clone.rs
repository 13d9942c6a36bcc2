use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{root, said};

/// Every digest that is committed, in a clone of a user whose git converts line endings.
#[test]
fn a_clone_that_converts_line_endings_has_the_committed_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let mut git = Command::new("git");
    git.args(["-c", "core.autocrlf=true", "-c", "core.eol=crlf", "clone", "--quiet"]).arg(root()).arg(&clone);
    said(&git.output().unwrap());

    let mut lists = vec![clone.join("data"), clone.join("reports")];
    lists.extend(fs::read_dir(clone.join("reports")).unwrap().map(|entry| entry.unwrap().path()));
    lists.retain(|folder| folder.join("SHA256SUMS").is_file());
    assert!(lists.len() > 10, "{lists:?}");
    for list in lists {
        let output = Command::new("sha256sum")
            .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
            .current_dir(&list)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {}", list.display(), String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn reports_are_marked_as_generated_and_sources_are_not() {
    let marked = |path: &str| {
        let arguments = ["check-attr", "linguist-generated", "--", path];
        let output = Command::new("git").args(arguments).current_dir(root()).output().unwrap();
        said(&output).trim().ends_with(": set")
    };
    for path in ["reports/README.md", "reports/seed-study/seeds.csv", "reports/linear-activation/figures/error.png"] {
        assert!(marked(path), "{path}");
    }
    for path in
        ["README.md", "data/SHA256SUMS", "crates/notebook/src/lib.rs", "experiments/linear-activation/manifest.yaml"]
    {
        assert!(!marked(path), "{path}");
        assert!(Path::new(&root().join(path)).exists(), "{path}");
    }
}

use std::process::Command;

use notebook::Contents;
use tempfile::tempdir;

/// What a run with these changes says.
fn report(set: &[&str]) -> String {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.arg("--out").arg(place.path().join("report"));
    for change in set {
        command.args(["--set", change]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Contents::load(&place.path().join("report")).unwrap().paragraphs().join("\n")
}

const LATTICE: [&str; 2] = ["restored in float32", "2⁻¹⁷·√(N/20)"];
const HIT: &str = "hit to the last digit";

/// On the manifest as it stands, all of it is true.
#[test]
fn the_committed_manifest_has_them_all() {
    let report = report(&[]);
    for sentence in [&LATTICE[..], &[HIT, "as the post does, to the last digit"]].concat() {
        assert!(report.contains(sentence), "{sentence}");
    }
}

/// The lattice is there for the post's twenty points and predictions in float32 only, and is hit only if it is hit.
#[test]
fn the_lattice_is_said_where_the_accuracies_lie_on_it() {
    let few = "seed_scan={first: 0, last: 1}";
    let missed = report(&[few]);
    assert!(LATTICE.iter().all(|sentence| missed.contains(sentence)) && !missed.contains(HIT), "{missed}");
    assert!(missed.contains("none of them prints"), "{missed}");
    // Without scaling nothing is restored; predictions near 0 have finer steps than those from 64 on.
    for change in ["restore=float64", "data.test.size=21", "data.test={low: 0, high: 20, size: 20}"] {
        let other = report(&[few, change]);
        assert!(LATTICE.iter().all(|sentence| !other.contains(sentence)) && !other.contains(HIT), "{change}: {other}");
        assert!(other.contains("2 seeds were trained, 0 to 1: none of them prints"), "{change}: {other}");
    }
}

/// The conclusion is true of a run that diverges, of one that learns nothing, and of one that beats what it has to beat.
#[test]
fn the_conclusion_holds_for_the_manifest_that_was_run() {
    let diverged = report(&["seed_scan=null", "training.optimizer={name: sgd, learning_rate: 1e30}"]);
    assert!(diverged.contains("The network's predictions of the 20 test rows are not finite"), "{diverged}");
    assert!(diverged.contains("The run prints `Accuracy: nan`; the post prints 1.0789593218788873e-05."), "{diverged}");
    let untrained = report(&["seed_scan=null", "training.optimizer.learning_rate=1e-9"]);
    assert!(untrained.contains("not better than the regression") || untrained.contains("than neither"), "{untrained}");
    let noisy = report(&["seed_scan=null", "data.test={low: 0, high: 100, size: 21}"]);
    assert!(noisy.contains("On the 21 test rows") && !noisy.contains("as the post does"), "{noisy}");
}

/// Where a run differs from the experiment's own manifest, its page says so at the top, key by key, and its figures do.
#[test]
fn a_changed_run_says_what_is_changed() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.args(["--quiet", "--set", "seed_scan=null", "--set", "training.epochs=3", "--out"]).arg(&out);
    assert!(command.status().unwrap().success());
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    let title = "<h1>Every activation linear (without seed_scan, training.epochs=3)</h1>";
    assert!(page.contains(title), "{page}");
    let row = "<tr><td><code>training.epochs</code></td><td><code>3</code></td><td><code>100</code></td></tr>";
    assert!(page.contains(row), "{page}");
    let report = std::fs::read_to_string(out.join("report.md")).unwrap();
    assert!(report.contains("- `training.epochs`: `3` instead of `100`\n"), "{report}");
    let notebook = std::fs::read_to_string(out.join("notebook.ipynb")).unwrap();
    assert!(notebook.contains("- `training.epochs`: `3` instead of `100`"), "{notebook}");
}

/// Seeds at the ends of their range are named as they are.
#[test]
fn seeds_are_named_as_they_are() {
    let alone = report(&["seed_scan={first: 6, last: 6}"]);
    assert!(alone.contains("1 seed was trained, 6: it prints `1.0789593218788873e-05`."), "{alone}");
    let report = report(&["seed_scan={first: 9223372036854775806, last: 9223372036854775807}", "training.epochs=2"]);
    assert!(report.contains("2 seeds were trained, 9223372036854775806 to 9223372036854775807: "), "{report}");
}

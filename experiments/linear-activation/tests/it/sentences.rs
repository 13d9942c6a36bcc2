use std::process::Command;

use tempfile::tempdir;

/// The report of a run with a short scan and with changes, without the manifest at its end.
fn report(set: &[&str]) -> String {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.arg("--out").arg(place.path().join("report"));
    for change in set {
        command.args(["--set", change]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(place.path().join("report/report.md")).unwrap();
    text.split("## Manifest").next().unwrap().to_owned()
}

const LATTICE: [&str; 2] = ["restored in float32", "2⁻¹⁷·√(N/20)"];
const HIT: &str = "hit to the last digit";
const BEYOND: &str = "beyond the training range";

/// On the manifest as it stands, all of it is true.
#[test]
fn the_committed_manifest_has_them_all() {
    let report = report(&[]);
    for sentence in [&LATTICE[..], &[HIT, BEYOND]].concat() {
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

/// What the analysis says of the manifest in the experiment's folder is not said of another; one's own analysis is.
#[test]
fn the_analysis_stands_under_its_own_manifest() {
    let test = "data.test={low: 0, high: 100, size: 20}";
    let other = report(&["seed_scan=null", test]);
    assert!(!other.contains(BEYOND), "{other}");
    let said = "written for `experiments/linear-activation/manifest.yaml`. It is left out here, since this run differs in \
                `data.test.high`, `data.test.low`, `seed_scan`.";
    assert!(other.contains(said), "{other}");
    let own = report(&["seed_scan=null", test, "analysis=My own words."]);
    assert!(own.contains("My own words.") && !own.contains("left out"), "{own}");
}

/// Seeds at the ends of their range are named as they are.
#[test]
fn seeds_are_named_as_they_are() {
    let report = report(&["seed_scan={first: 9223372036854775806, last: 9223372036854775807}", "training.epochs=2"]);
    assert!(report.contains("2 seeds were trained, 9223372036854775806 to 9223372036854775807: "), "{report}");
}

use std::fs;
use std::process::Command;

use tempfile::tempdir;

use crate::{program, run};

#[test]
fn a_typo_in_the_manifest_is_one_clear_error() {
    let place = tempdir().unwrap();
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/manifest.yaml")).unwrap();
    fs::write(place.path().join("manifest.yaml"), manifest.replace("learning_rate:", "learning_rat:")).unwrap();
    let mut command = program(&place.path().join("report"));
    let (code, stdout, stderr) = run(command.current_dir(place.path()).args(["--manifest", "manifest.yaml"]));
    let line = manifest.lines().position(|line| line.contains("learning_rate:")).unwrap() + 1;
    let expected = format!(
        "error: manifest.yaml:{line}:27: training.optimizer.learning_rat: unknown field, did you mean learning_rate?\n"
    );
    assert_eq!((code, stdout.as_str(), stderr), (65, "", expected));
    assert!(!place.path().join("report").exists());
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let code = |arguments: &[&str]| run(program(&out).args(arguments)).0;
    assert_eq!(code(&["--no-such-flag"]), 2);
    assert_eq!(code(&["--set", "training.epochs"]), 2);
    assert_eq!(code(&["--set", "training.epochs=0"]), 65);
    assert_eq!(code(&["--manifest", "no/such/manifest.yaml"]), 74);
    assert_eq!(code(&["--set", "training.device=cuda:63"]), 1);
    fs::write(place.path().join("file"), "").unwrap();
    assert_eq!(run(&mut program(&place.path().join("file/report"))).0, 74);
}

/// An override that would lose text is refused; one that takes an optimizer's keys away says which.
#[test]
fn an_override_loses_nothing_in_silence() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let (code, stdout, stderr) = run(program(&out).args(["--set", "title=Run #3"]));
    let expected = "error: --set title=Run #3: title: \"#3\" is a comment in YAML and would be lost; leave it out, or quote \
                    the whole text\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (65, "", expected));
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/manifest.yaml")).unwrap();
    fs::write(place.path().join("m.yaml"), manifest.replace("learning_rate: 0.01}", "beta_1: 0.8}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.args(["--manifest", "m.yaml", "--dry-run", "--set", "training.optimizer.name=sgd"]);
    let (code, stdout, stderr) = run(command.current_dir(place.path()));
    assert_eq!((code, stdout.contains("name: sgd"), stdout.contains("beta_1")), (0, true, false));
    let line = manifest.lines().position(|line| line.contains("optimizer:")).unwrap() + 1;
    let place = format!("note: m.yaml:{line}:14: training.optimizer: ");
    assert_eq!(stderr, format!("{place}beta_1 goes with adam, sgd has no such field\n"));
}

/// The scanned seeds can be computed as parts, whose report is that of one process; where no seeds are scanned, there are none.
#[test]
fn parts_are_those_of_the_scanned_seeds() {
    let place = tempdir().unwrap();
    let set = ["--set", "seed_scan={first: 3, last: 12, rows: 5}", "--set", "training.epochs=3"];
    let folder = place.path().join("parts");
    let parts = ["--parts", folder.to_str().unwrap()];
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    let (code, stdout, _) = run(command.args(set).args(parts).args(["--quiet", "--part", "0/1"]));
    assert_eq!((code, stdout.as_str()), (0, "part 0/1 is done: 1 block, 0 of them were there\n"));
    let digests = |out: &str, parts: &[&str]| {
        let out = place.path().join(out);
        let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
        assert_eq!(run(command.args(set).args(parts).args(["--quiet", "--out"]).arg(&out)).0, 0);
        assert_eq!(fs::read_to_string(out.join("seeds.csv")).unwrap().lines().count(), 1 + 5);
        fs::read_to_string(out.join("SHA256SUMS")).unwrap()
    };
    assert_eq!(digests("of-parts", &parts), digests("of-one-process", &[]));
    for (arguments, code, said) in [
        (&["--set", "seed_scan=null"][..], 2, "error: --parts: the manifest of linear-activation has no seed_scan, "),
        (
            &["--part", "1/1"],
            2,
            "error: invalid value '1/1' for '--part <I/N>': must be I/N with whole numbers and I from 0 to",
        ),
        (&["--part", "0/1", "--out", "x"], 2, "error: the argument '--part <I/N>' cannot be used with '--out <DIR>'"),
        (&["--predict", "x"], 2, "error: the argument '--parts <DIR>' cannot be used with '--predict <FILE>'"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
        let (is, _, stderr) = run(command.args(parts).args(arguments));
        assert!(is == code && stderr.starts_with(said), "{arguments:?}: {is} {stderr}");
    }
}

/// Inputs that cannot be standardised are one clear error, and no training that diverges.
#[test]
fn constant_inputs_are_bad_data() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    // The only two rows that this seed draws are the same.
    let data = ["--set", "data.train={low: 0, high: 2, size: 2}", "--set", "data.seed=1"];
    let (code, stdout, stderr) = run(program(&out).args(data));
    let start = "error: scaling: standard needs training inputs that differ, got 1 in all 2 rows; ";
    assert_eq!((code, stdout.as_str(), stderr.starts_with(start)), (65, "", true), "{stderr}");
    assert!(!out.exists());
}

#[test]
fn a_dry_run_prints_the_resolved_manifest_and_writes_nothing() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let (code, stdout, stderr) = run(program(&out).args(["--dry-run", "--seed", "5", "--set", "training.epochs=3"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("\n  seed: 5\n") && stdout.contains("\n  epochs: 3\n"), "{stdout}");
    assert!(!out.exists());
}

#[test]
fn json_prints_the_values_where_the_report_is_and_what_differs() {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let (code, stdout, _) = run(program(&out).args(["--json", "--set", "training.epochs=3"]));
    assert_eq!(code, 0);
    let fields: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let metrics = fs::read_to_string(out.join("metrics.json")).unwrap();
    assert_eq!(fields["metrics"], serde_json::from_str::<serde_json::Value>(&metrics).unwrap());
    assert_eq!(fields["report"], out.to_str().unwrap());
    let epochs = serde_json::json!({"committed": 100, "run": 3});
    assert_eq!(fields["differs_from_committed"]["epochs"], epochs);
    // Digits are those of the file.
    let accuracy = metrics.lines().find(|line| line.contains("\"accuracy\"")).unwrap().trim();
    assert!(stdout.contains(accuracy), "{accuracy} in {stdout}");
}

#[test]
fn progress_goes_to_stderr_and_looks_like_keras() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linear-activation"));
    command.args(["--set", "seed_scan=null", "--set", "training.epochs=2", "--out"]).arg(place.path().join("report"));
    let (code, stdout, stderr) = run(&mut command);
    assert_eq!(code, 0);
    assert!(!stdout.contains("Epoch"));
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 6, "{stderr}");
    assert_eq!(lines[2], "Epoch 2/2");
    assert!(lines[3].starts_with("4/4 [==============================] - 0s "), "{}", lines[3]);
    assert!(lines[3].contains("/step - loss: 0."), "{}", lines[3]);
    assert!(lines[4].starts_with("the report is ") && lines[4].ends_with("report/index.html"), "{}", lines[4]);
    assert!(lines[5].starts_with("differs from the committed report: accuracy "), "{}", lines[5]);
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let place = tempdir().unwrap();
    let mut child = program(&place.path().join("report"))
        .args(["--set", "training.epochs=2"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{output:?}");
}

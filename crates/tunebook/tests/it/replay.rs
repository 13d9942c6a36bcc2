use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::new::{build, new, target, workspace, write};
use crate::study::study;
use crate::{read, refusal, root, said};

/// Exit code and stdout.
fn answer(output: &Output) -> (i32, String) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

fn committed(experiment: &str) -> PathBuf {
    root().join("reports").join(experiment).join("records/journal.log")
}

/// The journal without one line, or with another in its place.
fn edited(journal: &Path, place: &Path, is_line: impl Fn(&str) -> bool, line: impl Fn(&str) -> String) -> PathBuf {
    let text = fs::read_to_string(journal).unwrap();
    assert!(text.lines().any(&is_line));
    let edited = text.lines().map(|old| if is_line(old) { line(old) } else { format!("{old}\n") });
    let path = place.join("edited.log");
    fs::write(&path, edited.collect::<String>()).unwrap();
    path
}

/// A complete trial and a failed one of a committed journal, whichever version wrote it; one whose value was changed.
#[test]
fn a_trial_is_proven_again() {
    let place = tempdir().unwrap();
    let journal = committed("bayesian-search");
    let replay = |journal: &Path, study_name: &str, trial: &str| {
        answer(&study(&["replay", "--study", study_name, "--trial", trial], journal))
    };
    let (code, text) = replay(&journal, "bayesian-search", "31");
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("trial 31 of bayesian-search is the same to the last bit: COMPLETE with "), "{text}");
    assert!(text.lines().next().unwrap().ends_with(", and 10 intermediate values"), "{text}");
    let failures = study(&["show"], &journal);
    let (_, show) = answer(&failures);
    let name = "bayesian-search-validation";
    let quoted = shlex::try_quote(journal.to_str().unwrap()).unwrap();
    let command = format!("    tunebook study replay {quoted} --study {name} --trial 22\n");
    assert!(show.contains(&format!("  trial 22 failed: repeat 3 of 3: diverged at epoch 7\n{command}")), "{show}");
    let (code, text) = replay(&journal, name, "22");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("last bit: FAIL, repeat 3 of 3: diverged at epoch 7, and "), "{text}");

    let is_told = |line: &str| line.starts_with("{\"op_code\":6") && line.contains("\"trial_id\":31,");
    let changed = edited(&journal, place.path(), is_told, |line| {
        let (head, rest) = line.split_once("\"values\":[").unwrap();
        format!("{head}\"values\":[0.5{}\n", &rest[rest.find(']').unwrap()..])
    });
    let (code, text) = replay(&changed, "bayesian-search", "31");
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("trial 31 of bayesian-search differs:\n  value was 0.5, is "), "{text}");
    assert!(text.contains("the same as then: manifest"), "{text}");
    let error = refusal(&study(&["replay", "--study", name, "--trial", "60"], &journal), 1);
    assert!(error.ends_with("study bayesian-search-validation has no trial 60\n"), "{error}");
}

/// The program of the search runs that manifest, and what it finds is that trial.
#[test]
fn the_best_trial_is_a_manifest_that_runs() {
    let place = tempdir().unwrap();
    let (file, out) = (place.path().join("best.yaml"), place.path().join("report"));
    for name in ["bayesian-search", "bayesian-search-validation"] {
        let arguments = ["best", "--study", name, "--manifest", file.to_str().unwrap()];
        let (code, text) = answer(&study(&arguments, &committed("bayesian-search")));
        assert_eq!(code, 0);
        let (_, printed) = answer(&study(&arguments[..4], &committed("bayesian-search")));
        assert!(printed.lines().skip(2).eq(fs::read_to_string(&file).unwrap().lines().skip(2)), "{printed}");
        let program = Path::new(env!("CARGO_BIN_EXE_tunebook")).with_file_name("bayesian-search");
        let output = Command::new(program).args(["--quiet", "--manifest"]).arg(&file).arg("--out").arg(&out).output();
        said(&output.unwrap());
        let table = if name.ends_with("validation") { "trials_validation.csv" } else { "trials.csv" };
        let number = text.split(' ').nth(1).unwrap();
        let of = |table: String, number: &str| {
            let row = table.lines().find(|row| row.starts_with(&format!("{number},"))).unwrap().to_owned();
            row.split_once(',').unwrap().1.to_owned()
        };
        let (was, is) =
            (read(&format!("reports/bayesian-search/{table}")), fs::read_to_string(out.join(table)).unwrap());
        // State, value, spread; the parameters are in the same order.
        let cells = |row: String| row.split(',').filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cells(of(is, "0")), cells(of(was, number)));
    }
}

/// A search over a file in a new experiment: its trials are proven, also the pruned and the failed; the build and the data
/// are named where they are others.
#[test]
fn a_new_experiment_with_a_search_is_replayed() {
    let place = workspace();
    let folder = tempdir().unwrap();
    let row = |row: usize| format!("{}.5,{},{}", row % 7, (row * row) % 11, row % 7 * 2 + (row * row) % 11);
    let file = write(folder.path(), "rows.csv", "a,b,y", 60, row);
    said(&new(
        place.path(),
        &["made-search", "--data", file.to_str().unwrap(), "--label", "y", "--number", "y", "--number", "b"],
    ));
    let made = place.path().join("experiments/made-search");
    let package = fs::read_to_string(made.join("Cargo.toml")).unwrap();
    let package = package.replace(
        "serde.workspace = true\n",
        "serde.workspace = true\nsearch.workspace = true\ntuning.workspace = true\n",
    );
    fs::write(made.join("Cargo.toml"), package).unwrap();
    fs::write(made.join("src/main.rs"), include_str!("made_search.rs")).unwrap();
    let manifest = fs::read_to_string(made.join("manifest.yaml")).unwrap();
    let manifest: String =
        manifest.lines().filter(|line| !line.contains("sha256")).map(|line| line.to_owned() + "\n").collect();
    fs::write(made.join("manifest.yaml"), manifest + include_str!("made_search.yaml")).unwrap();
    build(place.path());
    let program = Path::new(env!("CARGO_BIN_EXE_tunebook")).with_file_name("made-search");
    let report = place.path().join("reports/made-search");
    let mut run = Command::new(program);
    run.arg("--quiet").arg("--out").arg(&report);
    said(&run.output().unwrap());

    let trials = fs::read_to_string(report.join("trials.csv")).unwrap();
    let first = |state: &str| {
        let row = trials.lines().find(|row| row.contains(&format!(",{state},"))).unwrap_or_else(|| panic!("{trials}"));
        row.split(',').next().unwrap().to_owned()
    };
    let replay = |journal: &Path, trial: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
        command.args(["study", "replay"]).arg(journal).args(["--trial", trial, "--workspace"]).arg(place.path());
        answer(&command.env("CARGO_TARGET_DIR", target()).output().unwrap())
    };
    let journal = report.join("records/journal.log");
    for state in ["COMPLETE", "PRUNED", "FAIL"] {
        let (code, text) = replay(&journal, &first(state));
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("the same as then: manifest, build, data, processor\n"), "{text}");
    }
    let failed = first("FAIL");
    let failures = fs::read_to_string(report.join("failures.csv")).unwrap();
    let command = format!("tunebook study replay records/journal.log --study made-search --trial {failed}");
    assert!(failures.contains(&command) && failures.contains("--manifest resolved.yaml --set "), "{failures}");
    assert!(fs::read_to_string(report.join("report.md")).unwrap().contains(&command));
    let text = fs::read_to_string(&journal).unwrap();
    assert!(
        text.contains(&format!(
            "{{\"command\":\"tunebook study replay JOURNAL --study made-search --trial {failed}\"}}"
        ))
    );
    assert!(text.contains("\"system_attr\":{\"tunebook:manifest\":\"experiment: made-search\\u000a"));

    let (complete, place) = (first("COMPLETE"), folder.path());
    let build = |line: &str| line.contains("\"user_attr\":{\"build\":");
    let other = edited(&journal, place, build, |line| {
        let (head, _) = line.split_once("{\"build\":").unwrap();
        format!("{head}{{\"build\":\"another\"}}}}\n")
    });
    let (code, text) = replay(&other, &complete);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("the build differs: was another, is "), "{text}");
    let earlier = edited(&journal, place, build, |_| String::new());
    assert!(replay(&earlier, &complete).1.ends_with("not recorded in the journal: build\n"));
    write(place, "rows.csv", "a,b,y", 60, |number| row(number + 1));
    let (code, text) = replay(&journal, &complete);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("  value was ") && text.contains("the data differs: was rows.csv "), "{text}");
    assert!(text.contains("the same as then: manifest, build, processor\n"), "{text}");
}

/// The next round waits in the journal; no more of it comes until it has been evaluated.
#[test]
fn a_round_is_asked_for() {
    let place = tempdir().unwrap();
    let journal = place.path().join("journal.log");
    fs::copy(committed("random-search"), &journal).unwrap();
    let ask =
        |trials: &str| answer(&study(&["ask", "--study", "random-search", "--trials", trials, "--json"], &journal));
    let expected = |waiting: &str| format!("{{\n  \"running\": [],\n  \"waiting\": [{waiting}]\n}}\n");
    let first = "\n    60,\n    61,\n    62,\n    63\n  ";
    for _ in 0..2 {
        assert_eq!(ask("66"), (0, expected(first)));
    }
    let arguments = ["resume", "--study", "random-search", "--trials", "64", "--quiet"];
    assert_eq!(answer(&study(&arguments, &journal)).0, 0);
    assert_eq!(ask("66"), (0, expected("\n    64,\n    65\n  ")));
    assert_eq!(ask("64"), (0, expected("\n    64,\n    65\n  ")), "what waits is said, whoever asks");
    let (_, show) = answer(&study(&["show"], &journal));
    assert!(show.starts_with("random-search: minimize, 66 trials (64 complete, 2 waiting)\n"), "{show}");
}

//! The run of `random-search` as a user starts it.

/// What the page says holds for the manifest that was run.
mod sentences;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::tempdir;

fn run(arguments: &[&str]) -> (serde_json::Value, String) {
    let run = notebook::expect::Run::of(env!("CARGO_BIN_EXE_random-search"), arguments);
    (run.metrics.clone(), run.read("trials.csv"))
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

/// A run that is killed in the middle leaves its journal beside the report; the next one goes on from there and ends with
/// the same trials as an unbroken run. A journal of another manifest is set aside.
#[test]
fn a_killed_run_goes_on_where_it_was() {
    let place = tempdir().unwrap();
    let start = |out: &str, change: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_random-search"));
        command.args(["--quiet", "--set", "search.trials=600", "--set", "search.validation_split=null", "--out"]);
        command.arg(place.path().join(out)).args(change).stdout(Stdio::null());
        command.spawn().unwrap()
    };
    let trials = |out: &str| std::fs::read_to_string(place.path().join(out).join("trials.csv")).unwrap();
    assert!(start("whole", &[]).wait().unwrap().success());
    let journal = place.path().join(".broken.journal.log");
    let kill = || {
        let mut run = start("broken", &[]);
        let begun = Instant::now();
        while std::fs::metadata(&journal).map_or(0, |file| file.len()) < 200_000 {
            assert!(run.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_mins(1), "too fast to kill");
            std::thread::sleep(Duration::from_millis(2));
        }
        run.kill().unwrap();
        run.wait().unwrap();
    };
    kill();
    assert!(!place.path().join("broken").exists() && journal.exists());
    assert!(start("broken", &[]).wait().unwrap().success());
    assert!(!journal.exists());
    assert_eq!(trials("broken"), trials("whole"));

    kill();
    assert!(start("broken", &["--set", "search.seed=1"]).wait().unwrap().success());
    assert!(place.path().join(".broken.journal.1.log").exists());
    assert_ne!(trials("broken"), trials("whole"));
}

/// One trial, none that is complete, and none that reports are studies too.
#[test]
fn small_and_failing_studies_end_well() {
    let (metrics, trials) = run(&["--set", "search.trials=1"]);
    assert_eq!((metrics["trials_complete"].as_u64(), trials.lines().count()), (Some(1), 2));
    let rates = "search.parameters={training.optimizer.learning_rate: {min: 1.0e+6, max: 1.0e+7}}";
    let (metrics, trials) = run(&["--set", "training.optimizer.name=sgd", "--set", "search.trials=9", "--set", rates]);
    assert_eq!((metrics["trials_failed"].as_u64(), metrics.get("best_value")), (Some(9), None));
    assert_eq!(trials.matches("diverged at epoch").count(), 9, "{trials}");
    let epochs = "search.parameters={training.epochs: {min: 3, max: 5}}";
    let (metrics, _) = run(&["--set", "search.trials=9", "--set", epochs]);
    assert_eq!(metrics["trials_complete"].as_u64(), Some(9));
}

/// A journal with more trials than the manifest asks for gives the report of the manifest's, and keeps the others.
#[test]
fn a_left_over_with_more_trials_gives_the_manifests_report() {
    let place = tempdir().unwrap();
    let run = |out: &str, trials: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_random-search"));
        command.args(["--quiet", "--json", "--set", trials, "--out"]).arg(place.path().join(out));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |file: &str| std::fs::read_to_string(place.path().join(out).join(file)).unwrap();
        let fields: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (fields["metrics"].clone(), read("trials.csv"), read("trials_validation.csv"))
    };
    run("more", "search.trials=30");
    let journal = place.path().join("more/records/journal.log");
    let fresh = run("fresh", "search.trials=12");
    std::fs::copy(&journal, place.path().join(".left.journal.log")).unwrap();
    assert_eq!(run("left", "search.trials=12"), fresh);
    let kept = place.path().join("left/records/journal.log");
    assert_eq!(std::fs::read(&kept).unwrap(), std::fs::read(&journal).unwrap(), "trials were lost");
    // Also where a journal with the manifest's trials is there already.
    std::fs::copy(&journal, place.path().join(".fresh.journal.log")).unwrap();
    assert_eq!(run("fresh", "search.trials=12"), fresh);
    assert_eq!(
        std::fs::read(place.path().join("fresh/records/journal.log")).unwrap(),
        std::fs::read(&journal).unwrap()
    );
}

/// A journal beside the report that cannot be read stays as it is, and the error says what to do.
#[test]
fn a_damaged_journal_beside_a_report_is_to_be_moved_away() {
    let place = tempdir().unwrap();
    let journal = place.path().join(".report.journal.log");
    std::fs::write(&journal, "nonsense\n{}\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_random-search"));
    let output = command.args(["--quiet", "--out"]).arg(place.path().join("report")).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(65), "{error}");
    assert!(error.contains("move it away to begin anew") && error.contains("journal.log:1: damaged line: "), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), "nonsense\n{}\n");
    assert!(!place.path().join("report").exists());
}

/// The names of an experiment's studies and of its studies on held-out data are told apart by the manifest, whatever the
/// experiment is called; a study that is neither is refused, and no report is written.
#[test]
fn a_study_goes_on_by_its_name() {
    let place = tempdir().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = |name: &str| place.path().join(name);
    let renamed = |from: std::path::PathBuf, to: &str| {
        let text = std::fs::read_to_string(from).unwrap().replace("random-search", "search-validation");
        std::fs::write(path(to), text).unwrap();
    };
    renamed(root.join("reports/random-search/records/journal.log"), "journal.log");
    renamed(root.join("reports/random-search/resolved.yaml"), "manifest.yaml");
    let resume = |study: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_random-search"));
        command.arg("--quiet").arg("--manifest").arg(path("manifest.yaml")).arg("--out").arg(path("report"));
        command.arg("--resume").arg(path("journal.log")).args(["--study", study, "--trials", "61"]).output().unwrap()
    };
    for study in ["search-validation", "search-validation-validation"] {
        let output = resume(study);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let journal = std::fs::read_to_string(path("journal.log")).unwrap();
    assert_eq!(journal.matches("\"op_code\":4").count(), 2 * 61);
    let output = resume("search");
    assert!(String::from_utf8_lossy(&output.stderr).contains("study search is not the one of its manifest"));
    assert!(!output.status.success() && !path("report").exists());
}

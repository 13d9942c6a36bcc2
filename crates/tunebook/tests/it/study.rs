use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::root;

fn study(arguments: &[&str], journal: &Path) -> Output {
    let (command, rest) = arguments.split_first().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    process.arg("study").arg(command).arg(journal).args(rest).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What `show`, `best` and `export` say is what the report's table says.
#[test]
fn a_journal_is_read_as_the_report_reads_it() {
    let reports = root().join("reports/random-search");
    let journal = reports.join("records/journal.log");
    let table = std::fs::read_to_string(reports.join("trials.csv")).unwrap();
    let show = text(&study(&["show"], &journal));
    let lines: Vec<&str> = show.lines().collect();
    assert_eq!(lines[0], "random-search: minimize, 60 trials (60 complete)");
    assert!(lines[2].starts_with("random-search-validation: minimize, 60 trials"), "{show}");
    let export = text(&study(&["export", "--study", "random-search"], &journal));
    assert_eq!(export.lines().count(), table.lines().count());
    for (exported, reported) in export.lines().zip(table.lines()).skip(1) {
        let (exported, reported): (Vec<&str>, Vec<&str>) =
            (exported.split(',').collect(), reported.split(',').collect());
        assert_eq!((exported[0], exported[2]), (reported[0], reported[2]));
    }
    let best = text(&study(&["best", "--study", "random-search"], &journal));
    let number = best.strip_prefix("trial ").and_then(|rest| rest.split(':').next()).unwrap();
    let row = table.lines().find(|row| row.starts_with(&format!("{number},"))).unwrap();
    assert!(best.lines().next().unwrap().ends_with(row.split(',').nth(2).unwrap()), "{best} {row}");
}

/// A study that goes on, one trial at a time or four at once, has the trials that it would have had.
#[test]
fn a_study_is_resumed_from_its_journal_alone() {
    let place = tempdir().unwrap();
    let resume = |file: &str, jobs: &str| {
        let journal = place.path().join(file);
        std::fs::copy(root().join("reports/bayesian-search/records/journal.log"), &journal).unwrap();
        let arguments = ["resume", "--study", "bayesian-search", "--trials", "75", "--jobs", jobs, "--quiet"];
        assert!(text(&study(&arguments, &journal)).starts_with("trial "));
        let export = text(&study(&["export", "--study", "bayesian-search"], &journal));
        assert_eq!(export.lines().count(), 75 + 1);
        export
    };
    assert_eq!(resume("one.log", "1"), resume("four.log", "4"));
}

#[test]
fn what_cannot_be_answered_gets_one_line() {
    let place = tempdir().unwrap();
    let missing = place.path().join("missing.log");
    let damaged = place.path().join("damaged.log");
    std::fs::write(&damaged, "nonsense\n{}\n").unwrap();
    let good = root().join("reports/grid-search/records/journal.log");
    let cases: [(&[&str], &Path, i32, &str); 5] = [
        (&["show"], &missing, 74, "cannot open"),
        (&["show"], &damaged, 65, "damaged.log:1: damaged line"),
        (&["best"], &good, 1, "there are 2 studies; name one with --study: grid-search, grid-search-validation"),
        (&["export", "--study", "greed"], &good, 1, "there is no study greed"),
        (&["resume", "--study", "greed"], &good, 1, "there is no study greed"),
    ];
    for (arguments, journal, code, expected) in cases {
        let output = study(arguments, journal);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.lines().count() == 1 && error.contains(expected), "{arguments:?}: {error}");
    }
}

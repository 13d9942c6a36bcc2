use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::tempdir;

use crate::{refusal, root, said};

/// `tunebook study` with a subcommand, the journal and what follows.
pub fn study(arguments: &[&str], journal: &Path) -> Output {
    let (command, rest) = arguments.split_first().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    process.arg("study").arg(command).arg(journal).args(rest).output().unwrap()
}

/// What `show`, `best` and `export` say is what the report's table says.
#[test]
fn a_journal_is_read_as_the_report_reads_it() {
    let reports = root().join("reports/random-search");
    let journal = reports.join("records/journal.log");
    let table = std::fs::read_to_string(reports.join("trials.csv")).unwrap();
    let show = said(&study(&["show"], &journal));
    let lines: Vec<&str> = show.lines().collect();
    assert_eq!(lines[0], "random-search: minimize, 60 trials (60 complete)");
    assert!(lines[2].starts_with("random-search-validation: minimize, 60 trials"), "{show}");
    let export = said(&study(&["export", "--study", "random-search"], &journal));
    assert_eq!(export.lines().count(), table.lines().count());
    for (exported, reported) in export.lines().zip(table.lines()).skip(1) {
        let (exported, reported): (Vec<&str>, Vec<&str>) =
            (exported.split(',').collect(), reported.split(',').collect());
        assert_eq!(exported[..3], reported[..3], "number, state and value");
    }
    let best = said(&study(&["best", "--study", "random-search"], &journal));
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
        assert!(said(&study(&arguments, &journal)).starts_with("trial "));
        let export = said(&study(&["export", "--study", "bayesian-search"], &journal));
        assert_eq!(export.lines().count(), 75 + 1);
        export
    };
    assert_eq!(resume("one.log", "1"), resume("four.log", "4"));
}

/// A journal that Optuna 5 made; what Optuna says of it stands beside it.
fn optunas(file: &str) -> PathBuf {
    root().join("crates/search/tests/journals/optuna-5").join(file)
}

/// A journal of these lines.
fn journal_of(place: &Path, lines: &[&str]) -> PathBuf {
    let journal = place.join("journal.log");
    std::fs::write(&journal, lines.join("\n") + "\n").unwrap();
    journal
}

const STUDY: &str = r#"{"op_code":0,"study_name":"s","directions":[1]}"#;

/// A line with a completed trial.
fn complete(study: u64, fields: &str) -> String {
    let times = r#""datetime_start":null,"datetime_complete":"2026-01-02T03:04:05","state":1"#;
    format!(r#"{{"op_code":4,"worker_id":"w","study_id":{study},{times},{fields}}}"#)
}

#[test]
fn several_objectives_have_a_front_and_a_column_a_value() {
    let show = said(&study(&["show"], &optunas("mo.log")));
    assert_eq!(show, "pareto: 2 objectives, 8 trials (8 complete)\n  Pareto front of 8: 0, 1, 2, 3, 4, 5, 6, 7\n");
    let best = said(&study(&["best"], &optunas("mo.log")));
    assert!(best.starts_with("trial 0: 4.347683810153842, 2.08511002351287\n  x: 2.08511002351287\n"), "{best}");
    assert_eq!(best.lines().filter(|line| line.starts_with("trial ")).count(), 8);
    // A front of which trials 0 and 4 are not: another has as little of the first value and more of the second.
    let place = tempdir().unwrap();
    let values = ["1,1", "0,0", "1,2", "1,2", "2,1"].map(|both| complete(0, &format!("\"values\":[{both}]")));
    let two = STUDY.replace("[1]", "[1,2]");
    let lines: Vec<&str> = [&two].into_iter().chain(&values).map(String::as_str).collect();
    let journal = journal_of(place.path(), &lines);
    assert!(said(&study(&["show"], &journal)).ends_with("  Pareto front of 3: 1, 2, 3\n"));
    assert_eq!(said(&study(&["best"], &journal)), "trial 1: 0.0, 0.0\ntrial 2: 1.0, 2.0\ntrial 3: 1.0, 2.0\n");
    let export = said(&study(&["export"], &optunas("mo.log")));
    assert!(export.starts_with("number,state,values_0,values_1,x"), "{export}");
    assert!(export.lines().nth(1).unwrap().starts_with("0,COMPLETE,4.347683810153842,2.08511002351287,"), "{export}");
}

#[test]
fn the_best_trial_keeps_its_constraints() {
    let show = said(&study(&["show"], &optunas("constrained.log")));
    assert_eq!(show.matches("best 5.0 in trial 1\n").count(), 2, "{show}");
    for name in ["constrained", "constrained-new"] {
        let best = said(&study(&["best", "--study", name], &optunas("constrained.log")));
        assert_eq!(best, "trial 1: 5.0\n  x: 5.0\n");
    }
    let place = tempdir().unwrap();
    let broken = complete(0, r#""value":1,"system_attrs":{"constraints:a":1.0}"#);
    let journal = journal_of(place.path(), &[STUDY, &broken]);
    let show = said(&study(&["show"], &journal));
    assert_eq!(show, "s: minimize, 1 trials (1 complete)\n  no complete trial keeps its constraints\n");
    assert_eq!(refusal(&study(&["best"], &journal), 1), "error: s: no complete trial keeps its constraints\n");
}

#[test]
fn columns_of_an_export_never_collide() {
    let names = said(&study(&["export"], &optunas("names.log")));
    assert!(names.starts_with("number,state,value,params_value,params_number,params_state,error\n"), "{names}");
    let place = tempdir().unwrap();
    let float = r#""{\"type\":\"float\",\"low\":0,\"high\":9}""#;
    let all = ["error", "params_error", "number", "params_params_error"];
    let each = |value: &dyn Fn(usize) -> String| {
        let fields = all.iter().enumerate().map(|(place, name)| format!("\"{name}\":{}", value(place)));
        fields.collect::<Vec<_>>().join(",")
    };
    let (floats, values) = (each(&|_| float.to_owned()), each(&|place| format!("{place}.5")));
    let trial = complete(0, &format!(r#""value":1,"distributions":{{{floats}}},"params":{{{values}}}"#));
    let export = said(&study(&["export"], &journal_of(place.path(), &[STUDY, &trial])));
    let columns = "params_params_params_error,params_error,params_number,params_params_error";
    assert_eq!(export, format!("number,state,value,{columns},error\n0,COMPLETE,1.0,0.5,1.5,2.5,3.5,\n"));
}

/// Commas, quotes, line breaks and an empty name as columns, an empty text as a value.
#[test]
fn an_export_is_a_table_whatever_stands_in_its_cells() {
    let place = tempdir().unwrap();
    let table = place.path().join("export.csv");
    for file in ["headers.log", "mixed.log", "bigint.log", "bom.log", "crlf.log", "legacy.log", "surrogate.log"] {
        let export = said(&study(&["export"], &optunas(file)));
        std::fs::write(&table, &export).unwrap();
        let rows = notebook::read_csv_texts(&table).unwrap().height();
        let trials = search::storage::Journal::read(&optunas(file)).unwrap().studies().next().unwrap().trials.len();
        assert_eq!(rows, trials, "{file}: {export}");
    }
    let headers = said(&study(&["export"], &optunas("headers.log")));
    assert!(headers.starts_with("number,state,value,\"a,\"\"b\"\"\",\"line\nbreak\","), "{headers}");
    let bigint = said(&study(&["export"], &optunas("bigint.log")));
    assert_eq!(bigint, "number,state,value,seed,error\n0,COMPLETE,1.0,9223372036854777856,\n1,COMPLETE,2.0,7,\n");
}

#[test]
fn names_with_control_characters_are_shown_escaped() {
    let place = tempdir().unwrap();
    let float = r#""{\"type\":\"categorical\",\"choices\":[\"\\u001b[31m\"]}""#;
    let named = r#"{"op_code":0,"study_name":"a\nb\u001b[31m\u202e\u0007","directions":[1]}"#;
    let trial = complete(0, &format!(r#""value":1,"distributions":{{"p\r":{float}}},"params":{{"p\r":0}}"#));
    let journal = journal_of(place.path(), &[named, &trial]);
    let show = said(&study(&["show"], &journal));
    assert_eq!(show, "a\\nb\\u{1b}[31m\\u{202e}\\u{7}: minimize, 1 trials (1 complete)\n  best 1.0 in trial 0\n");
    let best = said(&study(&["best"], &journal));
    assert_eq!(best, "trial 0: 1.0\n  p\\r: \\u{1b}[31m\n");
    let error = refusal(&study(&["best", "--study", "\u{1b}c"], &journal), 1);
    assert!(error.ends_with("there is no study \\u{1b}c\n"), "{error}");
}

#[test]
fn a_study_may_have_any_name() {
    let place = tempdir().unwrap();
    let studies = ["-x", "--jobs", "3", ""].map(|name| STUDY.replace("\"s\"", &format!("\"{name}\"")));
    let trials = [0, 1, 2, 3, 4].map(|study| complete(study, &format!("\"value\":{study}")));
    let number = STUDY.replace("\"s\"", "2.5");
    let lines: Vec<&str> = studies.iter().chain([&number]).chain(&trials).map(String::as_str).collect();
    let journal = journal_of(place.path(), &lines);
    for (name, value) in [("-x", 0), ("--jobs", 1), ("3", 2), ("", 3), ("2.5", 4)] {
        let best = said(&study(&["best", "--study", name], &journal));
        assert_eq!(best, format!("trial 0: {value}.0\n"), "{name:?}");
    }
}

#[test]
fn a_journal_is_read_from_a_pipe() {
    let journal = std::fs::read(optunas("constrained.log")).unwrap();
    for (arguments, expected) in [
        (&["show", "/dev/stdin"][..], "constrained: minimize, 4 trials (4 complete)\n  best 5.0 in trial 1\n"),
        (&["best", "/dev/stdin", "--study", "constrained"], "trial 1: 5.0\n  x: 5.0\n"),
        (&["export", "/dev/stdin", "--study", "constrained"], "number,state,value,x,error\n"),
        (&["resume", "/dev/stdin", "--study", "constrained"], "only a file can be appended to"),
    ] {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tunebook"));
        process.arg("study").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = process.spawn().unwrap();
        process.stdin.take().unwrap().write_all(&journal).unwrap();
        let output = process.wait_with_output().unwrap();
        if arguments[0] == "resume" {
            assert!(refusal(&output, 74).contains(expected));
        } else {
            assert!(said(&output).starts_with(expected), "{arguments:?}");
        }
    }
}

#[test]
fn an_empty_study_is_no_false_sentence() {
    let place = tempdir().unwrap();
    let journal = journal_of(place.path(), &[STUDY]);
    assert_eq!(said(&study(&["show"], &journal)), "s: minimize, 0 trials\n");
    assert_eq!(said(&study(&["export"], &journal)), "number,state,value,error\n");
    assert_eq!(refusal(&study(&["best"], &journal), 1), "error: s: there is no trial yet\n");
    let running = r#"{"op_code":4,"worker_id":"w","study_id":0,"datetime_start":null}"#;
    let journal = journal_of(place.path(), &[STUDY, running]);
    assert_eq!(refusal(&study(&["best"], &journal), 1), "error: s: no trial is complete\n");
    let journal = journal_of(place.path(), &[STUDY, &complete(0, "\"values\":[null]")]);
    assert_eq!(refusal(&study(&["best"], &journal), 1), "error: s: no complete trial has a value\n");
    std::fs::write(&journal, "").unwrap();
    assert!(refusal(&study(&["show"], &journal), 1).ends_with("there is no study\n"));
}

/// A copy of the committed journal of `random-search`.
fn random_search(place: &Path) -> PathBuf {
    let journal = place.join("journal.log");
    std::fs::copy(root().join("reports/random-search/records/journal.log"), &journal).unwrap();
    journal
}

fn append(journal: &Path, text: &str) {
    std::fs::OpenOptions::new().append(true).open(journal).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Trials that Optuna queued or began are left to it, which is said.
#[test]
fn a_resumed_study_says_which_trials_it_leaves_alone() {
    let place = tempdir().unwrap();
    let journal = random_search(place.path());
    let trial = |fields: &str| format!("{{\"op_code\":4,\"worker_id\":\"python\",\"study_id\":0,{fields}}}\n");
    append(&journal, &trial("\"datetime_start\":null,\"state\":4"));
    append(&journal, &trial("\"datetime_start\":\"2026-01-02T03:04:05\""));
    append(&journal, &trial("\"datetime_start\":null,\"state\":4"));
    let output = study(&["resume", "--study", "random-search", "--trials", "64", "--quiet"], &journal);
    let left_alone = String::from_utf8(output.stderr.clone()).unwrap();
    let expected = "left alone, since another program enqueued it: trial 60, 62\n\
                    left alone, since another program began and did not end it: trial 61\n";
    assert_eq!(left_alone, expected);
    said(&output);
    let show = said(&study(&["show"], &journal));
    assert!(show.starts_with("random-search: minimize, 64 trials (61 complete, 1 running, 2 waiting)\n"), "{show}");
}

/// A whole line is somebody's, also where nobody can read it: `resume` refuses to write behind it and leaves it.
#[test]
fn resume_never_cuts_off_a_whole_line() {
    let place = tempdir().unwrap();
    let journal = random_search(place.path());
    append(&journal, "{\"op_code\":4,\"wor{\"op_code\":4}\n");
    let before = std::fs::read(&journal).unwrap();
    assert!(said(&study(&["show"], &journal)).contains("60 trials"));
    let arguments = ["resume", "--study", "random-search", "--trials", "61", "--quiet"];
    let error = refusal(&study(&arguments, &journal), 65);
    let line = before.split(|byte| *byte == b'\n').count() - 1;
    assert!(
        error.contains(&format!("journal.log:{line}: damaged line: ")) && error.contains("mend or remove"),
        "{error}"
    );
    assert_eq!(std::fs::read(&journal).unwrap(), before);
}

/// A study whose experiment is no longer in the workspace has no program to go on with.
#[test]
fn a_study_of_no_experiment_is_refused() {
    let place = tempdir().unwrap();
    let journal = random_search(place.path());
    let renamed = std::fs::read_to_string(&journal).unwrap().replace("random-search", "other-search");
    std::fs::write(&journal, &renamed).unwrap();
    let error = refusal(&study(&["resume", "--study", "other-search", "--trials", "61"], &journal), 1);
    assert!(error.starts_with("error: there is no experiment other-search; there are bayesian-search, "), "{error}");
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), renamed);
}

/// Whoever waits for another's lock is told, and goes on once it is free.
#[test]
fn waiting_for_a_lock_is_said() {
    let place = tempdir().unwrap();
    let journal = random_search(place.path());
    let lock = place.path().join("journal.log.lock");
    std::fs::write(&lock, "").unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    process.args(["study", "resume"]).arg(&journal).args(["--study", "random-search", "--trials", "61", "--quiet"]);
    let mut process = process.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for ") && line.contains("journal.log.lock: another program holds it"), "{line}");
    std::fs::remove_file(&lock).unwrap();
    assert!(process.wait().unwrap().success());
}

#[test]
fn what_cannot_be_answered_gets_one_line() {
    let place = tempdir().unwrap();
    let missing = place.path().join("missing.log");
    let damaged = place.path().join("damaged.log");
    std::fs::write(&damaged, "nonsense\n{}\n").unwrap();
    let good = root().join("reports/grid-search/records/journal.log");
    let cases: [(&[&str], &Path, i32, &str); 5] = [
        (&["show"], &missing, 74, "missing.log: cannot open: No such file or directory (os error 2)\n"),
        (&["show"], &damaged, 65, "damaged.log:1: damaged line"),
        (&["best"], &good, 1, "there are 2 studies; name one with --study: grid-search, grid-search-validation"),
        (&["export", "--study", "greed"], &good, 1, "there is no study greed"),
        (&["resume", "--study", "greed"], &good, 1, "there is no study greed"),
    ];
    for (arguments, journal, code, expected) in cases {
        let error = refusal(&study(arguments, journal), code);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

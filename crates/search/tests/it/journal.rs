use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use search::State;
use search::storage::{Journal, JournalError, Json};
use search::study::{Run, Study};
use tempfile::TempDir;

use crate::sample::{self, NAME};

/// Lines as Optuna 5.0.0 wrote them: every operation, Python's numbers and escapes.
const OPTUNAS: &str = include_str!("../golden/optuna_journal.jsonl");

/// How the error of a damaged line ends.
const ADVICE: &str = "; keep a copy, then mend or remove the line";

fn folder_with(text: &str) -> (TempDir, PathBuf) {
    let (folder, path) = sample::folder();
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn finished(path: &Path) -> Vec<String> {
    sample::run(path, 20, 1, Duration::ZERO);
    sample::state_of(path)
}

#[test]
fn optunas_lines_mean_what_they_mean_to_optuna() {
    let (_folder, path) = folder_with(OPTUNAS);
    let journal = Journal::read(&path).unwrap();
    let names: Vec<_> = journal.studies().map(|study| (study.id, study.name.as_str())).collect();
    assert_eq!(names, [(1, "second"), (2, "third")]);
    let study = journal.study("second").unwrap();
    assert_eq!(study.user_attribute("ints").unwrap().to_string(), "[1,100000000000000000000,-0.0,NaN]");
    assert_eq!(study.trials.len(), 5);
    let states: Vec<_> = study.trials.iter().map(|trial| trial.state).collect();
    assert_eq!(states, [State::Complete, State::Pruned, State::Fail, State::Waiting, State::Running]);
    let complete = &study.trials[0];
    // The trial of the deleted study had the id 0.
    assert_eq!((complete.id, complete.number, complete.value()), (1, 0, Some(f64::INFINITY)));
    let parameters: Vec<_> = complete.parameters.iter().map(|p| format!("{}={}", p.name, p.value)).collect();
    assert_eq!(parameters, ["x=0.1", "n=5", "c=null"]);
    assert_eq!(complete.user_attribute("text"), Some(&Json::String("\u{e9}\u{1f980} \"NaN\"".into())));
    let started = complete.started.unwrap().0;
    assert_eq!(complete.completed.unwrap().0 - started, 1_000_001);
    let reports: Vec<_> =
        study.trials[1].intermediate_values.iter().map(|(step, value)| (*step, value.to_bits())).collect();
    assert_eq!(reports, [(0, 0.1_f64.to_bits()), (10, f64::NEG_INFINITY.to_bits())]);
    assert_eq!(study.best().unwrap().number, 0);
    assert_eq!(study.parameter_names(), ["x", "n", "c"]);
}

#[test]
fn a_torn_last_line_is_passed_over_and_then_removed() {
    let (_folder, path) = folder_with("");
    let expected = finished(&path);
    let whole = fs::read(&path).unwrap();
    for torn in ["{\"op_code\":6,\"worker_id\":\"x\",\"trial_id\":3,\"sta", "\0\0\0\0\0", "{"] {
        append(&path, torn);
        assert_eq!(sample::state_of(&path), expected);
        assert!(fs::read(&path).unwrap().ends_with(torn.as_bytes()), "a reader has written");
        sample::run(&path, 20, 1, Duration::ZERO);
        sample::run(&path, 21, 1, Duration::ZERO);
        let after = fs::read(&path).unwrap();
        assert!(after.starts_with(&whole));
        assert_eq!(Journal::read(&path).unwrap().study(NAME).unwrap().trials.len(), 21);
        assert!(fs::read_to_string(&path).unwrap().lines().all(|line| Json::parse(line.as_bytes()).is_ok()));
        fs::write(&path, &whole).unwrap();
    }
}

/// Readers pass over it, as Optuna does; nothing is appended behind it, and it stays.
#[test]
fn a_whole_last_line_is_never_cut_off() {
    let (_folder, path) = folder_with("");
    let expected = finished(&path);
    let lines = fs::read_to_string(&path).unwrap().lines().count();
    for last in ["{\"op_co{\"op_code\":4}\n", "\n", "half a line of another program\n"] {
        let whole = fs::read(&path).unwrap();
        append(&path, last);
        assert_eq!(sample::state_of(&path), expected, "{last:?}");
        let run = Run { trials: 21, jobs: NonZeroUsize::MIN, cancel: &AtomicBool::new(false) };
        let error = Study::open(&path, sample::plan())
            .and_then(|mut study| study.run(run, &|_| unreachable!("a trial began"), &mut |_| ()))
            .unwrap_err();
        let begins = format!("{}:{}: damaged line: ", path.display(), lines + 1);
        assert!(error.to_string().starts_with(&begins), "{error}");
        assert_eq!(error.exit_code(), 65);
        assert_eq!(fs::read(&path).unwrap(), [&whole[..], last.as_bytes()].concat());
        fs::write(&path, whole).unwrap();
    }
    // What Optuna reads is read and stays, whatever it is.
    let strange = "{\"op_code\":2,\"worker_id\":null,\"study_id\":0,\"user_attr\":{\"\\ud800\":[NaN,1e999]}}\n";
    append(&path, strange);
    sample::run(&path, 22, 1, Duration::ZERO);
    assert!(fs::read_to_string(&path).unwrap().contains(strange));
    assert_eq!(Journal::read(&path).unwrap().study(NAME).unwrap().trials.len(), 22);
}

/// What comes out of a pipe is read once, also where a line of it is refused, and cannot be appended to.
#[test]
fn a_pipe_is_read_and_not_appended_to() {
    let (folder, path) = folder_with("");
    let expected = finished(&path);
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let written = |text: Vec<u8>| {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::write(pipe, text).unwrap())
    };
    let text = fs::read(&path).unwrap();
    let writer = written(text.clone());
    let mut journal = Journal::read(&pipe).unwrap();
    writer.join().unwrap();
    journal.sync().unwrap();
    assert_eq!(sample::state(journal.study(NAME).unwrap()), expected);
    assert!(matches!(journal.ensure_appendable(), Err(JournalError::Stream { .. })));
    let writer = written([&text[..], b"[]\n{}\n"].concat());
    let error = Journal::read(&pipe).unwrap_err();
    writer.join().unwrap();
    assert!(error.to_string().contains("damaged line: no field op_code"), "{error}");
    let error = Journal::open(Path::new("/dev/null")).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.exit_code()),
        ("/dev/null: is a pipe or a device, and only a file can be appended to", 74)
    );
}

#[test]
fn a_line_nested_too_deeply_is_refused() {
    for depth in [900, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let line = format!("{{\"op_code\":2,\"study_id\":0,\"user_attr\":{{\"deep\":{open}{close}}}}}\n");
        let (_folder, path) = folder_with(&format!("{}\n{line}", OPTUNAS.lines().next().unwrap()));
        let read = Journal::read(&path).map(|journal| journal.studies().count());
        match read {
            Ok(studies) => assert_eq!((depth, studies), (900, 1)),
            Err(error) => assert!(depth > 900 && error.to_string().contains(":2: damaged line: nested more than")),
        }
    }
}

#[test]
fn a_journal_cut_at_any_byte_goes_on() {
    let (_folder, path) = folder_with("");
    let expected = finished(&path);
    let whole = fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..cut]).unwrap();
        assert_eq!(finished(&path), expected, "cut at {cut} of {}", whole.len());
    }
}

#[test]
fn a_damaged_line_is_named() {
    let (_folder, path) = folder_with("");
    finished(&path);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let with = |line: &str| [&lines[..9], &[line], &lines[10..]].concat().join("\n") + "\n";
    for (line, reason) in [
        ("{\"op_code\":5,\"wor", "ends too early, at column 18"),
        ("", "an empty line"),
        ("{\"op_code\":4}{\"op_code\":4}", "trailing characters at column 14"),
        ("{\"op_code\":nan}", "expected a value at column 12"),
        ("{\"op_code\":1 \"a\":2}", "expected `,` or `}` at column 14"),
        ("[]", "no field op_code"),
        ("{\"op_code\":11,\"worker_id\":\"w\"}", "unknown op_code 11"),
        ("{\"op_code\":6,\"worker_id\":\"w\",\"trial_id\":0,\"state\":7,\"values\":null}", "unknown trial state 7"),
        ("{\"op_code\":0,\"worker_id\":\"w\",\"study_name\":3}", "no field directions"),
    ] {
        fs::write(&path, with(line)).unwrap();
        for error in [Journal::read(&path).unwrap_err(), Journal::open(&path).unwrap_err()] {
            assert_eq!(error.to_string(), format!("{}:10: damaged line: {reason}{ADVICE}", path.display()));
            assert!(matches!(error, JournalError::Damaged { line: 10, .. }));
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), with(line), "a damaged journal was changed");
    }
}

/// An error and its cause say each thing once.
#[test]
fn a_missing_journal_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/journal.log");
    for (error, action) in [(Journal::read(&path), "open"), (Journal::open(&path), "create")] {
        let error = error.unwrap_err();
        assert_eq!(error.to_string(), format!("{}: cannot {action}", path.display()));
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "No such file or directory (os error 2)");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_dead_workers_lock_is_broken_at_once() {
    let (folder, path) = folder_with("");
    let dead = folder.path().join("journal.log.tunebook-1-1-1.alive");
    File::create(&dead).unwrap();
    symlink(dead.file_name().unwrap(), folder.path().join("journal.log.lock")).unwrap();
    let begun = Instant::now();
    finished(&path);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something was left behind");
}

#[test]
fn a_lock_of_optunas_is_respected() {
    let (folder, path) = folder_with("");
    finished(&path);
    let lock = folder.path().join("journal.log.lock");
    let writer = std::thread::spawn({
        let path = path.clone();
        // Optuna's two kinds of lock: a link and an empty file.
        symlink(&path, &lock).unwrap();
        move || sample::run(&path, 21, 1, Duration::ZERO)
    });
    let length = fs::metadata(&path).unwrap().len();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(150));
        assert_eq!(fs::metadata(&path).unwrap().len(), length, "written under another's lock");
        File::create(lock.with_extension("file")).unwrap();
        fs::rename(lock.with_extension("file"), &lock).unwrap();
    }
    fs::remove_file(&lock).unwrap();
    writer.join().unwrap();
    assert!(fs::metadata(&path).unwrap().len() > length);
}

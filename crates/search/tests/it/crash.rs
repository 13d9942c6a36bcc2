use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use search::State;
use search::storage::{Journal, Location};

use crate::sample::{self, NAME};

pub const TRIALS: u64 = 240;

/// What says to a process of these tests that it is to run the study, and how.
const STUDY: &str = "SEARCH_TEST_STUDY";

/// A process of its own that runs the study in a file, or at a URL, until it has its trials, each report taking `pause`
/// microseconds.
pub fn start(journal: &Path, jobs: usize, pause: u64) -> Child {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", "crash::a_process_of_these_tests"]).stdout(Stdio::null());
    process.env(STUDY, format!("{jobs} {pause} {}", journal.display())).spawn().unwrap()
}

/// Not a test where nobody has started it.
#[test]
fn a_process_of_these_tests() {
    let Ok(study) = std::env::var(STUDY) else { return };
    let [jobs, pause, journal] = study.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{study}") };
    let journal = Location::parse(journal.as_ref()).unwrap();
    sample::run(journal, TRIALS, jobs.parse().unwrap(), Duration::from_micros(pause.parse().unwrap()));
}

/// The exit code, none after a kill. Fails if there is none within a minute.
pub fn code(mut child: Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > Duration::from_mins(1) {
            child.kill().unwrap();
            panic!("a run does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The state of an unbroken run, one job, no pauses.
pub fn unbroken(folder: &Path) -> Vec<String> {
    let path = folder.join("unbroken.log");
    sample::run(&path, TRIALS, 1, Duration::ZERO);
    let state = sample::state_of(&path);
    for wanted in [State::Complete, State::Pruned, State::Fail] {
        assert!(Journal::read(&path).unwrap().study(NAME).unwrap().count(wanted) > 5, "{wanted:?}");
    }
    state
}

/// The told trials of a journal that a kill may have left in any state.
fn told(path: &Path) -> Vec<String> {
    let Ok(journal) = Journal::read(path) else { return Vec::new() };
    let Some(study) = journal.study(NAME) else { return Vec::new() };
    let lines = sample::state(study).into_iter().skip(1);
    lines.zip(&study.trials).filter(|(_, trial)| trial.state.is_finished()).map(|(line, _)| line).collect()
}

#[test]
fn fifty_kills_lose_no_told_trial_and_change_none() {
    let folder = tempfile::tempdir().unwrap();
    let expected = unbroken(folder.path());
    let (mut kills, mut journals, mut random) = (0, 0, 12345_u64);
    let mut path = folder.path().join("0.log");
    let mut before: Vec<String> = Vec::new();
    while kills < 50 {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let mut child = start(&path, 1 + kills % 4, 50);
        std::thread::sleep(Duration::from_micros((random >> 33) % 60_000));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        if ended.success() {
            // It was done already: the next kills meet a new study.
            assert_eq!(sample::state_of(&path), expected);
            journals += 1;
            path = folder.path().join(format!("{journals}.log"));
            before.clear();
            continue;
        }
        assert_eq!(ended.code(), None, "ended by itself");
        kills += 1;
        let now = told(&path);
        let lost: Vec<_> = before.iter().filter(|line| !now.contains(line)).collect();
        assert!(lost.is_empty(), "{lost:#?}");
        before = now;
    }
    assert_eq!(code(start(&path, 3, 0)), Some(0));
    assert_eq!(sample::state_of(&path), expected);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.extension() == Some("log".as_ref())), "{left:?}");
    eprintln!("{kills} kills over {} studies, the last of them with {} trials told", journals + 1, before.len());
}

#[test]
fn processes_share_a_study_and_outlive_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let expected = unbroken(folder.path());
    let path = folder.path().join("shared.log");
    let mut children: Vec<Child> = (0..4).map(|number| start(&path, 1 + number % 2, 300)).collect();
    std::thread::sleep(Duration::from_millis(150));
    children[0].kill().unwrap();
    let codes: Vec<_> = children.into_iter().map(code).collect();
    assert_eq!(codes, [None, Some(0), Some(0), Some(0)]);
    assert_eq!(sample::state_of(&path), expected);
    let text = std::fs::read_to_string(&path).unwrap();
    let created = |line: &&str| line.starts_with("{\"op_code\":4,");
    assert_eq!(text.lines().filter(created).count() as u64, TRIALS, "a trial was created twice");
    let mut workers: Vec<_> = text.lines().filter(created).map(|line| line.split('"').nth(5)).collect();
    workers.sort_unstable();
    workers.dedup();
    assert!(workers.len() > 2, "{workers:?}");
}

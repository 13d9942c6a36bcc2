use std::io::Write as _;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use search::storage::{Journal, Json, StoredStudy};
use search::study::{Evaluation, Outcome, Plan, Run, Study};
use search::{Domain, State, Value};

use crate::answers;
use crate::sample::{self, NAME};

/// Names a Python in which Optuna 5 can be imported.
const PYTHON: &str = "TUNEBOOK_OPTUNA_PYTHON";

/// A Python with Optuna 5, or none, which is said; one that is named must have it.
fn python() -> Option<String> {
    let named = std::env::var(PYTHON).ok();
    let python = named.clone().unwrap_or_else(|| "python3".into());
    let version = ["-c", "import optuna; print(optuna.__version__)"];
    let version = Command::new(&python).arg("-P").args(version).output().ok().filter(|output| output.status.success());
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if version.as_ref().is_some_and(|version| version.starts_with("5.")) {
        return Some(python);
    }
    let found = version.map_or("no Optuna".to_owned(), |version| format!("Optuna {version}"));
    let text = format!("NOT RUN: {python} has {found}; {PYTHON}=<python> names one with Optuna 5");
    assert!(named.is_none(), "{text}");
    eprintln!("{text}");
    None
}

fn optuna(python: &str, command: &str, (path, name): (&Path, &str), count: Option<u64>) -> Command {
    let mut process = Command::new(python);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/optuna.py");
    process.arg(script).arg(command).arg(path).arg(name).args(count.map(|count| count.to_string()));
    process
}

/// What real Optuna sees: the lines of `dump`.
fn dump(python: &str, study: (&Path, &str)) -> Vec<Json> {
    let output = optuna(python, "dump", study, None).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| Json::parse(line.as_bytes()).unwrap()).collect()
}

/// What we see, in the form of `dump`.
fn ours(study: &StoredStudy) -> Vec<Json> {
    let attributes = |attributes: &[(String, Json)]| Json::Object(attributes.to_vec());
    let (name, directions) = (study.name.as_str().into(), answers::directions(study));
    let attributes_of_study = attributes(&study.user_attributes);
    let metrics = study.system_attributes.iter().find(|(name, _)| name == "study:metric_names");
    let metrics = metrics.map_or(Json::Null, |(_, names)| names.clone());
    let head =
        [("name", name), ("directions", directions), ("metric_names", metrics), ("user_attrs", attributes_of_study)];
    let trials = study.trials.iter().map(|trial| {
        let domains = trial.parameters.iter().map(|parameter| (parameter.name.clone(), domain(&parameter.domain)));
        let more = [("distributions", Json::object(domains)), ("user_attrs", attributes(&trial.user_attributes))];
        Json::object(answers::seen(trial).into_iter().chain(more))
    });
    std::iter::once(Json::object(head)).chain(trials).collect()
}

fn domain(domain: &Domain) -> Json {
    let range = |name: &str, high, log: &bool, low, step| {
        let fields = [("high", high), ("log", Json::Bool(*log)), ("low", low), ("step", step)];
        Json::Array(vec![name.into(), Json::object(fields)])
    };
    match domain {
        Domain::Float { min, max, log, step } => {
            let step = step.map_or(Json::Null, Json::Float);
            range("FloatDistribution", Json::Float(*max), log, Json::Float(*min), step)
        }
        Domain::Integer { min, max, log, step } => {
            range("IntDistribution", Json::Int(*max), log, Json::Int(*min), Json::Int(*step))
        }
        Domain::Categorical { values } => {
            let choices = Json::Array(values.iter().map(Json::from).collect());
            Json::Array(vec!["CategoricalDistribution".into(), Json::object([("choices", choices)])])
        }
    }
}

fn assert_same(path: &Path, python: &str) {
    for study in Journal::read(path).unwrap().studies() {
        let (theirs, ours) = (dump(python, (path, &study.name)), ours(study));
        assert_eq!(theirs.len(), ours.len());
        for (theirs, ours) in theirs.iter().zip(&ours) {
            assert_eq!(theirs, ours, "{}: Optuna sees\n{theirs}\nand we see\n{ours}", path.display());
        }
    }
}

#[test]
fn optuna_reads_our_trials_and_we_read_its_trials() {
    let Some(python) = python() else { return };
    let (_folder, path) = sample::folder();
    sample::run(&path, 30, 3, Duration::ZERO);
    let before = sample::state_of(&path);
    assert_same(&path, &python);

    // Optuna's sampler learns from our trials and adds to them, in another order of parameters and other ranges.
    assert!(optuna(&python, "optimize", (&path, NAME), Some(12)).status().unwrap().success());
    assert_same(&path, &python);
    let after = sample::state_of(&path);
    assert_eq!(after[..before.len()], before);
    let states: Vec<_> = {
        let journal = Journal::read(&path).unwrap();
        journal.study(NAME).unwrap().trials[30..].iter().map(|trial| trial.state).collect()
    };
    for wanted in [State::Complete, State::Pruned, State::Fail] {
        assert_eq!(states.iter().filter(|state| **state == wanted).count() % 3, 0, "{states:?}");
        assert!(states.contains(&wanted));
    }

    // Ours goes on behind them, over a line that is torn, which Optuna passes over too.
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"op_code\":4,\"worker_id\":\"python\",\"stu").unwrap();
    assert_same(&path, &python);
    sample::run(&path, 50, 2, Duration::ZERO);
    assert_same(&path, &python);
    assert_eq!(sample::state_of(&path).len(), 51);
}

#[test]
fn optuna_and_we_write_at_the_same_time() {
    let Some(python) = python() else { return };
    let (_folder, path) = sample::folder();
    sample::run(&path, 1, 1, Duration::ZERO);
    let mut marks = optuna(&python, "mark", (&path, NAME), Some(300)).spawn().unwrap();
    let mut trials = 1;
    while marks.try_wait().unwrap().is_none() {
        trials += 4;
        sample::run(&path, trials, 2, Duration::ZERO);
    }
    assert!(marks.wait().unwrap().success());
    assert!(trials > 8, "nothing was written at the same time");
    assert_same(&path, &python);
    let journal = Journal::read(&path).unwrap();
    let study = journal.study(NAME).unwrap();
    assert!((0..300).all(|mark| study.user_attribute(&format!("mark {mark}")) == Some(&Json::Int(mark))));
    assert_eq!(study.trials.len() as u64, trials);
}

/// Rounds that Optuna evaluates, that this crate evaluates, and that both share are the trials of a run.
#[test]
fn who_evaluates_changes_no_trial() {
    let Some(python) = python() else { return };
    let (folder, path) = sample::folder();
    let plan = || Plan { pruner: None, repeats: NonZeroU32::MIN, ..sample::plan() };
    // That of optuna.py.
    let objective = |evaluation: &Evaluation<'_>| {
        let trial = evaluation.trial();
        let number = |name: &str| trial.parameters.get(name).and_then(Value::number);
        let (rate, units) = (number("learning_rate").unwrap(), number("units").unwrap());
        let loss = rate * 10.0 + units / 64.0 + number("dropout").unwrap_or(0.7);
        for step in 0..3 {
            evaluation.report(step, loss / (step + 1) as f64);
        }
        if trial.number % 23 == 5 { Outcome::Failed(String::new()) } else { Outcome::Complete(loss) }
    };
    let run = |path: &Path, trials| {
        let run = Run { trials, jobs: NonZeroUsize::MIN, cancel: &AtomicBool::new(false) };
        Study::open(path, plan()).unwrap().run(run, &objective, &mut |_| ()).unwrap();
    };
    let results = |path: &Path| {
        let journal = Journal::read(path).unwrap();
        let trials = journal.study(NAME).unwrap().trials.iter();
        let bits = trials
            .map(|trial| format!("{:?}", (trial.state, &trial.values, trial.assignment(), &trial.intermediate_values)));
        bits.collect::<Vec<_>>()
    };
    let whole = folder.path().join("whole.log");
    run(&whole, 40);
    for round in 0.. {
        let [waiting, _] = Study::open(&path, plan()).unwrap().enqueue(40).unwrap();
        let (Some(&last), count) = (waiting.last(), waiting.len() as u64) else { break };
        let by_optuna = [count, 0, count / 2][round % 3];
        if by_optuna > 0 {
            let mut process = optuna(&python, "evaluate", (&path, NAME), Some(by_optuna));
            assert!(process.status().unwrap().success());
        }
        run(&path, last + 1);
    }
    assert_eq!(results(&path), results(&whole));
    assert_same(&path, &python);
}

#[test]
fn optuna_reads_every_committed_journal() {
    let Some(python) = python() else { return };
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports");
    let mut journals = 0;
    for report in std::fs::read_dir(reports).unwrap() {
        let path = report.unwrap().path().join("records/journal.log");
        if path.exists() {
            let journal = Journal::read(&path).unwrap();
            assert!(journal.studies().count() > 0, "{}", path.display());
            assert!(journal.studies().all(|study| study.count(State::Complete) > 5), "{}", path.display());
            assert_same(&path, &python);
            journals += 1;
        }
    }
    assert_eq!(journals, 6, "grid, random and Bayesian search, fuel-efficiency, tumours, digits");
}

#[test]
fn the_answers_to_hostile_journals_are_optunas() {
    let Some(python) = python() else { return };
    let folder = answers::folder();
    let output = Command::new(python).arg(folder.join("answers.py")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let committed = std::fs::read_to_string(folder.join("answers.json")).unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    for (made, committed) in made.lines().zip(committed.lines()) {
        assert_eq!(made, committed);
    }
    assert_eq!(made.len(), committed.len());
}

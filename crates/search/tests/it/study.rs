use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use search::storage::{Journal, Json};
use search::study::{Asked, End, Evaluation, Outcome, Plan, Run, Study, StudyError, manifest};
use search::{Direction, Domain, Options, Parameter, SamplerKind, Space, State};

use crate::sample::{self, NAME, plan};

fn run(trials: u64, jobs: usize, cancel: &AtomicBool) -> Run<'_> {
    Run { trials, jobs: NonZeroUsize::new(jobs).unwrap(), cancel }
}

/// A grid of five points in rounds of three.
fn grid_of_five() -> Plan {
    let space: Space = serde_yaml::from_str("units: {min: 1, max: 5}").unwrap();
    let sampler = SamplerKind::Grid.build(0, &space, Options::default()).unwrap();
    Plan { space, sampler, round: NonZeroU64::new(3).unwrap(), pruner: None, ..plan() }
}

fn refusal(path: &Path, plan: Plan) -> String {
    let error = Study::open(path, plan).unwrap_err();
    assert_eq!(error.exit_code(), 65);
    error.to_string()
}

#[test]
fn neither_jobs_nor_a_stop_changes_a_trial() {
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one.log");
    assert_eq!(sample::run(&one, 60, 1, Duration::ZERO), End::Finished);
    let expected = sample::state_of(&one);
    for jobs in [2, 3, 8, 50] {
        let path = folder.path().join(format!("{jobs}.log"));
        sample::run(&path, 60, jobs, Duration::from_micros(200));
        assert_eq!(sample::state_of(&path), expected, "{jobs} jobs");
    }
    // Stops in the middle of rounds, and goals that grow.
    let path = folder.path().join("stops.log");
    for trials in [1, 3, 8, 9, 30, 31, 60, 60, 10] {
        sample::run(&path, trials, 3, Duration::ZERO);
    }
    assert_eq!(sample::state_of(&path), expected);
}

/// Rounds that wait for whoever evaluates them are the rounds that a run would have made, and are enqueued once.
#[test]
fn enqueued_rounds_are_those_of_a_run() {
    let (folder, path) = sample::folder();
    let whole = folder.path().join("whole.log");
    sample::run(&whole, 28, 2, Duration::ZERO);
    // A round that began as a run goes on as an enqueued one.
    sample::run(&path, 3, 1, Duration::ZERO);
    let mut rounds = 0;
    loop {
        let queue = Study::open(&path, plan()).unwrap().enqueue(28).unwrap();
        let again = Study::open(&path, plan()).unwrap().enqueue(28).unwrap();
        assert_eq!(queue, again);
        let [waiting, running] = queue;
        assert_eq!(running, Vec::<u64>::new());
        let Some(last) = waiting.last() else { break };
        let journal = Journal::read(&path).unwrap();
        let trial = &journal.study(NAME).unwrap().trials[*last as usize];
        let fixed = trial.system_attribute("fixed_params").unwrap().as_object().unwrap();
        let parameters = trial.parameters.iter().map(|of| (of.name.clone(), Json::from(&of.value)));
        assert_eq!((trial.started, fixed), (None, &parameters.collect::<Vec<_>>()[..]));
        sample::run(&path, last + 1, 3, Duration::ZERO);
        rounds += 1;
    }
    assert_eq!((rounds, sample::state_of(&path)), (4, sample::state_of(&whole)));
}

#[test]
fn trials_are_told_in_order() {
    let (_folder, path) = sample::folder();
    let mut study = Study::open(&path, plan()).unwrap();
    let mut seen = Vec::new();
    let cancel = AtomicBool::new(false);
    // The first of each round takes the longest.
    let objective = |evaluation: &Evaluation<'_>| {
        std::thread::sleep(Duration::from_millis(8 - evaluation.trial().number % 8));
        Outcome::Complete(evaluation.trial().number as f64)
    };
    study.run(run(20, 4, &cancel), &objective, &mut |progress| seen.push(progress.clone())).unwrap();
    assert!(seen.iter().map(|progress| progress.number).eq(0..20));
    assert!(seen.iter().all(|progress| progress.best == Some((0, 0.0))));
    let last = seen.last().unwrap();
    assert_eq!((last.finished, last.trials, last.told), (20, 20, 20));
}

#[test]
fn outcomes_are_kept() {
    let (_folder, path) = sample::folder();
    sample::run(&path, 60, 2, Duration::ZERO);
    let journal = Journal::read(&path).unwrap();
    let study = journal.study(NAME).unwrap();
    let text = |number: usize| study.trials[number].user_attribute("error").and_then(Json::as_str);
    for trial in &study.trials {
        let repeats = trial.user_attribute("repeat_values").and_then(Json::as_array).map(<[_]>::len);
        match trial.state {
            State::Complete => {
                assert_eq!(repeats, Some(3));
                let values = trial.user_attribute("repeat_values").unwrap().as_array().unwrap();
                assert!(values.iter().filter(|value| value.as_float() == trial.value()).count() > 0);
                assert!(trial.user_attribute("spread").is_some());
            }
            State::Pruned => assert_eq!(trial.value(), trial.intermediate_values.values().last().copied()),
            State::Fail => assert_eq!(trial.value(), None),
            State::Running | State::Waiting => panic!("{trial:?}"),
        }
    }
    assert_eq!(text(5), Some("repeat 2 of 3: loss is NaN at epoch 3"));
    assert_eq!(text(7), Some("repeat 1 of 3: the objective's value is NaN"));
    assert_eq!(study.trials[6].value(), Some(f64::INFINITY));
    assert_eq!(manifest(study), Some(&*plan().manifest));
    let best = study.best().unwrap();
    let complete = study.trials.iter().filter(|trial| trial.state == State::Complete);
    assert_eq!(best.value(), complete.filter_map(|trial| trial.value()).min_by(f64::total_cmp));
}

#[test]
fn a_panic_fails_its_trial_alone() {
    let (_folder, path) = sample::folder();
    let plan = Plan { repeats: NonZeroU32::MIN, ..plan() };
    let mut study = Study::open(&path, plan).unwrap();
    let objective = |evaluation: &Evaluation<'_>| {
        assert!(evaluation.trial().number != 3, "three");
        Outcome::Complete(1.0)
    };
    study.run(run(9, 2, &AtomicBool::new(false)), &objective, &mut |_| ()).unwrap();
    let study = study.stored().unwrap();
    assert_eq!((study.count(State::Fail), study.count(State::Complete)), (1, 8));
    assert_eq!(study.trials[3].user_attribute("error"), Some(&Json::String("panic: three".into())));
}

#[test]
fn a_cancelled_run_tells_what_has_ended_and_goes_on() {
    let (folder, path) = sample::folder();
    let other = folder.path().join("other.log");
    sample::run(&other, 40, 1, Duration::ZERO);
    let mut study = Study::open(&path, plan()).unwrap();
    for stop_at in [1, 14, 15, 33] {
        let (cancel, evaluations) = (AtomicBool::new(false), AtomicUsize::new(0));
        let objective = |evaluation: &Evaluation<'_>| {
            if evaluations.fetch_add(1, Ordering::Relaxed) == stop_at {
                cancel.store(true, Ordering::Relaxed);
            }
            sample::objective(evaluation, Duration::ZERO)
        };
        assert_eq!(study.run(run(40, 3, &cancel), &objective, &mut |_| ()).unwrap(), End::Cancelled);
        // One that reported and one that never began are left; none is told half.
        assert!(study.stored().unwrap().count(State::Running) > 0);
    }
    let cancel = AtomicBool::new(false);
    let objective = |evaluation: &Evaluation<'_>| sample::objective(evaluation, Duration::ZERO);
    assert_eq!(study.run(run(40, 3, &cancel), &objective, &mut |_| ()).unwrap(), End::Finished);
    assert_eq!(sample::state_of(&path), sample::state_of(&other));
}

#[test]
fn another_plan_is_refused_with_the_difference() {
    let (_folder, path) = sample::folder();
    sample::run(&path, 3, 1, Duration::ZERO);
    let before = std::fs::read(&path).unwrap();
    let parameters = plan().space.parameters().to_vec();
    let with = |parameters: Vec<Parameter>| Plan { space: Space::new(parameters).unwrap(), ..plan() };

    let mut wider = parameters.clone();
    wider[0].domain = Domain::Float { min: 1e-4, max: 1.0, log: true, step: None };
    wider[1].name = "neurons".into();
    let intro = format!("{}: study {NAME} was started with other settings: ", path.display());
    assert_eq!(
        refusal(&path, with(wider)),
        intro.clone()
            + "space.learning_rate was {\"min\":0.0001,\"max\":0.1,\"log\":true}, is \
               {\"min\":0.0001,\"max\":1.0,\"log\":true}; \
               space.units was {\"min\":2,\"max\":63,\"step\":4}, is gone; \
               space.neurons is new: {\"min\":2,\"max\":63,\"step\":4}"
    );
    let mut swapped = parameters.clone();
    swapped.swap(0, 1);
    assert_eq!(
        refusal(&path, with(swapped)),
        intro.clone()
            + "the order of space was learning_rate, units, activation, dropout, \
               is units, learning_rate, activation, dropout"
    );
    let other = Plan {
        direction: Direction::Maximize,
        round: NonZeroU64::new(4).unwrap(),
        settings: vec![("sampler".into(), "tpe".into()), ("seed".into(), "8".into())],
        ..plan()
    };
    assert_eq!(
        refusal(&path, other),
        intro + "direction was minimize, is maximize; round was 8, is 4; settings.seed was \"7\", is \"8\""
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    // The text of the manifest is the reader's: a study may go on with a longer goal.
    Study::open(&path, Plan { manifest: "trials: 100".into(), ..plan() }).unwrap();
}

#[test]
fn a_study_of_another_program_is_refused() {
    let (_folder, path) = sample::folder();
    std::fs::write(&path, include_str!("../golden/optuna_journal.jsonl")).unwrap();
    let error = Study::open(&path, Plan { name: "second".into(), ..plan() }).unwrap_err();
    assert!(matches!(error, StudyError::Foreign { .. }), "{error}");
    // Beside it there is room.
    sample::run(&path, 5, 1, Duration::ZERO);
    assert_eq!(Journal::read(&path).unwrap().studies().count(), 3);
}

#[test]
fn a_grid_ends_when_it_is_exhausted() {
    let (_folder, path) = sample::folder();
    let mut study = Study::open(&path, grid_of_five()).unwrap();
    let tried = Mutex::new(BTreeSet::new());
    let objective = |evaluation: &Evaluation<'_>| {
        tried.lock().unwrap().insert(evaluation.trial().parameters.get("units").unwrap().to_string());
        Outcome::Complete(1.0)
    };
    for _ in 0..2 {
        let end = study.run(run(100, 2, &AtomicBool::new(false)), &objective, &mut |_| ()).unwrap();
        assert_eq!(end, End::Exhausted);
    }
    assert_eq!(study.stored().unwrap().trials.len(), 5);
    assert_eq!(tried.into_inner().unwrap().len(), 5);
}

/// The caller's own loop makes the trials of `run`, whatever the order in which a round is told, and takes turns with it.
#[test]
fn asking_and_telling_is_running() {
    let folder = tempfile::tempdir().unwrap();
    let value = |trial: &search::Trial| trial.number as f64 % 7.0;
    let states = |path: &Path| {
        let journal = Journal::read(path).unwrap();
        let trials = journal.study(NAME).unwrap().trials.clone();
        let state =
            |trial: &search::storage::StoredTrial| (trial.number, trial.state, trial.value(), trial.parameters.clone());
        trials.iter().map(|trial| state(trial)).collect::<Vec<_>>()
    };
    let plan = || Plan { pruner: None, repeats: NonZeroU32::MIN, ..plan() };
    let cancel = AtomicBool::new(false);
    let whole = folder.path().join("whole.log");
    let mut study = Study::open(&whole, plan()).unwrap();
    let objective = |evaluation: &Evaluation<'_>| Outcome::Complete(value(evaluation.trial()));
    study.run(run(32, 1, &cancel), &objective, &mut |_| ()).unwrap();

    let asked = folder.path().join("asked.log");
    let mut study = Study::open(&asked, plan()).unwrap();
    for _ in 0..2 {
        let mut trials = Vec::new();
        loop {
            match study.ask().unwrap() {
                Asked::Trial(trial) => trials.push(trial),
                Asked::Waiting => break,
                Asked::Exhausted => panic!("TPE is endless"),
            }
        }
        assert_eq!(trials.len(), 8, "a round");
        for trial in trials.iter().rev() {
            study.tell(trial.number, Outcome::Complete(value(trial)), [(1, 0.5)].into()).unwrap();
        }
    }
    let again = study.tell(3, Outcome::Pruned, [].into()).unwrap_err();
    assert_eq!(again.to_string(), "trial 3 was not asked for, or has been told");
    study.run(run(24, 2, &cancel), &objective, &mut |_| ()).unwrap();
    let Asked::Trial(left) = study.ask().unwrap() else { panic!("the next round") };
    drop(study);
    // Another process takes over what was asked for and never told.
    let mut study = Study::open(&asked, plan()).unwrap();
    while states(&asked).len() < 32 || states(&asked).iter().any(|trial| trial.1 == State::Running) {
        let Asked::Trial(trial) = study.ask().unwrap() else { panic!("the round is not over") };
        assert!(trial.number >= left.number);
        study.tell(trial.number, Outcome::Complete(value(&trial)), [].into()).unwrap();
    }
    assert_eq!(states(&asked), states(&whole));
}

#[test]
fn told_outcomes_are_kept_and_an_exhausted_grid_says_so() {
    let (_folder, path) = sample::folder();
    let mut study = Study::open(&path, grid_of_five()).unwrap();
    let outcomes = [
        Outcome::Complete(2.0),
        Outcome::Complete(f64::NAN),
        Outcome::Pruned,
        Outcome::Failed("diverged".into()),
        Outcome::Complete(1.0),
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let Asked::Trial(trial) = study.ask().unwrap() else { panic!("{number}") };
        assert_eq!(trial.number, number as u64);
        study.tell(trial.number, outcome, [(1, 7.0)].into()).unwrap();
    }
    assert_eq!(study.ask().unwrap(), Asked::Exhausted);
    let found = study.stored().unwrap().trials.iter().map(|trial| (trial.state, trial.value())).collect::<Vec<_>>();
    let expected = [
        (State::Complete, Some(2.0)),
        (State::Fail, None),
        (State::Pruned, Some(7.0)),
        (State::Fail, None),
        (State::Complete, Some(1.0)),
    ];
    assert_eq!(found, expected);
}

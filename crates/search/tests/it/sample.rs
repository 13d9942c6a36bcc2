//! The study of the tests of storage and studies: every kind of parameter, outcome and value, in a fraction of a
//! millisecond a trial.

use std::fmt::Write as _;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use search::storage::{Journal, Location, StoredStudy};
use search::study::{End, Evaluation, Outcome, Plan, Run, Study};
use search::{Direction, Options, Pruner, SamplerKind, Space, Trial, Value};
use tempfile::TempDir;

/// The study's name.
pub const NAME: &str = "sample \u{ad6c}";

/// Stops what is worse than the mean of earlier trials at the same step.
#[derive(Debug)]
struct WorseThanMean;

impl Pruner for WorseThanMean {
    fn prune(&self, _direction: Direction, history: &[Trial], trial: &Trial) -> bool {
        let Some((step, value)) = trial.last_intermediate() else { return false };
        let others: Vec<f64> = history.iter().filter_map(|other| other.intermediate.get(&step).copied()).collect();
        step > 0 && others.len() > 4 && value > 1.5 * others.iter().sum::<f64>() / others.len() as f64
    }
}

const SPACE: &str = "
learning_rate: {min: 1e-4, max: 1e-1, log: true}
units: {min: 2, max: 63, step: 4}
activation: {values: [relu, null, true, 0.5, 3]}
dropout: {min: 0.0, max: 0.77, step: 0.1, when: {activation: [relu, null]}}
";

/// A search that learns from its results (TPE), prunes, and evaluates every trial three times.
pub fn plan() -> Plan {
    let space: Space = serde_yaml::from_str(SPACE).unwrap();
    Plan {
        name: NAME.into(),
        objective: "loss".into(),
        direction: Direction::Minimize,
        sampler: SamplerKind::Tpe.build(7, &space, Options::default()).unwrap(),
        space,
        pruner: Some(Box::new(WorseThanMean)),
        round: NonZeroU64::new(8).unwrap(),
        repeats: NonZeroU32::new(3).unwrap(),
        settings: vec![("sampler".into(), "tpe".into()), ("seed".into(), "7".into())],
        manifest: "name: sample\nnote: \"tab\t, 구, NaN\"\n".into(),
        circumstances: vec![("build", "0123456789ab".into()), ("processor", "\"quoted\" 구".into())],
        trial_manifest: Box::new(|parameters| Some(format!("{parameters:?}"))),
        repeat_command: "replay".into(),
    }
}

/// A function of the trial and the repeat alone. Takes about `pause` per report.
pub fn objective(evaluation: &Evaluation<'_>, pause: Duration) -> Outcome {
    let parameters = &evaluation.trial().parameters;
    let number = |name: &str| parameters.get(name).and_then(Value::number).unwrap_or(0.7);
    let loss = number("learning_rate") * 10.0 + number("units") / 64.0 + number("dropout") + number("activation");
    let loss = loss + f64::from(evaluation.repeat()) * 0.1;
    for step in 0..3 {
        std::thread::sleep(pause);
        if evaluation.report(step, loss / (step + 1) as f64) {
            return Outcome::Pruned;
        }
    }
    match evaluation.trial().number % 23 {
        5 if evaluation.repeat() == 1 => Outcome::Failed("loss is NaN at epoch 3".into()),
        6 => Outcome::Complete(f64::INFINITY),
        7 => Outcome::Complete(f64::NAN),
        _ => Outcome::Complete(loss),
    }
}

/// An empty folder and the path of a journal in it.
pub fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.log");
    (folder, path)
}

/// Runs the study in the journal until it has `trials`.
pub fn run(journal: impl Into<Location>, trials: u64, jobs: usize, pause: Duration) -> End {
    run_with(journal, plan(), (trials, jobs, pause))
}

/// The same of another plan.
pub fn run_with(journal: impl Into<Location>, plan: Plan, (trials, jobs, pause): (u64, usize, Duration)) -> End {
    let mut study = Study::open(journal, plan).unwrap();
    let run = Run { trials, jobs: jobs.try_into().unwrap(), cancel: &AtomicBool::new(false) };
    study.run(run, &|evaluation| objective(evaluation, pause), &mut |_| ()).unwrap()
}

/// Everything that an interruption must not change, a line a trial.
pub fn state(study: &StoredStudy) -> Vec<String> {
    let mut lines = vec![format!("{} {:?} {:?}", study.name, study.directions, study.user_attributes)];
    for trial in &study.trials {
        let mut line = format!("{} {:?} {:?}", trial.number, trial.state, trial.values);
        write!(line, " {:?} {:?} {:?}", trial.parameters, trial.intermediate_values, trial.user_attributes).unwrap();
        lines.push(line);
    }
    lines
}

/// The same of the study in the journal.
pub fn state_of(journal: impl Into<Location>) -> Vec<String> {
    state(Journal::read(journal).unwrap().study(NAME).unwrap())
}

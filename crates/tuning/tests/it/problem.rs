use search::study::Outcome;
use search::{Assignment, Value};
use tuning::{Measured, Problem};

use crate::manifest;

fn assignment(values: &[(&str, Value)]) -> Assignment {
    values.iter().map(|(name, value)| (*name, value.clone())).collect()
}

fn linear() -> Assignment {
    assignment(&[("model.layers.0.activation", Value::Text("linear".into()))])
}

/// The objective is the accuracy of the trained network, or its logarithm; held-out data are other data.
#[test]
fn objectives_are_measured_where_they_say() {
    let value = |set: &[&str], measured| match Problem::new(&manifest(set), measured).unwrap().train(
        &linear(),
        0,
        |_, _| false,
    ) {
        Outcome::Complete(value) => value,
        other => panic!("{other:?}"),
    };
    let (plain, log) = (value(&["search.objective=accuracy"], Measured::Test), value(&[], Measured::Test));
    assert_eq!(libm::log10(plain), log);
    assert!(plain < 1e-4, "{plain}");
    let held_out = value(&["search.objective=accuracy"], Measured::Validation);
    assert!(held_out < 1e-4 && held_out.to_bits() != plain.to_bits(), "{held_out}");
    let none =
        Problem::new(&manifest(&["search.validation_split=null"]), Measured::Validation).unwrap_err().to_string();
    assert!(none.starts_with("search.validation_split:"), "{none}");
}

/// What diverges fails and says when; what a report ends is pruned; what is no key of the manifest fails.
#[test]
fn trainings_end_as_outcomes() {
    let problem = Problem::new(&manifest(&[]), Measured::Test).unwrap();
    let wild = assignment(&[
        ("training.optimizer.name", Value::Text("sgd".into())),
        ("training.optimizer.learning_rate", Value::Float(1e6)),
    ]);
    let Outcome::Failed(error) = problem.train(&wild, 0, |_, _| false) else { panic!("it converges") };
    assert!(error.starts_with("diverged at epoch "), "{error}");
    assert_eq!(problem.train(&linear(), 0, |epoch, _| epoch == 3), Outcome::Pruned);
    let strange = assignment(&[("training.momentum", Value::Float(0.5))]);
    let Outcome::Failed(error) = problem.train(&strange, 0, |_, _| false) else { panic!("it trains") };
    assert!(error.contains("training.momentum: unknown field"), "{error}");
}

/// A sweep from the same seeds is as accurate as one training after the other.
#[test]
fn a_sweep_computes_what_single_trainings_do() {
    let problem = Problem::new(&manifest(&["search.objective=accuracy"]), Measured::Test).unwrap();
    let together = problem.accuracies(&linear(), 5, 4).unwrap();
    let alone: Vec<f64> = (5..9)
        .map(|seed| match problem.train(&linear(), seed, |_, _| false) {
            Outcome::Complete(value) => value,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(together, alone);
}

/// Data that cannot be scaled are no problem to search on: one line, before the first trial, for each measure.
#[test]
fn constant_inputs_are_refused() {
    let alike = manifest(&["data.train={low: 0, high: 2, size: 10}", "data.seed=3", "search.validation_split=0.75"]);
    let answer = |measured| match Problem::new(&alike, measured) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(answer(Measured::Test), "");
    let held_out = answer(Measured::Validation);
    assert!(
        held_out.starts_with("scaling: standard needs training inputs that differ, got 0 in all 2 rows"),
        "{held_out}"
    );
}

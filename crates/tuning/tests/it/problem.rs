use search::study::Outcome;
use search::{Assignment, Value};
use tuning::{Attempt, Measured};

use crate::sample::{SAMPLE, document_of};
use crate::types::train;

fn assignment(values: &[(&str, Value)]) -> Assignment {
    values.iter().map(|(name, value)| (*name, value.clone())).collect()
}

fn linear() -> Assignment {
    assignment(&[("model.layers.0.activation", Value::Text("linear".into()))])
}

fn outcome(
    parameters: &Assignment,
    objective: &str,
    measured: Measured,
    report: &dyn Fn(u64, f64) -> bool,
) -> Result<Outcome, manifest::Error> {
    let manifest = document_of(SAMPLE, &["training.engine=exact"]);
    Ok(Attempt::new(&manifest, parameters, measured, 0, report)?.outcome(objective, train))
}

fn value(parameters: &Assignment, objective: &str, measured: Measured) -> f64 {
    match outcome(parameters, objective, measured, &|_, _| false).unwrap() {
        Outcome::Complete(value) => value,
        other => panic!("{other:?}"),
    }
}

/// The objective is the metric of its name; held-out data are other data.
#[test]
fn metrics_are_measured_where_they_say() {
    let plain = value(&linear(), "rmse", Measured::Test);
    assert_eq!(libm::log10(plain), value(&linear(), "log10_rmse", Measured::Test));
    assert!(plain < 1e-4, "{plain}");
    let held_out = value(&linear(), "rmse", Measured::Validation);
    assert!(held_out < 1e-4 && held_out.to_bits() != plain.to_bits(), "{held_out}");
}

/// What diverges fails and says when; what a report ends is pruned; what is no key of the manifest, and no metric, is named.
#[test]
fn trainings_end_as_outcomes() {
    let never = |_: u64, _: f64| false;
    let wild = assignment(&[
        ("training.optimizer.name", Value::Text("sgd".into())),
        ("training.optimizer.learning_rate", Value::Float(1e6)),
    ]);
    let failed = |of: Outcome| match of {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    };
    let error = failed(outcome(&wild, "rmse", Measured::Test, &never).unwrap());
    assert!(error.starts_with("diverged at epoch "), "{error}");
    let third = |epoch: u64, _: f64| epoch == 3;
    assert_eq!(outcome(&linear(), "rmse", Measured::Test, &third).unwrap(), Outcome::Pruned);
    let error = failed(outcome(&linear(), "mae", Measured::Test, &never).unwrap());
    assert_eq!(error, "no metric is called mae");
    let strange = assignment(&[("training.momentum", Value::Float(0.5))]);
    let error = outcome(&strange, "rmse", Measured::Test, &never).unwrap_err().to_string();
    assert!(error.contains("training.momentum: unknown field"), "{error}");
}

/// Whatever a manifest says may be searched: data, scaling, engine, and the layers as a whole.
#[test]
fn all_of_a_manifest_can_be_searched() {
    let base = value(&linear(), "rmse", Measured::Test);
    for (name, other) in [
        ("data.train.size", Value::Integer(50)),
        ("scaling", Value::Text("none".into())),
        ("restore", Value::Text("float64".into())),
        ("training.engine", Value::Text("libtorch".into())),
        ("training.flow", Value::Text("keras-set-random-seed".into())),
        ("model.layers", Value::Text("[{units: 8}, {units: 4}, {units: 1}]".into())),
    ] {
        let mut parameters = linear();
        if name == "model.layers" {
            parameters = Assignment::default();
        }
        parameters.insert(name, other);
        let other = value(&parameters, "rmse", Measured::Test);
        assert_ne!(other.to_bits(), base.to_bits(), "{name}");
    }
}

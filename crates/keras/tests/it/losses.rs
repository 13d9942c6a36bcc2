use std::ops::ControlFlow;
use std::sync::Arc;

use keras::{
    Activation, Configuration, Engine, Error, Flow, Labelled, Layer, Loss, Member, Metric, Model, Samples, Sequential,
    Training, sweep,
};
use manifest::Document;

use crate::{Manifest, training};

const BINARY: &str = "binary_crossentropy";
const CATEGORICAL: &str = "categorical_crossentropy";
const SPARSE: &str = "sparse_categorical_crossentropy";
const BINARY_FROM_LOGITS: &str = "{name: binary_crossentropy, from_logits: true}";
const SPARSE_FROM_LOGITS: &str = "{name: sparse_categorical_crossentropy, from_logits: true}";

const SIGMOID: &str = "{units: 1, activation: sigmoid}";
const SOFTMAX: &str = "{units: 3, activation: softmax}";

/// A manifest of this loss, whose training has more keys, each with a comma before it.
fn read_with(loss: &str, last: &str, labels: u32, more: &str) -> Result<Document<Manifest>, String> {
    crate::read(&format!(
        "model: {{layers: [{{units: 4, activation: relu}}, {last}]}}
training: {{engine: exact, flow: tf-legacy, seed: 0, optimizer: {{name: sgd}}, loss: {loss}, epochs: 1{more}}}
labels: {labels}
"
    ))
}

fn read(loss: &str, last: &str, labels: u32) -> Result<Document<Manifest>, String> {
    read_with(loss, last, labels, "")
}

/// A loss is a name, or a mapping where it has a parameter; what is written is read again.
#[test]
fn losses_that_fit() {
    let logits = |from_logits| Loss::SparseCategoricalCrossentropy { from_logits };
    for (loss, last, labels, expected) in [
        ("mse", "{units: 3}", 3, Loss::Mse),
        ("huber", "{units: 1, activation: tanh}", 1, Loss::Huber),
        (BINARY, SIGMOID, 1, Loss::BinaryCrossentropy { from_logits: false }),
        (BINARY_FROM_LOGITS, "{units: 2}", 2, Loss::BinaryCrossentropy { from_logits: true }),
        (CATEGORICAL, SOFTMAX, 3, Loss::CategoricalCrossentropy { from_logits: false }),
        (SPARSE, SOFTMAX, 1, logits(false)),
        ("{name: sparse_categorical_crossentropy}", SOFTMAX, 1, logits(false)),
        (SPARSE_FROM_LOGITS, "{units: 3}", 1, logits(true)),
    ] {
        let document = read(loss, last, labels).unwrap();
        assert_eq!(document.training.loss, expected);
        assert_eq!(crate::read(&document.to_yaml()).unwrap().training, document.training);
    }
}

#[test]
fn losses_that_do_not_fit_are_refused_by_name() {
    let softmax_below = "{units: 3, activation: softmax}, {units: 3}";
    let names = "expected one of binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy";
    let name = format!("training.loss.name: {names}, got \"mse\"");
    let misspelt = "{name: binary_crossentropy, from_logit: true}";
    for (loss, last, labels, error) in [
        (BINARY, "{units: 1}", 1, "model.layers.1.activation: must be sigmoid with this loss, got linear"),
        (
            BINARY_FROM_LOGITS,
            SIGMOID,
            1,
            "model.layers.1.activation: must be linear with a loss from_logits, got sigmoid",
        ),
        (
            CATEGORICAL,
            "{units: 3, activation: sigmoid}",
            3,
            "model.layers.1.activation: must be softmax with this loss, got sigmoid",
        ),
        ("mse", SOFTMAX, 3, "model.layers.1.activation: must be another than softmax with this loss, got softmax"),
        (
            "mse",
            softmax_below,
            3,
            "model.layers.1.activation: must be another than softmax below the last layer, got softmax",
        ),
        (
            SPARSE,
            "{units: 1, activation: softmax}",
            1,
            "model.layers.1.units: must be at least 2 in the last layer with this loss, one a class, got 1",
        ),
        (SPARSE, SOFTMAX, 3, "training.loss: needs labels of one column, the class, got 3 columns"),
        (CATEGORICAL, SOFTMAX, 1, "model.layers.1.units: must be 1 in the last layer (the label is one column), got 3"),
        ("{name: mse, from_logits: true}", "{units: 1}", 1, &name),
        ("binary_crossentropi", "{units: 1}", 1, "did you mean binary_crossentropy?"),
        (misspelt, "{units: 1}", 1, "training.loss.from_logit: unknown field, did you mean from_logits?"),
    ] {
        let refused = read(loss, last, labels).unwrap_err();
        assert!(refused.starts_with("m.yaml:") && refused.ends_with(error), "{loss}: {refused}");
    }
}

/// Without a manifest too: what a model cannot be, and labels that are no class.
#[test]
fn models_and_labels_that_do_not_fit_are_refused() {
    let layers = vec![Layer::dense(3, Activation::Softmax)];
    for engine in [Engine::Libtorch, Engine::Exact] {
        let of_mse = Training { engine, ..training() };
        let refused = Sequential::from(&Model { layers: layers.clone() }).compile(&of_mse, 1).unwrap_err();
        assert!(matches!(refused, Error::Unsupported(_)), "{refused}");
        let loss = Loss::SparseCategoricalCrossentropy { from_logits: false };
        let training = Training { engine, loss, ..training() };
        let mut model = Sequential::from(&Model { layers: layers.clone() }).compile(&training, 1).unwrap();
        for label in [-1.0, 0.5, 3.0, f32::NAN] {
            let refused = model.fit(&[0.1, 0.2], &[2.0, label], |_| ()).unwrap_err().to_string();
            let expected =
                format!("y has the label {label}, expected the number of a class, a whole number from 0 to 2");
            assert_eq!(refused, expected);
        }
        assert!(model.fit(&[0.1, 0.2], &[2.0, 0.0], |_| ()).unwrap().final_loss() < 2.0);
    }
}

#[test]
fn metrics_and_class_weights_fit_the_loss() {
    let more = ", metrics: [accuracy, mae, mse, rmse, auc], class_weight: {0: 1, 1: 2.5}";
    let document = read_with(BINARY, SIGMOID, 1, more).unwrap();
    let metrics = [Metric::Accuracy, Metric::Mae, Metric::Mse, Metric::Rmse, Metric::Auc];
    assert_eq!(document.training.metrics, metrics);
    assert_eq!(document.training.class_weight, Some([(0, 1.0), (1, 2.5)].into()));
    assert_eq!(crate::read(&document.to_yaml()).unwrap().training, document.training);
    for (loss, last, more, error) in [
        (BINARY, SIGMOID, ", metrics: [mae, accuracy, mae]", "training.metrics.2: must be named once, got mae again"),
        (
            SPARSE,
            SOFTMAX,
            ", metrics: [accuracy, rmse]",
            "training.metrics.1: must be accuracy where the label is a class number, got rmse",
        ),
        (
            "mse",
            "{units: 1}",
            ", metrics: [auc]",
            "training.metrics.0: must not be auc but with the loss binary_crossentropy, not from logits",
        ),
        (BINARY, SIGMOID, ", metrics: [acuracy]", "did you mean accuracy?"),
        (
            "mse",
            "{units: 1}",
            ", class_weight: {0: 1, 1: 2}",
            "training.class_weight: must be left out, this loss has no classes",
        ),
        (
            SPARSE,
            SOFTMAX,
            ", class_weight: {0: 1, 2: 2}",
            "training.class_weight: must have each of the 3 classes from 0 to 2, got 0, 2",
        ),
        (BINARY, SIGMOID, ", class_weight: {0: 1, 1: -2}", "training.class_weight.1: must be >= 0, got -2.0"),
    ] {
        let refused = read_with(loss, last, 1, more).unwrap_err();
        assert!(refused.starts_with("m.yaml:") && refused.ends_with(error), "{more}: {refused}");
    }
}

/// Of what no run is recorded.
#[test]
fn engine_exact_refuses_a_flow_without_recorded_runs_of_classes() {
    let binary = Loss::BinaryCrossentropy { from_logits: true };
    let (flow, linear) = (Flow::KerasSetRandomSeedTf215, Activation::Linear);
    for (units, activation, loss, metrics, path) in [
        (1, Activation::Sigmoid, Loss::BinaryCrossentropy { from_logits: false }, vec![], "model.layers.0.activation"),
        (1, linear, binary, vec![], "training.loss"),
        (2, linear, Loss::Mse, vec![], "model.layers.0.units"),
        (1, linear, Loss::Mse, vec![Metric::Mae], "training.metrics"),
    ] {
        let model = Model { layers: vec![Layer::dense(units, activation)] };
        let of = |flow| Training { engine: Engine::Exact, flow, loss, metrics: metrics.clone(), ..training() };
        let refused = Sequential::from(&model).compile(&of(flow), 1).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("{path}: must ")) && refused.contains("engine exact"), "{refused}");
        for other in [Flow::TfLegacy, Flow::KerasSetRandomSeed, Flow::Keras3] {
            assert!(Sequential::from(&model).compile(&of(other), 1).is_ok());
        }
    }
    let training = Training { engine: Engine::Exact, flow, ..training() };
    let mut model = crate::model(crate::runtime(), &[(1, linear)], &training);
    let rows = Labelled { x: &[0.5], y: &[1.0], sample_weight: Some(&[2.0]) };
    let refused = model.fit_validated(rows, None::<Labelled>, |_| true).unwrap_err().to_string();
    assert_eq!(refused, "training.flow: must be another where rows have weights, with engine exact");
}

#[test]
fn a_sweep_refuses_metrics() {
    for engine in [Engine::Libtorch, Engine::Exact] {
        let training = Training { engine, metrics: vec![Metric::Mae], ..training() };
        let model = Model { layers: vec![Layer::dense(1, Activation::Linear)] };
        let member = Member { configuration: Arc::new(Configuration { model, training }), seed: 0 };
        let samples = Samples { features: 1, x: &[0.5], y: &[1.0], x_test: &[0.5] };
        let refused = sweep(1, samples, std::iter::once(member), |_| ControlFlow::Continue(())).unwrap_err();
        assert!(refused.to_string().starts_with("training.metrics: must be left out"), "{refused}");
    }
}

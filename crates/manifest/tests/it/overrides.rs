use manifest::Document;
use serde_json::{Value, json};

use crate::sample::{SAMPLE, document_of, error_of, manifest_of};
use crate::types::{Activation, Device, Engine, Layer, Manifest, Optimizer, Scaling};

/// Where the file is wrong whatever the override says, the place is in the file.
#[test]
fn file_is_wrong_beside_the_override() {
    let text = SAMPLE.replace("learning_rate: 0.01", "learning_rate: 0.01, beta_3: 0.8");
    assert_eq!(
        error_of(&text, &["training.optimizer.name=sgd"]),
        "manifest.yaml:21:48: training.optimizer.beta_3: unknown field; allowed: learning_rate, name"
    );
}

/// An override can give what the file lacks.
#[test]
fn override_completes_the_file() {
    let text = SAMPLE.replace("  epochs: 100\n", "").replace("seed_scan: {first: 0, last: 26}", "");
    let manifest = manifest_of(&text, &["training.epochs=7", "seed_scan={first: 26, last: 30}"]);
    assert_eq!(manifest.training.epochs, 7);
    assert_eq!(manifest.seed_scan.map(|scan| scan.first), Some(26));
}

/// What is not an error, by what it changes.
#[test]
fn values() {
    type Change = fn(&mut Manifest);
    let cases: &[(&[&str], Change)] = &[
        (&["training.seed=3"], |m| m.training.seed = 3),
        (&[" training.seed = 3"], |m| m.training.seed = 3),
        (&["training.seed=-5", "seed_scan=null"], |m| {
            m.training.seed = -5;
            m.seed_scan = None;
        }),
        (&["training.epochs=1", "training.epochs=2"], |m| m.training.epochs = 2),
        (&["training.batch_size=8"], |m| m.training.batch_size = 8),
        (&["training.shuffle=false"], |m| m.training.shuffle = false),
        (&["training.engine=exact"], |m| m.training.engine = Engine::Exact),
        (&["training.device=cuda:1"], |m| m.training.device = Device("cuda:1".to_owned())),
        (&["scaling=none"], |m| m.scaling = Scaling::None),
        (&["title=no"], |m| m.about.title = "no".to_owned()),
        (&["title=0755"], |m| m.about.title = "0755".to_owned()),
        (&["title=\"a: b = c\""], |m| m.about.title = "a: b = c".to_owned()),
        (&["model.layers.0.units=8"], |m| m.model.layers[0].units = 8),
        (&["model.layers.0={units: 4, activation: tanh}"], |m| {
            m.model.layers[0] = Layer { units: 4, activation: Activation::Tanh }
        }),
        (&["model.layers=[{units: 1}]"], |m| m.model.layers = vec![Layer { units: 1, activation: Activation::Linear }]),
        (&["training.optimizer.name=sgd"], |m| m.training.optimizer = Optimizer::Sgd { learning_rate: 0.01 }),
        (&["training.optimizer={name: sgd, learning_rate: 0.1}"], |m| {
            m.training.optimizer = Optimizer::Sgd { learning_rate: 0.1 }
        }),
    ];
    for (overrides, change) in cases {
        let mut expected = manifest_of(SAMPLE, &[]);
        change(&mut expected);
        assert_eq!(manifest_of(SAMPLE, overrides), expected, "{overrides:?}");
    }
}

/// A changed value gives what the same text gives, and a mistake the same words, whichever parts of the manifest are read
/// again for it.
#[test]
fn values_without_text() {
    let cases: [&[(&str, Value)]; 19] = [
        &[],
        &[("training.epochs", json!(7))],
        &[("title", json!("0755"))],
        &[("model.layers.0.units", json!(8)), ("model.layers.1.activation", json!("tanh"))],
        &[("model.layers", json!([{"units": 1}])), ("model.layers.0.activation", json!("relu"))],
        &[("model.layers.0.activation", json!("relu")), ("model.layers", json!([{"units": 1}]))],
        &[("training.optimizer.name", json!("sgd")), ("training.optimizer.learning_rate", json!(0.5))],
        &[
            ("training.optimizer.learning_rate", json!(0.5)),
            ("training.epochs", json!(3)),
            ("training.seed", json!(-1)),
        ],
        &[("seed_scan.first", json!(26)), ("seed_scan.last", json!(30))],
        &[("seed_scan", json!(null)), ("hold_out", json!({"folds": 5}))],
        &[("pruner.name", json!("median")), ("pruner.startup_trials", json!(3))],
        &[("training.epochs", json!(0))],
        &[("training.sed", json!(1))],
        &[("model.layers.7.units", json!(1))],
        &[("model.layers.00.units", json!(1))],
        &[("model.layers.0.units", json!([1]))],
        &[("training.optimizer.name", json!("adm"))],
        &[("training.optimizer.name", json!("sgd")), ("training.optimizer.beta_1", json!(0.5))],
        &[("data.train.high", json!(-1))],
    ];
    let base = document_of(SAMPLE, &[]);
    for changes in cases {
        let texts: Vec<String> = changes.iter().map(|(path, value)| format!("{path}={value}")).collect();
        let read = Document::<Manifest>::parse("", &base.to_yaml(), &texts);
        match (base.with(changes.iter().cloned()), read) {
            (Ok(changed), Ok(read)) => assert_eq!(changed, read, "{texts:?}"),
            (Err(error), Err(read)) => assert_eq!(error.to_string(), read.to_string()),
            (changed, read) => panic!("{texts:?} gives {changed:?} and {read:?}"),
        }
    }
}

/// A path or value as long as a command line can be is refused, not followed.
#[test]
fn endless_overrides() {
    let too_deep = "nested too deeply; a manifest nests at most 32 levels";
    for argument in [format!("{}=1", vec!["a"; 50_000].join(".")), format!("title={}", "[".repeat(100_000))] {
        let error = error_of(SAMPLE, &[&argument]);
        assert!(error.ends_with(too_deep) && error.len() < 300, "{error}");
    }
}

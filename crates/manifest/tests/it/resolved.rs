use manifest::Document;

use crate::sample::{SAMPLE, document_of, manifest_of};
use crate::types::{Manifest, Optimizer};

/// Reading what was written gives the same manifest, and writing that the same bytes.
fn assert_round_trip(manifest: &Manifest) {
    let manifest = &Document::new(manifest).unwrap();
    let yaml = manifest.to_yaml();
    let again = document_of(&yaml, &[]);
    assert_eq!(&again, manifest, "{yaml}");
    assert_eq!(again.to_yaml(), yaml);
}

/// Every default stands there, in the order in which a manifest is written.
#[test]
fn every_default_is_written_out() {
    let text = SAMPLE
        .replace(", activation: linear", "")
        .replace("  engine: libtorch\n  device: cpu\n", "")
        .replace(", learning_rate: 0.01", "")
        .replace("  batch_size: 32\n  shuffle: true\nrestore: float32\n", "");
    let expected = "\
experiment: sample
title: A sample
source:
  title: A post
  published: data/published.yaml
analysis: |
  What to look at.
data:
  seed: 1234
  train:
    low: 0
    high: 100
    size: 100
  test:
    low: 100
    high: 200
    size: 20
  label:
    add: 10
scaling: standard
model:
  layers:
  - units: 16
    activation: relu
  - units: 1
    activation: linear
training:
  engine: libtorch
  device: cpu
  flow: tf-legacy
  seed: 26
  optimizer:
    name: adam
    learning_rate: 0.001
    beta_1: 0.9
    beta_2: 0.999
    epsilon: 1e-7
  loss: mse
  epochs: 100
  batch_size: 32
  shuffle: true
restore: float32
seed_scan:
  first: 0
  last: 26
";
    assert_eq!(document_of(&text, &[]).to_yaml(), expected);
    assert_round_trip(&manifest_of(SAMPLE, &[]));
}

/// What is left out because it is optional stays out.
#[test]
fn optional_parts() {
    let manifest = manifest_of(&SAMPLE.replace("seed_scan: {first: 0, last: 26}", ""), &[]);
    assert_eq!(manifest.seed_scan, None);
    assert!(!Document::new(&manifest).unwrap().to_yaml().contains("seed_scan"));
    assert_round_trip(&manifest);
}

/// Numbers keep every bit.
#[test]
fn numbers() {
    let mut manifest = manifest_of(SAMPLE, &["seed_scan=null"]);
    for seed in [0, -1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1] {
        manifest.training.seed = seed;
        assert_round_trip(&manifest);
    }
    for learning_rate in [0.1, 0.1 + 0.2, 1.0, 1e-7, 1e21, 5e-324, f64::MAX, 1.0 / 3.0, 100.0] {
        for optimizer in [
            Optimizer::Sgd { learning_rate },
            Optimizer::Momentum { learning_rate, momentum: 0.0, nesterov: true },
            Optimizer::Rmsprop { learning_rate, rho: 0.99, epsilon: learning_rate },
            Optimizer::Adam { learning_rate, beta_1: 0.0, beta_2: 1.0 - 1e-16, epsilon: 1e-300 },
        ] {
            manifest.training.optimizer = optimizer;
            assert_round_trip(&manifest);
        }
    }
}

/// Texts keep every character, whatever they would mean in YAML.
#[test]
fn texts() {
    let mut manifest = manifest_of(SAMPLE, &[]);
    let texts = [
        r"no·true·null·~·0755·1e3·.nan·=·<<·- a·a: b·a #b·#a·*a·&a·!a·@a·`a`·%a·{a·[a·a,·'·\·\n·|·>·? a·:·---·...· a·a ",
        "\"·하이퍼 파라미터·🎲·a\u{a0}b·\u{feff}a·e\u{301}",
    ];
    for text in texts.iter().flat_map(|texts| texts.split('·')) {
        text.clone_into(&mut manifest.about.title);
        text.clone_into(&mut manifest.about.source.as_mut().unwrap().title);
        text.clone_into(&mut manifest.about.analysis);
        assert_round_trip(&manifest);
    }
    let paragraphs = [
        "one\ntwo|one\ntwo\n|one\n\n\ntwo\n\n|\none|  one\n two\n|one \ntwo\n|one\n  two\n",
        "one\n# two\n|one\n---\ntwo\n|\tone\n\ttwo|a\n\n \n b|a\n\t\nb|\t\na|a\n\u{feff}b\n|- one\n- two: 3\n",
    ];
    for text in paragraphs.iter().flat_map(|texts| texts.split('|')) {
        text.clone_into(&mut manifest.about.analysis);
        assert_round_trip(&manifest);
    }
    manifest.about.analysis = "long words ".repeat(100) + "end";
    assert_round_trip(&manifest);
}

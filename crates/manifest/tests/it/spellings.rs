use crate::sample::{SAMPLE, document_of, error_of, manifest_of};
use crate::types::{
    Activation, Device, Engine, Flow, Folds, HoldOut, Loss, Manifest, Optimizer, Restore, Scaling, Share,
};

/// The manifest with one part of the sample replaced.
fn with(from: &str, to: &str) -> Manifest {
    assert_eq!(SAMPLE.matches(from).count(), 1, "{from:?}");
    manifest_of(&SAMPLE.replace(from, to), &[])
}

/// Every optimizer with its defaults.
#[test]
fn optimizers() {
    let cases = [
        ("sgd", Optimizer::Sgd { learning_rate: 0.01 }),
        ("momentum", Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9, nesterov: false }),
        ("rmsprop", Optimizer::Rmsprop { learning_rate: 0.001, rho: 0.9, epsilon: 1e-7 }),
        ("adam", Optimizer::Adam { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }),
    ];
    for (name, expected) in cases {
        let manifest = with("name: adam, learning_rate: 0.01", &format!("name: {name}"));
        assert_eq!(manifest.training.optimizer, expected);
    }
}

/// Every word of every choice.
#[test]
fn words() {
    assert_eq!(with("scaling: standard", "scaling: none").scaling, Scaling::None);
    assert_eq!(with("scaling: standard", "scaling: \"standard\"").scaling, Scaling::Standard);
    for (word, expected) in [
        ("linear", Activation::Linear),
        ("relu", Activation::Relu),
        ("tanh", Activation::Tanh),
        ("sigmoid", Activation::Sigmoid),
    ] {
        let manifest = with("activation: relu", &format!("activation: {word}"));
        assert_eq!(manifest.model.layers[0].activation, expected);
    }
    for (word, expected) in [("mse", Loss::Mse), ("mae", Loss::Mae), ("huber", Loss::Huber)] {
        let manifest = with("loss: mse", &format!("loss: {word}"));
        assert_eq!(manifest.training.loss, expected);
    }
    assert_eq!(with("flow: tf-legacy", "flow: keras-set-random-seed").training.flow, Flow::KerasSetRandomSeed);
    assert_eq!(with("restore: float32", "restore: float64").restore, Restore::Float64);
    assert_eq!(with("engine: libtorch", "engine: exact").training.engine, Engine::Exact);
    assert_eq!(with("device: cpu", "device: cuda:0").training.device, Device("cuda:0".to_owned()));
    assert_eq!(with("device: cpu", "device: cuda:12").training.device, Device("cuda:12".to_owned()));
}

/// The ways to write a number.
#[test]
fn numbers() {
    for (written, expected) in [
        ("1e-3", 1e-3),
        ("1E-3", 1e-3),
        ("1e+0", 1.0),
        ("1.5e-2", 0.015),
        (".5", 0.5),
        ("1.", 1.0),
        ("+0.25", 0.25),
        ("1", 1.0),
        ("0x10", 16.0),
        ("0.1", 0.1),
        ("123456789012345678901234567890", 1.234_567_890_123_456_8e29),
    ] {
        let manifest = with("learning_rate: 0.01", &format!("learning_rate: {written}"));
        let Optimizer::Adam { learning_rate, .. } = manifest.training.optimizer else {
            panic!("the optimizer is adam");
        };
        assert_eq!(learning_rate, expected, "{written}");
    }
    let text = SAMPLE.replace("seed_scan: {first: 0, last: 26}", "");
    for (written, expected) in [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("4294967296", 1 << 32),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ] {
        let text = text.replace("  seed: 26", &format!("  seed: {written}"));
        assert_eq!(manifest_of(&text, &[]).training.seed, expected, "{written}");
    }
}

/// The ends of the ranges belong to them.
#[test]
fn ends_of_ranges() {
    let train = "train: {low: 0, high: 100, size: 100}";
    let wide = "train: {low: -9007199254740992, high: 9007199254740982, size: 10000000}";
    assert_eq!(with(train, wide).data.train.high, 9_007_199_254_740_982);
    assert_eq!(with("add: 10", "add: -9007199254740992").data.label.add, -(1 << 53));
    assert_eq!(with("seed: 1234", "seed: 4294967295").data.seed, u32::MAX);
    assert_eq!(with("units: 16", "units: 65536").model.layers[0].units, 65_536);
    assert_eq!(with("epochs: 100", "epochs: 1000000").training.epochs, 1_000_000);
    assert_eq!(with("{first: 0, last: 26}", "{first: 26, last: 26}").seed_scan.unwrap().first, 26);
    assert_eq!(with("{first: 0, last: 26}", "{first: -999973, last: 26}").seed_scan.unwrap().first, -999973);
    let hidden = "    - {units: 16, activation: relu}\n";
    assert_eq!(with(hidden, &"    - {units: 1}\n".repeat(63)).model.layers.len(), 64);
    let error = error_of(&SAMPLE.replace(hidden, &"    - {units: 1}\n".repeat(64)), &[]);
    assert_eq!(error, "manifest.yaml:14:5: model.layers: must have from 1 to 64 items, got 65");
}

/// A field of text takes what is written, whatever it looks like.
#[test]
fn text() {
    for (written, expected) in [
        ("no", "no"),
        ("0755", "0755"),
        ("1e3", "1e3"),
        ("true", "true"),
        ("\"null\"", "null"),
        ("'it''s'", "it's"),
        ("\"a: b # c\"", "a: b # c"),
        ("하이퍼 파라미터", "하이퍼 파라미터"),
        ("two\n  lines", "two lines"),
    ] {
        let manifest = with("title: A sample", &format!("title: {written}"));
        assert_eq!(manifest.about.title, expected);
    }
}

/// Booleans as YAML 1.2 spells them.
#[test]
fn booleans() {
    for (written, expected) in [("true", true), ("True", true), ("false", false), ("FALSE", false)] {
        let manifest = with("shuffle: true", &format!("shuffle: {written}"));
        assert_eq!(manifest.training.shuffle, expected, "{written}");
    }
}

/// What an editor or another system does to a file changes nothing.
#[test]
fn files_of_other_systems() {
    let expected = manifest_of(SAMPLE, &[]);
    let windows = SAMPLE.replace('\n', "\r\n");
    for text in [
        format!("\u{feff}{SAMPLE}"),
        format!("\u{feff}{windows}"),
        windows,
        SAMPLE.replace('\n', "\r"),
        format!("---\n{SAMPLE}...\n"),
        format!("%YAML 1.2\n---\n{SAMPLE}"),
        format!("# a comment\n\n{SAMPLE}\n\n# another"),
        SAMPLE.trim_end().to_owned(),
        SAMPLE.replace(": {", ":\n      {"),
    ] {
        assert_eq!(manifest_of(&text, &[]), expected, "{text:?}");
    }
}

/// A value may be named and used again.
#[test]
fn aliases() {
    let text =
        SAMPLE.replace("train: {", "train: &range {").replace("test: {low: 100, high: 200, size: 20}", "test: *range");
    let data = manifest_of(&text, &[]).data;
    assert_eq!(data.test, data.train);
}

/// An optional part may be written as nothing.
#[test]
fn nothing() {
    for written in ["seed_scan:", "seed_scan: null", "seed_scan: ~"] {
        assert_eq!(with("seed_scan: {first: 0, last: 26}", written).seed_scan, None);
    }
}

/// A variant is the manifest with its changes.
#[test]
fn variants() {
    let variants = "variants: [{name: exact, set: [training.engine=exact, training.seed=3]}]";
    let manifest = document_of(&SAMPLE.replace("seed_scan: {first: 0, last: 26}", variants), &[]);
    let variant = manifest.variant("exact").unwrap();
    assert_eq!((variant.training.seed, variant.training.engine), (3, Engine::Exact));
    assert!(variant.variants.is_empty());
    assert_eq!(manifest.variant("other").unwrap_err().to_string(), "variants: no variant is called other");
}

/// Where one of several mappings is allowed, the one whose keys are written counts.
#[test]
fn the_mapping_whose_keys_are_written() {
    let with = |value: &str| format!("{SAMPLE}hold_out: {value}\n");
    assert_eq!(manifest_of(&with("{folds: 5}"), &[]).hold_out, Some(HoldOut::Folds(Folds { folds: 5 })));
    assert_eq!(manifest_of(&with("{split: 0.2}"), &[]).hold_out, Some(HoldOut::Share(Share { split: 0.2 })));
    assert_eq!(manifest_of(&with("null"), &[]).hold_out, None);
    for (value, answer) in [
        ("{folds: 1}", "28:19: hold_out.folds: must be from 2 to 10, got 1"),
        ("{splits: 0.2}", "28:12: hold_out.splits: unknown field, did you mean split?"),
        ("{}", "28:11: hold_out: missing field folds"),
        ("3", "28:11: hold_out: expected a mapping, got 3"),
    ] {
        assert_eq!(error_of(&with(value), &[]), format!("manifest.yaml:{answer}"));
    }
}

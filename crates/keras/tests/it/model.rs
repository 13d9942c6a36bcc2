use keras::{Activation, Layer, Model};
use manifest::Document;

use crate::Manifest;

fn read(layers: &str) -> Result<Document<Manifest>, String> {
    let training = "{flow: tf-legacy, seed: 0, optimizer: {name: sgd}, loss: mse, epochs: 1}";
    crate::read(&format!("model: {{layers: {layers}}}\ntraining: {training}\n"))
}

/// A layer is dense where it does not say its kind, and is written without it.
#[test]
fn a_kind_may_be_left_out_of_a_dense_layer() {
    let expected = Model { layers: vec![Layer::dense(3, Activation::Relu), Layer::dense(1, Activation::Linear)] };
    for first in ["{kind: dense, units: 3, activation: relu}", "{units: 3, activation: relu}"] {
        let document = read(&format!("[{first}, {{units: 1}}]")).unwrap();
        assert_eq!(document.model, expected);
        let network = "model:\n  layers:\n  - units: 3\n    activation: relu\n  - units: 1\n    activation: linear\n";
        assert!(document.to_yaml().starts_with(&format!("{network}training:\n")), "{}", document.to_yaml());
    }
    assert_eq!(expected.units(), [3, 1]);
    let json = r#"{"layers": [{"kind": "dense", "units": 3, "activation": "relu"}, {"units": 1}]}"#;
    assert_eq!(serde_json::from_str::<Model>(json).unwrap(), expected);
    assert!(serde_json::from_str::<Model>(&json.replace("dense", "dropout")).is_err());
}

#[test]
fn other_kinds_and_keys_are_refused_in_one_line() {
    for (layer, error) in [
        (
            "{kind: dens, units: 1}",
            "model.layers.0.kind: expected one of dense, dropout, got \"dens\"; did you mean dense?",
        ),
        ("{kind: dropout, rate: 1}", "model.layers.0.rate: must be >= 0 and < 1, got 1"),
        ("{kind: dropout, rate: 0.5}", "model.layers.0.kind: must stand before a dense layer"),
        ("{kind: dense}", "model.layers.0: missing field units"),
        ("{activation: relu}", "model.layers.0: missing field units"),
        ("{unit: 1}", "model.layers.0.unit: unknown field, did you mean units?"),
        ("{units: 1, activation: rely}", "did you mean relu?"),
        ("dense", "model.layers.0: expected a mapping, got the text \"dense\""),
    ] {
        let refused = read(&format!("[{layer}]")).unwrap_err();
        assert!(refused.starts_with("m.yaml:1:") && refused.ends_with(error), "{layer}: {refused}");
    }
}

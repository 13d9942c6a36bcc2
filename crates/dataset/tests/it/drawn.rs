use dataset::{Draw, Drawn, Error, Restore, Scaling};
use serde_json::{Value, json};

use crate::digest;

fn post() -> Value {
    json!({
        "seed": 1234,
        "train": {"low": 0, "high": 100, "size": 100},
        "test": {"low": 100, "high": 200, "size": 40},
        "label": {"add": 50}
    })
}

fn drawn(keys: &[(&str, Value)]) -> Drawn {
    let mut section = post();
    for (pointer, value) in keys {
        *section.pointer_mut(pointer).unwrap() = value.clone();
    }
    serde_json::from_value(section).unwrap()
}

#[test]
fn the_post_draws_its_numbers() {
    let [train, test] = drawn(&[]).draw().unwrap();
    assert_eq!(train.values("x").unwrap()[..4], [47.0, 83.0, 38.0, 53.0]);
    assert_eq!(
        (&train.x[..2], &train.y[..2], &train.labels[..2]),
        (&[47.0, 83.0][..], &[97.0, 133.0][..], &[97.0, 133.0][..])
    );
    assert_eq!(train.frame().column("label").unwrap().i64().unwrap().get(1), Some(133));
    assert_eq!((train.x.len(), test.x.len()), (100, 40));
    assert!(test.labels.iter().all(|label| (150.0..250.0).contains(label)));
}

/// The numbers of NumPy's `s = RandomState(1234)`, `s.uniform(0, 100, 100)` and then `s.uniform(100, 200, 40)`.
#[test]
fn floats_are_numpys_uniform() {
    let [train, test] = Drawn { draw: Draw::Uniform, ..drawn(&[]) }.draw().unwrap();
    assert_eq!(train.values("x").unwrap()[..2], [19.151945037889227, 62.21087710398319]);
    assert_eq!(test.values("x").unwrap()[0], 176.71166283794724);
    assert_eq!(train.labels[0], 69.15194503788922);
}

/// A section that draws `rows` training rows of `features` columns from the normal distribution.
fn normal(features: usize, rows: usize) -> Value {
    let part = |size: usize| json!({"loc": -2.5, "scale": 3.0, "size": size});
    json!({"seed": 7, "draw": "normal", "features": features, "train": part(rows), "test": part(2), "label": {"add": 4}})
}

/// Digests of NumPy's numbers; `golden/drawn.py` makes them.
#[test]
fn several_features_are_numpys_rows_and_their_sums_the_labels() {
    let golden: Value = serde_json::from_str(include_str!("../golden/drawn.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 21);
    for case in cases {
        let drawn: Drawn = serde_json::from_value(case["data"].clone()).unwrap();
        for (rows, expected) in drawn.draw().unwrap().iter().zip(case["parts"].as_array().unwrap()) {
            let columns = rows.frame().get_column_names().len() - 1;
            let names = |index: usize| if columns == 1 { "x".to_owned() } else { format!("x{}", index + 1) };
            let x: Vec<Vec<f64>> = (0..columns).map(|index| rows.values(&names(index)).unwrap()).collect();
            let x = (0..rows.labels.len()).flat_map(|row| x.iter().map(move |column| column[row].to_le_bytes()));
            let labels = rows.labels.iter().map(|label| label.to_le_bytes());
            assert_eq!(json!([digest(x), digest(labels)]), *expected, "{}", case["data"]);
        }
        let data = drawn.dataset(Scaling::Standard, Restore::Float64).unwrap();
        let scaler = data.scaler().unwrap();
        assert_eq!(json!([digest([scaler.mean.to_le_bytes()]), digest([scaler.std.to_le_bytes()])]), case["scaler"]);
        let single = |values: &[f32]| digest(values.iter().map(|value| value.to_le_bytes()));
        assert_eq!(json!([single(&data.test.x), single(&data.test.y)]), case["scaled"], "{}", case["data"]);
        let held = drawn.validation(Scaling::Standard, Restore::Float64, 0.4).unwrap();
        assert_eq!(held.train.x.len() / held.train.y.len(), drawn.features);
    }
}

#[test]
fn keys_that_are_not_used_are_not_written() {
    assert_eq!(serde_json::to_value(serde_json::from_value::<Drawn>(normal(3, 5)).unwrap()).unwrap(), normal(3, 5));
    assert_eq!(serde_json::to_value(drawn(&[])).unwrap(), post());
    let uniform = Drawn { draw: Draw::Uniform, ..drawn(&[]) };
    assert_eq!(serde_json::to_value(uniform).unwrap()["draw"], "uniform");
}

#[test]
fn rules_between_fields_name_the_field() {
    let rule = |keys: &[(&str, Value)]| {
        let broken = drawn(keys).check().unwrap_err();
        let same = drawn(keys).draw().unwrap_err();
        assert!(matches!(same, Error::Invalid { place, .. } if place == broken.path));
        format!("{}: {}", broken.path, broken.message)
    };
    assert_eq!(rule(&[("/test/high", json!(100))]), "test.high: must be > low, got 100 with low 100");
    let most = 1_i64 << 53;
    assert_eq!(
        rule(&[("/label/add", json!(most))]),
        format!("label.add: must keep x + add from -{most} to {most}, got {most} with x = 99 in data.train")
    );
    assert_eq!(drawn(&[("/label/add", json!(-most))]).check(), Ok(()));
    let several = json!(1_i64 << 43);
    let mut section = post();
    section["features"] = json!(4096);
    section["train"]["high"] = several;
    let broken = serde_json::from_value::<Drawn>(section).unwrap().check().unwrap_err();
    assert!(broken.message.starts_with("must keep the sum of the inputs + add from "), "{}", broken.message);
}

/// What a draw does not take is refused, and so is what it lacks.
#[test]
fn every_draw_has_its_own_keys() {
    let rule = |draw: &str, train: Value| {
        let mut section = if draw == "normal" { normal(2, 3) } else { post() };
        section["draw"] = json!(draw);
        section["train"] = train;
        let broken = serde_json::from_value::<Drawn>(section).unwrap().check().unwrap_err();
        format!("{}: {}", broken.path, broken.message)
    };
    let of_normal = "with draw normal it takes loc and scale";
    assert_eq!(rule("normal", json!({"loc": 0, "size": 3})), format!("train: {of_normal}"));
    assert_eq!(rule("normal", json!({"loc": 0, "scale": 1, "low": 0, "size": 3})), format!("train.low: {of_normal}"));
    let of_uniform = "with draw uniform it takes low and high";
    assert_eq!(
        rule("uniform", json!({"low": 0, "high": 9, "scale": 1, "size": 3})),
        format!("train.scale: {of_uniform}")
    );
    assert_eq!(rule("randint", json!({"size": 3})), "train: with draw randint it takes low and high");
    let many = rule("normal", json!({"loc": 0, "scale": 1, "size": 60_000_000}));
    assert_eq!(many, "features: must keep the numbers of data.train at most 100000000, got 60000000 rows");
    let mut constant = normal(2, 3);
    constant["train"]["scale"] = json!(0);
    let rules = serde_json::from_value::<Drawn>(constant).unwrap().rules(Scaling::Standard).unwrap_err();
    assert_eq!(rules.message, "standard needs data.train.scale > 0, got 0");
}

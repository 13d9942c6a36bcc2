use dataset::{Draw, Drawn, Error};
use serde_json::{Value, json};

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
    assert_eq!(train.frame.column("label").unwrap().i64().unwrap().get(1), Some(133));
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

#[test]
fn keys_that_are_not_used_are_not_written() {
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
}

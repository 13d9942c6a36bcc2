//! How spaces are written, and the one line that a bad one gets.

use search::{Assignment, Domain, SamplerKind, Space, State, Value};

fn read(text: &str) -> Result<Space, String> {
    serde_yaml::from_str::<Space>(text).map_err(|error| error.to_string())
}

#[test]
fn domains_are_told_by_how_their_bounds_are_written() {
    let space = read(
        "rate: {min: 1e-4, max: 1e-1, log: true}
dropout: {min: 0, max: 0.5, step: 0.1}
units: {min: 4, max: 64, log: true}
batch: {min: 8, max: 32, step: 8}
activation: {values: [linear, relu, 1, 0.5, true, null]}
momentum: {min: 0.0, max: 0.9, when: {activation: [linear, 1.0], batch: [8]}}",
    )
    .unwrap();
    let domains: Vec<&Domain> = space.parameters().iter().map(|parameter| &parameter.domain).collect();
    assert_eq!(domains[0], &Domain::Float { min: 1e-4, max: 1e-1, log: true, step: None });
    assert_eq!(domains[1], &Domain::Float { min: 0.0, max: 0.5, log: false, step: Some(0.1) });
    assert_eq!(domains[2], &Domain::Integer { min: 4, max: 64, log: true, step: 1 });
    assert_eq!(domains[3], &Domain::Integer { min: 8, max: 32, log: false, step: 8 });
    assert!(matches!(domains[4], Domain::Categorical { values } if values[4] == Value::Bool(true)));
    assert_eq!(space.parameters()[5].when.len(), 2);
    // Written and read again, it is the same space.
    assert_eq!(read(&serde_yaml::to_string(&space).unwrap()).unwrap(), space);
    assert_eq!(serde_json::from_str::<Space>(&serde_json::to_string(&space).unwrap()).unwrap(), space);
}

#[test]
fn bad_spaces_get_one_line() {
    let cases = [
        ("{}", "parameters: must name at least one parameter"),
        ("a: {}", "a: must have either min and max or values"),
        ("a: {min: 1}", "a: must have either min and max or values"),
        ("a: {min: 1, max: 2, values: [1]}", "a: must have either min and max or values"),
        ("a: {min: 2, max: 1}", "a: min must be at most max, got 2 and 1"),
        ("a: {min: 0.5, max: .inf}", "a: min and max must be finite, got 0.5 and inf"),
        ("a: {min: .nan, max: 1.0}", "a: min and max must be finite, got NaN and 1.0"),
        ("a: {min: 0.0, max: 1.0, log: true}", "a: min must be above 0 on a logarithmic scale, got 0.0"),
        ("a: {min: 0, max: 8, log: true}", "a: min must be at least 1 on a logarithmic scale, got 0"),
        ("a: {min: 0.1, max: 1.0, log: true, step: 0.1}", "a: log and step exclude each other"),
        ("a: {min: 1, max: 8, step: 0}", "a: step must be at least 1, got 0"),
        ("a: {min: 1, max: 8, step: 9}", "a: step must be at most max - min, got 9"),
        ("a: {min: 0.0, max: 1.0, step: -0.1}", "a: step must be above 0, got -0.1"),
        ("a: {values: []}", "a: values must not be empty"),
        ("a: {values: [1, 1.0]}", "a: values must differ, got 1.0 twice"),
        ("a: {values: [1], log: true}", "a: values go with neither log nor step"),
        ("a: {min: 1, max: 2, when: {b: [1]}}", "a: when names b, which is no parameter of the space"),
        ("a: {min: 1, max: 2, when: {b: []}}\nb: {values: [1]}", "a: when gives no value for b"),
        ("a: {min: 1, max: 2, when: {b: [2]}}\nb: {values: [1]}", "a: when asks b to be 2, which it never is"),
        (
            "a: {values: [1, 2], when: {b: [1]}}\nb: {values: [1, 2], when: {a: [1]}}",
            "a: its conditions lead back to itself",
        ),
    ];
    for (text, rule) in cases {
        let error = read(text).unwrap_err();
        assert!(error.starts_with(rule), "{text}: {error}");
        assert_eq!(error.lines().count(), 1, "{text}: {error}");
    }
    assert!(read("a: {min: 1, max: 2, stop: 3}").unwrap_err().contains("unknown field `stop`"));
}

#[test]
fn lattices_count_and_name_their_values_exactly() {
    let tenths = Domain::Float { min: 0.0, max: 1.0, log: false, step: Some(0.1) };
    assert_eq!(tenths.count(), Some(11));
    let values: Vec<Value> = (0..11).map(|i| tenths.nth(i)).collect();
    assert_eq!(values[3], Value::Float(0.3));
    assert_eq!(values[10], Value::Float(1.0));
    assert!(values.iter().enumerate().all(|(i, value)| tenths.index(value) == Some(i as u64)));
    assert_eq!(tenths.index(&Value::Float(0.35)), None);
    // The last step need not meet the upper bound.
    let uneven = Domain::Integer { min: 1, max: 10, log: false, step: 4 };
    assert_eq!(uneven.count(), Some(3));
    assert!(uneven.contains(&Value::Integer(9)) && !uneven.contains(&Value::Integer(10)));
    assert!(uneven.contains(&Value::Float(5.0)) && !uneven.contains(&Value::Float(5.5)));
}

#[test]
fn words_of_the_manifest_and_of_optuna() {
    assert_eq!(serde_yaml::from_str::<SamplerKind>("gp").unwrap(), SamplerKind::Gp);
    assert_eq!(serde_json::to_string(&State::Complete).unwrap(), "\"COMPLETE\"");
    let assignment: Assignment = serde_yaml::from_str("b: 1\na: 0.5\n").unwrap();
    assert_eq!(serde_json::to_string(&assignment).unwrap(), r#"{"b":1,"a":0.5}"#);
}

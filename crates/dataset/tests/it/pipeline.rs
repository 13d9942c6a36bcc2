use std::fs;

use dataset::{Dataset, Drawn, Restore, Scaling};
use serde_json::{Value, json};

use crate::load;

const HEADER: &str = "size,colour,grade,y\n";
const ROWS: [&str; 8] =
    ["1,red,1,3", "4.5,blue,3,4", ",red,2,5", "7,green,1,1", "-2,blue,3,6", "3,red,2,2", "8,green,1,9", "6,blue,2,4"];

fn keys() -> Value {
    json!({
        "features": ["size", "colour", "grade"], "categorical": {"colour": "one-hot", "grade": "ordinal"}, "missing": "mean",
        "test": {"size": 3, "shuffle": false}, "scaling": {"features": "standard", "label": "min-max"}
    })
}

/// What new rows with this content become.
fn read(data: &Dataset, content: &str) -> Result<Vec<f32>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.csv");
    fs::write(&path, content).unwrap();
    data.read_inputs(&path).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

/// Test rows that are read as new ones are what they were, whatever other columns stand between.
#[test]
fn new_rows_become_what_test_rows_became() {
    let data = load(format!("{HEADER}{}", ROWS.join("\n")), &keys()).unwrap();
    assert_eq!(read(&data, &format!("{HEADER}{}", ROWS[5..].join("\n"))).unwrap(), data.test.x);
    let other = "note,grade,size,colour\n,2.0,3,red\nx, 1,8.0,green\ny,2,6,blue\n";
    assert_eq!(read(&data, other).unwrap(), data.test.x);
    // A missing number is the mean of the training rows, as theirs was.
    assert_eq!(read(&data, "size,colour,grade\nNA,red,2\n").unwrap(), data.train.x[10..15]);
}

#[test]
fn drawn_data_have_rows_of_their_columns() {
    let drawn: Drawn = serde_json::from_value(json!({
        "seed": 1, "features": 2, "train": {"low": 0, "high": 9, "size": 30}, "test": {"low": 20, "high": 30, "size": 2},
        "label": {"add": 1}
    }))
    .unwrap();
    let data = drawn.dataset(Scaling::Standard, Restore::Float32).unwrap();
    let rows: Vec<String> =
        (0..2).map(|row| ["x2", "x1"].map(|name| data.test.values(name).unwrap()[row].to_string()).join(",")).collect();
    assert_eq!(read(&data, &format!("x2,x1\n{}", rows.join("\n"))).unwrap(), data.test.x);
    assert_eq!(read(&data, "x1\n2\n").unwrap_err(), "new.csv:1: no column \"x2\"; did you mean x1?");
    assert_eq!(read(&data, "x1,x2\n2,\n").unwrap_err(), "new.csv:2:x2: the value is missing");
}

#[test]
fn rows_that_do_not_fit_are_refused_with_their_place() {
    let data = load(format!("{HEADER}{}", ROWS.join("\n")), &keys()).unwrap();
    let refusals = [
        ("", "new.csv: the file is empty; expected a header and rows"),
        ("size,colour,grade\n", "new.csv: has a header and no rows"),
        ("size,color,grade\n1,red,1\n", "new.csv:1: no column \"colour\"; did you mean color?"),
        ("size,colour,grade\n1,red,1\n2,Red,1\n", "new.csv:3:colour: \"Red\" is in no training row; did you mean red?"),
        (
            "size,colour,grade\n1,purple,1\n",
            "new.csv:2:colour: \"purple\" is in no training row; there are blue, green, red",
        ),
        ("size,colour,grade\n1,,1\n", "new.csv:2:colour: the value is missing"),
        ("size,colour,grade\n1,red,4\n", "new.csv:2:grade: \"4\" is in no training row; there are 1, 2, 3"),
        ("size,colour,grade\n1,red,?\n", "new.csv:2:grade: the value is missing"),
        ("size,colour,grade\nbig,red,1\n", "new.csv:2:size: expected a number, got \"big\""),
        ("size,colour,grade\n1e300,red,1\n", "new.csv:2:size: \"1e300\" is too large for a 32-bit float"),
        ("size,colour,grade\n1,red\n", "new.csv:2: expected 3 cells as in the header, got 2"),
    ];
    for (content, refusal) in refusals {
        assert_eq!(read(&data, content).unwrap_err(), refusal, "{content}");
    }
}

#[test]
fn outputs_are_answers_in_the_label_s_words() {
    let numbers = load(format!("{HEADER}{}", ROWS.join("\n")), &keys()).unwrap();
    let answers = numbers.answers(&[0.0, 1.0], 2);
    let restored = numbers.restore(&[0.0, 1.0]);
    assert!(answers.column("prediction").unwrap().f64().unwrap().iter().flatten().eq(restored), "{answers}");
    let classes = |labels: &[&str]| {
        let rows: Vec<String> = labels.iter().map(|label| format!("1,{label}")).collect();
        load(format!("a,y\n{}", rows.join("\n")), &json!({"classes": true})).unwrap()
    };
    let cases = [
        (classes(&["no", "yes", "yes", "no"]), vec![0.5, 0.75], vec!["no", "yes"], "probability=yes", [0.5, 0.75]),
        (
            classes(&["c", "a", "b", "a"]),
            vec![0.25, 0.5, 0.25, 0.125, 0.125, 0.75],
            vec!["b", "c"],
            "probability=a",
            [0.25, 0.125],
        ),
    ];
    for (data, outputs, expected, column, probabilities) in cases {
        let answers = data.answers(&outputs, 2);
        let named = answers.column("class").unwrap();
        assert!(named.str().unwrap().iter().flatten().eq(expected), "{answers}");
        assert_eq!(answers.column(column).unwrap().f64().unwrap().to_vec(), probabilities.map(Some));
    }
}

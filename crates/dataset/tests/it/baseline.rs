use dataset::baseline;
use serde_json::{Value, json};

use crate::load;

fn close(guess: &[f64], expected: &[f64]) {
    assert_eq!(guess.len(), expected.len());
    assert!(guess.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-5 * other.abs()), "{guess:?}");
}

/// The label is 3 a − 2 b + 10, which a line predicts; c is a + b and d is constant, which it does without.
#[test]
fn a_line_predicts_what_is_on_a_line() {
    let row = |row: i32| {
        let (a, b) = (row * row % 17, row * 7 % 11);
        format!("{a},{b},{},5,{},{}", a + b, ["x", "y", "z"][(a % 3) as usize], 3 * a - 2 * b + 10)
    };
    let rows: Vec<String> = (0..40).map(row).collect();
    let content = format!("a,b,c,d,e,y\n{}\n", rows.join("\n"));
    let keys = |scale: &str| -> Value {
        json!({
            "features": ["a", "b", "c", "d", "e"], "categorical": {"e": "one-hot"}, "test": {"size": 8, "seed": 3},
            "scaling": {"features": scale, "label": scale}
        })
    };
    for scale in ["none", "standard", "min-max"] {
        let data = load(&content, &keys(scale)).unwrap();
        close(&baseline::linear(&data), &data.test.labels);
    }
}

#[test]
fn the_mean_is_that_of_the_training_rows() {
    let content = "a,y\n1,2\n1,3\n1,7\n1,100\n";
    assert_eq!(baseline::mean(&load(content, &json!({})).unwrap()), [4.0]);
    close(&baseline::linear(&load(content, &json!({})).unwrap()), &[4.0]);
}

/// Of classes that are equally frequent it is the first.
#[test]
fn the_majority_is_that_of_the_training_rows() {
    let classes = load("a,y\n1,b\n1,r\n1,g\n1,r\n1,g\n1,b\n", &json!({"classes": true})).unwrap();
    assert_eq!(
        (classes.class_counts(&classes.train), classes.class_counts(&classes.test)),
        (vec![1, 2, 2], vec![1, 0, 0])
    );
    assert_eq!(baseline::majority(&classes), [1]);
}

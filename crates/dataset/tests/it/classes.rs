use dataset::{Dataset, LabelEncoding, LogisticRegression, Table, classification};
use serde_json::{Value, from_str, from_value, json};

use crate::{data_folder, load, table};

fn close(found: &[f64], expected: &Value, within: f64) {
    let expected: Vec<f64> = from_value(expected.clone()).unwrap();
    assert_eq!(found.len(), expected.len());
    let is_close = |(one, other): (&f64, &f64)| (one - other).abs() <= within * (1.0 + other.abs());
    assert!(found.iter().zip(&expected).all(is_close), "{found:?}\n{expected:?}");
}

#[test]
fn classes_and_their_logistic_regression_are_scikit_learns() {
    let golden: Value = from_str(include_str!("../golden/classes.json")).unwrap();
    for case in golden["tables"].as_array().unwrap() {
        let table: Table = from_value(case["table"].clone()).unwrap();
        let data = table.load(&data_folder()).unwrap();
        assert_eq!(json!(data.classes()), case["classes"]);
        assert_eq!(json!([data.class_counts(&data.train), data.class_counts(&data.test)]), case["counts"]);
        let one_hot = Table { label_encoding: LabelEncoding::OneHot, ..table.clone() };
        let (codes, columns) = (&data.test, one_hot.load(&data_folder()).unwrap());
        let rows: Vec<&[f32]> = columns.test.y.chunks_exact(data.classes().len()).take(3).collect();
        assert_eq!(json!(rows), case["one_hot"]);
        assert_eq!((&columns.test.labels, columns.test.x == codes.x), (&codes.labels, true));

        let regression = LogisticRegression::fit(&data.train, data.classes().len());
        if !case["weights"].is_null() {
            close(&regression.weights, &case["weights"], 1e-5);
        }
        let (outputs, labels) = (regression.predict(&data.test.x), &data.test.labels);
        let chosen = classification::chosen(&outputs, labels.len());
        assert_eq!(json!(chosen), case["chosen"], "{}", case["table"]);
        let confusion = classification::confusion_matrix(&chosen, labels, data.classes().len());
        assert_eq!(json!(confusion), case["confusion_matrix"]);
        let right: u32 = (0..confusion.len()).map(|class| confusion[class][class]).sum();
        assert_eq!(classification::accuracy(&chosen, labels), f64::from(right) / labels.len() as f64);
        let first: Vec<f64> = match data.outputs() {
            1 => outputs[..5].iter().flat_map(|second| [1.0 - second, *second]).collect(),
            all => outputs[..5 * all].to_vec(),
        };
        let expected: Vec<Vec<f64>> = from_value(case["first_outputs"].clone()).unwrap();
        close(&first, &json!(expected.concat()), 1e-6);
        if data.classes().len() == 2 {
            let curve = classification::roc_curve(&outputs, labels);
            let (mistaken, found): (Vec<f64>, Vec<f64>) = curve.iter().copied().unzip();
            close(&mistaken, &case["roc_curve"][0], 1e-12);
            close(&found, &case["roc_curve"][1], 1e-12);
            close(&[classification::area_under(&curve)], &json!([case["roc_auc"]]), 1e-12);
        }
    }
}

/// Outputs that are equal are one step of the curve, and choose the first class.
#[test]
fn equal_outputs_choose_the_first_class() {
    assert_eq!(classification::chosen(&[0.5, 0.6, 0.4], 3), [0, 1, 0]);
    assert_eq!(classification::chosen(&[0.2, 0.4, 0.4, 0.3, 0.3, 0.3], 2), [1, 0]);
    let curve = classification::roc_curve(&[0.7, 0.7, 0.2], &[1.0, 0.0, 0.0]);
    assert_eq!(curve, [(0.0, 0.0), (0.5, 1.0), (1.0, 1.0)]);
    assert_eq!(classification::area_under(&curve), 0.75);
}

#[test]
fn weights_of_rows_come_from_their_column() {
    let content = "a,y,w\n1,no,2\n2,yes,0.5\n3,no,\n4,no,0\n5,yes,1\n";
    let keys = json!({"classes": true, "sample_weight": "w", "missing": "drop"});
    let data = load(content, &keys).unwrap();
    assert_eq!(data.train.sample_weight.as_deref(), Some(&[2.0, 0.5, 0.0][..]));
    assert_eq!(data.test.sample_weight.as_deref(), Some(&[1.0][..]));
    let part = data.train.part(&[2, 1]);
    assert_eq!(
        (part.x_and_y(), part.sample_weight.as_deref()),
        ((&[4.0, 2.0][..], &[0.0, 1.0][..]), Some(&[0.0, 0.5][..]))
    );
    let refused = |content: &str| load(content, &json!({"sample_weight": "w"})).unwrap_err().to_string();
    assert_eq!(refused("a,y,w\n1,2,1\n2,3,-1\n"), "t.csv:3:w: expected a weight, 0 or more, got -1.0");
    assert_eq!(refused("a,y,w\n1,2,1\n2,3,much\n"), "t.csv:3:w: expected a number, got \"much\"");
    assert!(refused("a,y,w\n1,2,1\n2,3,\n").starts_with("t.csv:3:w: the cell is missing"));
}

#[test]
fn labels_that_are_no_classes_are_refused_with_their_place() {
    let refused = |content: &str| load(content, &json!({"classes": true})).unwrap_err().to_string();
    let real = refused("a,y\n1,2\n1,2.5\n1,2\n");
    assert_eq!(real, "t.csv:3:y: expected a class, a text or a whole number, got 2.5");
    assert_eq!(refused("a,y\n1,no\n1,no\n"), "t.csv: the label y has one class, \"no\"");
    let unseen = "t.csv:4:y: \"b\" is in no training row; try test.stratify or another test.seed";
    assert_eq!(refused("a,y\n1,r\n1,g\n1,b\n"), unseen);
}

#[test]
fn rules_of_classes_name_the_key() {
    let rule = |keys: Value| {
        let broken = table(&keys).rules().unwrap_err();
        format!("{}: {}", broken.path, broken.message)
    };
    assert!(rule(json!({"label_encoding": "one-hot"})).starts_with("data.label_encoding: needs classes"));
    assert!(rule(json!({"sample_weight": "y"})).starts_with("data.sample_weight: \"y\" is learnt from or"));
    assert!(rule(json!({"sample_weight": "w"})).starts_with("data.sample_weight: must be left out"));
    assert!(rule(json!({"classes": true})).starts_with("data.classes: must be false"));
    let broken = table(&json!({})).rules_of_classes().unwrap_err();
    assert_eq!(broken.path, "data.classes");
    assert_eq!(table(&json!({"classes": true, "validation": {"folds": 2}})).rules_of_classes(), Ok(()));
}

/// Two classes in one column have one output, in columns of their own each.
#[test]
fn a_network_has_an_output_for_each_class() {
    let content = "a,y\n1,no\n2,yes\n3,no\n4,yes\n";
    let units =
        |keys: Value, units: u32| load(content, &keys).unwrap().check_units(units).map_err(|error| error.to_string());
    assert_eq!(units(json!({"classes": true}), 1), Ok(()));
    assert_eq!(units(json!({"classes": true, "label_encoding": "one-hot"}), 2), Ok(()));
    let message = "model.layers: the last layer must have 1 unit, since y is one of 2 classes; got 2";
    assert_eq!(units(json!({"classes": true}), 2), Err(message.to_owned()));
    assert_eq!(flowers().outputs(), 3);
}

fn flowers() -> Dataset {
    let row = |row: usize| format!("{},{}\n", row % 3, ["`a`", "b", "c"][row % 3]);
    let content = format!("a,y\n{}", (0..30).map(row).collect::<String>());
    load(content, &json!({"classes": true, "test": {"size": 6, "stratify": "y"}})).unwrap()
}

#[test]
fn classes_are_described_by_their_rows() {
    let said = flowers().describe();
    let end = "so many training and test rows: ` a ` (8 and 2), `b` (8 and 2) and `c` (8 and 2).";
    assert!(said.contains(end) && said.contains("It is one of 3 classes"), "{said}");
}

/// Whatever comes out, the sentence is true.
#[test]
fn an_accuracy_is_set_beside_what_needs_no_network() {
    let data = flowers();
    let certain = |class: fn(usize) -> usize| -> Vec<f64> {
        let row = |label: &f64| (0..3).map(|place| f64::from(place == class(*label as usize))).collect::<Vec<_>>();
        data.test.labels.iter().flat_map(row).collect()
    };
    for (outputs, end) in [
        (certain(|class| class), "The network is as good as the regression and better than the most frequent class."),
        (certain(|_| 1), "The network is worse than the regression and as good as the most frequent class."),
        (certain(|class| (class + 1) % 3), "worse than the regression and worse than the most frequent class."),
        (vec![f64::NAN; 18], "are not finite: it has learnt nothing."),
    ] {
        let said = data.describe_accuracy(&outputs);
        assert!(said.ends_with(end), "{said}");
    }
}

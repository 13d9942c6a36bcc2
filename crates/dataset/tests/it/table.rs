use dataset::{Dataset, Drawn, Rows, Scale, Table, Target};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::{load, table};

fn made(content: &str, keys: &Value) -> Dataset {
    load(content, keys).unwrap()
}

fn refused(content: &str, keys: &Value) -> String {
    load(content, keys).unwrap_err().to_string()
}

fn inputs(data: &Dataset) -> (&[f32], &[f32]) {
    (&data.train.x, &data.test.x)
}

#[test]
fn a_missing_cell_is_refused_dropped_or_completed() {
    let content = "a,y\n1,2\n,3\n8,4\nNA,5\n3,6\n";
    let why = "the cell is missing (2 of this column are); allow that with missing: drop, mean or median";
    assert_eq!(refused(content, &json!({})), format!("t.csv:3:a: {why}"));
    assert_eq!(inputs(&made(content, &json!({"missing": "drop"}))), (&[1.0, 8.0][..], &[3.0][..]));
    let mean = made(content, &json!({"missing": "mean"}));
    assert_eq!(inputs(&mean), (&[1.0, 4.5, 8.0, 4.5][..], &[3.0][..]));
    assert_eq!(mean.train.frame().column("a").unwrap().null_count(), 2);
    assert!(mean.train.values("a").unwrap()[1].is_nan());
    let median = made("a,y\n1,2\n,3\n8,4\n2,5\n?,6\n", &json!({"missing": "median"}));
    assert_eq!(inputs(&median), (&[1.0, 2.0, 8.0, 2.0][..], &[2.0][..]));

    let label = refused("a,y\n1,2\n1,\n", &json!({"missing": "mean"}));
    assert_eq!(label, "t.csv:3:y: the cell is missing (1 of this column are); allow that with missing: drop");
    assert_eq!(refused("a,y\n,2\n,3\n", &json!({"missing": "drop"})), "t.csv: no row is left: each misses a cell");
    assert_eq!(refused("a,y\n,2\n1,3\n", &json!({"missing": "mean"})), "t.csv: a: no training row has a value");
}

#[test]
fn categories_are_sorted_and_those_of_the_training_rows() {
    let keys = json!({"categorical": {"a": "one-hot"}});
    let data = made("a,y\nb,1\nB,2\nä,3\n10,4\nb,5\n", &keys);
    assert_eq!(data.features, ["a=10", "a=B", "a=b", "a=ä"]);
    assert_eq!(data.train.x, [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0].map(|x| x as f32));
    assert_eq!(data.test.x, [0.0, 0.0, 1.0, 0.0]);
    let numbers = made("a,y\n10,1\n9,2\n10.0,3\n-1,4\n9,5\n", &keys);
    assert_eq!(numbers.features, ["a=-1", "a=9", "a=10"]);
    let codes = made("a,y\n10,1\n9,2\n10,3\n-1,4\n9,5\n", &json!({"categorical": {"a": "ordinal"}}));
    assert_eq!(
        (codes.features.as_slice(), inputs(&codes)),
        (&["a".to_owned()][..], (&[2.0, 1.0, 2.0, 0.0][..], &[1.0][..]))
    );
    assert_eq!(
        refused("a,y\nx,1\nz,2\n", &keys),
        "t.csv:3:a: \"z\" is in no training row; try test.stratify or another test.seed"
    );
    let dropped = refused("a,y\n\"x\n\",1\n,2\nz,3\n", &json!({"categorical": {"a": "one-hot"}, "missing": "drop"}));
    assert!(dropped.starts_with("t.csv:5:a: \"z\" is in no training row"), "{dropped}");
    let missing = "the cell is missing (1 of this column are); allow that with missing: drop";
    let mut mean = keys.clone();
    mean["missing"] = json!("mean");
    assert_eq!(refused("a,y\nx,1\n,2\n", &mean), format!("t.csv:3:a: {missing}"));
}

#[test]
fn classes_are_codes_of_the_rows_that_are_kept() {
    let data = made("a,y\n1,no\n2,yes\n,maybe\n3,\n4,no\n", &json!({"classes": true, "missing": "drop"}));
    assert_eq!(data.target, Target::Classes(vec!["no".to_owned(), "yes".to_owned()]));
    assert_eq!((data.train.y.as_slice(), data.test.labels.as_slice()), (&[0.0, 1.0][..], &[0.0][..]));
    assert_eq!(data.restore(&[0.25]), [0.25]);
    let codes = made("a,y\n1,10\n2,9\n4,10\n", &json!({"classes": true}));
    assert_eq!(codes.target, Target::Classes(vec!["9".to_owned(), "10".to_owned()]));
}

#[test]
fn whole_numbers_stay_whole_in_the_frame() {
    let large = (1_i64 << 60) + 1;
    let data = made(&format!("a,y\n{large},1.5\n7,2\n3,4\n"), &json!({}));
    assert_eq!(data.train.frame().column("a").unwrap().i64().unwrap().get(0), Some(large));
    assert_eq!(data.train.frame().column("y").unwrap().f64().unwrap().get(1), Some(2.0));
    assert_eq!(data.train.labels, [1.5, 2.0]);
    let kinds = made("a,y\n01,1\nx,2\n01,3\n", &json!({"categorical": {"a": "ordinal"}}));
    assert_eq!(kinds.train.frame().column("a").unwrap().str().unwrap().get(0), Some("01"));
    assert!(kinds.train.values("a").is_none());
}

#[test]
fn constant_features_are_not_divided_and_constant_labels_refused() {
    let content = "a,y\n7,1\n7,1\n8,3\n";
    let data = made(content, &json!({"scaling": {"features": "standard"}}));
    assert_eq!(inputs(&data), (&[0.0, 0.0][..], &[1.0][..]));
    for scale in ["standard", "min-max"] {
        let error = refused(content, &json!({"scaling": {"label": scale}}));
        assert_eq!(error, "t.csv: the label y is the same in all 2 training rows");
    }
}

#[test]
fn validation_parts_the_training_rows() {
    let content = "a,y\n1,2\n2,3\n3,4\n4,5\n5,6\n";
    let data = made(content, &json!({"validation": {"folds": 2}}));
    let parts: Vec<_> = data.folds().into_iter().map(|fold| (fold.train, fold.validation)).collect();
    assert_eq!(parts, [(vec![2, 3], vec![0, 1]), (vec![0, 1], vec![2, 3])]);
    let [_, [train, held]] = &data.validations()[..] else { panic!("two folds are two validations") };
    assert_eq!(
        (train.x_and_y(), held.x_and_y()),
        ((&[1.0, 2.0][..], &[2.0, 3.0][..]), (&[3.0, 4.0][..], &[4.0, 5.0][..]))
    );
    assert_eq!((held.labels.clone(), held.values("a").unwrap()), (vec![4.0, 5.0], vec![3.0, 4.0]));
    assert_eq!(data.train.part(&[3, 1]).x_and_y(), (&[4.0, 2.0][..], &[5.0, 3.0][..]));
    let data = made(content, &json!({"validation": {"split": 0.3}}));
    let [[train, held]] = &data.validations()[..] else { panic!("a split is one validation") };
    assert_eq!(
        (train.x_and_y(), held.x_and_y()),
        ((&[1.0, 2.0][..], &[2.0, 3.0][..]), (&[3.0, 4.0][..], &[4.0, 5.0][..]))
    );
    let held = data.validation.unwrap();
    assert_eq!((data.train.x, held.x_and_y()), (vec![1.0, 2.0], (&[3.0, 4.0][..], &[4.0, 5.0][..])));
    assert_eq!((held.values("y").unwrap(), data.test.x), (vec![4.0, 5.0], vec![5.0]));
    let scaled = made(content, &json!({"validation": {"split": 0.5}, "scaling": {"features": "standard"}}));
    assert_eq!(scaled.validation.unwrap().x, [3.0, 5.0], "the scaling learns from the two rows that are trained on");
    assert_eq!(made(content, &json!({})).folds(), []);
    let many = refused(content, &json!({"validation": {"folds": 5}}));
    assert_eq!(many, "data.validation.folds: must be at most the 4 training rows");
    let few = refused("a,y\n1,2\n2,3\n", &json!({"validation": {"split": 0.5}}));
    assert_eq!(few, "data.validation.split: must part the 1 training rows in two");
}

#[test]
fn the_test_rows_must_leave_rows_to_train_on() {
    let content = "a,y\n1,2\n2,3\n3,4\n4,5\n";
    let test = |test: Value| refused(content, &json!({"test": test}));
    assert_eq!(test(json!({"size": 4})), "data.test.size: must leave a row to train on, got 4 of 4 rows");
    assert_eq!(test(json!({"size": 0.9})), "data.test.size: must leave a row to train on, got 4 of 4 rows");
    assert_eq!(test(json!({"size": 1, "stratify": "a"})), "data.test.stratify: every class needs 2 rows");
    let content = "a,y\n1,2\n2,3\n1,4\n2,5\n";
    let few = refused(content, &json!({"test": {"size": 1, "stratify": "a"}}));
    assert_eq!(few, "data.test.stratify: 2 classes need as many rows in either part, got 3 and 1");
}

#[test]
fn rules_between_keys_name_the_key() {
    let rule = |keys: Value| {
        let broken = table(&keys).check().unwrap_err();
        format!("{}: {}", broken.path, broken.message)
    };
    assert_eq!(rule(json!({"features": ["a", "y"]})), "features.1: \"y\" is the label");
    assert_eq!(rule(json!({"features": ["a", "a"]})), "features.1: \"a\" is named twice");
    let unknown = rule(json!({"features": ["origin"], "categorical": {"Origin": "one-hot"}}));
    assert_eq!(unknown, "categorical: \"Origin\" is none of the features; did you mean origin?");
    let classes = rule(json!({"classes": true, "scaling": {"label": "standard"}}));
    assert_eq!(classes, "scaling.label: must be none with classes");
    assert_eq!(rule(json!({"sha256": "abc"})), "sha256: expected 64 lower-case hexadecimal digits, got \"abc\"");
    for (size, rest) in [
        (json!(0), "must be >= 1 row, got 0"),
        (json!(1.0), "expected a share between 0 and 1 or a whole number of rows, got 1.0"),
        (json!(-3), "expected a share between 0 and 1 or a whole number of rows, got -3.0"),
    ] {
        assert_eq!(rule(json!({"test": {"size": size}})), format!("test.size: {rest}"));
    }
    assert!(rule(json!({"test": {"size": 1, "shuffle": false, "stratify": "a"}})).starts_with("test.stratify: needs "));
    assert_eq!(rule(json!({"validation": {}})), "validation: expected either folds or split");
    assert_eq!(rule(json!({"validation": {"split": 1.0}})), "validation.split: must be between 0 and 1, got 1.0");
    assert!(
        rule(json!({"validation": {"split": 0.5, "shuffle": true}})).starts_with("validation.shuffle: needs folds")
    );
}

#[test]
fn keys_are_written_as_they_are_read() {
    let keys = json!({
        "file": "t.csv", "label": "y", "features": ["a"], "missing": "refuse", "test": {"size": 0.5, "seed": 0, "shuffle": true},
        "scaling": {"features": "none", "label": "min-max"}
    });
    let table: Table = serde_json::from_value(keys.clone()).unwrap();
    assert_eq!(serde_json::to_value(&table).unwrap(), keys);
    assert_eq!(table.scaling.label, Scale::MinMax);
    assert!(serde_json::from_value::<Table>(json!({"file": "t.csv", "lable": "y"})).is_err());
}

#[test]
fn every_part_of_a_row_belongs_together() {
    let rows: Vec<String> = (0..500).map(|row| format!("{row},{},{},{}", row * 2, row * 3, row % 3)).collect();
    let content = format!("a,b,y,k\n{}\n", rows.join("\n"));
    let keys = json!({"features": ["b", "a"], "test": {"size": 0.3, "seed": 5, "stratify": "k"}});
    let data = made(&content, &keys);
    let check = |rows: &Rows| {
        for (row, y) in rows.y.iter().enumerate() {
            assert_eq!(rows.x[2 * row..2 * row + 2], [y / 1.5, y / 3.0]);
        }
        assert_eq!(rows.values("y").unwrap(), rows.labels);
        assert_eq!(rows.frame().get_column_names(), ["b", "a", "y"]);
    };
    check(&data.train);
    check(&data.test);
    assert_eq!((data.train.y.len(), data.test.y.len()), (350, 150));
}

/// A manifest's reader knows mappings of fields or of one kind of value, lists with bounds, words and scalars.
#[test]
fn schemas_hold_what_a_manifest_reader_knows() {
    fn walk(path: &str, schema: &Value) {
        let scalar = |schema: &Value| ["integer", "number"].contains(&schema["type"].as_str().unwrap_or_default());
        if let Some(words) = schema["oneOf"].as_array() {
            assert!(words.iter().all(|word| word["const"].is_string()), "{path}");
        } else if let Some(kinds) = schema["anyOf"].as_array() {
            assert!(kinds.iter().all(scalar), "{path}");
        } else if let Some(fields) = schema["properties"].as_object() {
            assert_eq!(schema["additionalProperties"], false, "{path}");
            fields.iter().for_each(|(name, field)| walk(&format!("{path}.{name}"), field));
        } else if schema["type"] == "object" {
            walk(&format!("{path}.*"), &schema["additionalProperties"]);
        } else if schema["type"] == "array" {
            assert!(schema["minItems"].is_u64() && schema["maxItems"].is_u64(), "{path}");
            walk(&format!("{path}.0"), &schema["items"]);
        } else {
            let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
            assert!(["string", "boolean", "integer", "number"].contains(&kind.as_str().unwrap_or_default()), "{path}");
        }
        let described = schema["description"].is_string() || path.ends_with(['*', '0']);
        assert!(described, "{path} has no description");
    }
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    walk("table", settings.clone().into_generator().into_root_schema_for::<Table>().as_value());
    walk("drawn", settings.into_generator().into_root_schema_for::<Drawn>().as_value());
}

#[test]
fn the_first_folder_that_has_the_file_counts() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let paths = folders.each_ref().map(tempfile::TempDir::path);
    let table = table(&json!({}));
    assert_eq!(table.load_from(&paths).unwrap_err().to_string(), "t.csv: no such file");
    std::fs::write(paths[1].join("t.csv"), "a,y\n1,2\n3,4\n5,7\n").unwrap();
    assert_eq!(inputs(&table.load_from(&paths).unwrap()), (&[1.0, 3.0][..], &[5.0][..]));
    std::fs::write(paths[0].join("t.csv"), "a,y\n2,2\n4,4\n6,7\n").unwrap();
    assert_eq!(inputs(&table.load_from(&paths).unwrap()), (&[2.0, 4.0][..], &[6.0][..]));
}

/// In a manifest the section is called `data`.
#[test]
fn rules_have_whole_paths() {
    let broken = table(&json!({"features": ["a", "y"]})).rules().unwrap_err();
    assert_eq!(broken.path, "data.features.1");
    let broken = table(&json!({"validation": {"folds": 2}})).rules().unwrap_err();
    assert_eq!(broken.path, "data.validation.folds");
    assert_eq!(table(&json!({"validation": {"split": 0.2}})).rules(), Ok(()));
}

use std::sync::LazyLock;

use dataset::preprocessing::{ColumnScaler, mean, median};
use dataset::split::{k_fold, stratified_split, train_test_split};
use dataset::{Rows, Scale, Table, baseline, root_mean_square_error};
use random::numpy::RandomState;
use serde_json::{Value, from_str, json};

use crate::{digest, fuel_folder};

static GOLDEN: LazyLock<Value> = LazyLock::new(|| from_str(include_str!("../golden/sklearn.json")).unwrap());

fn cases(kind: &str) -> &[Value] {
    GOLDEN[kind].as_array().unwrap()
}

fn number(case: &Value, key: &str) -> usize {
    case[key].as_u64().unwrap() as usize
}

fn seed(case: &Value) -> Option<u32> {
    case["seed"].as_u64().map(|seed| seed as u32)
}

fn bits(values: &[f64]) -> String {
    values.iter().map(|value| format!("{:016x}", value.to_bits())).collect::<Vec<_>>().join(" ")
}

fn singles(values: &[f32]) -> String {
    digest(values.iter().map(|value| value.to_le_bytes()))
}

fn rows(values: &[usize]) -> String {
    digest(values.iter().map(|row| row.to_le_bytes()))
}

/// The columns of a random array, as `generate.py` draws it.
fn columns(case: &Value) -> Vec<Vec<f64>> {
    let (rows, columns, shift) = (number(case, "rows"), number(case, "columns"), case["shift"].as_f64().unwrap());
    let x = RandomState::new(seed(case).unwrap()).uniform(-3.0, 50.0, rows * columns);
    let column = |index: usize| x.iter().skip(index).step_by(columns).map(|value| value + shift).collect();
    let mut x: Vec<Vec<f64>> = (0..columns).map(column).collect();
    if columns > 2 {
        x[0].fill(shift + 0.1);
    }
    x
}

#[test]
fn scalers_learn_and_scale_the_same_bits() {
    for case in cases("statistics") {
        let x = columns(case);
        let only = x.len() == 1;
        for (scale, name) in [(Scale::Standard, "standard"), (Scale::MinMax, "min-max")] {
            let expected = &case[name];
            let scalers: Vec<_> = x.iter().map(|column| ColumnScaler::fit(scale, column, only)).collect();
            let learnt = |get: fn(&ColumnScaler) -> f64| bits(&scalers.iter().map(get).collect::<Vec<_>>());
            assert_eq!(learnt(|scaler| scaler.offset), expected["offset"], "{name}: {case}");
            assert_eq!(learnt(|scaler| scaler.factor), expected["factor"], "{name}: {case}");
            let cells = (0..x[0].len()).flat_map(|row| scalers.iter().zip(&x).map(move |(s, column)| (s, column[row])));
            let scaled: Vec<(&ColumnScaler, f64)> = cells.map(|(s, value)| (s, s.transform(value))).collect();
            assert_eq!(digest(scaled.iter().map(|(_, value)| value.to_le_bytes())), expected["scaled"], "{case}");
            let restored = scaled.iter().map(|(s, value)| s.restore(f64::from(*value as f32)).to_le_bytes());
            assert_eq!(digest(restored), expected["restored"], "{name}: {case}");
        }
    }
}

#[test]
fn imputers_learn_the_same_bits() {
    for case in cases("statistics") {
        let mut x = columns(case);
        let (width, only) = (x.len(), x.len() == 1);
        for cell in (5..width * x[0].len()).step_by(7) {
            x[cell % width][cell / width] = f64::NAN;
        }
        let learnt: (Vec<_>, Vec<_>) = x.iter().map(|column| (mean(column, only), median(column))).unzip();
        assert_eq!((bits(&learnt.0), bits(&learnt.1)), (text(case, "mean"), text(case, "median")), "{case}");
    }
}

fn text(case: &Value, key: &str) -> String {
    case[key].as_str().unwrap().to_owned()
}

#[test]
fn splits_hold_the_same_rows_in_the_same_order() {
    for case in cases("splits") {
        let (train, held) = train_test_split(number(case, "rows"), number(case, "test"), seed(case));
        assert_eq!((rows(&train), rows(&held)), (text(case, "train"), text(case, "held")), "{case}");
    }
    for case in cases("stratified") {
        let (size, classes, seed) = (number(case, "rows"), case["classes"].as_i64().unwrap(), seed(case).unwrap());
        let mut state = RandomState::new(seed);
        let mut draw = || state.randint(0, classes, size);
        let codes: Vec<u32> = draw().into_iter().zip(draw()).map(|(one, other)| one.min(other) as u32).collect();
        let (train, held) = stratified_split(&codes, number(case, "test"), seed).unwrap();
        assert_eq!((rows(&train), rows(&held)), (text(case, "train"), text(case, "held")), "{case}");
    }
}

#[test]
fn folds_hold_the_same_rows() {
    for case in cases("folds") {
        let folds = k_fold(number(case, "rows"), number(case, "folds"), seed(case));
        let parts: Vec<_> = folds.iter().map(|fold| json!([rows(&fold.train), rows(&fold.validation)])).collect();
        assert_eq!(json!(parts), case["parts"], "{case}");
    }
}

#[test]
fn fuel_becomes_the_same_float32_values() {
    for case in cases("fuel") {
        let table: Table = serde_json::from_value(case["table"].clone()).unwrap();
        let data = table.load(&fuel_folder()).unwrap();
        assert_eq!(json!(data.features), case["features"]);
        let part = |rows: &Rows| json!([rows.y.len(), singles(&rows.x), singles(&rows.y)]);
        assert_eq!(part(&data.train), case["train"], "{}", case["table"]);
        assert_eq!(part(&data.test), case["test"], "{}", case["table"]);
        if let Some(expected) = case["restored"].as_str() {
            assert_eq!(digest(data.restore(&data.test.y).iter().map(|value| value.to_le_bytes())), expected);
        }
        if let Some(expected) = case["linear"].as_f64() {
            let error = root_mean_square_error(&baseline::linear(&data), &data.test.labels);
            assert!((error - expected).abs() < 1e-9 * expected, "{error} is not {expected}: {}", case["table"]);
        }
    }
}

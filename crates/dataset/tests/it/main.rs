//! Tests of the crate `dataset`; one binary, one module a subject.

/// Baselines: exact data are predicted exactly, dependent columns do no harm.
mod baseline;
/// Labels that are classes: logistic regression, choices and curves against scikit-learn, weights of rows, words.
mod classes;
/// What a file may contain and what each error says.
mod csv;
/// Drawn data: NumPy's values, the rules between fields, the keys that are written.
mod drawn;
/// The kinds of columns of the fuel data and of made files.
mod inspect;
/// New rows: what they become, what is refused, what is answered.
mod pipeline;
/// The post's scaling, restoring and accuracy in NumPy's arithmetic.
mod scaler;
/// Scalers, imputers, splits, folds and the fuel table against scikit-learn, bit for bit.
mod sklearn;
/// Tables: encodings, missing cells, classes, validation, and the rules between keys.
mod table;

use std::path::{Path, PathBuf};

use dataset::{Dataset, Error, Table};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn data_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn fuel_folder() -> PathBuf {
    data_folder().join("fuel")
}

/// Loads the content of a file `t.csv`: the label is `y`, the feature `a`, the last row is for testing; `keys` are laid over
/// that.
fn load(content: impl AsRef<[u8]>, keys: &Value) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("t.csv"), content).expect("a file");
    table(keys).load(folder.path())
}

fn table(keys: &Value) -> Table {
    let mut table = json!({"file": "t.csv", "label": "y", "features": ["a"], "test": {"size": 1, "shuffle": false}});
    for (key, value) in keys.as_object().expect("keys") {
        table[key] = value.clone();
    }
    serde_json::from_value(table).expect("a table")
}

/// The SHA-256 of bytes one after the other, in hexadecimal digits.
fn digest<const N: usize>(values: impl IntoIterator<Item = [u8; N]>) -> String {
    let mut digest = Sha256::new();
    values.into_iter().for_each(|bytes| digest.update(bytes));
    digest.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

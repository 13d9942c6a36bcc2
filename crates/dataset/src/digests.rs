//! What tells whether two programs give a network the same bits.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::Dataset;

/// The SHA-256 of what a network is given, in hexadecimal digits: float32 values, little-endian, row by row.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Digests {
    /// Of the inputs of the training rows.
    pub x_train: String,
    /// Of the labels of the training rows.
    pub y_train: String,
    /// Of the inputs of the test rows.
    pub x_test: String,
    /// Of the labels of the test rows.
    pub y_test: String,
}

impl Digests {
    /// The digests of the rows as the network gets them.
    pub fn of(data: &Dataset) -> Self {
        let [x_train, y_train, x_test, y_test] =
            [&data.train.x, &data.train.y, &data.test.x, &data.test.y].map(|values| digest(values));
        Self { x_train, y_train, x_test, y_test }
    }
}

fn digest(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    hexadecimal(&Sha256::digest(bytes))
}

/// Two lower-case digits a byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

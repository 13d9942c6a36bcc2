//! Data for a network: drawn or read, split, encoded and scaled, in float32.
//!
//! [`Drawn`] draws numbers from NumPy's stream, [`Table`] reads a CSV file. Both are sections of a manifest. What a table
//! becomes is a [`Dataset`], bit for bit what scikit-learn makes of the same file with the same seed; `tests/golden/generate.py`
//! makes the files that the tests compare with. [`inspect()`] looks at a file for which there is no manifest yet, and
//! [`baseline`] says what a network has to beat.
//!
//! Errors are one line: `fuel.csv:12:horsepower: expected a number, got "abc"`.
//!
//! ```
//! use std::path::Path;
//!
//! let table: dataset::Table = serde_json::from_str(r#"{
//!     "file": "data/fuel/fuel.csv", "label": "mpg", "features": ["horsepower", "weight", "origin"],
//!     "categorical": {"origin": "one-hot"}, "missing": "median",
//!     "test": {"size": 0.2, "seed": 42}, "scaling": {"features": "standard", "label": "standard"}
//! }"#)?;
//! let data = table.load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))?;
//! assert_eq!(data.features, ["horsepower", "weight", "origin=Europe", "origin=Japan", "origin=USA"]);
//! assert_eq!((data.train.x.len(), data.train.y.len(), data.test.y.len()), (318 * 5, 318, 80));
//!
//! let error = |guess: Vec<f64>| dataset::root_mean_square_error(&guess, &data.test.labels);
//! assert!(error(dataset::baseline::linear(&data)) < error(dataset::baseline::mean(&data)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod baseline;
pub mod classification;
mod column;
mod csv;
mod dataset;
mod digests;
mod drawn;
mod error;
mod file;
pub mod inspect;
mod kept;
mod load;
mod logistic;
mod numbers;
mod pipeline;
pub mod preprocessing;
mod python;
mod scaler;
pub mod split;
mod sum;
mod table;
mod words;

pub use dataset::{Dataset, Rows, Target};
pub use digests::Digests;
pub use drawn::{Added, Draw, Drawn, LARGEST_EXACT, Range, kept};
pub use error::Error;
pub use inspect::inspect;
pub use kept::Kept;
pub use logistic::LogisticRegression;
pub use preprocessing::Scale;
pub use python::Python;
pub use scaler::{Restore, Scaler, Scaling, mean_absolute_error, root_mean_square_error};
pub use table::{Encoding, LabelEncoding, Missing, Size, Table, TableScaling, Test, Validation};

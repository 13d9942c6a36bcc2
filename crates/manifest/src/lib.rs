//! A manifest: the whole configuration of one program, read from a YAML file into any type.
//!
//! [`load`] reads a file, lays overrides over it and checks everything once; what it returns is typed and within its ranges.
//! Every error is one line with the place, the field and the rule:
//!
//! ```text
//! manifest.yaml:23:3: training.epoch: unknown field, did you mean epochs?
//! --set training.epochs=0: training.epochs: must be from 1 to 1000000, got 0
//! ```
//!
//! The rules of a single field stand at the field in the Rust type, as attributes of its JSON Schema. The same schema is
//! committed for editors and checked by the program, so the two cannot differ. Rules between fields are [`Rules`]. A text is
//! one line, unless its schema says `contentMediaType`.
//!
//! YAML is read as version 1.2, and strictly: unknown and duplicate keys, tags, several documents and numbers with leading
//! zeros are errors, `no` is text, `1e-3` is a number.
//!
//! ```
//! use manifest::{Broken, Document, Rules};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Range {
//!     #[schemars(range(min = 0))]
//!     low: i64,
//!     high: i64,
//! }
//!
//! impl Rules for Range {
//!     fn rules(&self) -> Result<(), Broken> {
//!         if self.low < self.high { Ok(()) } else { Err(Broken::new("high", "must be > low").with("low")) }
//!     }
//! }
//!
//! let range = Document::<Range>::parse("range.yaml", "{low: 1, high: 5}", &["high=7".to_owned()])?;
//! assert_eq!(range.high, 7);
//! let error = Document::<Range>::parse("range.yaml", "{low: 1, hihg: 5}", &[]).unwrap_err();
//! assert_eq!(error.to_string(), "range.yaml:1:10: hihg: unknown field, did you mean high?");
//! # Ok::<(), manifest::Error>(())
//! ```

mod document;
mod error;
mod file;
mod overrides;
mod reader;
mod renamed;
mod scalar;
mod suggest;
mod tree;

use std::path::Path;

pub use document::{Document, Rules, Variant, json_schema};
pub use error::{Broken, Error};
pub use scalar::quote;
pub use suggest::nearest;
pub use tree::join;

/// Reads the manifest at `path` with overrides of the form `training.epochs=50` laid over it in their order: a dotted path,
/// list items by number from 0, and a YAML value, all of whose text counts.
///
/// Where they change the `name` that tells apart several kinds of a mapping, the keys that only the old kind has go.
///
/// # Errors
/// If the file cannot be read, is no YAML, is not what a manifest may be, or breaks a rule, with or without the overrides.
pub fn load<T: Rules>(path: &Path, overrides: &[String]) -> Result<Document<T>, Error> {
    Ok(Document::load_and_note(path, overrides)?.0)
}

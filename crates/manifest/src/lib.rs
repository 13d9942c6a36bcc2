//! The manifest: the whole configuration of one experiment, as a YAML file.
//!
//! [`Manifest::load`] reads a file, lays overrides over it and checks everything once; what it
//! returns is typed and within its ranges. Every error is one line with the place, the field and
//! the rule:
//!
//! ```text
//! manifest.yaml:23:3: training.epoch: unknown field, did you mean epochs?
//! --set training.epochs=0: training.epochs: must be from 1 to 1000000, got 0
//! ```
//!
//! The rules of a single field stand at the field in the Rust types, as attributes of its JSON
//! Schema. The same schema is committed for editors and checked by the program, so the two cannot
//! differ. Rules between fields are in `rules.rs`.
//!
//! YAML is read as version 1.2, and strictly: unknown and duplicate keys, tags, several documents
//! and numbers with leading zeros are errors, `no` is text, `1e-3` is a number.
//!
//! Run the tests with `cargo test -p manifest --release`.

mod broken;
mod comparison;
mod error;
mod factors;
mod lost;
mod optimizer;
mod overrides;
mod parameters;
mod reader;
mod renamed;
mod rules;
mod scalar;
mod schema;
mod search;
mod speed;
mod suggest;
mod tree;
mod types;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_path_to_error::deserialize;

pub use broken::Broken;
pub use comparison::Comparison;
pub use error::Error;
pub use factors::Factors;
pub use optimizer::Optimizer;
pub use schema::json_schema;
pub use search::{FRESH_SEEDS, Objective, Pruner, Search, kept};
pub use speed::{Axis, Series, Speed, Subject};
pub use types::{
    Activation, Data, Device, Engine, Flow, LARGEST_EXACT, Label, Layer, Loss, Manifest, Model, Restore, Scaling,
    SeedScan, Source, Training, Uniform, Variant,
};

use error::{Fault, Place};
use overrides::Override;
use tree::Node;

/// The most bytes that a manifest has.
const LARGEST_FILE: u64 = 1 << 20;

impl Manifest {
    /// Reads the manifest at `path` with overrides of the form `training.epochs=50` laid over it in
    /// their order: a dotted path, list items by number from 0, and a YAML value, all of whose text counts.
    ///
    /// Where they change the `name` of an optimizer or a pruner, the keys that only the old one has go.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or as [`Manifest::parse`].
    pub fn load(path: &Path, overrides: &[String]) -> Result<Self, Error> {
        Ok(Self::load_and_note(path, overrides)?.0)
    }

    /// As [`Manifest::load`]; also says, on a line each, which keys of the file went because a `name` was overridden.
    ///
    /// # Errors
    ///
    /// As [`Manifest::load`].
    pub fn load_and_note(path: &Path, overrides: &[String]) -> Result<(Self, Vec<String>), Error> {
        let name = path.display().to_string();
        let bytes = read(path, &name)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => parse_and_note(&name, text, overrides),
            Err(error) => {
                let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let line = valid.matches('\n').count() + 1;
                let column = valid.chars().rev().take_while(|&c| c != '\n').count() + 1;
                let place = Place::File { line, column };
                Err(Fault::new(place, "", "not UTF-8 text").into_error(&name, overrides))
            }
        }
    }

    /// Reads a manifest from its text; errors call it `name`.
    ///
    /// # Errors
    ///
    /// If the text is no YAML, is not what a manifest may be, or breaks a rule, with or without the
    /// overrides.
    pub fn parse(name: &str, text: &str, overrides: &[String]) -> Result<Self, Error> {
        Ok(parse_and_note(name, text, overrides)?.0)
    }

    /// This manifest with values in the place of its own; errors call them `path=value`.
    pub(crate) fn with(&self, values: Vec<(&str, Node)>) -> Result<Self, Error> {
        let shown: Vec<String> = values.iter().map(|(path, value)| format!("{path}={}", value.describe())).collect();
        let changes = values
            .into_iter()
            .enumerate()
            .map(|(number, (path, value))| Ok(Override { value, ..Override::new(number, path.split('.').collect())? }));
        let resolved = changes.collect::<Result<Vec<_>, _>>().and_then(|changes| resolve(&self.to_yaml(), &changes));
        Ok(resolved.map_err(|fault| fault.into_error("", &shown))?.0)
    }

    /// The manifest of the variant of that name, itself without variants.
    ///
    /// # Errors
    ///
    /// If there is no such variant; that its changes are valid was checked when the manifest was read.
    pub fn variant(&self, name: &str) -> Result<Self, Error> {
        let Some(variant) = self.variants.iter().find(|variant| variant.name == name) else {
            let message = format!("no variant is called {name}");
            return Err(Error::Invalid { location: "variants".to_owned(), message });
        };
        self.changed(variant)
    }

    fn changed(&self, variant: &Variant) -> Result<Self, Error> {
        let base = Self { variants: Vec::new(), ..self.clone() };
        Self::parse("", &base.to_yaml(), &variant.set)
    }

    /// The manifest as YAML with every default written out, in the order of the fields. Reading it
    /// gives an equal manifest.
    pub fn to_yaml(&self) -> String {
        serde_yaml::to_string(self).expect("a manifest has only text keys, numbers and lists")
    }
}

fn parse_and_note(name: &str, text: &str, overrides: &[String]) -> Result<(Manifest, Vec<String>), Error> {
    if text.len() as u64 > LARGEST_FILE {
        return Err(too_large(name, text.len() as u64));
    }
    let splits = overrides.iter().map(|argument| overrides::split(argument)).collect::<Result<Vec<_>, _>>()?;
    let read = splits.into_iter().enumerate().map(|(number, (steps, value))| overrides::read(number, steps, value));
    let resolved = read.collect::<Result<Vec<_>, _>>().and_then(|changes| resolve(text, &changes));
    let (manifest, gone) = resolved.map_err(|fault| fault.into_error(name, overrides))?;
    Ok((manifest, gone.into_iter().map(|fault| fault.into_error(name, overrides).to_string()).collect()))
}

fn read(path: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let refuse = |error| Error::read(path, &error);
    let file = File::open(path).map_err(refuse)?;
    let metadata = file.metadata().map_err(refuse)?;
    if metadata.len() > LARGEST_FILE && metadata.is_file() {
        return Err(too_large(name, metadata.len()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(refuse)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(too_large(name, bytes.len() as u64));
    }
    Ok(bytes)
}

fn too_large(name: &str, bytes: u64) -> Error {
    // Rounded up, so that one byte too many does not read as the limit itself.
    let tenths = (bytes * 10).div_ceil(LARGEST_FILE);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    Error::Invalid {
        location: name.to_owned(),
        message: format!("file is {whole}.{tenth} MiB; a manifest is at most 1 MiB"),
    }
}

/// The manifest, and which keys of the file went.
fn resolve(text: &str, overrides: &[Override]) -> Result<(Manifest, Vec<Fault>), Fault> {
    let start = Place::File { line: 1, column: 1 };
    let file = tree::parse(text)?
        .filter(|root| !root.is_nothing())
        .ok_or_else(|| Fault::new(start, "", "the manifest is empty"))?;
    let mut root = file.clone();
    for (number, change) in overrides.iter().enumerate() {
        overrides::apply(&mut root, number, change)?;
    }
    let mut gone = Vec::new();
    renamed::settle(&schema::SCHEMA, "", &file, &mut root, &mut gone);
    let value = reader::read(&root, &schema::SCHEMA, "")?;
    let manifest = deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Fault::new(root.place_of(&path), &path, error.inner().to_string())
    })?;
    rules::check(&manifest, &root)?;
    Ok((manifest, gone))
}

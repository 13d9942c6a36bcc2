//! What a manifest says about a table: one Rust field per YAML key.

use std::collections::BTreeMap;

use manifest::{Broken, quote};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drawn::is_default;
use crate::error::did_you_mean;
use crate::preprocessing::Scale;

/// A table in a CSV file, and what is made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The CSV file with a header: relative to the workspace if it is there, else to the folder of the manifest.
    #[schemars(length(min = 1))]
    pub file: String,
    /// The SHA-256 of the file. Left out: any content is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
    /// The column to predict.
    #[schemars(length(min = 1))]
    pub label: String,
    /// Whether the label is a class, text or number, and not a quantity.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub classes: bool,
    /// How a class becomes numbers; the classes are sorted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub label_encoding: LabelEncoding,
    /// The column of numbers that says how much each row counts. Left out: all count alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub sample_weight: Option<String>,
    /// The columns to predict it from.
    #[schemars(length(min = 1, max = 4096))]
    pub features: Vec<String>,
    /// The features that are categories, text or number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub categorical: BTreeMap<String, Encoding>,
    /// What happens to rows with missing cells.
    #[serde(default)]
    pub missing: Missing,
    /// Which rows are for testing.
    pub test: Test,
    /// How numbers are scaled.
    #[serde(default)]
    pub scaling: TableScaling,
    /// How the training rows are parted to validate. Left out: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
}

/// How a category becomes numbers. The categories are those of the training rows, sorted; they are not scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// A column of zeros and ones for every category, as `OneHotEncoder`.
    OneHot,
    /// The place of the category in their order, as `OrdinalEncoder`.
    Ordinal,
}

/// How a label that is a class becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabelEncoding {
    /// The place of the class in their order, from 0, as `LabelEncoder`.
    #[default]
    Ordinal,
    /// A column of zeros and ones for every class, as `OneHotEncoder`.
    OneHot,
}

/// What happens to rows with missing cells: those that are empty or, in columns of numbers, say `NA`, `N/A`, `NaN`,
/// `null`, `None` or `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// A missing cell is an error.
    #[default]
    Refuse,
    /// The row is left out.
    Drop,
    /// A missing number of a feature is the mean of the training rows; other missing cells are errors.
    Mean,
    /// A missing number of a feature is the median of the training rows; other missing cells are errors.
    Median,
}

/// Which rows are for testing, as `train_test_split` takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// A share of the rows as 0.2, rounded up, or a whole number of rows.
    pub size: Size,
    /// The seed that shuffles the rows.
    #[serde(default)]
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
    /// Whether the rows are shuffled; if not, the last ones are for testing.
    #[serde(default = "shuffle")]
    pub shuffle: bool,
    /// The column whose values have equal shares in training and test rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<String>,
}

/// scikit-learn's default of `shuffle`.
fn shuffle() -> bool {
    true
}

/// A share of the rows or a number of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Size {
    /// A number of rows.
    Rows(usize),
    /// A share of the rows.
    Share(f64),
}

/// How numbers are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableScaling {
    /// The features that are numbers.
    #[serde(default)]
    pub features: Scale,
    /// The label.
    #[serde(default)]
    pub label: Scale,
}

/// How the training rows are parted to validate: `folds` or `split`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The number of parts, each of which is validated on once, as `KFold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub folds: Option<usize>,
    /// The share of the training rows to validate on, the last ones, as Keras' `validation_split`; nothing is learnt from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<f64>,
    /// Whether rows are shuffled before they are parted into folds.
    #[serde(default)]
    pub shuffle: bool,
    /// The seed that shuffles them.
    #[serde(default)]
    #[schemars(range(min = 0, max = u32::MAX))]
    pub seed: u32,
}

impl Table {
    /// Checks the rules between fields; paths are those below this section.
    ///
    /// # Errors
    /// If a column has two roles or a key contradicts another one.
    pub fn check(&self) -> Result<(), Broken> {
        for (index, feature) in self.features.iter().enumerate() {
            let path = format!("features.{index}");
            if *feature == self.label {
                return Err(Broken::new(path, format!("{} is the label", quote(feature))).with("label"));
            }
            if self.features[..index].contains(feature) {
                return Err(Broken::new(path, format!("{} is named twice", quote(feature))));
            }
        }
        if let Some(name) = self.categorical.keys().find(|name| !self.features.contains(name)) {
            let near = did_you_mean(name, self.features.iter().map(String::as_str));
            let message = format!("{} is none of the features{near}", quote(name));
            return Err(Broken::new("categorical", message).with("features"));
        }
        if !self.classes && self.label_encoding == LabelEncoding::OneHot {
            return Err(Broken::new("label_encoding", "needs classes: the label is a number").with("classes"));
        }
        if let Some(name) =
            self.sample_weight.as_ref().filter(|name| self.features.contains(name) || **name == self.label)
        {
            let message = format!("{} is learnt from or to be predicted", quote(name));
            return Err(Broken::new("sample_weight", message));
        }
        if self.classes && self.scaling.label != Scale::None {
            return Err(Broken::new("scaling.label", "must be none with classes").with("classes"));
        }
        if let Some(digest) = &self.sha256
            && (digest.len() != 64 || !digest.bytes().all(|byte| b"0123456789abcdef".contains(&byte)))
        {
            return Err(Broken::new(
                "sha256",
                format!("expected 64 lower-case hexadecimal digits, got {}", quote(digest)),
            ));
        }
        match self.test.size {
            Size::Rows(0) => return Err(Broken::new("test.size", "must be >= 1 row, got 0")),
            Size::Share(share) if !(share > 0.0 && share < 1.0) => {
                let message = format!("expected a share between 0 and 1 or a whole number of rows, got {share:?}");
                return Err(Broken::new("test.size", message));
            }
            _ => {}
        }
        if self.test.stratify.is_some() && !self.test.shuffle {
            let message = "needs test.shuffle: rows in their order have the shares that they have";
            return Err(Broken::new("test.stratify", message).with("test.shuffle"));
        }
        self.validation.as_ref().map_or(Ok(()), Validation::check)
    }

    /// As [`Table::check`], for a manifest with the section `data` whose experiment learns numbers from all training rows at
    /// once, each of which counts as much; paths are whole.
    ///
    /// # Errors
    /// As [`Table::check`], or if the label is a class, rows have weights, or the training rows are parted into folds.
    pub fn rules(&self) -> Result<(), Broken> {
        self.check().map_err(|broken| broken.below("data"))?;
        if self.classes {
            return Err(Broken::new("data.classes", "must be false, this experiment learns numbers"));
        }
        if self.sample_weight.is_some() {
            return Err(Broken::new("data.sample_weight", "must be left out, here every row counts as much"));
        }
        self.rules_of_one_training()
    }

    /// As [`Table::check`], for a manifest with the section `data` whose experiment learns classes; paths are whole.
    ///
    /// # Errors
    /// As [`Table::check`], or if the label is no class.
    pub fn rules_of_classes(&self) -> Result<(), Broken> {
        self.check().map_err(|broken| broken.below("data"))?;
        if self.classes {
            return Ok(());
        }
        Err(Broken::new("data.classes", "must be true, this experiment learns classes"))
    }

    /// How many label columns a network with so many outputs learns.
    pub fn label_columns(&self, outputs: u32) -> u32 {
        match self.label_encoding {
            LabelEncoding::Ordinal => 1,
            LabelEncoding::OneHot => outputs,
        }
    }

    /// Whether the training rows are left together, for an experiment that trains on all of them at once; paths are whole.
    ///
    /// # Errors
    /// If they are parted into folds.
    pub fn rules_of_one_training(&self) -> Result<(), Broken> {
        if self.validation.as_ref().is_none_or(|validation| validation.folds.is_none()) {
            return Ok(());
        }
        let message = "must be left out, here is no training for each fold; use split";
        Err(Broken::new("data.validation.folds", message))
    }
}

impl Validation {
    fn check(&self) -> Result<(), Broken> {
        match (self.folds, self.split) {
            (None, Some(split)) if !(split > 0.0 && split < 1.0) => {
                Err(Broken::new("validation.split", format!("must be between 0 and 1, got {split:?}")))
            }
            (None, Some(_)) if self.shuffle => {
                let message = "needs folds: a split takes the last rows";
                Err(Broken::new("validation.shuffle", message).with("validation.split"))
            }
            (Some(_), None) | (None, Some(_)) => Ok(()),
            _ => Err(Broken::new("validation", "expected either folds or split")
                .with("validation.folds")
                .with("validation.split")),
        }
    }
}

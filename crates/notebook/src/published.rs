//! Numbers that somebody published, and how a run's numbers compare with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use manifest::{Broken, Document, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{printed, python_repr};

/// A file of published numbers, as `source.published` of a manifest names it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The numbers, in the order in which they are shown.
    pub numbers: Vec<Number>,
}

/// One published number.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// A key of `metrics.json`; with `epoch` a column of the table `history`, with `table` and `row` a column of that table.
    #[schemars(length(min = 1))]
    pub quantity: String,
    /// The epoch, from 1, whose row in the table `history` has the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub epoch: Option<u32>,
    /// The table whose cell it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub table: Option<String>,
    /// The row of the table, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub row: Option<u32>,
    /// The text as it was printed: the run's number has to print the same. A number of an epoch prints as Keras' progress
    /// line prints it, any other as Python does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub printed: Option<String>,
    /// The number, where it was rounded or measured: the run's number has to lie within the tolerance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
    /// How far from `number` the run's number may lie, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub tolerance: Option<f64>,
    /// What the equality stands on, by the experiment that claims it.
    pub claims: BTreeMap<String, Basis>,
    /// Where it stands in the source.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub place: String,
}

/// What it stands on that a number is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// It follows from the published program, whatever the seed.
    Computed,
    /// A seed of the same program gives it.
    Seed,
    /// Real Keras gives it from the same seed, and engine exact has all of its bits.
    RealKeras,
    /// Initial weights and batch orders are known from which real Keras gives it.
    Witness,
    /// The published run set no seed; the numbers are shown side by side and need not be equal.
    Unseeded,
}

impl Basis {
    /// The word in tables and files.
    pub fn word(self) -> &'static str {
        self.explained()[0]
    }

    /// The word and what it means, as a clause for readers.
    fn explained(self) -> [&'static str; 2] {
        match self {
            Self::Computed => ["computed", "it follows from the published program, whatever the seed"],
            Self::Seed => ["seed", "a seed of the same program gives it"],
            Self::RealKeras => {
                ["real-keras", "real Keras gives it from the same seed, and engine exact has all of its bits"]
            }
            Self::Witness => [
                "witness",
                "initial weights and batch orders are known from which real Keras gives it; that does not show that they were \
                 the author's",
            ],
            Self::Unseeded => [
                "unseeded",
                "the published run set no seed, so another run's digits differ; the numbers stand side by side",
            ],
        }
    }
}

/// How a reproduced number compares with the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The texts are equal.
    Exact,
    /// The number lies within the tolerance.
    Within,
    /// The texts differ where they are not claimed to be equal.
    Unseeded,
    /// The run's number is another than the claimed one, or there is none.
    Differs,
}

impl Verdict {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        self.explained()[0]
    }

    /// The word and what it means, as a clause for readers; empty where the basis says it.
    fn explained(self) -> [&'static str; 2] {
        match self {
            Self::Exact => ["exact", "the same text, digit for digit"],
            Self::Within => ["within", "the number lies within the tolerance that the claim states"],
            Self::Unseeded => ["unseeded", ""],
            Self::Differs => ["differs", "not what is claimed"],
        }
    }
}

/// One row of the table published against reproduced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Name of the number, with its epoch or cell.
    pub quantity: String,
    /// As it was published, with its tolerance.
    pub published: String,
    /// The run's number in the same form; empty if the run has none.
    pub reproduced: String,
    /// How they compare.
    pub verdict: Verdict,
    /// What the equality stands on.
    pub basis: Basis,
    /// Where it stands in the source.
    #[serde(rename = "where")]
    pub place: String,
}

/// The words for verdict and basis in these rows, each with what it means.
pub fn words<'a>(rows: impl IntoIterator<Item = &'a Comparison>) -> Vec<[&'static str; 2]> {
    let (verdicts, bases): (BTreeSet<_>, BTreeSet<_>) = rows.into_iter().map(|row| (row.verdict, row.basis)).unzip();
    let words = verdicts.into_iter().map(Verdict::explained).chain(bases.into_iter().map(Basis::explained));
    words.filter(|[_, meaning]| !meaning.is_empty()).collect()
}

/// A number of a run, looked up for a published one.
#[derive(Debug, Clone, PartialEq)]
pub struct Reproduced {
    /// As the source would print it.
    pub text: String,
    /// Its value; none if it is a text.
    pub value: Option<f64>,
}

impl Reproduced {
    /// A value of `metrics.json`, as Python prints it; none for a list or a value that is missing.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self { text: printed(value), value: number.as_f64() }),
            Value::String(text) => Some(Self { text: text.clone(), value: None }),
            _ => None,
        }
    }
}

impl Published {
    /// Reads the file; errors name the line and the column.
    ///
    /// # Errors
    /// If it cannot be read, is not of this form, or breaks a rule.
    pub fn load(path: &Path) -> Result<Document<Self>, manifest::Error> {
        manifest::load(path, &[])
    }

    /// The text that was printed for the quantity of this name.
    pub fn printed(&self, quantity: &str) -> Option<&str> {
        self.numbers.iter().find(|number| number.quantity == quantity)?.printed.as_deref()
    }

    /// The numbers that were printed for a quantity by epoch, as (epoch, number), for drawing.
    pub fn by_epoch(&self, quantity: &str) -> Vec<(u32, f64)> {
        let of_quantity = self.numbers.iter().filter(|number| number.quantity == quantity);
        of_quantity.filter_map(|number| Some((number.epoch?, number.value()?))).collect()
    }

    /// Compares the numbers that this experiment claims with its own, which `reproduced` looks up.
    pub fn compare(&self, experiment: &str, reproduced: impl Fn(&Number) -> Option<Reproduced>) -> Vec<Comparison> {
        let compare = |number: &Number| {
            let basis = *number.claims.get(experiment)?;
            let found = reproduced(number);
            let verdict = match &found {
                Some(found) if number.printed.as_ref() == Some(&found.text) => Verdict::Exact,
                Some(found) if number.holds(found) => Verdict::Within,
                Some(_) if basis == Basis::Unseeded => Verdict::Unseeded,
                _ => Verdict::Differs,
            };
            Some(Comparison {
                quantity: number.to_string(),
                published: number.published(),
                reproduced: found.map(|found| found.text).unwrap_or_default(),
                verdict,
                basis,
                place: number.place.clone(),
            })
        };
        self.numbers.iter().filter_map(compare).collect()
    }
}

impl Rules for Published {
    fn rules(&self) -> Result<(), Broken> {
        let rules = |(index, number): (usize, &Number)| {
            number.rules().map_err(|broken| broken.below(&format!("numbers.{index}")))
        };
        self.numbers.iter().enumerate().try_for_each(rules)
    }
}

impl Number {
    fn rules(&self) -> Result<(), Broken> {
        if self.claims.is_empty() {
            return Err(Broken::new("claims", "must name at least one experiment"));
        }
        if self.table.is_some() != self.row.is_some() {
            return Err(Broken::new(
                if self.row.is_some() { "row" } else { "table" },
                "a cell needs both table and row",
            ));
        }
        if self.epoch.is_some() && self.table.is_some() {
            return Err(Broken::new("epoch", "a number stands in an epoch or in a cell, not in both"));
        }
        match (&self.printed, self.number, self.tolerance) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(()),
            (Some(_), Some(_), _) => {
                Err(Broken::new("number", "a number is compared as `printed` or as `number`, not as both"))
            }
            (Some(_), None, Some(_)) => Err(Broken::new("tolerance", "a text that is printed has no tolerance")),
            (None, Some(_), None) => Err(Broken::new("number", "needs a `tolerance`; 0 asks for the same float64")),
            (None, None, Some(_)) => Err(Broken::new("tolerance", "needs the `number` that it belongs to")),
            (None, None, None) => Err(Broken::new("quantity", "needs `printed`, or `number` and `tolerance`")),
        }
    }

    /// Whether the run's number lies within the tolerance of the published one.
    fn holds(&self, found: &Reproduced) -> bool {
        let (Some(number), Some(tolerance), Some(value)) = (self.number, self.tolerance, found.value) else {
            return false;
        };
        (value - number).abs() <= tolerance
    }

    fn published(&self) -> String {
        match (&self.printed, self.number, self.tolerance) {
            (Some(printed), ..) => printed.clone(),
            (None, Some(number), Some(tolerance)) => format!("{} ± {}", python_repr(number), python_repr(tolerance)),
            _ => String::new(),
        }
    }

    fn value(&self) -> Option<f64> {
        self.number.or_else(|| self.printed.as_ref()?.parse().ok())
    }
}

/// Its name in tables, with its epoch or cell.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { quantity, epoch, table, row, .. } = self;
        match (epoch, table, row) {
            (Some(epoch), ..) => write!(formatter, "{quantity}, epoch {epoch}"),
            (None, Some(table), Some(row)) => write!(formatter, "{quantity}, row {row} of {table}"),
            _ => formatter.write_str(quantity),
        }
    }
}

//! The numbers that the post prints, and how a run's numbers compare.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// `data/published.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Title of the post.
    pub post: String,
    /// The experiment that is the post's program.
    pub experiment: String,
    /// The numbers, in the order in which they are shown.
    pub numbers: Vec<Number>,
}

/// One published number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// A key of `metrics.json`, or `loss` with an epoch.
    pub quantity: String,
    /// The epoch, from 1, for a loss.
    pub epoch: Option<u32>,
    /// The text as the post prints it.
    pub printed: String,
    /// What is claimed of the reproduction.
    pub expected: Expected,
    /// Where it stands in the post.
    #[serde(rename = "where")]
    pub place: String,
}

/// What is claimed of a reproduced number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// The printed text is reproduced.
    Exact,
    /// The post's run set no seed; the numbers are shown side by side.
    Unseeded,
}

/// How a reproduced number compares with the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The texts are equal.
    Exact,
    /// The texts differ where none is claimed to be equal: the post's run was unseeded.
    Unseeded,
    /// The texts differ although equality is claimed.
    Differs,
}

impl Verdict {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Unseeded => "unseeded",
            Self::Differs => "differs",
        }
    }
}

/// One row of the table published against reproduced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Name of the number, with its epoch.
    pub quantity: String,
    /// As the post prints it.
    pub published: String,
    /// The run's number in the same form; empty if the run has none.
    pub reproduced: String,
    /// How they compare.
    pub verdict: Verdict,
    /// Where it stands in the post.
    pub place: String,
}

impl Published {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read or is not of this form.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_yaml::from_str(&text).with_context(|| format!("{} is not a list of published numbers", path.display()))
    }

    /// The published losses as (epoch, loss), for drawing.
    pub fn losses(&self) -> Vec<(u32, f64)> {
        let losses = self.numbers.iter().filter(|number| number.quantity == "loss");
        losses.filter_map(|number| Some((number.epoch?, number.printed.parse().ok()?))).collect()
    }

    /// Compares every published number with the run's, which `reproduced` prints in the post's form.
    pub fn compare(&self, reproduced: impl Fn(&Number) -> Option<String>) -> Vec<Comparison> {
        let compare = |number: &Number| {
            let reproduced = reproduced(number).unwrap_or_default();
            let verdict = match number.expected {
                _ if reproduced == number.printed => Verdict::Exact,
                Expected::Unseeded if !reproduced.is_empty() => Verdict::Unseeded,
                _ => Verdict::Differs,
            };
            Comparison {
                quantity: number.label(),
                published: number.printed.clone(),
                reproduced,
                verdict,
                place: number.place.clone(),
            }
        };
        self.numbers.iter().map(compare).collect()
    }
}

impl Number {
    fn label(&self) -> String {
        match self.epoch {
            Some(epoch) => format!("{}, epoch {epoch}", self.quantity),
            None => self.quantity.clone(),
        }
    }
}

//! The numbers that the post prints, and how a run's numbers compare.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// `data/published.yaml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Title of the post.
    pub post: String,
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
    /// On which rung each experiment reproduces it.
    pub claims: BTreeMap<String, Rung>,
    /// Where it stands in the post.
    #[serde(rename = "where")]
    pub place: String,
}

/// On which rung a number is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// It follows from the post's program, whatever the seed.
    Computed,
    /// A seed of the same program prints it.
    Seed,
    /// Real Keras prints it from the same seed, and engine `exact` has all of its bits.
    RealKeras,
    /// Initial weights and batch orders are known from which real Keras prints it.
    Witness,
    /// The post's run set no seed; the numbers are shown side by side.
    Unseeded,
}

impl Rung {
    /// The word in tables and in `published.yaml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Seed => "seed",
            Self::RealKeras => "real-keras",
            Self::Witness => "witness",
            Self::Unseeded => "unseeded",
        }
    }
}

/// How a reproduced number compares with the published one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The texts are equal.
    Exact,
    /// The texts differ where they are not claimed to be equal.
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
    /// What the equality stands on.
    pub rung: Rung,
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

    /// Compares the published numbers that this experiment claims with its own, which `reproduced` prints in the
    /// post's form.
    pub fn compare(&self, experiment: &str, reproduced: impl Fn(&Number) -> Option<String>) -> Vec<Comparison> {
        let compare = |number: &Number| {
            let rung = *number.claims.get(experiment)?;
            let reproduced = reproduced(number).unwrap_or_default();
            let verdict = match rung {
                _ if reproduced == number.printed => Verdict::Exact,
                Rung::Unseeded if !reproduced.is_empty() => Verdict::Unseeded,
                _ => Verdict::Differs,
            };
            Some(Comparison {
                quantity: number.label(),
                published: number.printed.clone(),
                reproduced,
                verdict,
                rung,
                place: number.place.clone(),
            })
        };
        self.numbers.iter().filter_map(compare).collect()
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

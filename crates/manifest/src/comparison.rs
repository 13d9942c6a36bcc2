//! Samplers beside each other on the same problems.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Studies by the manifest's variants, each of which names a sampler, from many seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Studies by every sampler, with the seeds 0, 1, …
    #[schemars(range(min = 1, max = 10_000))]
    pub seeds: u32,
    /// The objective that is to be reached.
    pub target: f64,
    /// What is to be found: a parameter and its value, as `path=value`.
    #[schemars(length(min = 3))]
    pub find: String,
    /// Functions with known minima that the samplers are measured on besides.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Trials of a study of a function.
    #[schemars(range(min = 1, max = 10_000))]
    pub evaluations: u32,
}

impl Comparison {
    /// The parameter that is to be found and its value.
    pub fn found(&self) -> (&str, &str) {
        self.find.split_once('=').unwrap_or((&self.find, ""))
    }
}

//! Keys that are changed one at a time.

use schemars::JsonSchema;
use search::Space;
use serde::{Deserialize, Serialize};

/// Keys of the manifest, each set to other values while all else stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// Trainings of every value, from the seeds `training.seed`, `training.seed` + 1, …
    #[schemars(range(min = 1, max = 100_000))]
    pub seeds: u32,
    /// The keys, by their dotted path, and their values; keys that a search may have as parameters.
    pub parameters: Space,
}

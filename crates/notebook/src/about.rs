//! What a manifest says of the experiment itself.

use manifest::{Broken, quote};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The keys that every manifest begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct About {
    /// The experiment's name: its folder, package, binary and report folder. Lower-case letters,
    /// digits and hyphens.
    #[schemars(length(min = 1), regex(pattern = "^[a-z0-9-]+$"))]
    pub experiment: String,
    /// The title of the report and its figures, one line.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Where the experiment comes from. Left out: it reproduces nothing that was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// One paragraph on what to look at; printed in the report.
    #[schemars(length(min = 1), extend("contentMediaType" = "text/markdown"))]
    pub analysis: String,
}

/// Where an experiment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the post that the experiment reproduces.
    #[schemars(length(min = 1))]
    pub post: String,
    /// The file with the numbers that the post printed, relative to the workspace root.
    #[schemars(length(min = 1))]
    pub published: String,
}

impl About {
    /// Whether the name is one of a folder, a package and a binary.
    ///
    /// # Errors
    /// If it has other letters.
    pub fn rules(&self) -> Result<(), Broken> {
        let slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.experiment.bytes().all(slug) {
            return Ok(());
        }
        let message = format!("expected lower-case letters, digits and hyphens only, got {}", quote(&self.experiment));
        Err(Broken::new("experiment", message))
    }
}

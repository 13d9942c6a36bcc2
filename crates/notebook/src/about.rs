//! What a manifest says of the experiment itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use manifest::{Broken, quote};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Failure, Published};

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
}

/// Where an experiment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the post, paper or report that was published.
    #[schemars(length(min = 1))]
    pub title: String,
    /// The file with the numbers that it published, relative to the workspace root or to the manifest's folder.
    #[schemars(length(min = 1))]
    pub published: String,
}

impl Source {
    /// Reads the published numbers from the first of `folders`, the workspace and the manifest's, that has the file.
    ///
    /// # Errors
    /// If neither has it, if it is not of its form, or if another experiment than this one that a claim names does not exist
    /// or does not name the file: its claim would never be looked at.
    pub fn load(&self, experiment: &str, folders: [&Path; 2]) -> anyhow::Result<Published> {
        let [root, _] = folders;
        let Some(path) = self.find(folders) else {
            let (file, folders) = (&self.published, folders.map(|folder| folder.display().to_string()));
            bail!(Failure::new(74, anyhow!("{file}: no such file in {} or in {}", folders[0], folders[1])));
        };
        let published = Published::load(&path)?;
        let experiments = root.join("experiments");
        let refuse = |message: String| Failure::new(65, anyhow!("{}: claims: {message}", path.display()));
        let names: BTreeSet<&String> = published.numbers.iter().flat_map(|number| number.claims.keys()).collect();
        for name in names.into_iter().filter(|&name| name != experiment) {
            let folder = experiments.join(name);
            let Ok(text) = std::fs::read_to_string(folder.join("manifest.yaml")) else {
                let entries = std::fs::read_dir(&experiments).into_iter().flatten().flatten();
                let known: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
                let near = manifest::nearest(name, known.iter().map(String::as_str));
                let hint = near.map(|near| format!(", did you mean {near}?")).unwrap_or_default();
                bail!(refuse(format!("there is no experiment {name}{hint}")));
            };
            let about: Option<About> = serde_yaml::from_str(&text).ok();
            let other = about.and_then(|about| about.source?.find([root, &folder]));
            if other.is_none_or(|other| other.canonicalize().ok() != path.canonicalize().ok()) {
                bail!(refuse(format!("{name} does not name this file as its source")));
            }
        }
        Ok((*published).clone())
    }

    /// The file in the first folder that has it.
    fn find(&self, folders: [&Path; 2]) -> Option<PathBuf> {
        folders.into_iter().map(|folder| folder.join(&self.published)).find(|path| path.exists())
    }
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

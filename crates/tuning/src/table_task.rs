//! What searches on a table are about: its rows, a network that is chosen by some of them, and fresh seeds to test it with.

use dataset::Table;
use keras::{Model, Seeds, Training};
use manifest::Broken;
use notebook::About;
use schemars::JsonSchema;
use search::Search;
use serde::{Deserialize, Serialize};

use crate::{Metric, rules};

/// The part of a manifest with a table, a search that validates on a part of its training rows, and a training of what is chosen
/// from fresh seeds; to be flattened into the manifest's type.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TableTask {
    /// What the manifest says of the experiment.
    #[serde(flatten)]
    pub about: About,
    /// The table and what is made of it.
    pub data: Table,
    /// The network.
    pub model: Model,
    /// How the network is trained.
    pub training: Training,
    /// The search for better values of keys of this manifest.
    pub search: Search,
    /// The seeds from which the chosen network is trained, none of which a trial uses.
    pub seeds: Seeds,
    /// Recorded runs of real Keras to compare with, relative to the workspace.
    #[schemars(length(min = 1))]
    pub recorded: String,
}

impl TableTask {
    /// Whether there are rows to validate on, which a search with these metrics leaves as they are, the engine has the training,
    /// and no trial trains from a fresh seed. Whether the label is a number or a class is for the caller to check.
    ///
    /// # Errors
    /// If not, or as [`rules`].
    pub fn rules(&self, metrics: &[Metric]) -> Result<(), Broken> {
        let Self { about, data, model, training, search, seeds, .. } = self;
        about.rules()?;
        let outputs = model.units().last().copied().unwrap_or_default();
        training.rules(model, data.label_columns(outputs))?;
        keras::supports(model, training)?;
        if data.validation.is_none() {
            return Err(Broken::new("data.validation", "must say by which rows the search chooses"));
        }
        let splits = [("training", training.validation_split), ("search", search.validation_split)];
        if let Some((section, _)) = splits.iter().find(|(_, split)| split.is_some()) {
            let message = "must be left out, data.validation says which rows are held out";
            return Err(Broken::new(format!("{section}.validation_split"), message).with("data.validation"));
        }
        seeds.rules("seeds", training)?;
        if let Some(key) = search.unused().first() {
            let message = "the sampler has no use for it";
            return Err(Broken::new(format!("search.{key}"), message).with("search.sampler"));
        }
        training.rules_of_seeds("search.repeats", search.repeats, 0)?;
        let last = training.seed + i64::from(search.repeats) - 1;
        if seeds.first <= last && training.seed <= seeds.last {
            let message = format!("must be none that a trial trains from, {} to {last}", training.seed);
            return Err(Broken::new("seeds.first", message).with("training.seed").with("search.repeats"));
        }
        rules(search, metrics, 0)
    }

    /// How the network is trained for the `repeat`-th time, from 0: every time from a seed of its own.
    pub fn training(&self, repeat: u32) -> Training {
        Training { seed: self.training.seed + i64::from(repeat), ..self.training.clone() }
    }
}

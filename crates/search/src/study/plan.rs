//! What a study is made of, how that is kept in the journal, and what differs when it changes.

use std::num::{NonZeroU32, NonZeroU64};

use crate::storage::{Json, StoredStudy};
use crate::{Assignment, Direction, Pruner, Sampler, Space};

/// The system attribute of a study that holds the manifest it was started with, and of a failed trial that holds its own. A
/// dashboard shows user attributes, and manifests are long.
pub const MANIFEST_ATTRIBUTE: &str = "tunebook:manifest";
/// The user attribute that held a study's before.
const EARLIER_MANIFEST_ATTRIBUTE: &str = "manifest";
/// The system attribute of a study that holds what must not change when it goes on.
pub(super) const PLAN_ATTRIBUTE: &str = "tunebook:plan";
/// The user attribute that held it before.
const EARLIER_PLAN_ATTRIBUTE: &str = "plan";
/// The system attribute in which Optuna keeps the names of a study's metrics.
pub(super) const METRIC_NAMES_ATTRIBUTE: &str = "study:metric_names";

/// The manifest that a study was started with, where a program of this crate started it.
pub fn manifest(study: &StoredStudy) -> Option<&str> {
    let earlier = || study.user_attribute(EARLIER_MANIFEST_ATTRIBUTE);
    study.system_attribute(MANIFEST_ATTRIBUTE).or_else(earlier)?.as_str()
}

/// Writes the manifest of a trial with these parameters.
pub type TrialManifest = Box<dyn Fn(&Assignment) -> Option<String> + Send + Sync>;

/// Everything that decides a study's trials, and what is kept of them.
pub struct Plan {
    /// The study's name in its journal.
    pub name: String,
    /// What the objective's values are called where Optuna shows them; kept for the reader, not compared.
    pub objective: String,
    /// Which values are better.
    pub direction: Direction,
    /// Where to look.
    pub space: Space,
    /// Who suggests.
    pub sampler: Box<dyn Sampler>,
    /// Who stops trials early, if anybody does.
    pub pruner: Option<Box<dyn Pruner>>,
    /// How many trials are suggested, and judged by the pruner, from the same results: those of all rounds before. The
    /// number of jobs only decides how many of a round run at once.
    pub round: NonZeroU64,
    /// How often the objective is evaluated for each trial.
    pub repeats: NonZeroU32,
    /// Names and texts of whatever else decides the trials, such as the seed and the options of the sampler. A study
    /// goes on only with the same ones.
    pub settings: Vec<(String, String)>,
    /// The manifest, word by word; kept for the reader, not compared.
    pub manifest: String,
    /// Names and short texts of what evaluates trials here, such as the build and the processor, on which no result may
    /// depend. They become user attributes of the study, and of a trial where they differ from the study's.
    pub circumstances: Vec<(&'static str, String)>,
    /// The manifest of a trial with these parameters, kept of a trial that fails.
    pub trial_manifest: TrialManifest,
    /// The command that repeats a trial if its number follows; kept of a trial that fails.
    pub repeat_command: String,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Plan").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Plan {
    /// How many trials a run suggests at once: those of many rounds where no trial depends on what became of another, so that
    /// no core waits for the end of a round.
    pub(super) fn stretch(&self) -> NonZeroU64 {
        /// Enough that little time is lost at the end of each.
        const LONG: NonZeroU64 = NonZeroU64::new(64).expect("not 0");
        match (self.sampler.learns(), &self.pruner) {
            (false, None) => self.round.saturating_mul(LONG),
            _ => self.round,
        }
    }

    /// What is kept in the journal to compare with.
    pub(super) fn to_json(&self) -> Json {
        // The text form of a space is an object of its parameters in order.
        let space = serde_json::to_string(&self.space).unwrap_or_default();
        let settings = self.settings.iter().map(|(name, text)| (name.clone(), Json::String(text.clone())));
        Json::object([
            ("round", Json::Int(self.round.get() as i64)),
            ("repeats", Json::Int(i64::from(self.repeats.get()))),
            ("settings", Json::object(settings)),
            ("space", Json::parse(space.as_bytes()).unwrap_or(Json::Null)),
        ])
    }

    /// What is kept in the journal of the plan that `study` was started with.
    pub(super) fn recorded(study: &StoredStudy) -> Option<&Json> {
        study.system_attribute(PLAN_ATTRIBUTE).or_else(|| study.user_attribute(EARLIER_PLAN_ATTRIBUTE))
    }

    /// How this plan differs from the one that `study` was started with; nothing recorded differs from nothing.
    pub(super) fn differences(&self, study: &StoredStudy) -> Vec<String> {
        let mut found = Vec::new();
        if study.directions != [Some(self.direction)] {
            let name = |direction: Direction| format!("{direction:?}").to_lowercase();
            let was = study.directions.iter().map(|was| was.map_or_else(|| "not set".to_owned(), name));
            let was = was.collect::<Vec<_>>().join(" and ");
            found.push(format!("direction was {was}, is {}", name(self.direction)));
        }
        if let Some(recorded) = Self::recorded(study) {
            compare("", recorded, &self.to_json(), &mut found);
        }
        found
    }
}

/// Differences between two objects: of single fields, or of the fields of the objects under `settings` and `space`.
fn compare(prefix: &str, was: &Json, is: &Json, found: &mut Vec<String>) {
    let (was_fields, is_fields) = (was.as_object().unwrap_or_default(), is.as_object().unwrap_or_default());
    let before = found.len();
    for (key, old) in was_fields {
        let name = format!("{prefix}{key}");
        match is.get(key) {
            None => found.push(format!("{name} was {old}, is gone")),
            Some(new) if prefix.is_empty() && matches!((old, new), (Json::Object(_), Json::Object(_))) => {
                compare(&format!("{name}."), old, new, found);
            }
            Some(new) if old != new => found.push(format!("{name} was {old}, is {new}")),
            Some(_) => {}
        }
    }
    for (key, new) in is_fields {
        if was.get(key).is_none() {
            found.push(format!("{prefix}{key} is new: {new}"));
        }
    }
    // Samplers number the parameters by their order.
    if found.len() == before && was != is {
        let names = |fields: &[(String, Json)]| fields.iter().map(|(key, _)| &**key).collect::<Vec<_>>().join(", ");
        let place = prefix.trim_end_matches('.');
        found.push(format!("the order of {place} was {}, is {}", names(was_fields), names(is_fields)));
    }
}

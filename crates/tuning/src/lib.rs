//! A manifest's search run on the manifest's own training: the studies, their tables and their figures.
//!
//! [`studies`] runs the search of a notebook's manifest and leaves `trials.csv`, the figures that users of Optuna expect,
//! what would be chosen, and the journal of the studies, which Optuna opens. Experiments that search differ in their
//! manifests only. [`resume`] goes on with a study from its journal alone.

mod charts;
mod chosen;
mod names;
mod plan;
mod problem;
mod resume;
mod run;
mod table;

pub use names::short_names;
pub use problem::{Measured, Problem};
pub use resume::resume;
pub use run::{JOURNAL, Studies, studies};

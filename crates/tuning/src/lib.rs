//! A training as the objective of a study: the trials of a manifest's search, their journal, tables and figures.
//!
//! An experiment says in a function how the manifest with suggested values is trained and what is measured, and hands it to
//! [`Tuning`]: [`Tuning::optimize`] runs the studies, [`Tuning::show`] leaves `trials.csv` and the figures that users of
//! Optuna expect, [`Tuning::compare`] shows what would be chosen. The journal is one that Optuna opens.

mod attempt;
mod charts;
mod chosen;
mod names;
mod plan;
mod rules;
mod run;
mod table;

pub use attempt::{Attempt, Measured, Metric, with};
pub use chosen::FRESH_SEEDS;
pub use names::short_names;
pub use rules::{rules, rules_of_factors, rules_of_sampler, rules_of_trials};
pub use run::{Studies, Tuning};

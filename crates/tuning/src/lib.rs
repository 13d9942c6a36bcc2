//! A training as the objective of a study: the trials of a manifest's search, their journal, tables and figures.
//!
//! An experiment says in a closure how the manifest with suggested values is trained and what is measured.
//! [`Tuning::optimize`] runs the studies with it, [`Tuning::tables`] leaves `trials.csv`, [`Charts`] has the figures that
//! users of Optuna expect, by their names, and [`Tuning::compare`] shows what would be chosen. The journal is one that Optuna
//! opens. A program that was started with such a journal goes on with its study, runs one of its trials again, or enqueues the
//! next round.
//!
//! One trial without a study; `experiments/random-search/src/main.rs` has the rest:
//!
//! ```rust,ignore
#![doc = include_str!("../tests/it/front_page.rs")]
//! ```

mod attempt;
mod charts;
mod chosen;
mod circumstances;
mod fresh;
mod resume;
mod rules;
mod run;
mod table;
mod table_task;
mod task;
mod words;

pub use attempt::{Attempt, Measured, Measurements, Metric, Train, with};
pub use charts::Charts;
pub use chosen::FRESH_SEEDS;
pub use fresh::{FreshSeeds, beside_scikit_learn, conclusion_on_classes};
pub use rules::{rules, rules_of_factors, rules_of_trials};
pub use run::{Studies, Tuning};
pub use table::short_names;
pub use table_task::TableTask;
pub use task::Task;

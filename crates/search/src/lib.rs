//! Hyper-parameter search: spaces, trials, samplers.
//!
//! A [`Sampler`] suggests parameters, the caller runs the trial, and the result joins the history that the next
//! suggestion is made from. A suggestion is a pure function of the study's seed, the trial's number and the history, so
//! a study can be resumed, or shared between workers, without a trial changing. Logarithms and exponentials come from
//! `libm`, sums have one order and there are no threads, so the machine does not matter either.
//!
//! | sampler | what it does |
//! |---|---|
//! | [`Grid`] | every combination once, then nothing |
//! | [`Random`], [`Sobol`] | independent draws; evenly spread points |
//! | [`Tpe`] | the tree-structured Parzen estimator, multivariate as in Optuna 5 |
//! | [`Gp`] | Bayesian optimisation with a Gaussian process; the best choice for up to some hundred trials |
//!
//! ```
//! use search::{Ask, Direction, Options, SamplerKind, Space, Trial, Value};
//!
//! let space: Space = serde_yaml::from_str("
//!     learning_rate: {min: 1e-4, max: 1e-1, log: true}
//!     activation: {values: [linear, relu]}
//! ").unwrap();
//! let sampler = SamplerKind::Gp.build(1, &space, Options::default()).unwrap();
//! let mut trials = Vec::new();
//! for number in 0..20 {
//!     let ask = Ask { space: &space, direction: Direction::Minimize, trials: &trials, number };
//!     let parameters = sampler.suggest(&ask).unwrap();
//!     let rate = parameters.get("learning_rate").and_then(Value::number).unwrap();
//!     trials.push(Trial::complete(number, parameters, (rate.log10() + 2.0).powi(2)));
//! }
//! let best = trials.iter().filter_map(|trial| trial.value).fold(f64::INFINITY, f64::min);
//! assert!(best < 1e-3);
//! ```

mod domain;
mod elementary;
mod gp;
mod grid;
pub mod importance;
mod normal;
mod pruners;
mod random;
mod sampler;
mod scale;
mod section;
mod space;
pub mod storage;
pub mod study;
mod tpe;
mod trial;
mod value;

pub use domain::Domain;
pub use gp::Gp;
pub use grid::Grid;
pub use pruners::{Median, Pruner, SuccessiveHalving};
pub use random::{Random, Sobol};
pub use sampler::{Ask, Options, Sampler, SamplerKind};
pub use section::{PrunerKind, Search};
pub use space::{Condition, Parameter, Space, SpaceError};
pub use tpe::Tpe;
pub use trial::{Direction, State, Timestamp, Trial};
pub use value::{Assignment, Value};

//! Records of how long trainings take: written by the binary `measure`, drawn by the experiment.

pub mod record;
mod section;
mod stock;

pub use section::{Axis, Changed, Manifest, Other, RealData, Series, Speed, Subject};
pub use stock::Stock;

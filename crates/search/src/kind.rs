//! Samplers by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Gp, GpOptions, Grid, GridOptions, Random, Sampler, Sobol, Space, SpaceError, Tpe, TpeOptions};

/// The samplers, as a manifest names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SamplerKind {
    /// Every combination once: [`Grid`].
    Grid,
    /// Independent draws: [`Random`].
    Random,
    /// Evenly spread points: [`Sobol`].
    Sobol,
    /// The tree-structured Parzen estimator: [`Tpe`].
    Tpe,
    /// A Gaussian process: [`Gp`].
    Gp,
}

impl SamplerKind {
    /// The sampler with its default options; `seed` is the study's.
    ///
    /// # Errors
    ///
    /// If the sampler cannot search `space`: a grid over a continuous range.
    pub fn build(self, seed: u64, space: &Space) -> Result<Box<dyn Sampler>, SpaceError> {
        Ok(match self {
            Self::Grid => Box::new(Grid::new(seed, space, GridOptions::default())?),
            Self::Random => Box::new(Random::new(seed)),
            Self::Sobol => Box::new(Sobol::new(seed)),
            Self::Gp => Box::new(Gp::new(seed, GpOptions::default())),
            Self::Tpe => Box::new(Tpe::new(seed, TpeOptions::default())),
        })
    }
}

//! One sampler, one study: ask, evaluate, tell, one trial after the other.

use manifest::Document;
use search::study::Outcome;
use search::{Ask, Assignment, Direction, Sampler, Search, Space, SpaceError, State, Trial};

use crate::Manifest;

/// A sampler as a variant of the manifest names it.
#[derive(Debug)]
pub struct Contestant {
    /// What tables and figures call it.
    pub name: String,
    search: Search,
}

/// The samplers of the manifest's variants.
///
/// # Errors
/// If there are none.
pub fn contestants(manifest: &Document<Manifest>) -> anyhow::Result<Vec<Contestant>> {
    if manifest.variants.is_empty() {
        let message = "there is none, and so no sampler to compare".to_owned();
        return Err(manifest::Error::Invalid { location: "variants".to_owned(), message }.into());
    }
    let contestant = |name: String| Ok(Contestant { search: manifest.variant(&name)?.search.clone(), name });
    manifest.variants().into_iter().map(contestant).collect()
}

impl Contestant {
    /// The sampler of a study of `space` with this seed.
    ///
    /// # Errors
    /// If it cannot search the space.
    pub fn sampler(&self, seed: u32, space: &Space) -> Result<Box<dyn Sampler>, SpaceError> {
        Search { seed: seed.into(), parameters: space.clone(), ..self.search.clone() }.sampler()
    }
}

/// A study of `count` trials, or fewer if the sampler has nothing left; `told` is called after each.
pub fn study(
    sampler: &dyn Sampler,
    space: &Space,
    direction: Direction,
    count: u64,
    objective: impl Fn(&Assignment) -> Outcome,
    mut told: impl FnMut(),
) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for number in 0..count {
        let ask = Ask { space, direction, trials: &trials, number };
        let Some(parameters) = sampler.suggest(&ask) else { break };
        let outcome = objective(&parameters);
        trials.push(match outcome {
            Outcome::Complete(value) if !value.is_nan() => Trial::complete(number, parameters, value),
            Outcome::Complete(_) | Outcome::Failed(_) => Trial::new(number, State::Fail, parameters),
            Outcome::Pruned => Trial::new(number, State::Pruned, parameters),
        });
        told();
    }
    trials
}

/// By trial: the best value so far; the worst there is before the first complete trial.
pub fn best_so_far(trials: &[Trial], direction: Direction) -> Vec<f64> {
    let mut best = f64::INFINITY;
    let next = |trial: &Trial| {
        let complete = trial.value.filter(|_| trial.state == State::Complete);
        best = complete.map_or(best, |value| best.min(direction.as_loss(value)));
        direction.as_loss(best)
    };
    trials.iter().map(next).collect()
}

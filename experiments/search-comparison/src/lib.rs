//! Samplers beside each other: the manifest, studies without a journal, and the record of what they were measured to do.

mod contest;
mod problem;
pub mod record;
pub mod significance;
mod tabulated;
pub mod test_functions;

use anyhow::Context as _;
use manifest::Document;
use search::study::Outcome;

pub use contest::{Contestant, best_so_far, contestants, study};
pub use problem::{Comparison, METRICS, Manifest, objective};

use record::{EVALUATIONS, POST, Study};
use test_functions::Function;

/// A sampler's study of a function, or of the post's problem, as it is recorded.
///
/// # Errors
/// If the function is not known or the sampler cannot search its space.
pub fn measured(
    manifest: &Document<Manifest>,
    function: &str,
    contestant: &Contestant,
    seed: u32,
    trials: u64,
) -> anyhow::Result<Study> {
    let (trials, direction, minimum) = if function == POST {
        let search = &manifest.search;
        let sampler = contestant.sampler(seed, &search.parameters)?;
        let objective = |parameters: &_| objective(manifest, parameters);
        let trials = study(&*sampler, &search.parameters, search.direction, trials, objective, || ());
        (trials, search.direction, 0.0)
    } else {
        let function = Function::named(function).with_context(|| format!("no function is called {function}"))?;
        let (space, direction) = (function.space()?, search::Direction::Minimize);
        let sampler = contestant.sampler(seed, &space)?;
        let objective = |parameters: &_| Outcome::Complete(function.value(parameters));
        (study(&*sampler, &space, direction, trials, objective, || ()), direction, function.minimum)
    };
    let all = best_so_far(&trials, direction);
    // A grid can end early; its best stays what it is.
    let last = all.last().copied().unwrap_or(f64::INFINITY);
    let best =
        |count: &usize| Some(all.get(count - 1).copied().unwrap_or(last) - minimum).filter(|best| best.is_finite());
    let best = EVALUATIONS.iter().map(best).collect();
    Ok(Study { function: function.to_owned(), sampler: contestant.name.clone(), seed, best })
}

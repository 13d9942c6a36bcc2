//! What suggestions and studies take on one core.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context as _;
use manifest::Document;
use notebook::median;
use search::{Ask, Assignment, Direction, Random, Sampler as _, Space, Trial};
use search_comparison::record::{Cost, POST, Times};
use search_comparison::test_functions::Function;
use search_comparison::{Manifest, contestants, objective, study};

/// Trials that a suggestion is made from.
const TRIALS: [usize; 4] = [50, 500, 1000, 2000];

/// Suggestions that are timed of each kind.
const SUGGESTIONS: u64 = 11;

/// What a suggestion of each sampler takes, on Hartmann's function and on the post's problem; each is told before the next.
pub fn costs(manifest: &Document<Manifest>) -> anyhow::Result<Vec<Cost>> {
    let search = &manifest.search;
    let hartmann6 = Function::named("hartmann6").context("no such function")?;
    let post = |parameters: &Assignment| objective(manifest, parameters).value();
    let mut found = Vec::new();
    for trials in TRIALS {
        let history = history(&hartmann6.space()?, trials, |parameters| Some(hartmann6.value(parameters)));
        found.extend(cost(manifest, "hartmann6", &hartmann6.space()?, Direction::Minimize, &history)?);
        let history = self::history(&search.parameters, trials, post);
        found.extend(cost(manifest, POST, &search.parameters, search.direction, &history)?);
    }
    Ok(found)
}

fn history(space: &Space, count: usize, value: impl Fn(&Assignment) -> Option<f64>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let random = Random { seed: 1 };
    for number in 0..count as u64 {
        let ask = Ask { space, direction: Direction::Minimize, trials: &trials, number };
        let Some(parameters) = random.suggest(&ask) else { break };
        let value = value(&parameters).unwrap_or(f64::INFINITY);
        trials.push(Trial::complete(number, parameters, value));
    }
    trials
}

fn cost(
    manifest: &Document<Manifest>,
    function: &str,
    space: &Space,
    direction: Direction,
    trials: &[Trial],
) -> anyhow::Result<Vec<Cost>> {
    let mut found = Vec::new();
    for contestant in contestants(manifest)? {
        let sampler = contestant.sampler(0, space)?;
        let mut told = trials.to_vec();
        let mut seconds = |_| {
            let number = told.len() as u64;
            let begun = Instant::now();
            let suggested = black_box(sampler.suggest(&Ask { space, direction, trials: &told, number }));
            told.extend(suggested.map(|parameters| Trial::complete(number, parameters, 1.0)));
            begun.elapsed().as_secs_f64()
        };
        // The first one works out what the later ones know.
        seconds(0);
        let milliseconds = 1e3 * median(&(0..SUGGESTIONS).map(&mut seconds).collect::<Vec<_>>());
        let (function, sampler) = (function.to_owned(), contestant.name);
        found.push(Cost { function, sampler, trials: trials.len(), milliseconds });
    }
    Ok(found)
}

/// When the trials of a study of the post's problem end, by sampler.
pub fn times(manifest: &Document<Manifest>) -> anyhow::Result<Vec<Times>> {
    let comparison = &manifest.comparison;
    let search = &manifest.search;
    let mut found = Vec::new();
    for contestant in contestants(manifest)? {
        let mut by_trial: Vec<Vec<f64>> = vec![Vec::new(); search.trials as usize];
        for seed in 0..comparison.seeds {
            let sampler = contestant.sampler(seed, &search.parameters)?;
            let (begun, mut ended) = (Instant::now(), Vec::new());
            let objective = |parameters: &Assignment| objective(manifest, parameters);
            study(&*sampler, &search.parameters, search.direction, search.trials.into(), objective, || {
                ended.push(begun.elapsed().as_secs_f64());
            });
            for (seconds, ended) in by_trial.iter_mut().zip(ended) {
                seconds.push(ended);
            }
        }
        let seconds = by_trial.iter().filter(|of| !of.is_empty()).map(|of| median(of)).collect();
        found.push(Times { sampler: contestant.name, seconds });
    }
    Ok(found)
}

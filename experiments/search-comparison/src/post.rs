//! The samplers on the post's problem.

use anyhow::Context as _;
use figures::{Direction, Distribution, Factor, Line, Objective, significant};
use manifest::Document;
use notebook::{Notebook, median, quantile};
use polars::prelude::{Column, DataFrame};
use rayon::prelude::*;
use search::{Search, State, Trial};
use search_comparison::record::Record;
use search_comparison::{Comparison, METRICS, Manifest, best_so_far, contestants, objective, study};

/// Trials in which it is counted how often a sampler uses what is to be found: after the start-up trials of TPE and of
/// the Gaussian process, while there is still something to learn.
const LATER: std::ops::Range<usize> = 20..40;

/// Trials before the figure of the floor begins: by then most studies have reached it.
const FLOOR: usize = 15;

/// The keys that make the problem that of the post.
const PROBLEM: [&str; 8] =
    ["data", "scaling", "model", "training", "restore", "search.direction", "search.objective", "search.parameters"];

/// The studies of one sampler, by seed.
pub struct OfSampler {
    name: String,
    studies: Vec<Vec<Trial>>,
}

/// Runs every sampler from every seed on all cores.
pub fn run(notebook: &Notebook, manifest: &Document<Manifest>) -> anyhow::Result<Vec<OfSampler>> {
    let Manifest { search, comparison, variants, .. } = &**manifest;
    let progress = notebook.progress_bar(u64::from(comparison.seeds) * variants.len() as u64, "studies");
    let mut found = Vec::new();
    for contestant in contestants(manifest)? {
        let one = |seed: u32| -> anyhow::Result<Vec<Trial>> {
            let sampler = contestant.sampler(seed, &search.parameters)?;
            let objective = |parameters: &_| objective(manifest, parameters);
            let trials = study(&*sampler, &search.parameters, search.direction, search.trials.into(), objective, || ());
            progress.inc(1);
            Ok(trials)
        };
        let studies = (0..comparison.seeds).into_par_iter().map(one).collect::<anyhow::Result<_>>()?;
        found.push(OfSampler { name: contestant.name, studies });
    }
    progress.finish_and_clear();
    Ok(found)
}

/// Whether a trial has what is to be found.
fn has_found(comparison: &Comparison, trial: &Trial) -> bool {
    let (name, value) = comparison.found();
    trial.parameters.get(name).is_some_and(|found| found.to_string() == value)
}

/// Trials until the target is reached; none where it is not.
fn reached(comparison: &Comparison, search: &Search, trials: &[Trial]) -> Option<usize> {
    let target = search.direction.as_loss(comparison.target);
    let best = best_so_far(trials, search.direction);
    best.iter().position(|best| search.direction.as_loss(*best) <= target).map(|before| before + 1)
}

/// `trials.csv` with every trial, `samplers.csv` with what became of each sampler's studies.
pub fn tables(notebook: &mut Notebook, manifest: &Manifest, all: &[OfSampler]) -> anyhow::Result<String> {
    let Manifest { search, comparison, .. } = manifest;
    let mut rows: Vec<(&str, usize, &Trial)> = Vec::new();
    for of in all {
        for (seed, trials) in of.studies.iter().enumerate() {
            rows.extend(trials.iter().map(|trial| (of.name.as_str(), seed, trial)));
        }
    }
    let state = |state: State| format!("{state:?}").to_uppercase();
    let mut columns = vec![
        Column::new("sampler".into(), rows.iter().map(|(name, ..)| *name).collect::<Vec<_>>()),
        Column::new("seed".into(), rows.iter().map(|(_, seed, _)| *seed as u64).collect::<Vec<_>>()),
        Column::new("number".into(), rows.iter().map(|(.., trial)| trial.number).collect::<Vec<_>>()),
        Column::new("state".into(), rows.iter().map(|(.., trial)| state(trial.state)).collect::<Vec<_>>()),
        Column::new("value".into(), rows.iter().map(|(.., trial)| trial.value).collect::<Vec<_>>()),
    ];
    for parameter in search.parameters.parameters() {
        let cell = |trial: &Trial| Some(trial.parameters.get(&parameter.name)?.to_string());
        let values: Vec<Option<String>> = rows.iter().map(|(.., trial)| cell(trial)).collect();
        columns.push(Column::new(parameter.name.as_str().into(), values));
    }
    notebook.table("trials", DataFrame::new(rows.len(), columns)?)?;

    let by_study = |of: &dyn Fn(&[Trial]) -> f64| -> Vec<Vec<f64>> {
        all.iter().map(|sampler| sampler.studies.iter().map(|trials| of(trials)).collect()).collect()
    };
    let medians = |of: &[Vec<f64>]| of.iter().map(|values| median(values)).collect::<Vec<f64>>();
    let means = |of: &[Vec<f64>]| of.iter().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect();
    let best_at = |count: usize| {
        medians(&by_study(&|trials| {
            let best = best_so_far(trials, search.direction);
            best.get(count.min(best.len()).wrapping_sub(1)).copied().unwrap_or(f64::NAN)
        }))
    };
    let finds: Vec<f64> =
        means(&by_study(&|trials| f64::from(u8::from(trials.iter().any(|trial| has_found(comparison, trial))))));
    let has_later = has_later(all);
    let later: Vec<f64> = if has_later { means(&later(comparison, all)) } else { vec![f64::NAN; all.len()] };
    let until = by_study(&|trials| reached(comparison, search, trials).map_or(f64::INFINITY, |count| count as f64));
    let reaches: Vec<f64> =
        until.iter().map(|of| of.iter().filter(|count| count.is_finite()).count() as f64 / of.len() as f64).collect();
    let names: Vec<&str> = all.iter().map(|of| of.name.as_str()).collect();
    notebook.table(
        "samplers",
        polars::df!(
            "sampler" => &names,
            "median_best_20" => best_at(20),
            "median_best_40" => best_at(40),
            "median_best_all" => best_at(usize::MAX),
            "share_that_find" => &finds,
            "mean_found_of_trials_21_to_40" => &later,
            "share_that_reach_target" => &reaches,
            "median_evaluations_to_target" => medians(&until),
        )?,
    )?;
    for ((name, later), until) in names.iter().zip(&later).zip(medians(&until)) {
        let name = name.to_lowercase().replace(' ', "_");
        if has_later {
            notebook.value(&format!("found_of_trials_21_to_40_{name}"), *later);
        }
        notebook.value(&format!("evaluations_to_target_{name}"), until);
    }
    let said: Vec<String> = names
        .iter()
        .zip(finds.iter().zip(&later))
        .map(|(name, (finds, later))| format!("{name} {:.0} % and {later:.1}", 100.0 * finds))
        .collect();
    let until = names.iter().zip(medians(&until)).map(|(name, until)| match until {
        until if until.is_finite() => format!("{name} {until}"),
        _ => format!("{name} not within {} in half of its studies", notebook::counted(search.trials.into(), "trial")),
    });
    let text = format!(
        "Trials until `{}` is {} or better, in the median of {}: {}.",
        search.objective,
        significant(comparison.target, 6),
        if comparison.seeds == 1 { "1 study".to_owned() } else { format!("{} studies", comparison.seeds) },
        until.collect::<Vec<_>>().join(", "),
    );
    if !has_later {
        return Ok(text);
    }
    let found = format!(
        "The share of a sampler's studies that find `{}`, and how many of their trials 21 to 40 have it on average: {}.",
        comparison.find,
        said.join(", "),
    );
    Ok([text, found].join(" "))
}

/// Whether all studies have all of the later trials.
fn has_later(all: &[OfSampler]) -> bool {
    all.iter().flat_map(|of| &of.studies).all(|trials| trials.len() >= LATER.end)
}

/// By sampler and study: how many of the later trials have what is to be found.
fn later(comparison: &Comparison, all: &[OfSampler]) -> Vec<Vec<f64>> {
    let count = |trials: &Vec<Trial>| {
        let later = trials.iter().skip(LATER.start).take(LATER.len());
        later.filter(|trial| has_found(comparison, trial)).count() as f64
    };
    all.iter().map(|of| of.studies.iter().map(count).collect()).collect()
}

/// Best so far against trials and against seconds, evaluations to the target, what later trials do, and the
/// distribution of all values.
pub fn figures(notebook: &mut Notebook, manifest: &Manifest, all: &[OfSampler], record: &Record) -> anyhow::Result<()> {
    let Manifest { search, comparison, .. } = manifest;
    let title = &notebook.name();
    let direction = match search.direction {
        search::Direction::Minimize => Direction::Minimize,
        search::Direction::Maximize => Direction::Maximize,
    };
    let metric = METRICS.iter().find(|metric| metric.name == search.objective).context("the objective is a metric")?;
    let name = metric.label;
    let objective = Objective { name, direction, log: metric.log };
    let quartiles: Vec<[Vec<f64>; 3]> = all.iter().map(|of| bands(&of.studies, search.direction)).collect();
    let trials: Vec<Vec<f64>> =
        quartiles.iter().map(|[_, middle, _]| (1..=middle.len()).map(|n| n as f64).collect()).collect();
    let is_post = !notebook.changes(&PROBLEM);
    let problem = if is_post { "the post's problem" } else { "the manifest's problem" };
    let caption = format!("Best value so far on {problem}: median and quartiles of {} seeds", comparison.seeds);
    let drawn =
        figures::best_so_far_bands(&caption, title, ("trials", false), objective, &drawable(all, &trials, &quartiles));
    notebook.figure("best_so_far_against_trials", &caption, drawn)?;

    let from = FLOOR.min(trials.iter().map(Vec::len).min().unwrap_or(0));
    let (late, floor): (Vec<Vec<f64>>, Vec<[Vec<f64>; 3]>) = trials
        .iter()
        .zip(&quartiles)
        .map(|(trials, bands)| (trials[from..].to_vec(), bands.each_ref().map(|of| of[from..].to_vec())))
        .unzip();
    if late.iter().any(|trials| !trials.is_empty()) {
        let by_then = |trials: &Vec<Trial>| reached(comparison, search, trials).is_some_and(|count| count <= from + 1);
        let studies: Vec<bool> = all.iter().flat_map(|of| &of.studies).map(by_then).collect();
        let most = 2 * studies.iter().filter(|reached| **reached).count() > studies.len();
        let once = if most { ", once most studies have reached the target" } else { "" };
        let caption = format!("Best value so far from trial {} on{once}", from + 1);
        let drawn =
            figures::best_so_far_bands(&caption, title, ("trials", false), objective, &drawable(all, &late, &floor));
        notebook.figure("best_so_far_at_the_floor", &caption, drawn)?;
    }

    let of_record = |name: &str| record.times.iter().find(|times| times.sampler == name);
    let seconds: Vec<Vec<f64>> =
        all.iter().map(|of| of_record(&of.name).map_or_else(Vec::new, |times| times.seconds.clone())).collect();
    if seconds.iter().zip(&quartiles).all(|(seconds, [_, middle, _])| seconds.len() == middle.len()) {
        let caption = format!("Best value so far against the seconds of a study on one core ({})", record.processor);
        let axis = ("seconds since the start of the study", true);
        let drawn = figures::best_so_far_bands(&caption, title, axis, objective, &drawable(all, &seconds, &quartiles));
        notebook.figure("best_so_far_against_time", &caption, drawn)?;
    } else {
        notebook.paragraph("The record was made for another number of trials: there is no figure against time.");
    }

    let until: Vec<Vec<f64>> = all
        .iter()
        .map(|of| {
            let count = |trials: &Vec<Trial>| reached(comparison, search, trials).map_or(f64::INFINITY, |n| n as f64);
            of.studies.iter().map(count).collect()
        })
        .collect();
    let caption = format!("Evaluations until {name} is {} or better, a dot a study", significant(comparison.target, 6));
    let by_sampler = |name: &'static str, values: &[Vec<f64>], log: bool, caption: &str| {
        let levels: Vec<Distribution> =
            all.iter().zip(values).map(|(of, values)| Distribution { name: &of.name, values }).collect();
        let objective = Objective { name, direction: Direction::Minimize, log };
        figures::one_at_a_time(caption, title, objective, Factor { name: "sampler", levels: &levels }, None)
    };
    notebook.figure("evaluations_to_target", &caption, by_sampler("evaluations", &until, true, &caption))?;
    let (parameter, value) = comparison.found();
    let parameter = parameter.rsplit('.').next().unwrap_or(parameter);
    let caption = format!("How many of trials 21 to 40 have the {parameter} {value}, a dot a study");
    let drawn = by_sampler("trials of 20", &later(comparison, all), false, &caption);
    if has_later(all) {
        notebook.figure("found_in_later_trials", &caption, drawn)?;
    }

    let values: Vec<Vec<f64>> =
        all.iter().map(|of| of.studies.iter().flatten().filter_map(|trial| trial.value).collect()).collect();
    let groups: Vec<Distribution> =
        all.iter().zip(&values).map(|(of, values)| Distribution { name: &of.name, values }).collect();
    if values.iter().all(Vec::is_empty) {
        notebook.paragraph("No trial of any sampler is complete: there is no distribution of values.");
        return Ok(());
    }
    let caption = "The share of all trials that reach a value";
    notebook.figure(
        "empirical_distribution",
        caption,
        figures::empirical_distribution(caption, title, objective, &groups),
    )
}

/// By trial: lower quartile, median and upper quartile of the best so far, over the studies.
fn bands(studies: &[Vec<Trial>], direction: search::Direction) -> [Vec<f64>; 3] {
    let best: Vec<Vec<f64>> = studies.iter().map(|trials| best_so_far(trials, direction)).collect();
    let length = best.iter().map(Vec::len).min().unwrap_or(0);
    [0.25, 0.5, 0.75].map(|share| {
        let at = |trial: usize| quantile(&best.iter().map(|of| of[trial]).collect::<Vec<_>>(), share);
        (0..length).map(at).collect()
    })
}

fn drawable<'a>(all: &'a [OfSampler], x: &'a [Vec<f64>], bands: &'a [[Vec<f64>; 3]]) -> Vec<Line<'a>> {
    all.iter().zip(x).zip(bands).map(|((of, x), [low, y, high])| Line { name: &of.name, x, y, low, high }).collect()
}

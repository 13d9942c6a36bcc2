//! The record: samplers on functions whose minima are known, and what suggestions cost.

use anyhow::bail;
use figures::{Direction, Line, Objective};
use notebook::{Notebook, median, quantile, read_csv};
use polars::prelude::DataFrame;
use search_comparison::record::{Cost, EVALUATIONS, POST, Record};
use search_comparison::{Manifest, significance};

/// What the samplers of Optuna and Rustuna were measured to reach, relative to the workspace.
const QUALITY: &str = "data/optuna/quality.csv";
const COST: &str = "data/optuna/cost.csv";

/// What the functions are.
const WORDS: [(&str, &str); 12] = [
    ("branin", "Branin's function of two numbers"),
    ("hartmann6", "Hartmann's function of six numbers"),
    ("mixed", "a made-up tuning problem with two choices, a learning rate and a number of units"),
    ("rosenbrock4", "Rosenbrock's valley in four numbers"),
    ("ackley5", "Ackley's function of five numbers, a funnel with ripples"),
    ("levy4", "Lévy's function of four numbers, a bowl with ripples"),
    ("sphere8", "a bowl in eight numbers, each steeper than the one before"),
    ("rastrigin3", "Rastrigin's function of three numbers, a bowl with a regular grid of minima"),
    ("conditional", "a made-up tuning problem in which each optimizer has a parameter of its own"),
    ("lattice", "a made-up tuning problem of steps, whole numbers and a choice"),
    ("tumours", "the network of the experiment tumours, by its loss on validation folds"),
    ("fuel-efficiency", "the network of the experiment fuel-efficiency, by its error on validation rows"),
];

/// The counts of evaluations at which samplers are set beside others.
const AT: [usize; 3] = [20, 50, 100];

/// The samplers that learn from their trials; the better of them counts.
const LEARNING: [&str; 2] = ["TPE", "Gaussian process"];

/// The other samplers: as the measured tables call them, whose they are, and which of ours they are like.
const OTHERS: [(&str, &str, &str); 3] = [
    ("optuna-tpe", "Optuna's", LEARNING[0]),
    ("optuna-gp", "Optuna's", LEARNING[1]),
    ("rustuna-tpe", "Rustuna's", LEARNING[0]),
];

/// The best values of a sampler on a function after a count of evaluations, one a seed; infinite before the first complete trial.
fn best(record: &Record, function: &str, sampler: &str, at: usize) -> Vec<f64> {
    let Some(place) = EVALUATIONS.iter().position(|count| *count == at) else { return Vec::new() };
    let studies = record.studies.iter().filter(|study| study.function == function && study.sampler == sampler);
    studies.map(|study| study.best[place].unwrap_or(f64::INFINITY)).collect()
}

/// A figure a function: the regret against evaluations, a band a sampler.
pub fn figures(notebook: &mut Notebook, manifest: &Manifest, record: &Record) -> anyhow::Result<()> {
    let comparison = &manifest.comparison;
    let samplers: Vec<&str> = manifest.variants.iter().map(|variant| variant.name.as_str()).collect();
    let x = EVALUATIONS.map(|count| count as f64);
    for function in &comparison.functions {
        let bands: Vec<[Vec<f64>; 3]> = samplers
            .iter()
            .map(|sampler| {
                let at = |share: f64| {
                    let value = |count: &usize| quantile(&best(record, function, sampler, *count), share);
                    EVALUATIONS.iter().map(value).collect::<Vec<f64>>()
                };
                [at(0.25), at(0.5), at(0.75)]
            })
            .collect();
        let drawn: Vec<Line> =
            samplers.iter().zip(&bands).map(|(name, [low, y, high])| Line { name, x: &x, y, low, high }).collect();
        let objective = Objective {
            name: "regret: best value so far minus the minimum",
            direction: Direction::Minimize,
            log: true,
        };
        let seeds = record.studies.iter().filter(|study| study.function == *function && study.sampler == samplers[0]);
        let of = format!("median and quartiles of {} seeds", seeds.count());
        let words = WORDS.iter().find(|words| words.0 == function).map_or("a function", |words| words.1);
        let title = format!("Regret on {function}: {of}");
        let subtitle = format!("{}: {function} is {words}", notebook.name());
        let figure = figures::best_so_far_bands(&title, &subtitle, ("evaluations", true), objective, &drawn);
        notebook.figure(&format!("regret_{function}"), &format!("Regret on {function}, {words}: {of}"), figure)?;
    }
    Ok(())
}

/// Values of studies, one a seed, and of which sampler.
type Reached = (Vec<f64>, &'static str);

/// `quality.csv`: by function of the manifest and for the post's problem, and by count of evaluations, the better learning
/// sampler here beside the best of the others, and whether it is worse by more than chance. Returns how often, in words.
pub fn beside_others(notebook: &mut Notebook, manifest: &Manifest, record: &Record) -> anyhow::Result<String> {
    let others = read_csv(&notebook.root().join(QUALITY))?;
    let (functions_of, samplers_of) = (text(&others, "function")?, text(&others, "sampler")?);
    let columns: Vec<Vec<f64>> =
        AT.iter().map(|at| notebook::column(&others, &format!("after_{at}"))).collect::<Result<_, _>>()?;
    let (mut names, mut counts, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for function in manifest.comparison.functions.iter().map(String::as_str).chain([POST]) {
        for (at, column) in AT.into_iter().zip(&columns) {
            let here = LEARNING.map(|name| (best(record, function, name, at), name));
            let there = OTHERS.map(|(name, ..)| {
                let of = |row: &usize| functions_of[*row] == function && samplers_of[*row] == name;
                ((0..column.len()).filter(of).map(|row| column[row]).collect(), name)
            });
            if let (Some(here), Some(there)) = (best_of(here), best_of(there)) {
                names.push(function);
                counts.push(at as u64);
                ours.push(here);
                theirs.push(there);
            }
        }
    }
    let p_values: Vec<f64> =
        ours.iter().zip(&theirs).map(|(here, there)| significance::of_greater(&here.0, &there.0)).collect();
    let adjusted = significance::holm(&p_values);
    let medians = |of: &[Reached]| of.iter().map(|(values, _)| median(values)).collect::<Vec<f64>>();
    let samplers = |of: &[Reached]| of.iter().map(|(_, sampler)| *sampler).collect::<Vec<_>>();
    let is_worse: Vec<bool> = adjusted.iter().map(|p| *p < significance::LEVEL).collect();
    notebook.table(
        "quality",
        polars::df!(
            "function" => &names,
            "evaluations" => &counts,
            "sampler" => samplers(&ours),
            "median" => medians(&ours),
            "other_sampler" => samplers(&theirs),
            "other_median" => medians(&theirs),
            "p_value" => &p_values,
            "adjusted_p_value" => &adjusted,
            "significantly_worse" => &is_worse,
        )?,
    )?;
    let not_worse = medians(&ours).iter().zip(medians(&theirs)).filter(|(here, there)| **here <= *there).count();
    let worse: Vec<String> = is_worse
        .iter()
        .zip(names.iter().zip(&counts))
        .filter(|(is_worse, _)| **is_worse)
        .map(|(_, (name, count))| format!("{name} at {count}"))
        .collect();
    notebook.value("comparisons_with_other_samplers", names.len() as u64);
    notebook.value("significantly_worse_than_other_samplers", worse.len() as u64);
    notebook.value("medians_not_worse_than_other_samplers", not_worse as u64);
    let known = names.iter().filter(|name| **name != POST).collect::<std::collections::BTreeSet<_>>().len() as u64;
    let on = match known {
        0 => String::new(),
        _ => format!("{} with known minima and on ", notebook::counted(known, "function")),
    };
    let said = format!(
        "On {on}the post's problem, as they were recorded, the better of TPE and the Gaussian process is significantly worse than the \
         best sampler of Optuna and Rustuna in {} of {} comparisons",
        worse.len(),
        names.len()
    );
    let namely = if worse.is_empty() { String::new() } else { format!(": {}", worse.join(", ")) };
    notebook.paragraph(format!(
        "{said}{namely} (`quality.csv`; one-sided Mann–Whitney tests over the seeds, Holm's correction, level {}); {not_worse} of its \
         medians are as good or better. Which sampler stands in a row follows from its median, so the tests describe these studies and \
         are no proof. The values are regrets; for the post's problem, `{POST}`, it is the objective itself. The record is of {}.",
        significance::LEVEL,
        record.date
    ));
    Ok(said)
}

/// The one with the lowest median; none where nothing was measured.
fn best_of<const N: usize>(reached: [Reached; N]) -> Option<Reached> {
    let measured = reached.into_iter().filter(|(values, _)| !values.is_empty());
    measured.min_by(|one, other| median(&one.0).total_cmp(&median(&other.0)))
}

/// A column of words.
fn text(frame: &DataFrame, name: &str) -> anyhow::Result<Vec<String>> {
    Ok(frame.column(name)?.str()?.iter().map(|word| word.unwrap_or_default().to_owned()).collect())
}

/// `cost.csv` and its figure: what a suggestion takes, here and elsewhere.
pub fn costs(notebook: &mut Notebook, record: &Record) -> anyhow::Result<()> {
    let others = read_csv(&notebook.root().join(COST))?;
    let (functions_of, samplers_of) = (text(&others, "function")?, text(&others, "sampler")?);
    let (trials_of, milliseconds) = (notebook::column(&others, "trials")?, notebook::column(&others, "milliseconds")?);
    let of_other = |name: &str, function: &str, trials: usize| {
        let is_it = |row: &usize| {
            samplers_of[*row] == name && functions_of[*row] == function && trials_of[*row] == trials as f64
        };
        (0..milliseconds.len()).find(is_it).map(|row| milliseconds[row])
    };
    let beside = |whose: &str| -> Vec<Option<f64>> {
        let of = |cost: &Cost| {
            let (name, ..) = OTHERS.iter().find(|(_, of, like)| *of == whose && *like == cost.sampler)?;
            of_other(name, &cost.function, cost.trials)
        };
        record.costs.iter().map(of).collect()
    };
    let ratios = |beside: &[Option<f64>]| -> Vec<Option<f64>> {
        record.costs.iter().zip(beside).map(|(cost, other)| Some(other.as_ref()? / cost.milliseconds)).collect()
    };
    let [optuna, rustuna] = ["Optuna's", "Rustuna's"].map(beside);
    let [over_optuna, over_rustuna] = [&optuna, &rustuna].map(|beside| ratios(beside));
    notebook.table(
        "cost",
        polars::df!(
            "function" => record.costs.iter().map(|cost| cost.function.as_str()).collect::<Vec<_>>(),
            "sampler" => record.costs.iter().map(|cost| cost.sampler.as_str()).collect::<Vec<_>>(),
            "trials" => record.costs.iter().map(|cost| cost.trials as u64).collect::<Vec<_>>(),
            "milliseconds" => record.costs.iter().map(|cost| cost.milliseconds).collect::<Vec<_>>(),
            "optuna_milliseconds" => &optuna,
            "optuna_over_this" => &over_optuna,
            "rustuna_milliseconds" => &rustuna,
            "rustuna_over_this" => &over_rustuna,
        )?,
    )?;
    let least = |sampler: &str, ratios: &[Option<f64>]| {
        let ratios = record.costs.iter().zip(ratios).filter(|(cost, _)| cost.sampler == sampler);
        ratios.filter_map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min)
    };
    let compared = [
        ("optuna_tpe", LEARNING[0], &over_optuna),
        ("optuna_gaussian_process", LEARNING[1], &over_optuna),
        ("rustuna_tpe", LEARNING[0], &over_rustuna),
    ];
    let mut most = Vec::new();
    for (name, sampler, ratios) in compared {
        let ratio = least(sampler, ratios);
        if ratio.is_infinite() {
            bail!("{COST} has none of the record's {sampler}");
        }
        notebook.value(&format!("least_speed_over_{name}"), ratio);
        let is_less = ratio >= 1.0;
        most.push(if is_less { format!("at most 1/{ratio:.1}") } else { format!("up to {:.1} times", 1.0 / ratio) });
    }
    notebook.paragraph(format!(
        "A suggestion by TPE takes {} of the time that Optuna's takes and {} of Rustuna's, one by the Gaussian process {} of Optuna's \
         (`cost.csv`, on {}; the others' figures are CPU time of asking and telling, from `data/optuna`).",
        most[0], most[2], most[1], record.processor,
    ));
    let of = |sampler: &'static str| {
        record.costs.iter().filter(move |cost| cost.sampler == sampler && cost.function == POST)
    };
    let trials = |sampler| of(sampler).map(|cost| cost.trials).collect::<Vec<_>>();
    let mut lines: Vec<(String, Vec<f64>, Vec<f64>)> = Vec::new();
    for sampler in LEARNING {
        let x: Vec<f64> = trials(sampler).iter().map(|count| *count as f64).collect();
        lines.push((sampler.to_owned(), x, of(sampler).map(|cost| cost.milliseconds).collect()));
        for (name, whose, _) in OTHERS.iter().filter(|(.., like)| *like == sampler) {
            let points =
                trials(sampler).into_iter().filter_map(|count| Some((count as f64, of_other(name, POST, count)?)));
            let (x, y) = points.unzip();
            lines.push((format!("{whose} {sampler}"), x, y));
        }
    }
    let drawn: Vec<Line> = lines.iter().map(|(name, x, y)| Line::new(name, x, y)).collect();
    let caption = "What a suggestion takes on one core, on the space of the post's problem";
    let labels = ["complete trials that it is made from", "milliseconds a suggestion"];
    let figure = figures::scaling_lines(caption, &notebook.name(), labels, &drawn, None);
    notebook.figure("cost_of_a_suggestion", caption, figure)
}

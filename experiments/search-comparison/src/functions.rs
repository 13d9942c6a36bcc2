//! The record: samplers on functions whose minima are known, and what suggestions cost.

use figures::{Direction, Line, Objective};
use notebook::{Notebook, median, quantile, read_csv};
use polars::prelude::DataFrame;
use search_comparison::Manifest;
use search_comparison::record::{EVALUATIONS, POST, Record};

/// What Optuna was measured to reach, relative to the workspace.
const OPTUNA_QUALITY: &str = "data/optuna/quality.csv";
const OPTUNA_COST: &str = "data/optuna/cost.csv";

/// What the functions are.
const WORDS: [(&str, &str); 10] = [
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
];

/// The counts of evaluations at which samplers are set beside Optuna's.
const AT: [usize; 3] = [20, 50, 100];

/// The samplers that learn from their trials; the better of them counts.
const LEARNING: [&str; 2] = ["TPE", "Gaussian process"];

/// The best values of a sampler on a function after a count of evaluations, one a seed.
fn best(record: &Record, function: &str, sampler: &str, at: usize) -> Vec<f64> {
    let Some(place) = EVALUATIONS.iter().position(|count| *count == at) else { return Vec::new() };
    let studies = record.studies.iter().filter(|study| study.function == function && study.sampler == sampler);
    studies.filter_map(|study| study.best.get(place).copied().flatten()).collect()
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

/// `quality.csv`: by function of the manifest and for the post's problem, and by count of evaluations, the median of the better
/// learning sampler, here and in Optuna. Returns how many are not worse.
pub fn beside_optuna(notebook: &mut Notebook, manifest: &Manifest, record: &Record) -> anyhow::Result<String> {
    let optuna = read_csv(&notebook.root().join(OPTUNA_QUALITY))?;
    let theirs = reference(&optuna, "median")?;
    let mut functions: Vec<&str> = theirs.iter().map(|row| row.function.as_str()).collect();
    functions.dedup();
    functions.retain(|function| *function == POST || manifest.comparison.functions.iter().any(|of| of == function));
    let (mut names, mut counts, mut samplers, mut ours, mut optunas, mut medians) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for function in functions {
        for at in AT {
            let here = LEARNING.map(|name| (median(&best(record, function, name, at)), name));
            let there = theirs.iter().filter(|row| row.function == function && row.number == at as f64);
            let least = |a: &(f64, &str), b: &(f64, &str)| a.0.total_cmp(&b.0);
            let here = here.into_iter().filter(|(value, _)| value.is_finite()).min_by(least);
            let there = there.map(|row| (row.value, row.sampler.as_str())).min_by(least);
            if let (Some(here), Some(there)) = (here, there) {
                names.push(function);
                counts.push(at as u64);
                samplers.push(here.1);
                ours.push(here.0);
                optunas.push(there.1.to_owned());
                medians.push(there.0);
            }
        }
    }
    let not_worse: Vec<bool> = ours.iter().zip(&medians).map(|(here, there)| here <= there).collect();
    let count = not_worse.iter().filter(|not_worse| **not_worse).count();
    let known = names.iter().filter(|name| **name != POST).collect::<std::collections::BTreeSet<_>>().len() as u64;
    let on = match known {
        0 => String::new(),
        _ => format!("{} with known minima and on ", notebook::counted(known, "function")),
    };
    let said = format!(
        "On {on}the post's problem, as they were recorded, {count} of {} medians of the better of TPE and the Gaussian process are \
         not worse than those of Optuna's better sampler",
        not_worse.len()
    );
    let worse: Vec<String> = not_worse
        .iter()
        .zip(names.iter().zip(&counts))
        .filter(|(not_worse, _)| !**not_worse)
        .map(|(_, (name, count))| format!("{name} at {count}"))
        .collect();
    notebook.table(
        "quality",
        polars::df!(
            "function" => &names,
            "evaluations" => &counts,
            "sampler" => &samplers,
            "median" => &ours,
            "optuna_sampler" => &optunas,
            "optuna_median" => &medians,
            "not_worse" => &not_worse,
        )?,
    )?;
    notebook.value("medians_compared_with_optuna", not_worse.len() as u64);
    notebook.value("medians_not_worse_than_optuna", count as u64);
    let but = if worse.is_empty() { String::new() } else { format!("; worse are {}", worse.join(", ")) };
    notebook.paragraph(format!(
        "{said} (Optuna 5; `quality.csv`){but}. Regrets are those of the functions; for the post's problem, `{POST}`, \
         it is the value itself. The record is of {}.",
        record.date
    ));
    Ok(said)
}

/// A row of a reference table.
struct Reference {
    function: String,
    sampler: String,
    /// Evaluations, or trials that a suggestion is made from.
    number: f64,
    value: f64,
}

fn reference(frame: &DataFrame, value: &str) -> anyhow::Result<Vec<Reference>> {
    let text = |name: &str, row: usize| -> anyhow::Result<String> {
        Ok(frame.column(name)?.str()?.get(row).unwrap_or_default().to_owned())
    };
    let (numbers, values) = (notebook::column(frame, "trials")?, notebook::column(frame, value)?);
    let row = |row| {
        Ok(Reference {
            function: text("function", row)?,
            sampler: text("sampler", row)?,
            number: numbers[row],
            value: values[row],
        })
    };
    (0..frame.height()).map(row).collect()
}

/// `cost.csv` and its figure: what a suggestion takes, here and in Optuna.
pub fn costs(notebook: &mut Notebook, record: &Record) -> anyhow::Result<()> {
    let theirs = reference(&read_csv(&notebook.root().join(OPTUNA_COST))?, "milliseconds")?;
    let optuna = |function: &str, sampler: &str, trials: usize| {
        let same = |row: &&Reference| {
            row.function == function && LEARNING.contains(&sampler) && row.sampler == optuna_name(sampler)
        };
        theirs.iter().filter(same).find(|row| row.number == trials as f64).map(|row| row.value)
    };
    let beside: Vec<Option<f64>> =
        record.costs.iter().map(|cost| optuna(&cost.function, &cost.sampler, cost.trials)).collect();
    let ratio: Vec<Option<f64>> =
        record.costs.iter().zip(&beside).map(|(cost, optuna)| Some(optuna.as_ref()? / cost.milliseconds)).collect();
    notebook.table(
        "cost",
        polars::df!(
            "function" => record.costs.iter().map(|cost| cost.function.as_str()).collect::<Vec<_>>(),
            "sampler" => record.costs.iter().map(|cost| cost.sampler.as_str()).collect::<Vec<_>>(),
            "trials" => record.costs.iter().map(|cost| cost.trials as u64).collect::<Vec<_>>(),
            "milliseconds" => record.costs.iter().map(|cost| cost.milliseconds).collect::<Vec<_>>(),
            "optuna_milliseconds" => &beside,
            "optuna_over_this" => &ratio,
        )?,
    )?;
    let least = |sampler: &str| {
        let ratios = record.costs.iter().zip(&ratio).filter(|(cost, _)| cost.sampler == sampler);
        ratios.filter_map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min)
    };
    for name in LEARNING {
        notebook.value(&format!("least_speed_over_optuna_{}", name.to_lowercase().replace(' ', "_")), least(name));
    }
    let most = |sampler| match least(sampler) {
        ratio if ratio >= 1.0 => format!("at most 1/{ratio:.1}"),
        ratio => format!("up to {:.1} times", 1.0 / ratio),
    };
    notebook.paragraph(format!(
        "A suggestion by TPE takes {} of the CPU time that Optuna's takes, one by the Gaussian process {} (`cost.csv`; on {}, load \
         {:.1}; Optuna's figures are those of `data/optuna`).",
        most(LEARNING[0]),
        most(LEARNING[1]),
        record.processor,
        record.load[0],
    ));
    let lines: Vec<(String, Vec<f64>, Vec<f64>)> = LEARNING
        .iter()
        .flat_map(|sampler| {
            let of = |row: &&search_comparison::record::Cost| row.sampler == *sampler && row.function == POST;
            let x: Vec<f64> = record.costs.iter().filter(of).map(|cost| cost.trials as f64).collect();
            let here = record.costs.iter().filter(of).map(|cost| cost.milliseconds).collect();
            let there = x.iter().map(|&n| optuna(POST, sampler, n as usize).unwrap_or(f64::NAN)).collect();
            [((*sampler).to_owned(), x.clone(), here), (format!("Optuna's {sampler}"), x, there)]
        })
        .collect();
    let drawn: Vec<Line> = lines.iter().map(|(name, x, y)| Line::new(name, x, y)).collect();
    let caption = "What a suggestion takes on one core, on the space of the post's problem";
    let labels = ["complete trials that it is made from", "milliseconds a suggestion"];
    let figure = figures::scaling_lines(caption, &notebook.name(), labels, &drawn, None);
    notebook.figure("cost_of_a_suggestion", caption, figure)
}

/// What `data/optuna` calls a sampler.
fn optuna_name(sampler: &str) -> &'static str {
    if sampler == "TPE" { "tpe" } else { "gp" }
}

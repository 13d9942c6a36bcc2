//! Median regret of the samplers on functions with known minima, as a Markdown table and as CSV.
//!
//! ```text
//! cargo run --release -p search --example quality -- --seeds 20 --samplers tpe,gp --functions branin,mixed
//! cargo run --release -p search --example quality -- --batch 4 --evaluations 20,48 --csv regret.csv
//! ```
//!
//! Regret is the best value so far minus the minimum. With `--batch` that many trials are asked for before any of them
//! is told.

use std::process::ExitCode;

use search::functions::{ALL, Function};
use search::{Ask, Direction, SamplerKind, State, Suggestion, Trial};

struct Options {
    functions: Vec<Function>,
    samplers: Vec<SamplerKind>,
    first_seed: u64,
    seeds: u64,
    batch: usize,
    evaluations: Vec<usize>,
    csv: Option<String>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        functions: ALL.to_vec(),
        samplers: vec![SamplerKind::Random, SamplerKind::Sobol, SamplerKind::Tpe, SamplerKind::Gp],
        first_seed: 0,
        seeds: 20,
        batch: 1,
        evaluations: vec![20, 50, 100],
        csv: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{flag} needs a number, got {value}"));
        match flag.as_str() {
            "--functions" => {
                let named = |name: &str| Function::named(name).ok_or_else(|| format!("no function is called {name}"));
                options.functions = value.split(',').map(named).collect::<Result<_, _>>()?;
            }
            "--samplers" => options.samplers = value.split(',').map(sampler).collect::<Result<_, _>>()?,
            "--first-seed" => options.first_seed = number()?,
            "--seeds" => options.seeds = number()?.max(1),
            "--batch" => options.batch = number()?.max(1) as usize,
            "--evaluations" => {
                let count = |text: &str| text.parse().map_err(|_| format!("{flag} needs numbers, got {text}"));
                options.evaluations = value.split(',').map(count).collect::<Result<_, _>>()?;
            }
            "--csv" => options.csv = Some(value),
            _ => return Err(format!("{flag} is no option")),
        }
    }
    Ok(options)
}

fn sampler(name: &str) -> Result<SamplerKind, String> {
    serde_json::from_value(name.into()).map_err(|_| format!("no sampler is called {name}"))
}

fn run(options: &Options) -> Result<(), String> {
    let mut csv = String::from("function,sampler,seed,evaluations,regret\n");
    let heads: Vec<String> = options.evaluations.iter().map(|n| format!("@{n} q25 / **median** / q75")).collect();
    println!("| function | sampler | seeds | {} |", heads.join(" | "));
    println!("|---|---|---|{}", "---|".repeat(heads.len()));
    for function in &options.functions {
        for &kind in &options.samplers {
            let mut regrets = vec![Vec::new(); options.evaluations.len()];
            for seed in options.first_seed..options.first_seed + options.seeds {
                for (i, regret) in study(function, kind, seed, options)?.into_iter().enumerate() {
                    let row =
                        [function.name, &format!("{kind:?},{seed},{},{regret:?}", options.evaluations[i])].join(",");
                    csv = csv + &row + "\n";
                    regrets[i].push(regret);
                }
            }
            let cells: Vec<String> = regrets.iter_mut().map(|regrets| quartiles(regrets)).collect();
            println!("| {} | {kind:?} | {} | {} |", function.name, options.seeds, cells.join(" | "));
        }
    }
    options.csv.as_ref().map_or(Ok(()), |path| std::fs::write(path, csv).map_err(|error| format!("{path}: {error}")))
}

/// The regret after each of the counts of evaluations.
fn study(function: &Function, kind: SamplerKind, seed: u64, options: &Options) -> Result<Vec<f64>, String> {
    let space = function.space().map_err(|error| error.to_string())?;
    let sampler = kind.build(seed, &space).map_err(|error| error.to_string())?;
    let total = options.evaluations.iter().copied().max().unwrap_or(0);
    let mut trials: Vec<Trial> = Vec::new();
    let mut exhausted = false;
    while trials.len() < total && !exhausted {
        let start = trials.len();
        while trials.len() < (start + options.batch).min(total) && !exhausted {
            let number = trials.len() as u64;
            let ask = Ask { space: &space, direction: Direction::Minimize, trials: &trials, number };
            match sampler.suggest(&ask) {
                Suggestion::Parameters(parameters) => trials.push(Trial::running(number, parameters)),
                Suggestion::Exhausted => exhausted = true,
            }
        }
        for trial in &mut trials[start..] {
            trial.value = Some(function.value(&trial.parameters));
            trial.state = State::Complete;
        }
    }
    let best = |count: &usize| {
        let values = trials.iter().take(*count).filter_map(|trial| trial.value);
        values.fold(f64::INFINITY, f64::min) - function.minimum
    };
    Ok(options.evaluations.iter().map(best).collect())
}

fn quartiles(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
        low + place.fract() * (high - low)
    };
    format!("{} / **{}** / {}", short(quantile(0.25)), short(quantile(0.5)), short(quantile(0.75)))
}

/// Three digits.
fn short(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-3 { format!("{value:.2e}") } else { format!("{value:.4}") }
}

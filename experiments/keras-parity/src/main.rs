//! How close do the two engines come to real Keras?
//!
//! Runs of real Keras were recorded: every loss, the final weights and the predictions, in many configurations. Each is trained again
//! here by both engines, from the same data and seeds. Engine `exact` is meant to repeat every operation in Keras' order, and so every
//! bit; engine `libtorch` computes the same formulas in its own order, and training amplifies what the rounding differs in.
//!
//! ```text
//! cargo run --release -p keras-parity
//! ```

// %%
mod charts;

use std::process::ExitCode;

use anyhow::Context as _;
use keras::recorded::{self, Case, Run, same_bits};
use keras::{Device, Engine, Fit, Model, Sequential, Training};
use manifest::{Broken, Document, Rules};
use notebook::{About, Notebook, counted};
use polars::df;
use rayon::prelude::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment; data, model and training are those of each recorded configuration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    /// Files of recorded runs of real Keras to compare with, relative to the workspace.
    #[schemars(length(min = 1))]
    recorded: Vec<String>,
    /// Where engine `libtorch` trains: `cpu`, or `cuda:N` for the graphics card with number N.
    #[serde(default)]
    #[schemars(regex(pattern = "^(cpu|cuda:[0-9]{1,4})$"))]
    device: Device,
    /// Epochs that the distances by epoch show, at most as many as the longest recorded run has.
    #[schemars(range(min = 1, max = 1_000_000))]
    epochs: u32,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()
    }
}

const ENGINES: [(&str, Engine); 2] = [("exact", Engine::Exact), ("libtorch", Engine::Libtorch)];

/// A configuration's runs by one engine.
struct Compared {
    /// For every epoch the largest distance of all runs.
    largest: Vec<f64>,
    /// Runs in which weights and predictions are real Keras' too.
    equal_runs: usize,
}

fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## What was recorded

    // %%
    let mut cases = Vec::new();
    for path in &manifest.recorded {
        let of_file = recorded::load(&notebook.root().join(path)).with_context(|| format!("cannot read {path}"))?;
        let runs = counted(of_file.iter().map(|case| case.runs.len() as u64).sum(), "run");
        let configurations = counted(of_file.len() as u64, "configuration");
        notebook
            .paragraph(format!("`{path}` holds {runs} of real Keras in {configurations}, which table `cases` names."));
        cases.extend(of_file);
    }

    // %% [markdown]
    // ## Training every configuration again
    //
    // Both engines train each of them, on all cores.

    // %%
    let progress = notebook.progress_bar(2 * cases.len() as u64, "configurations");
    let compared = ENGINES.map(|(_, engine)| -> anyhow::Result<Vec<Compared>> {
        let compare = |case| {
            let compared = compare(manifest.device, engine, case);
            progress.inc(1);
            compared
        };
        // On all cores, a configuration at a time, and collected in their order.
        cases.par_iter().with_max_len(1).map(compare).collect()
    });
    let compared: Vec<Vec<Compared>> = compared.into_iter().collect::<Result<_, _>>()?;
    progress.finish_and_clear();

    // %% [markdown]
    // ## Every configuration in one table
    //
    // The distance of two float32 losses is the number of float32 values from one to the other: 0 is the same bits.

    // %%
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let runs: Vec<u32> = cases.iter().map(|case| case.runs.len() as u32).collect();
    let largest = |engine: usize| -> Vec<f64> {
        compared[engine].iter().map(|case| case.largest.iter().copied().fold(0.0, f64::max)).collect()
    };
    let after = |engine: usize, epoch: usize| -> Vec<f64> {
        compared[engine].iter().map(|case| case.largest.iter().take(epoch).copied().fold(0.0, f64::max)).collect()
    };
    let equal: Vec<u32> = compared[0].iter().map(|case| case.equal_runs as u32).collect();
    let flows: Vec<String> = cases.iter().map(|case| case.flow.name()).collect();
    let versions: Vec<&str> = cases.iter().map(|case| case.tensorflow.as_str()).collect();
    let processors: Vec<&str> = cases.iter().map(|case| case.processor.as_str()).collect();
    let table = df!(
        "case" => &names,
        "flow" => flows,
        "tensorflow" => versions,
        "processor" => processors,
        "runs" => &runs,
        "exact_runs_equal_in_every_bit" => &equal,
        "exact_largest_distance" => largest(0),
        "libtorch_largest_distance_to_epoch_1" => after(1, 1),
        "libtorch_largest_distance_to_epoch_10" => after(1, 10),
        "libtorch_largest_distance" => largest(1),
    )?;
    notebook.table("cases", table)?;

    // %% [markdown]
    // ## Distance by epoch
    //
    // The median and the largest over the configurations.

    // %%
    // No further than any recorded run goes.
    let longest = cases.iter().map(|case| case.epochs).max().context("recorded: no file holds a case")?;
    let epochs = manifest.epochs.min(longest);
    let epoch: Vec<u32> = (1..=epochs).collect();
    let spread: Vec<[Vec<f64>; 2]> = compared.iter().map(|cases| by_epoch(cases, epochs as usize)).collect();
    let table = df!(
        "epoch" => &epoch,
        "exact_median" => &spread[0][0],
        "exact_largest" => &spread[0][1],
        "libtorch_median" => &spread[1][0],
        "libtorch_largest" => &spread[1][1],
    )?;
    notebook.table("distance_by_epoch", table)?;
    let engines: Vec<(&str, &[Vec<f64>; 2])> = ENGINES.iter().zip(&spread).map(|((name, _), of)| (*name, of)).collect();
    let caption = "Distance of the losses to real Keras by epoch, over all recorded configurations";
    let label = "distance to real Keras (units in the last place)";
    let figure = charts::by_epoch(caption, &notebook.name(), label, &engines);
    notebook.figure("distance_by_epoch", caption, figure)?;

    // %% [markdown]
    // ## Case by epoch
    //
    // A row of a map is a configuration; those with the largest distances are on top. Where rows are thin, some of their names
    // are written; table `cases` has all of them.

    // %%
    for (engine, ((name, _), cases)) in ENGINES.iter().zip(&compared).enumerate() {
        let farthest = largest(engine);
        if farthest.iter().all(|distance| *distance == 0.0) {
            notebook
                .paragraph(format!("Engine `{name}`: every distance is 0 in every epoch, so there is no map of it."));
            continue;
        }
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|one, other| farthest[*other].total_cmp(&farthest[*one]));
        let rows: Vec<(&str, Vec<f64>)> =
            order.into_iter().map(|case| (names[case], padded(&cases[case].largest, epochs as usize))).collect();
        let caption = format!("Engine {name}: distance to real Keras by configuration and epoch");
        let figure = charts::map(&caption, &notebook.name(), &rows, epochs as usize);
        notebook.figure(&format!("distance_of_{name}"), &caption, figure)?;
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    let (runs, equal): (u32, u32) = (runs.iter().sum(), equal.iter().sum());
    let configurations = counted(cases.len() as u64, "configuration");
    notebook.value("cases", cases.len());
    notebook.value("runs", runs);
    notebook.value("exact_runs_equal_in_every_bit", equal);
    notebook.value("exact_largest_distance", largest(0).into_iter().fold(0.0, f64::max));
    notebook.value("libtorch_largest_distance_to_epoch_10", after(1, 10).into_iter().fold(0.0, f64::max));
    let repeated = match equal {
        0 => "none is",
        1 => "1 is",
        _ => &format!("{equal} are"),
    };
    let most = |epoch: usize| after(1, epoch).into_iter().fold(0.0, f64::max);
    notebook.paragraph(format!(
        "Of {} of real Keras, in {configurations}, {repeated} repeated by engine `exact` in every bit of every loss, of the final \
         weights and of the predictions. The largest distance of a loss of engine `libtorch`, in units in the last place, is {} in the \
         first epoch{}.",
        counted(runs.into(), "recorded run"),
        most(1),
        if longest > 1 { format!(" and {} in the first {}", most(10), longest.min(10)) } else { String::new() },
    ));
    Ok(format!("{equal} of {runs} runs equal real Keras in every bit\n"))
}

// %%
fn compare(device: Device, engine: Engine, case: &Case) -> anyhow::Result<Compared> {
    let data = case.data().with_context(|| format!("case {}", case.name))?;
    let mut compared = Compared { largest: vec![0.0; case.epochs as usize], equal_runs: 0 };
    for run in &case.runs {
        let Run { seed, losses, val_losses, weights, predictions, .. } = run;
        let training = case.training(engine, *seed);
        let device = if engine == Engine::Libtorch { device } else { training.device };
        let training = Training { device, ..training };
        let model = Model { layers: case.layers.clone() };
        let mut model = Sequential::from(&model).compile(&training, case.features)?;
        // Keras goes on after a loss that is not finite, and so does this loop.
        let validation = data.validation.as_ref().map(|(x, y)| (x.as_slice(), y.as_slice()));
        let mut fit = Fit::validated(&mut model, (&data.x_train, &data.y_train), validation)?;
        let (ours, validated): (Vec<f32>, Vec<_>) = (0..case.epochs).map(|_| (fit.epoch(), fit.validate())).unzip();
        drop(fit);
        let validated: Vec<f32> = validated.into_iter().flatten().collect();
        for (largest, (ours, keras)) in compared.largest.iter_mut().zip(ours.iter().zip(losses)) {
            *largest = largest.max(f64::from(distance(*ours, *keras)));
        }
        let equal = same_bits(&ours, losses)
            && same_bits(&validated, val_losses)
            && same_bits(&model.weights(), weights)
            && same_bits(&model.predict(&data.x_test)?, predictions);
        compared.equal_runs += usize::from(equal);
    }
    Ok(compared)
}

/// How many float32 values lie between two losses, which are not negative; none between two that are not numbers.
fn distance(left: f32, right: f32) -> u32 {
    if left.is_nan() && right.is_nan() { 0 } else { left.to_bits().abs_diff(right.to_bits()) }
}

/// For every epoch the median and the largest distance over the configurations.
fn by_epoch(cases: &[Compared], epochs: usize) -> [Vec<f64>; 2] {
    let at = |epoch: usize| {
        let mut values: Vec<f64> = cases.iter().filter_map(|case| case.largest.get(epoch).copied()).collect();
        values.sort_by(f64::total_cmp);
        (values[values.len() / 2], values[values.len() - 1])
    };
    let (median, largest) = (0..epochs).map(at).unzip();
    [median, largest]
}

fn padded(values: &[f64], length: usize) -> Vec<f64> {
    values.iter().copied().chain(std::iter::repeat(f64::NAN)).take(length).collect()
}

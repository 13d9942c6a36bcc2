//! How fast is the post's training here, beside what users of other frameworks run?
//!
//! Timings differ from run to run, so they are taken apart from this report: `make speed` adds a dated record of all subjects, timed in
//! turns, and this program draws the last of them. Read the ratios; they say more than the seconds.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p training-speed
//! ```

// %%
mod bars;
mod words;

use std::process::ExitCode;

use anyhow::Context as _;
use figures::Line;
use manifest::Document;
use notebook::Notebook;
use polars::df;
use training_speed::record::{self, Record, Timing, key, name};
use training_speed::{Axis, Manifest, Subject};

use crate::bars::Bar;
use crate::words::is_ours;

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// What `measure` obeys and this program does not: it draws what was measured.
const MEASURED: [&str; 5] = ["data", "scaling", "model", "training", "speed"];

fn experiment(notebook: &mut Notebook, _: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The records

    // %%
    if let Some(key) = MEASURED.iter().find(|key| notebook.changes(&[key])) {
        let message = "this report draws a record; `measure` takes another manifest".to_owned();
        return Err(manifest::Error::Invalid { location: (*key).to_owned(), message }.into());
    }
    let files = notebook.records()?;
    let records: Vec<Record> = files.iter().map(|file| record::load(file)).collect::<Result<_, _>>()?;
    let last = records.last().context("there is no record of timings; `make speed` adds one")?;
    notebook.within(|notebook| history(notebook, &records))?;

    // %% [markdown]
    // ## The manifest's training
    //
    // The bars are medians on a logarithmic axis; the dashed line is what the processor's arithmetic alone would take.

    // %%
    let own: Vec<&Timing> = last.timings.iter().filter(|timing| timing.is_own()).collect();
    let fastest = own.iter().map(|timing| timing.spread()[1]).fold(f64::INFINITY, f64::min);
    let spreads: Vec<[f64; 3]> = own.iter().map(|timing| timing.spread()).collect();
    let exact = own.iter().find(|timing| timing.subject == Subject::Exact).context("the record has engine exact")?;
    let column = |of: fn(&[f64; 3]) -> f64| spreads.iter().map(of).collect::<Vec<_>>();
    let frame = df!(
        "subject" => own.iter().map(|timing| key(timing.subject)).collect::<Vec<_>>(),
        "microseconds_per_step" => column(|spread| spread[1]),
        "lower_quartile" => column(|spread| spread[0]),
        "upper_quartile" => column(|spread| spread[2]),
        "ratio_to_fastest" => column(|spread| spread[1]).iter().map(|median| median / fastest).collect::<Vec<_>>(),
        "ratio_to_exact" => column(|spread| spread[1]).iter().map(|median| median / exact.spread()[1]).collect::<Vec<_>>(),
        "rounds" => own.iter().map(|timing| timing.seconds.len() as u32).collect::<Vec<_>>(),
        "trainings_at_once" => own.iter().map(|timing| timing.trials).collect::<Vec<_>>(),
        "first_loss" => own.iter().map(|timing| timing.losses[0]).collect::<Vec<_>>(),
        "last_loss" => own.iter().map(|timing| timing.losses[1]).collect::<Vec<_>>(),
    )?;
    notebook.table("timings", frame)?;
    let limit = exact.limit(&last.machine);
    let caption = "Time of a training step, median and quartiles, one thread";
    let figure = bars::bars(caption, &subtitle(last), &bars(&own), exact.spread()[1], limit);
    notebook.figure("time_per_step", caption, figure)?;

    // %% [markdown]
    // ## Real data
    //
    // What users run: a whole `fit` of another experiment's network on its rows, with the loss on held-out rows after every epoch. The
    // time of a step has its share of that. Everyone draws initial weights and orders of its own; that all train the same problem shows
    // in their losses.

    // %%
    let experiments = words::experiments(last);
    if experiments.is_empty() {
        notebook.paragraph("The record has no such trainings.");
    } else {
        notebook.within(|notebook| real_data_table(notebook, last))?;
    }
    for (experiment, timings) in &experiments {
        let Some(exact) = timings.iter().find(|timing| timing.subject == Subject::Exact) else { continue };
        let caption = format!("Time of a training step of {experiment}, validation included, one thread");
        let limit = exact.limit(&last.machine);
        let figure = bars::bars(&caption, &subtitle(last), &bars(timings), exact.spread()[1], limit);
        notebook.figure(&format!("time_per_step_of_{}", experiment.replace('-', "_")), &caption, figure)?;
        notebook.paragraph(words::real_data(experiment, timings, exact, &last.machine));
    }

    // %% [markdown]
    // ## Other shapes
    //
    // One thing at a time differs from the training above.

    // %%
    let mut axes: Vec<Axis> = last.timings.iter().filter_map(|timing| timing.over).collect();
    axes.dedup();
    notebook.within(|notebook| series_table(notebook, last))?;
    for axis in axes {
        notebook.within(|notebook| series(notebook, last, axis))?;
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    let median = exact.spread()[1];
    notebook.value("microseconds_per_step", median);
    notebook.value("arithmetic_limit_microseconds_per_step", limit);
    notebook.value("flops_per_step", exact.shape.flops_per_step());
    notebook.value("measured_peak_flops_per_second", last.machine.flops_per_second);
    notebook.paragraph(words::measured(last, exact));
    if let Some(said) = words::peers(&own, exact) {
        notebook.paragraph(said);
    }
    for timing in own.iter().filter(|timing| !is_ours(timing.subject)) {
        let ratio = timing.spread()[1] / median;
        notebook.value(&format!("{}_over_exact", key(timing.subject).replace('-', "_")), ratio);
    }
    let libtorch = own.iter().find(|timing| timing.subject == Subject::Libtorch);
    let tch = own.iter().find(|timing| timing.subject == Subject::Tch);
    if let (Some(libtorch), Some(tch)) = (libtorch, tch) {
        notebook.value("libtorch_over_tch", libtorch.spread()[1] / tch.spread()[1]);
    }
    for missing in &last.missing {
        notebook.paragraph(format!("Not timed: {}: {}.", name(missing.subject), missing.reason));
    }
    if let Some((least, said)) = words::crossover(last) {
        notebook.value("least_libtorch_over_exact", least);
        notebook.paragraph(said);
    }
    if let Some((most, said)) = words::beside_pytorch(last) {
        notebook.value("most_libtorch_over_pytorch_eager", most);
        notebook.paragraph(said);
    }
    let versions = last.versions.iter().map(|(peer, versions)| {
        let versions: Vec<String> = versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        format!("{peer}: {}", versions.join(", "))
    });
    notebook.paragraph(format!("What the peers ran on: {}.", versions.collect::<Vec<_>>().join("; ")));
    Ok(words::result(&own, exact))
}

// %%
fn subtitle(record: &Record) -> String {
    format!("{} · {} · {}", record.machine.processor, record.machine.instructions, &record.date[..10])
}

fn bars(timings: &[&Timing]) -> Vec<Bar> {
    let bar = |timing: &&Timing| Bar {
        name: name(timing.subject),
        spread: timing.spread(),
        is_ours: is_ours(timing.subject),
    };
    timings.iter().map(bar).collect()
}

/// A row for every subject and experiment.
fn real_data_table(notebook: &mut Notebook, record: &Record) -> anyhow::Result<()> {
    let timings: Vec<&Timing> = record.timings.iter().filter(|timing| timing.experiment.is_some()).collect();
    let column = |of: &dyn Fn(&Timing) -> f64| timings.iter().map(|timing| of(timing)).collect::<Vec<f64>>();
    let size = |of: &dyn Fn(&Timing) -> u32| timings.iter().map(|timing| of(timing)).collect::<Vec<u32>>();
    let ratio = |timing: &Timing| {
        let exact = timings.iter().find(|other| other.is_beside(timing) && other.subject == Subject::Exact);
        exact.map_or(f64::NAN, |exact| timing.spread()[1] / exact.spread()[1])
    };
    let frame = df!(
        "experiment" => timings.iter().map(|timing| timing.experiment.clone()).collect::<Vec<_>>(),
        "subject" => timings.iter().map(|timing| key(timing.subject)).collect::<Vec<_>>(),
        "layers" => timings.iter().map(|timing| timing.shape.layers()).collect::<Vec<_>>(),
        "rows" => size(&|timing| timing.shape.samples),
        "validation_rows" => size(&|timing| timing.shape.validation_samples),
        "batch_size" => size(&|timing| timing.shape.batch_size),
        "epochs" => size(&|timing| timing.shape.epochs),
        "microseconds_per_step" => column(&|timing| timing.spread()[1]),
        "lower_quartile" => column(&|timing| timing.spread()[0]),
        "upper_quartile" => column(&|timing| timing.spread()[2]),
        "ratio_to_exact" => column(&ratio),
        "arithmetic_limit" => column(&|timing| timing.limit(&record.machine)),
        "first_loss" => column(&|timing| timing.losses[0]),
        "last_loss" => column(&|timing| timing.losses[1]),
        "first_val_loss" => column(&|timing| timing.val_losses.map_or(f64::NAN, |losses| losses[0])),
        "last_val_loss" => column(&|timing| timing.val_losses.map_or(f64::NAN, |losses| losses[1])),
    )?;
    notebook.table("real_data", frame)
}

/// A row for every record: how engine `exact` did, and on what.
fn history(notebook: &mut Notebook, records: &[Record]) -> anyhow::Result<()> {
    let exact = |record: &Record| {
        let mut own = record.timings.iter().filter(|timing| timing.is_own());
        own.find(|timing| timing.subject == Subject::Exact).map_or(f64::NAN, |timing| timing.spread()[1])
    };
    let frame = df!(
        "date" => records.iter().map(|record| record.date.clone()).collect::<Vec<_>>(),
        "processor" => records.iter().map(|record| record.machine.processor.clone()).collect::<Vec<_>>(),
        "instructions" => records.iter().map(|record| record.machine.instructions.clone()).collect::<Vec<_>>(),
        "gflops_per_second" => records.iter().map(|record| record.machine.flops_per_second / 1e9).collect::<Vec<_>>(),
        "load_before" => records.iter().map(|record| record.machine.load[0]).collect::<Vec<_>>(),
        "load_after" => records.iter().map(|record| record.machine.load[1]).collect::<Vec<_>>(),
        "exact_microseconds_per_step" => records.iter().map(exact).collect::<Vec<_>>(),
    )?;
    notebook.table("records", frame)
}

/// All series in one table.
fn series_table(notebook: &mut Notebook, record: &Record) -> anyhow::Result<()> {
    let timings: Vec<(&Timing, Axis)> =
        record.timings.iter().filter_map(|timing| Some((timing, timing.over?))).collect();
    let spreads: Vec<[f64; 3]> = timings.iter().map(|(timing, _)| timing.spread()).collect();
    let hidden = |timing: &Timing| timing.shape.units.len() as u32 - 1;
    let frame = df!(
        "over" => timings.iter().map(|(_, axis)| axis_name(*axis)).collect::<Vec<_>>(),
        "value" => timings.iter().map(|(timing, _)| timing.value).collect::<Vec<_>>(),
        "subject" => timings.iter().map(|(timing, _)| key(timing.subject)).collect::<Vec<_>>(),
        "hidden_layers" => timings.iter().map(|(timing, _)| hidden(timing)).collect::<Vec<_>>(),
        "units" => timings.iter().map(|(timing, _)| timing.shape.units[0]).collect::<Vec<_>>(),
        "batch_size" => timings.iter().map(|(timing, _)| timing.shape.batch_size).collect::<Vec<_>>(),
        "trainings_at_once" => timings.iter().map(|(timing, _)| timing.trials).collect::<Vec<_>>(),
        "threads" => timings.iter().map(|(timing, _)| timing.threads).collect::<Vec<_>>(),
        "microseconds_per_step" => spreads.iter().map(|spread| spread[1]).collect::<Vec<_>>(),
        "lower_quartile" => spreads.iter().map(|spread| spread[0]).collect::<Vec<_>>(),
        "upper_quartile" => spreads.iter().map(|spread| spread[2]).collect::<Vec<_>>(),
        "arithmetic_limit" => timings.iter().map(|(timing, _)| timing.limit(&record.machine)).collect::<Vec<_>>(),
    )?;
    notebook.table("series", frame)
}

/// One axis: steps a second of every subject on it.
fn series(notebook: &mut Notebook, record: &Record, axis: Axis) -> anyhow::Result<()> {
    let timings: Vec<&Timing> = record.timings.iter().filter(|timing| timing.over == Some(axis)).collect();
    let mut subjects: Vec<Subject> = timings.iter().map(|timing| timing.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let rows: Vec<(Subject, [Vec<f64>; 4])> = subjects
        .into_iter()
        .map(|subject| {
            let mut columns: [Vec<f64>; 4] = Default::default();
            for timing in timings.iter().filter(|timing| timing.subject == subject) {
                let [low, median, high] = timing.spread();
                let row = [f64::from(timing.value.unwrap_or(0)), 1e6 / median, 1e6 / high, 1e6 / low];
                columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
            }
            (subject, columns)
        })
        .collect();
    let mut limit: Vec<(f64, f64)> = timings
        .iter()
        .map(|timing| {
            (f64::from(timing.value.unwrap_or(0)), 1e6 / timing.limit(&record.machine) * f64::from(timing.threads))
        })
        .collect();
    limit.sort_by(|a, b| a.0.total_cmp(&b.0));
    limit.dedup_by_key(|point| point.0.to_bits());
    let (x, y): (Vec<f64>, Vec<f64>) = limit.into_iter().unzip();
    let lines: Vec<Line> =
        rows.iter().map(|(subject, [x, y, low, high])| Line { name: name(*subject), x, y, low, high }).collect();
    let limit = Line::new("arithmetic limit", &x, &y);
    let label = axis_label(axis);
    let caption = format!("Steps a second against {label}");
    let labels = [label, "training steps per second"];
    let drawn = figures::scaling_lines(&caption, &notebook.name(), labels, &lines, Some(limit));
    notebook.figure(&format!("steps_by_{}", axis_name(axis)), &caption, drawn)
}

fn axis_name(axis: Axis) -> &'static str {
    match axis {
        Axis::BatchSize => "batch_size",
        Axis::Units => "units",
        Axis::HiddenLayers => "hidden_layers",
        Axis::Threads => "threads",
        Axis::Trials => "trials",
    }
}

fn axis_label(axis: Axis) -> &'static str {
    match axis {
        Axis::BatchSize => "rows of a batch",
        Axis::Units => "units of the hidden layer",
        Axis::HiddenLayers => "hidden layers",
        Axis::Threads => "threads",
        Axis::Trials => "trainings at once",
    }
}

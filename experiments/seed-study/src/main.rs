//! How common is what the post prints, among all seeds?
//!
//! The post's run set no seed for TensorFlow, so its printed numbers are one draw from a distribution. Here the distribution is drawn:
//! engine `exact` trains a program from every seed of a range, computing what real Keras computes after `tf.random.set_seed`. Other
//! configurations, such as those that came before in the post's story, are trained from the same seeds, to see whether their accuracies
//! ever meet.
//!
//! The post is 하이퍼 파라미터 튜닝, a Korean blog post on tuning hyper-parameters.
//!
//! ```text
//! cargo run --release -p seed-study
//! cargo run --release -p seed-study -- --out /tmp/million --set seed_scan.last=999999
//! ```

// %%
mod accuracies;
mod bands;
mod charts;
mod lattice;
mod study;

use std::process::ExitCode;

use dataset::{Drawn, Restore, Scaling};
use figures::{Distribution, Point};
use keras::{Activation, Model, SeedScan, Training};
use manifest::{Broken, Document, Rules, Variant};
use notebook::{About, Notebook, counted, printed_loss};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accuracies::Accuracies;
use crate::study::{Block, Program};

fn main() -> ExitCode {
    notebook::run(notebook::source!(), experiment)
}

/// The manifest of this experiment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Manifest {
    #[serde(flatten)]
    about: About,
    /// How the training and test data are drawn.
    data: Drawn,
    /// What is done to the data before training.
    scaling: Scaling,
    /// The network.
    model: Model,
    /// How the network is trained; its seed is the first of `seed_scan`.
    training: Training,
    /// The arithmetic in which scaled predictions are turned back into the label's unit.
    #[serde(default)]
    restore: Restore,
    /// The seeds to train from.
    seed_scan: SeedScan,
    /// Recorded runs of real Keras to name seeds from, relative to the workspace. Left out: none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    recorded: Option<String>,
    /// Other configurations of the same study, by what they change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    variants: Vec<Variant>,
}

impl Rules for Manifest {
    fn rules(&self) -> Result<(), Broken> {
        self.about.rules()?;
        self.data.rules(self.scaling)?;
        self.training.rules(&self.model, 1)?;
        self.seed_scan.rules("seed_scan", &self.training)?;
        let (seed, first) = (self.training.seed, self.seed_scan.first);
        if seed != first {
            let message =
                format!("must be seed_scan.first, {first}: the study trains from all of its seeds, got {seed}");
            return Err(Broken::new("training.seed", message).with("seed_scan.first"));
        }
        Ok(())
    }
}

/// The keys that make the manifest the post's program, whatever the seeds.
const PROGRAM: [&str; 11] = [
    "data",
    "scaling",
    "model",
    "training.flow",
    "training.optimizer",
    "training.loss",
    "training.epochs",
    "training.batch_size",
    "training.shuffle",
    "training.callbacks",
    "restore",
];

#[expect(clippy::too_many_lines, reason = "the story is read from top to bottom")]
fn experiment(notebook: &mut Notebook, manifest: &Document<Manifest>) -> anyhow::Result<String> {
    // %% [markdown]
    // ## The configurations
    //
    // The manifest itself is one; its variants are the others. All train from the same seeds.

    // %%
    let epochs = manifest.training.epochs;
    let losses: Vec<(u32, f64)> =
        notebook.published().by_epoch("loss").into_iter().filter(|(epoch, _)| (1..=epochs).contains(epoch)).collect();
    let printed: Vec<u32> = losses.iter().map(|&(epoch, _)| epoch).collect();
    let is_linear = manifest.model.dense().all(|layer| layer.activation == Activation::Linear);
    let mut configurations = vec![(if is_linear { "all linear" } else { "as it stands" }.to_owned(), manifest.clone())];
    for name in manifest.variants() {
        let variant = manifest.variant(&name)?;
        configurations.push((name, variant));
    }
    check(&configurations)?;
    let published = notebook.published().printed("accuracy").unwrap_or_default().to_owned();
    let (mut programs, mut studies, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    for (name, manifest) in &configurations {
        let program = Program::new(manifest, &published, if programs.is_empty() { &printed } else { &[] })?;
        studies.push(program.study(name)?);
        tables.push(notebook.table_writer(&format!("seeds_{}", file_name(name)))?);
        programs.push(program);
    }
    let SeedScan { first, last, .. } = manifest.seed_scan;
    notebook.fold_seeds(
        first..=last,
        programs.len() as u64,
        |seeds, progress| programs.iter().map(|program| program.train(seeds.clone(), || progress.inc(1))).collect(),
        |blocks: Vec<Block>| {
            let mut studies = studies.iter_mut().zip(&mut tables).zip(&blocks);
            studies.try_for_each(|((study, table), block)| study.add(block, table))
        },
    )?;
    for table in tables {
        notebook.finish_table(table)?;
    }
    let is_post = !notebook.changes(&PROGRAM);
    let program = if is_post { "the post's program" } else { "the manifest's own program" };
    let all_of_them = match studies.len() {
        1 => "one configuration".to_owned(),
        3 => "the three configurations".to_owned(),
        count => format!("the {count} configurations"),
    };

    // %% [markdown]
    // ## The values that the post prints
    //
    // The share of seeds that lie below, for each loss and for the accuracy.

    // %%
    let post = &studies[0];
    let mut names: Vec<String> =
        losses.iter().map(|&(epoch, loss)| format!("loss of epoch {epoch}: {}", printed_loss(loss))).collect();
    let mut shares: Vec<f64> =
        losses.iter().map(|&(epoch, loss)| 100.0 * post.bands.share_below(epoch, loss)).collect();
    names.push(format!("accuracy: {published}"));
    shares.push(100.0 * post.accuracies.share_below());
    let frame = polars::df!("published" => &names, "percent_of_seeds_below" => &shares)?;
    notebook.table("published_percentiles", frame)?;
    // The figure has the accuracy as the losses are printed.
    let marked: f64 = published.parse()?;
    names.pop();
    names.push(format!("accuracy: {}", printed_loss(marked)));
    let values: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(shares).collect();
    let caption = "Where the post's printed values fall among the seeds";
    let label = "percentile of the published value in the study";
    let figure = charts::percentiles(caption, &notebook.name(), label, &values);
    notebook.figure("published_percentiles", caption, figure)?;

    // %% [markdown]
    // ## Losses by epoch
    //
    // The bands hold the middle of the seeds, from one quantile to the other; the points are what the post prints.

    // %%
    let quantiles: Vec<_> = studies.iter().map(|study| study.bands.quantiles()).collect();
    let epoch: Vec<u32> = (1..=epochs).collect();
    for (study, quantiles) in studies.iter().zip(&quantiles) {
        notebook.table(&format!("bands_{}", file_name(&study.name)), bands::frame(&epoch, quantiles)?)?;
    }
    let drawn: Vec<_> = studies.iter().map(|study| study.name.as_str()).zip(&quantiles).collect();
    let is_lost = studies.iter().any(|study| study.accuracies.not_finite > 0);
    let over = if is_lost { "the seeds that have not diverged" } else { "all seeds" };
    let points: Vec<Point> = losses.iter().map(|&(epoch, loss)| (epoch.into(), loss)).collect();
    let caption = format!("Training loss of {program}: bands over {over}");
    let figure = charts::bands(&caption, &notebook.name(), &drawn[..1], &points);
    notebook.figure("loss_bands", &caption, figure)?;
    let caption = format!("Training loss of {all_of_them}: bands over {over}");
    let figure = charts::bands(&caption, &notebook.name(), &drawn, &[]);
    notebook.figure("loss_bands_of_three", &caption, figure)?;

    // %% [markdown]
    // ## Accuracies
    //
    // What the post calls accuracy is the root mean square error on the test data. Where predictions are restored in float32,
    // only some values are possible; they are numbered.

    // %%
    let groups: Vec<Distribution> =
        studies.iter().map(|study| Distribution { name: &study.name, values: &study.drawn }).collect();
    let label = "root mean square error on the test data";
    // From the rows of the first hundred thousand seeds where there are more: a figure has no room for others.
    let drawn = post.drawn.len() as u64;
    let which = if drawn == post.accuracies.seeds { "the seeds" } else { &format!("the first {drawn} seeds") };
    let caption = format!("Accuracy of {all_of_them} over {which}");
    let figure = figures::distributions(&caption, &notebook.name(), &groups, Some(("published", marked)), label);
    notebook.figure("accuracy_of_three", &caption, figure)?;
    let finite = post.drawn.iter().copied().filter(|accuracy| accuracy.is_finite());
    let numbers: Option<Vec<u64>> = finite.map(lattice::number).collect();
    if let Some(numbers) = numbers.filter(|numbers| lattice::is_possible(manifest) && !numbers.is_empty()) {
        let caption = format!("Accuracy of {program} on its lattice, 2⁻¹⁷·√(N/20)");
        let labels = ["lattice number N = 20 · (accuracy · 2¹⁷)²", "seeds"];
        let name = if numbers.len() == 1 { "1 seed" } else { &format!("{} seeds", numbers.len()) };
        let name = format!("{name} by lattice number");
        let numbers: Vec<f64> = numbers.into_iter().map(|number| number as f64).collect();
        let marked = lattice::number(marked).map(|number| ("published", number as f64));
        let figure = figures::counts(&caption, &notebook.name(), labels, &name, "N", &numbers, marked);
        notebook.figure("accuracy_lattice", &caption, figure)?;
    }

    // %% [markdown]
    // ## Conclusion

    // %%
    let Accuracies { seeds, hits, first_hits, .. } = &post.accuracies;
    let percent = 100.0 * *hits as f64 / *seeds as f64;
    let named: Vec<String> = first_hits.iter().map(i64::to_string).collect();
    notebook.value("seeds", *seeds);
    notebook.value("seeds_with_published_accuracy", *hits);
    notebook.value("percent_with_published_accuracy", percent);
    let ended = match &named[..] {
        [] => format!("None of {} ends on `{published}`, the post's accuracy.", counted(*seeds, "seed")),
        [seed] => format!(
            "1 of {} ends on `{published}`, the post's accuracy, digit for digit: {seed}.",
            counted(*seeds, "seed")
        ),
        _ => format!(
            "{hits} of {seeds} seeds ({percent:.2} %) end on `{published}`, the post's accuracy, digit for digit; the \
             first of them are {}.",
            named.join(", "),
        ),
    };
    let recorded =
        notebook.within(|notebook| accuracies::recorded_seed(notebook, manifest.recorded.as_deref(), &published))?;
    notebook.paragraph(format!("{ended}{recorded}"));
    let ranges: Vec<(f64, f64)> = studies.iter().map(|study| study.accuracies.middle_98_percent()).collect();
    for (study, (low, high)) in studies.iter().zip(&ranges) {
        let name = file_name(&study.name);
        notebook.value(&format!("accuracy_1_percent_{name}"), *low);
        notebook.value(&format!("accuracy_99_percent_{name}"), *high);
        let Accuracies { seeds, not_finite, .. } = study.accuracies;
        let range = format!("the accuracy lies from {low:.2e} to {high:.2e}.");
        let said = match not_finite {
            0 => format!("from 1 to 99 % of the seeds, {range}"),
            _ if not_finite == seeds => "no seed ends with a finite accuracy.".to_owned(),
            _ => format!(
                "{not_finite} of {seeds} seeds end without a finite accuracy; from 1 to 99 % of the others, {range}"
            ),
        };
        notebook.paragraph(format!("{}: {said}", study.name));
    }
    if let [(_, high), others @ ..] = &ranges[..]
        && !others.is_empty()
        && studies.iter().all(|study| study.accuracies.not_finite == 0)
    {
        let apart = others.iter().all(|(low, _)| high < low);
        let over = counted(*seeds, "seed");
        if is_post && !notebook.changes(&["variants"]) {
            notebook.value("all_linear_overlaps_with_relu", !apart);
            notebook.paragraph(match (apart, *seeds) {
                (true, 1) => "From this one seed the all-linear program has the smallest accuracy.".to_owned(),
                (true, _) => format!(
                    "The range of the all-linear program does not touch the others: what the post says of one run, that the \
                     activation alone makes the difference, holds over {over}."
                ),
                (false, _) => "The range of the all-linear program does not lie below both others.".to_owned(),
            });
        } else {
            let lies = if apart { "lies" } else { "does not lie" };
            notebook.paragraph(format!("Over {over} the range of {program} {lies} below all others."));
        }
    }
    Ok(format!("{hits} of {seeds} seeds print the post's accuracy\n"))
}

// %%
/// Checks that the configurations can stand beside each other: as many epochs each, and a file each.
fn check(configurations: &[(String, Document<Manifest>)]) -> Result<(), manifest::Error> {
    let (_, first) = &configurations[0];
    for (number, (name, manifest)) in configurations.iter().enumerate().skip(1) {
        let invalid = |field: &str, message| {
            Err(manifest::Error::Invalid { location: format!("variants.{}.{field}", number - 1), message })
        };
        let (epochs, expected) = (manifest.training.epochs, first.training.epochs);
        if epochs != expected {
            let message =
                format!("must have the manifest's {expected} epochs, for their losses to be compared, got {epochs}");
            return invalid("set", message);
        }
        let earlier = &configurations[..number];
        if let Some((other, _)) = earlier.iter().find(|(other, _)| file_name(other) == file_name(name)) {
            let file = file_name(name);
            let message = format!("the tables of {name} and of {other} would have the same name, seeds_{file}.csv");
            return invalid("name", message);
        }
    }
    Ok(())
}

fn file_name(name: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(word).collect::<String>().replace("__", "_")
}

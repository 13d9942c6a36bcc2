//! Quantiles of losses over any number of seeds in constant memory, and the rows of a study's tables.

use std::path::Path;

use anyhow::Context as _;
use keras::Trained;
use notebook::{Notebook, TableWriter, python_repr};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

use crate::lattice;

/// The quantiles of a band.
pub const QUANTILES: [f64; 5] = [0.01, 0.25, 0.5, 0.75, 0.99];

/// Bins an octave: 64, so a quantile is known to 1.6 %.
const FRACTION_BITS: u32 = 6;
const SHIFT: u32 = 23 - FRACTION_BITS;
const BINS: usize = 1 << (8 + FRACTION_BITS);

/// A histogram of the losses of every epoch, over bins of a 64th of an octave.
#[derive(Debug)]
pub struct Bands {
    counts: Vec<Vec<u32>>,
}

impl Bands {
    /// Before the first seed.
    pub fn new(epochs: u32) -> Self {
        Self { counts: vec![vec![0; BINS]; epochs as usize] }
    }

    /// Counts one seed's losses, which are not negative.
    pub fn add(&mut self, losses: &[f32]) {
        for (counts, loss) in self.counts.iter_mut().zip(losses) {
            counts[(loss.abs().to_bits() >> SHIFT) as usize] += 1;
        }
    }

    /// The share of seeds whose loss at `epoch` lies in a bin below that of `loss`, and half of those in its bin.
    pub fn share_below(&self, epoch: u32, loss: f64) -> f64 {
        let counts = &self.counts[epoch as usize - 1];
        let bin = ((loss as f32).to_bits() >> SHIFT) as usize;
        let below: u32 = counts[..bin].iter().sum();
        let all: u32 = counts.iter().sum();
        (f64::from(below) + 0.5 * f64::from(counts[bin])) / f64::from(all)
    }

    /// For every quantile its value at every epoch: the middle of the bin that it falls into.
    pub fn quantiles(&self) -> [Vec<f64>; 5] {
        QUANTILES.map(|quantile| self.counts.iter().map(|counts| value(counts, quantile)).collect())
    }
}

fn value(counts: &[u32], quantile: f64) -> f64 {
    let all: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let rank = (quantile * all as f64).ceil().max(1.0) as u64;
    let mut seen = 0;
    for (bin, &count) in counts.iter().enumerate() {
        seen += u64::from(count);
        if seen >= rank {
            return f64::from(f32::from_bits(((bin as u32) << SHIFT) | (1 << (SHIFT - 1))));
        }
    }
    f64::NAN
}

/// The table of a band: a row an epoch, a column a quantile.
pub fn frame(epoch: &[u32], quantiles: &[Vec<f64>; 5]) -> anyhow::Result<DataFrame> {
    let mut columns = vec![Column::from(Series::new("epoch".into(), epoch))];
    for (quantile, values) in QUANTILES.iter().zip(quantiles) {
        columns.push(Series::new(format!("loss_{}_percent", quantile * 100.0).into(), values).into());
    }
    Ok(DataFrame::new(epoch.len(), columns)?)
}

/// The accuracies of any number of seeds, in constant memory.
#[derive(Debug)]
pub struct Accuracies {
    published: String,
    marked: f64,
    /// How many seeds were counted.
    pub seeds: u64,
    /// How many of them print the published accuracy.
    pub hits: u64,
    /// The first seeds that do.
    pub first_hits: Vec<i64>,
    /// How many of them end without a finite accuracy.
    pub not_finite: u64,
    /// The accuracies of the first seeds, of which figures are drawn.
    pub drawn: Vec<f64>,
    below: u64,
    histogram: Bands,
}

/// Accuracies that are kept for drawing.
const DRAWN: usize = 100_000;

/// Seeds that are named.
const NAMED: usize = 20;

impl Accuracies {
    /// Before the first seed; `published` is the post's accuracy as it prints it.
    pub fn new(published: &str) -> anyhow::Result<Self> {
        let marked =
            published.parse().with_context(|| format!("the published accuracy {published} is not a number"))?;
        let (drawn, first_hits) = (Vec::new(), Vec::new());
        let histogram = Bands::new(1);
        let (seeds, hits, not_finite, below) = (0, 0, 0, 0);
        let published = published.to_owned();
        Ok(Self { published, marked, seeds, hits, first_hits, not_finite, drawn, below, histogram })
    }

    /// Counts one seed.
    pub fn add(&mut self, seed: i64, accuracy: f64) {
        self.seeds += 1;
        self.below += u64::from(accuracy < self.marked);
        if accuracy.is_finite() {
            self.histogram.add(&[accuracy as f32]);
        } else {
            self.not_finite += 1;
        }
        if python_repr(accuracy) == self.published {
            self.hits += 1;
            if self.first_hits.len() < NAMED {
                self.first_hits.push(seed);
            }
        }
        if self.drawn.len() < DRAWN {
            self.drawn.push(accuracy);
        }
    }

    /// The share of seeds with a finite accuracy that are below the published one, and half of those on it; not a number if
    /// there is none.
    pub fn share_below(&self) -> f64 {
        (self.below as f64 + 0.5 * self.hits as f64) / (self.seeds - self.not_finite) as f64
    }

    /// The 1 and 99 % quantiles of the finite ones, to 1.6 %; not numbers if there is none.
    pub fn middle_98_percent(&self) -> (f64, f64) {
        let [low, .., high] = self.histogram.quantiles();
        (low[0], high[0])
    }
}

/// What the recorded runs of real Keras say about the accuracy: the seeds that print it there.
pub fn recorded_seed(notebook: &mut Notebook, recorded: Option<&str>, published: &str) -> anyhow::Result<String> {
    let Some(path) = recorded else { return Ok(String::new()) };
    let path = notebook.root().join(Path::new(path));
    let cases = keras::recorded::load(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let base = cases.iter().find(|case| case.name == "base").context("no recorded runs of the post's program")?;
    let hits = base.runs.iter().filter(|run| python_repr(run.accuracy_float32) == published);
    let seeds: Vec<String> = hits.map(|run| run.seed.to_string()).collect();
    notebook.value("recorded_seeds_with_published_accuracy", seeds.len());
    if seeds.is_empty() {
        return Ok(" None of the recorded runs of real Keras with the post's own settings prints it.".to_owned());
    }
    let (those, print) = if seeds.len() == 1 { ("the one", "prints") } else { ("those", "print") };
    let seeds = seeds.join(" and ");
    Ok(format!(
        " Of the recorded runs of real Keras with the post's own settings, {those} with seed {seeds} {print} it."
    ))
}

/// Rows of a table with a row a seed, written as they come.
#[derive(Debug)]
pub struct Rows {
    writer: TableWriter,
    epochs: Vec<u32>,
    lattice: bool,
    seed: Vec<i64>,
    losses: Vec<Vec<f32>>,
    final_loss: Vec<f32>,
    accuracy: Vec<f64>,
}

/// Rows that are kept before they are written.
const KEPT: usize = 1000;

impl Rows {
    /// A table with the losses of these epochs and, if there are some, the lattice number of every accuracy that has one.
    pub fn new(writer: TableWriter, epochs: &[u32], lattice: bool) -> Self {
        Self {
            writer,
            epochs: epochs.to_vec(),
            lattice,
            seed: Vec::new(),
            losses: vec![Vec::new(); epochs.len()],
            final_loss: Vec::new(),
            accuracy: Vec::new(),
        }
    }

    /// Adds one seed.
    pub fn add(&mut self, trained: &Trained, accuracy: f64) -> anyhow::Result<()> {
        let loss = |epoch: u32| trained.losses.get(epoch as usize - 1).copied().unwrap_or(f32::NAN);
        self.seed.push(trained.seed);
        for (losses, &epoch) in self.losses.iter_mut().zip(&self.epochs) {
            losses.push(loss(epoch));
        }
        self.final_loss.push(trained.losses.last().copied().unwrap_or(f32::NAN));
        self.accuracy.push(accuracy);
        if self.seed.len() == KEPT { self.write() } else { Ok(()) }
    }

    /// Writes what is left.
    pub fn finish(mut self) -> anyhow::Result<TableWriter> {
        self.write()?;
        Ok(self.writer)
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let mut columns: Vec<Column> = vec![Series::new("seed".into(), &self.seed).into()];
        for (epoch, losses) in self.epochs.iter().zip(&self.losses) {
            columns.push(Series::new(format!("loss_{epoch}").into(), losses).into());
        }
        columns.push(Series::new("final_loss".into(), &self.final_loss).into());
        columns.push(Series::new("accuracy".into(), &self.accuracy).into());
        if self.lattice && !self.epochs.is_empty() {
            let numbers: Vec<Option<u64>> = self.accuracy.iter().map(|&accuracy| lattice::number(accuracy)).collect();
            columns.push(Series::new("lattice_number".into(), numbers).into());
        }
        self.writer.append(DataFrame::new(self.seed.len(), columns)?)?;
        self.seed.clear();
        self.losses.iter_mut().for_each(Vec::clear);
        self.final_loss.clear();
        self.accuracy.clear();
        Ok(())
    }
}

//! The accuracies of any number of seeds, and what recorded runs say of them.

use std::path::Path;

use anyhow::Context as _;
use notebook::{Notebook, python_repr};
use serde::{Deserialize, Serialize};

use crate::bands::Bands;

/// The accuracies of any number of seeds, in constant memory.
#[derive(Debug, Serialize, Deserialize)]
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
    below: u64,
    histogram: Bands,
}

/// Seeds that are named.
const NAMED: usize = 20;

impl Accuracies {
    /// Before the first seed; `published` is the post's accuracy as it prints it.
    pub fn new(published: &str) -> anyhow::Result<Self> {
        let marked =
            published.parse().with_context(|| format!("the published accuracy {published} is not a number"))?;
        let (seeds, hits, not_finite, below) = (0, 0, 0, 0);
        let (published, first_hits, histogram) = (published.to_owned(), Vec::new(), Bands::new(1));
        Ok(Self { published, marked, seeds, hits, first_hits, not_finite, below, histogram })
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
    }

    /// Counts the seeds of others, which come after these.
    pub fn add_all(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.hits += other.hits;
        self.not_finite += other.not_finite;
        self.below += other.below;
        let missing = NAMED - self.first_hits.len();
        self.first_hits.extend(other.first_hits.iter().take(missing));
        self.histogram.add_all(&other.histogram);
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

//! One configuration of the study: what a block of its seeds leaves, and what all blocks do.

use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

use dataset::Dataset;
use keras::{Configuration, Member, Samples, SeedScan, Trained, sweep};
use notebook::TableWriter;
use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use serde::{Deserialize, Serialize};

use crate::accuracies::Accuracies;
use crate::bands::Bands;
use crate::{Manifest, lattice};

/// What is trained from every seed.
pub struct Program {
    data: Dataset,
    configuration: Arc<Configuration>,
    scan: SeedScan,
    published: String,
    /// The epochs whose losses are in the rows.
    epochs: Vec<u32>,
    lattice: bool,
}

/// What a block of seeds leaves.
#[derive(Debug, Serialize, Deserialize)]
pub struct Block {
    bands: Bands,
    accuracies: Accuracies,
    rows: Rows,
}

/// Rows of a table with a row a seed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Rows {
    seed: Vec<i64>,
    /// By epoch.
    losses: Vec<Vec<f32>>,
    final_loss: Vec<f32>,
    accuracy: Vec<f64>,
}

impl Program {
    /// The program of a manifest, of whose seeds those are counted that print the published accuracy; its rows have the losses
    /// of these epochs.
    pub fn new(manifest: &Manifest, published: &str, epochs: &[u32]) -> anyhow::Result<Self> {
        let (model, training) = (manifest.model.clone(), manifest.training.clone());
        Ok(Self {
            data: manifest.data.dataset(manifest.scaling, manifest.restore)?,
            configuration: Arc::new(Configuration { model, training }),
            scan: manifest.seed_scan,
            published: published.to_owned(),
            epochs: epochs.to_vec(),
            lattice: lattice::is_possible(manifest),
        })
    }

    /// The study of that name before its first seed.
    pub fn study(&self, name: &str) -> anyhow::Result<Study> {
        let Block { bands, accuracies, .. } = self.block()?;
        let (name, epochs, lattice) = (name.to_owned(), self.epochs.clone(), self.lattice);
        Ok(Study { name, bands, accuracies, drawn: Vec::new(), epochs, lattice })
    }

    fn block(&self) -> anyhow::Result<Block> {
        let bands = Bands::new(self.configuration.training.epochs);
        let rows = Rows { losses: vec![Vec::new(); self.epochs.len()], ..Rows::default() };
        Ok(Block { bands, accuracies: Accuracies::new(&self.published)?, rows })
    }

    /// Trains from these seeds on all cores; `trained` hears of every one.
    pub fn train(&self, seeds: RangeInclusive<i64>, trained: impl Fn()) -> anyhow::Result<Block> {
        let Self { data, configuration, scan, epochs, .. } = self;
        let samples =
            Samples { features: data.features.len(), x: &data.train.x, y: &data.train.y, x_test: &data.test.x };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut block = self.block()?;
        let members = seeds.map(|seed| Member { configuration: Arc::clone(configuration), seed });
        sweep(threads, samples, members, |seed| {
            let accuracy = data.test_error(&seed.predictions);
            block.bands.add(&seed.losses);
            block.accuracies.add(seed.seed, accuracy);
            if scan.has_row(seed.seed) {
                block.rows.add(epochs, seed, accuracy);
            }
            trained();
            ControlFlow::Continue(())
        })?;
        Ok(block)
    }
}

impl Rows {
    fn add(&mut self, epochs: &[u32], trained: &Trained, accuracy: f64) {
        let loss = |epoch: u32| trained.losses.get(epoch as usize - 1).copied().unwrap_or(f32::NAN);
        self.seed.push(trained.seed);
        for (losses, &epoch) in self.losses.iter_mut().zip(epochs) {
            losses.push(loss(epoch));
        }
        self.final_loss.push(trained.losses.last().copied().unwrap_or(f32::NAN));
        self.accuracy.push(accuracy);
    }

    /// With the losses of these epochs and, if there are some, the lattice number of every accuracy that has one.
    fn frame(&self, epochs: &[u32], lattice: bool) -> anyhow::Result<DataFrame> {
        let mut columns: Vec<Column> = vec![Series::new("seed".into(), &self.seed).into()];
        for (epoch, losses) in epochs.iter().zip(&self.losses) {
            columns.push(Series::new(format!("loss_{epoch}").into(), losses).into());
        }
        columns.push(Series::new("final_loss".into(), &self.final_loss).into());
        columns.push(Series::new("accuracy".into(), &self.accuracy).into());
        if lattice && !epochs.is_empty() {
            let numbers: Vec<Option<u64>> = self.accuracy.iter().map(|&accuracy| lattice::number(accuracy)).collect();
            columns.push(Series::new("lattice_number".into(), numbers).into());
        }
        Ok(DataFrame::new(self.seed.len(), columns)?)
    }
}

/// What all seeds leave of one configuration.
pub struct Study {
    /// What tables and figures call it.
    pub name: String,
    /// The losses.
    pub bands: Bands,
    /// The accuracies.
    pub accuracies: Accuracies,
    /// The accuracies of the first rows, of which figures are drawn.
    pub drawn: Vec<f64>,
    epochs: Vec<u32>,
    lattice: bool,
}

/// Accuracies that are kept for drawing: a figure has no room for more.
const DRAWN: usize = 100_000;

impl Study {
    /// Adds the next block, its rows to the table.
    pub fn add(&mut self, block: &Block, table: &mut TableWriter) -> anyhow::Result<()> {
        self.bands.add_all(&block.bands);
        self.accuracies.add_all(&block.accuracies);
        let missing = DRAWN - self.drawn.len();
        self.drawn.extend(block.rows.accuracy.iter().take(missing));
        if block.rows.seed.is_empty() {
            return Ok(());
        }
        table.append(block.rows.frame(&self.epochs, self.lattice)?)
    }
}

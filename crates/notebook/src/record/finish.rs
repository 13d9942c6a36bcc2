//! The end of a run: what is left is written, and the folder put in place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use polars::prelude::{AnyValue, Column, DataFrame};
use serde_json::Value;

use super::keep::WEIGHTS;
use crate::contents::{CONTENTS, Cell, Contents, Output, comparison_table};
use crate::published::{Number, Reproduced};
use crate::tables::write_csv;
use crate::{Notebook, PROVENANCE, digest, ipynb, markdown, page, printed_loss, provenance, python_repr};

/// The values of a run, by name.
pub(crate) const METRICS: &str = "metrics.json";

/// A report that stands.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its folder.
    pub(crate) report: PathBuf,
    /// The values of the run.
    pub(crate) metrics: BTreeMap<String, Value>,
}

impl Notebook {
    /// Writes what is left (values, manifest, comparison, contents, pages, digests) and puts the folder in place; `result` is
    /// what the run prints.
    ///
    /// # Errors
    /// If something cannot be written, a value is given twice, or an output has no place in the story; the previous report
    /// then stays.
    pub(crate) fn finish(self, result: &str) -> anyhow::Result<Finished> {
        if self.parts.is_some() {
            bail!("the story has no fold over the seeds of its manifest, of which there could be parts");
        }
        // A table that is printed before it stands in the story already.
        let shown = result.trim_end().rsplit("\n\n").next().unwrap_or_default();
        let cells = self.outputs.story(Output::Result(shown.to_owned()))?;
        let mut contents = self.contents(cells);
        result.trim_end().lines().last().unwrap_or_default().clone_into(&mut contents.result);
        let mut metrics = BTreeMap::new();
        for (name, value) in contents.values() {
            if metrics.insert(name.to_owned(), value.clone()).is_some() {
                bail!("the value {name} is given twice");
            }
        }
        contents.published = self.published.compare(&self.about.experiment, |number| self.reproduced(number, &metrics));
        let folder = self.staging.path();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
        };
        if let Some(network) = &self.kept {
            let weights = network.weights().map_err(anyhow::Error::from_boxed)?;
            std::fs::write(folder.join(WEIGHTS), weights).with_context(|| format!("cannot write {WEIGHTS}"))?;
        }
        write(METRICS, &(serde_json::to_string_pretty(&metrics)? + "\n"))?;
        write("resolved.yaml", &self.resolved)?;
        if !contents.published.is_empty() {
            let table = comparison_table(&contents.published);
            let texts = |place: usize| table.head.iter().map(|row| row[place].as_str()).collect::<Vec<_>>();
            let columns = table.columns.iter().enumerate();
            let columns = columns.map(|(place, column)| Column::new(column.name.as_str().into(), texts(place)));
            write_csv(&folder.join("published.csv"), &mut DataFrame::new(table.rows, columns.collect())?)?;
        }
        write(CONTENTS, &(serde_json::to_string_pretty(&contents)? + "\n"))?;
        write("report.md", &markdown::report(&contents)?)?;
        write(ipynb::FILE, &ipynb::notebook(&contents, folder)?)?;
        write("index.html", &page::page(&contents)?)?;
        digest::write_sha256sums(folder)?;
        write(PROVENANCE, &provenance::provenance(&self.root, &self.about.experiment, &self.resolved)?)?;
        let unfinished = self.beside(ipynb::UNFINISHED);
        let report = self.staging.target().to_owned();
        self.staging.publish()?;
        let unfinished = unfinished.exists().then_some(unfinished);
        for file in self.recorded.into_iter().chain(unfinished) {
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(Finished { report, metrics })
    }

    /// Leaves what a story that ended early has given so far as a notebook beside the report, which stays as it is; returns
    /// where. Nothing is left where the story gave nothing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn leave_unfinished(self, error: &anyhow::Error) -> anyhow::Result<Option<PathBuf>> {
        if self.outputs.is_empty() {
            return Ok(None);
        }
        let contents = self.contents(self.outputs.unfinished(error));
        let path = self.beside(ipynb::UNFINISHED);
        std::fs::write(&path, ipynb::notebook(&contents, self.staging.path())?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Some(path))
    }

    fn contents(&self, cells: Vec<Cell>) -> Contents {
        Contents {
            experiment: self.about.experiment.clone(),
            title: self.about.title.clone(),
            changed: self.changed.clone(),
            source: self.source.file.to_owned(),
            source_sha256: digest::sha256_of(self.source.text),
            cells,
            published: Vec::new(),
            result: String::new(),
            manifest: self.resolved.clone(),
        }
    }

    /// The run's own number, as the source of a published one prints it.
    fn reproduced(&self, number: &Number, metrics: &BTreeMap<String, Value>) -> Option<Reproduced> {
        let (table, row, print): (_, _, fn(f64) -> String) = match (number.epoch, &number.table, number.row) {
            (Some(epoch), ..) => {
                let epochs = self.column("history", "epoch").ok()?;
                ("history", epochs.iter().position(|&of_row| of_row == f64::from(epoch))?, printed_loss)
            }
            (None, Some(table), Some(row)) => (table.as_str(), row as usize - 1, python_repr),
            _ => return metrics.get(&number.quantity).and_then(Reproduced::of_value),
        };
        let (_, frame) = self.tables.iter().find(|(name, _)| name == table)?;
        match frame.column(&number.quantity).ok()?.get(row).ok()? {
            AnyValue::Null => None,
            AnyValue::String(text) => Some(Reproduced { text: text.to_owned(), value: None }),
            cell @ (AnyValue::Float64(_) | AnyValue::Float32(_)) => {
                let value: f64 = cell.try_extract().ok()?;
                Some(Reproduced { text: print(value), value: Some(value) })
            }
            cell => Some(Reproduced { text: cell.to_string(), value: cell.try_extract().ok() }),
        }
    }
}

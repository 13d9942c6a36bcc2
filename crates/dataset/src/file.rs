//! The columns of a file that a table names, without the rows that it leaves out.

use std::path::Path;

use manifest::quote;

use crate::column::Cells;
use crate::csv::Records;
use crate::error::{Error, did_you_mean, shown};
use crate::table::{Missing, Table};

/// The place of a column in the header of `file`.
pub(crate) fn column_of(file: &str, header: &[String], name: &str) -> Result<usize, Error> {
    let near = did_you_mean(name, header.iter().map(String::as_str));
    let hint = if header.len() == 1 && header[0].contains([';', '\t']) {
        "; expected commas between the columns".to_owned()
    } else if near.is_empty() {
        let names: Vec<String> = header.iter().take(20).map(|name| shown(name)).collect();
        format!("; there are {}", names.join(", "))
    } else {
        near
    };
    let place = header.iter().position(|known| known == name);
    place.ok_or_else(|| Error::invalid(format!("{file}:1"), format!("no column {}{hint}", quote(name))))
}

/// The columns of a file that a table names.
pub(crate) struct File {
    pub features: Vec<Cells>,
    pub label: Cells,
    pub stratify: Option<Cells>,
    pub sample_weight: Option<Cells>,
    /// The line on which each row starts.
    lines: Vec<u32>,
    pub sha256: String,
}

impl File {
    /// Reads the file at `path` and sees to its missing cells, as the table says; what is still missing are numbers of
    /// features that are to be completed.
    pub fn read(table: &Table, path: &Path) -> Result<Self, Error> {
        let (mut records, header) = Records::open(path, &table.file)?;
        let names: Vec<&String> = table
            .features
            .iter()
            .chain([&table.label])
            .chain(&table.test.stratify)
            .chain(&table.sample_weight)
            .collect();
        // The column that parts rows into equal shares is one of values, whatever they are.
        let stratify = table.test.stratify.as_ref().map(|_| table.features.len() + 1);
        let places = names.iter().map(|name| column_of(&table.file, &header, name)).collect::<Result<Vec<_>, _>>()?;
        let number = |name: &String| {
            let class = table.classes && *name == table.label;
            !class && !table.categorical.contains_key(name)
        };
        let empty = |(index, name): (usize, &&String)| {
            if Some(index) != stratify && number(name) { Cells::numbers() } else { Cells::texts() }
        };
        let mut columns: Vec<Cells> = names.iter().enumerate().map(empty).collect();
        let mut lines = Vec::new();
        while records.next(header.len())? {
            lines.push(records.line() as u32);
            for ((cells, place), name) in columns.iter_mut().zip(&places).zip(&names) {
                let cell = records.cell(*place);
                if let Err(expected) = cells.push(cell) {
                    let place = format!("{}:{}:{}", table.file, records.line(), shown(name));
                    return Err(Error::invalid(place, format!("expected {expected}, got {}", quote(cell))));
                }
            }
        }
        let sha256 = records.sha256();
        if let Some(pinned) = table.sha256.as_ref().filter(|pinned| **pinned != sha256) {
            return Err(Error::invalid(&table.file, format!("has the SHA-256 {sha256}, but {pinned} is pinned")));
        }
        if lines.is_empty() {
            return Err(Error::invalid(&table.file, "has a header and no rows"));
        }
        let mut columns = columns.into_iter().map(Cells::settle);
        let features = columns.by_ref().take(table.features.len()).collect();
        let label = columns.next().expect("the label is read after the features");
        let stratify = table.test.stratify.as_ref().and_then(|_| columns.next());
        let file = Self { features, label, stratify, sample_weight: columns.next(), lines, sha256 };
        if table.missing == Missing::Drop { file.without_missing(table) } else { file.refuse_missing(table) }
    }

    /// `file:line:column`, the column being called `name`.
    pub fn place(&self, table: &Table, row: usize, name: &str) -> String {
        format!("{}:{}:{}", table.file, self.lines[row], shown(name))
    }

    fn without_missing(mut self, table: &Table) -> Result<Self, Error> {
        let mut keep = vec![true; self.lines.len()];
        let columns = self.features.iter().chain([&self.label]).chain(&self.stratify).chain(&self.sample_weight);
        for row in columns.flat_map(|cells| &cells.missing) {
            keep[*row] = false;
        }
        if !keep.contains(&true) {
            return Err(Error::invalid(&table.file, "no row is left: each misses a cell"));
        }
        let Self { features, label, stratify, sample_weight, .. } = &mut self;
        for cells in features.iter_mut().chain([label]).chain(stratify).chain(sample_weight) {
            cells.retain(&keep);
        }
        let mut kept = keep.into_iter();
        self.lines.retain(|_| kept.next() == Some(true));
        Ok(self)
    }

    fn refuse_missing(self, table: &Table) -> Result<Self, Error> {
        let completed = |name: &String| table.missing != Missing::Refuse && !table.categorical.contains_key(name);
        let features = table.features.iter().zip(&self.features).filter(|(name, _)| !completed(name));
        let others = [(&table.label, &self.label)]
            .into_iter()
            .chain(table.test.stratify.iter().zip(&self.stratify))
            .chain(table.sample_weight.iter().zip(&self.sample_weight));
        let first = features.chain(others).filter_map(|(name, cells)| Some((*cells.missing.first()?, name, cells)));
        let Some((row, name, cells)) = first.min_by_key(|(row, ..)| *row) else { return Ok(self) };
        let number = table.features.contains(name) && !table.categorical.contains_key(name);
        let or = if number { ", mean or median" } else { "" };
        let count = cells.missing.len();
        let message = format!("the cell is missing ({count} of this column are); allow that with missing: drop{or}");
        Err(Error::invalid(self.place(table, row, name), message))
    }
}

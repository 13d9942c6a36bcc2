//! Tables as CSV files.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use polars::prelude::{CsvReadOptions, CsvWriter, DataFrame, DataType, SerReader, SerWriter};

use crate::contents::{SHOWN, Table};

/// A table on its way into a file.
#[derive(Debug)]
pub struct TableWriter {
    pub(crate) name: String,
    file: BufWriter<File>,
    /// The first and the last rows.
    ends: [DataFrame; 2],
    rows: usize,
}

impl TableWriter {
    pub(crate) fn begin(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let path = folder.join(format!("{name}.csv"));
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            name: name.to_owned(),
            file: BufWriter::new(file),
            ends: [DataFrame::empty(), DataFrame::empty()],
            rows: 0,
        })
    }

    /// Appends rows; all frames have the same columns.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(&mut self, mut rows: DataFrame) -> anyhow::Result<()> {
        let first = self.rows == 0;
        let [head, tail] = &mut self.ends;
        if first {
            (*head, *tail) = (rows.clear(), rows.clear());
        }
        let missing = SHOWN - head.height();
        head.vstack_mut(&rows.head(Some(missing)))?;
        let rest = rows.height().saturating_sub(missing);
        *tail = tail.vstack(&rows.tail(Some(rest.min(SHOWN))))?.tail(Some(SHOWN));
        self.rows += rows.height();
        CsvWriter::new(&mut self.file)
            .include_header(first)
            .finish(&mut rows)
            .with_context(|| format!("cannot write {}.csv", self.name))
    }

    /// Writes what is left; returns what pages show.
    pub(crate) fn finish(mut self) -> anyhow::Result<Table> {
        self.file.flush().with_context(|| format!("cannot write {}.csv", self.name))?;
        Ok(Table::of_ends(&self.name, self.ends.each_ref(), self.rows))
    }
}

/// A numeric column as float64.
///
/// # Errors
/// If there is no such column, or it is not of numbers.
pub fn column(frame: &DataFrame, name: &str) -> anyhow::Result<Vec<f64>> {
    let column = frame.column(name)?.cast(&DataType::Float64)?;
    let values: Vec<f64> = column.f64()?.iter().flatten().collect();
    if values.len() != frame.height() {
        bail!("column {name} has missing values");
    }
    Ok(values)
}

/// Writes a table as CSV with a header line.
///
/// # Errors
/// If the file cannot be written.
pub fn write_csv(path: &Path, frame: &mut DataFrame) -> anyhow::Result<()> {
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    CsvWriter::new(&mut file).finish(frame).with_context(|| format!("cannot write {}", path.display()))
}

/// A table as CSV text with a header line.
///
/// # Errors
/// If the table cannot be written as CSV.
pub fn csv(frame: &mut DataFrame) -> anyhow::Result<String> {
    let mut text = Vec::new();
    CsvWriter::new(&mut text).finish(frame)?;
    Ok(String::from_utf8(text)?)
}

/// Reads a CSV that [`write_csv`] wrote, types inferred from all rows.
///
/// # Errors
/// If the file cannot be read or is not such a table.
pub fn read_csv(path: &Path) -> anyhow::Result<DataFrame> {
    read(path, None)
}

/// Reads a CSV whose cells are all texts: digits stay as they are written.
///
/// # Errors
/// As [`read_csv`].
pub fn read_csv_texts(path: &Path) -> anyhow::Result<DataFrame> {
    read(path, Some(0))
}

fn read(path: &Path, rows_to_infer_types_from: Option<usize>) -> anyhow::Result<DataFrame> {
    CsvReadOptions::default()
        .with_infer_schema_length(rows_to_infer_types_from)
        .try_into_reader_with_file_path(Some(PathBuf::from(path)))
        .and_then(SerReader::finish)
        .with_context(|| format!("cannot read {}", path.display()))
}

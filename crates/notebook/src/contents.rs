//! What a report contains, in a form that programs read: `notebook.json`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use polars::prelude::{AnyValue, DataFrame};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::published::Comparison;
use crate::python_repr;

/// The file in a report folder that lists what the report contains. Pages are made from it.
pub const CONTENTS: &str = "notebook.json";

/// What one report contains.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contents {
    /// The experiment's name.
    pub experiment: String,
    /// The manifest's title.
    pub title: String,
    /// What to look at, in Markdown.
    pub analysis: String,
    /// The dotted paths of the keys in which the run's manifest differs from the one in the experiment's folder.
    pub changed: Vec<String>,
    /// The last line of what the run printed.
    pub result: String,
    /// Published numbers beside the run's own.
    pub published: Vec<Comparison>,
    /// Sentences computed from the run, in Markdown.
    pub paragraphs: Vec<String>,
    /// The values of `metrics.json`.
    pub values: BTreeMap<String, Value>,
    /// The figures, in the order in which they were drawn.
    pub figures: Vec<Figure>,
    /// Figures of what differs from run to run; no digest covers them.
    pub recorded_figures: Vec<Figure>,
    /// The tables, in the order in which they were written.
    pub tables: Vec<Table>,
}

/// A figure that was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// The file, relative to the report folder.
    pub file: String,
    /// What it shows.
    pub caption: String,
}

/// A table that was written to `<name>.csv`, with the rows that pages show.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Table {
    /// The file's stem.
    pub name: String,
    /// The columns, in the file's order.
    pub columns: Vec<Column>,
    /// Rows in the file.
    pub rows: usize,
    /// The first rows, cell by cell as pages print them; all rows of a short table.
    pub head: Vec<Vec<String>>,
    /// The last rows of a longer table.
    pub tail: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Column {
    /// The name in the header line.
    pub name: String,
    /// Whether its cells are numbers.
    pub numeric: bool,
}

/// How many rows of a table a page shows at either end.
const SHOWN: usize = 6;

impl Contents {
    /// Reads the list of the report in `folder`.
    ///
    /// # Errors
    /// If there is none, or it is not of this form.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(CONTENTS);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{}: not the contents of a report", path.display()))
    }

    /// The list as the text of its file.
    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Table {
    /// The table of this name that was written from `frame`.
    pub fn of(name: &str, frame: &DataFrame) -> Self {
        let rows = frame.height();
        let head = if rows > 2 * SHOWN + 1 { SHOWN } else { rows };
        let tail = if head < rows { SHOWN } else { 0 };
        Self {
            name: name.to_owned(),
            columns: columns(frame),
            rows,
            head: (0..head).map(|row| cells(frame, row)).collect(),
            tail: (rows - tail..rows).map(|row| cells(frame, row)).collect(),
        }
    }

    /// A longer table whose first rows alone are at hand.
    pub(crate) fn of_head(name: &str, head: &DataFrame, rows: usize) -> Self {
        let shown = head.height().min(SHOWN);
        Self { rows, head: (0..shown).map(|row| cells(head, row)).collect(), ..Self::of(name, &head.clear()) }
    }

    /// The rows that are shown, in Markdown; a row of dots stands for those that are left out.
    pub fn markdown(&self) -> String {
        let line = |cells: &mut dyn Iterator<Item = &str>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        let mut table = line(&mut self.columns.iter().map(|column| column.name.as_str()));
        table += &line(&mut self.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }));
        let rows = |rows: &[Vec<String>]| -> String {
            rows.iter().map(|row| line(&mut row.iter().map(String::as_str))).collect()
        };
        table += &rows(&self.head);
        if self.head.len() < self.rows {
            table += &line(&mut self.columns.iter().map(|_| "…"));
        }
        table + &rows(&self.tail)
    }
}

/// All rows of a table in Markdown.
pub fn markdown_table(frame: &DataFrame) -> String {
    let head = (0..frame.height()).map(|row| cells(frame, row)).collect();
    Table { rows: frame.height(), columns: columns(frame), head, ..Table::default() }.markdown()
}

fn columns(frame: &DataFrame) -> Vec<Column> {
    let columns = frame.columns().iter();
    columns.map(|column| Column { name: column.name().to_string(), numeric: column.dtype().is_numeric() }).collect()
}

fn cells(frame: &DataFrame, row: usize) -> Vec<String> {
    let cell = |value: AnyValue| match value {
        AnyValue::Float64(value) => python_repr(value),
        AnyValue::String(text) => text.to_owned(),
        value => value.to_string(),
    };
    frame.columns().iter().map(|column| cell(column.get(row).unwrap_or(AnyValue::Null))).collect()
}

//! What a report contains, in a form that programs read: `notebook.json`.

use std::borrow::Cow;
use std::path::Path;

use anyhow::Context as _;
use polars::prelude::{AnyValue, Column as PolarsColumn, DataFrame};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cells::{CellKind, heading};
use crate::markdown::literal;
use crate::number::{python_repr, python_repr_of_float32};
use crate::published::Comparison;
use crate::record::METRICS;

/// The file in a report folder that lists what the report contains. Pages are made from it.
pub const CONTENTS: &str = "notebook.json";

/// What one report contains: the story's cells with what each of them gave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contents {
    /// The experiment's name.
    pub experiment: String,
    /// The manifest's title.
    pub title: String,
    /// In what the run's manifest differs from the one in the experiment's folder.
    pub changed: Vec<Change>,
    /// The file with the story, relative to the workspace.
    pub source: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub source_sha256: String,
    /// The cells, in the order of the story.
    pub cells: Vec<Cell>,
    /// Published numbers beside the run's own.
    pub published: Vec<Comparison>,
    /// The last line of what the run printed.
    pub result: String,
    /// The manifest with every default written out, as YAML.
    pub manifest: String,
}

/// A key of the manifest that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its dotted path.
    pub key: String,
    /// Its value in the manifest of the experiment's folder; empty if the key is not there.
    pub was: String,
    /// Its value in the run; empty if the key is not there.
    pub is: String,
}

/// A cell of the story.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cell {
    /// A name that stays when other cells change: the anchor on the page.
    pub id: String,
    /// What it is.
    pub kind: CellKind,
    /// Markdown or Rust.
    pub text: String,
    /// What the cell gave, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
}

/// What a cell gave.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Lines that were printed.
    Print(String),
    /// A sentence or more computed from the run, in Markdown.
    Paragraph(String),
    /// A value of `metrics.json`.
    Value(String, Value),
    /// A table.
    Table(Table),
    /// A figure.
    Figure(Figure),
    /// A figure of what differs from run to run; no digest covers it.
    RecordedFigure(Figure),
    /// What the story returned.
    Result(String),
    /// Why the story ended early.
    Error(String),
}

/// A figure that was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// The file, relative to the report folder.
    pub file: String,
    /// What it shows.
    pub caption: String,
    /// Pixels across and down.
    pub size: [u32; 2],
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
pub(crate) const SHOWN: usize = 6;

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

    /// What can be read of a list that an earlier version of the project wrote: every part of today's form that it has.
    pub fn load_older(folder: &Path) -> Option<Self> {
        let text = std::fs::read(folder.join(CONTENTS)).ok()?;
        let older: serde_json::Map<String, Value> = serde_json::from_slice(&text).ok()?;
        let mut parts = serde_json::to_value(Self::default()).ok()?;
        for (name, part) in older {
            let mut with = parts.clone();
            with[name] = part;
            if serde_json::from_value::<Self>(with.clone()).is_ok() {
                parts = with;
            }
        }
        serde_json::from_value(parts).ok()
    }

    /// All outputs, in the order of the story.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.cells.iter().flat_map(|cell| &cell.outputs)
    }

    /// The value of this name in `metrics.json`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The values of `metrics.json`, in the order of the story.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.outputs().filter_map(|output| match output {
            Output::Value(name, value) => Some((name.as_str(), value)),
            _ => None,
        })
    }

    /// The figures that digests cover, in the order of the story.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.outputs().filter_map(|output| if let Output::Figure(figure) = output { Some(figure) } else { None })
    }

    /// The paragraphs that the run computed, in the order of the story.
    pub fn paragraphs(&self) -> Vec<&str> {
        self.outputs().filter_map(paragraph).collect()
    }

    /// The first paragraph of the story: what is asked, in Markdown.
    pub fn question(&self) -> &str {
        let first = self.cells.iter().find(|cell| cell.kind == CellKind::Prose);
        first.map_or("", |cell| first_paragraph(&cell.text))
    }

    /// The paragraphs that the last cell computed: what came out, in Markdown.
    pub fn finding(&self) -> String {
        let paragraphs = self
            .cells
            .iter()
            .rfind(|cell| cell.kind != CellKind::Prose)
            .into_iter()
            .flat_map(|cell| cell.outputs.iter().filter_map(paragraph));
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }

    /// The title, with the keys that differ from the experiment's own manifest.
    pub fn full_title(&self) -> String {
        match changed_keys(&self.changed) {
            Some(keys) => format!("{} ({keys})", self.title),
            None => self.title.clone(),
        }
    }
}

fn paragraph(output: &Output) -> Option<&str> {
    if let Output::Paragraph(text) = output { Some(text) } else { None }
}

/// The first few keys that differ with their values, for titles; none if no key differs.
pub(crate) fn changed_keys(changed: &[Change]) -> Option<String> {
    const MOST: usize = 2;
    let named = changed.iter().take(MOST).map(|Change { key, is, .. }| {
        let is: String = if is.chars().count() > 40 { "…".to_owned() } else { is.clone() };
        if is.is_empty() { format!("without {key}") } else { format!("{key}={is}") }
    });
    let more = changed.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("{more} more changed"));
    (!changed.is_empty()).then(|| named.chain(more).collect::<Vec<_>>().join(", "))
}

/// The first paragraph of a Markdown text that is no heading.
pub(crate) fn first_paragraph(text: &str) -> &str {
    let paragraphs = text.split("\n\n").map(str::trim);
    paragraphs.filter(|text| heading(text).is_none()).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A value as pages print it, with all of its digits.
pub fn printed(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().map(python_repr).unwrap_or_default(),
        Value::String(text) => text.clone(),
        Value::Null => "not finite".to_owned(),
        value => value.to_string(),
    }
}

impl Table {
    /// The table of this name that was written from `frame`.
    pub fn of(name: &str, frame: &DataFrame) -> Self {
        let rows = frame.height();
        let (head, tail) = if rows > 2 * SHOWN + 1 { (SHOWN, SHOWN) } else { (rows, 0) };
        Self::of_ends(name, [&frame.head(Some(head)), &frame.tail(Some(tail))], rows)
    }

    /// A table of so many rows, of which the first and the last ones are at hand.
    pub(crate) fn of_ends(name: &str, [head, tail]: [&DataFrame; 2], rows: usize) -> Self {
        let columns = head.columns().iter();
        let column =
            |column: &PolarsColumn| Column { name: column.name().to_string(), numeric: column.dtype().is_numeric() };
        let cells = |frame: &DataFrame| (0..frame.height()).map(|row| cells(frame, row)).collect();
        Self {
            name: name.to_owned(),
            columns: columns.map(column).collect(),
            rows,
            head: cells(head),
            tail: cells(tail),
        }
    }

    /// A table of these rows, all of which are shown; a column is a name, and whether its cells are numbers.
    pub fn of_rows<const N: usize>(name: &str, columns: [(&str, bool); N], head: Vec<Vec<String>>) -> Self {
        let columns = columns.map(|(name, numeric)| Column { name: name.to_owned(), numeric }).to_vec();
        Self { name: name.to_owned(), columns, rows: head.len(), head, tail: Vec::new() }
    }

    /// The cells of the rows that are shown, from the header on; a row of dots stands for those that are left out.
    pub(crate) fn shown(&self) -> Vec<Vec<String>> {
        let header = self.columns.iter().map(|column| column.name.clone()).collect();
        let dots = (self.head.len() < self.rows).then(|| self.columns.iter().map(|_| "…".to_owned()).collect());
        let rows = self.head.iter().cloned().chain(dots).chain(self.tail.iter().cloned());
        std::iter::once(header).chain(rows).collect()
    }

    /// The rows that are shown, as text in columns.
    pub fn plain(&self) -> String {
        let rows = self.shown();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let cell = |(index, cell): (usize, &String)| {
            let width = width(index);
            if self.columns[index].numeric { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        };
        let line = |row: &Vec<String>| row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ");
        rows.iter().map(|row| line(row).trim_end().to_owned() + "\n").collect()
    }

    /// The rows that are shown, in Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rows: Vec<Vec<String>> =
            self.shown().into_iter().map(|row| row.iter().map(|cell| literal(cell)).collect()).collect();
        let rules: Vec<String> =
            self.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }.to_owned()).collect();
        line(&rows[0]) + &line(&rules) + &rows[1..].iter().map(|row| line(row)).collect::<String>()
    }
}

/// What a page shows of a cell's outputs: values in a row are one table.
#[derive(Debug)]
pub(crate) enum Block<'a> {
    Print(&'a str),
    Paragraph(&'a str),
    /// A table, and the file that has all of it.
    Table(Cow<'a, Table>, String),
    Figure(&'a Figure),
    RecordedFigure(&'a Figure),
    Result(&'a str),
    Error(&'a str),
}

pub(crate) fn blocks(outputs: &[Output]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    for group in outputs.chunk_by(|left, right| matches!((left, right), (Output::Value(..), Output::Value(..)))) {
        blocks.push(match &group[0] {
            Output::Value(..) => Block::Table(Cow::Owned(values(group)), METRICS.to_owned()),
            Output::Print(text) => Block::Print(text),
            Output::Paragraph(text) => Block::Paragraph(text),
            Output::Table(table) => Block::Table(Cow::Borrowed(table), format!("{}.csv", table.name)),
            Output::Figure(figure) => Block::Figure(figure),
            Output::RecordedFigure(figure) => Block::RecordedFigure(figure),
            Output::Result(text) => Block::Result(text),
            Output::Error(text) => Block::Error(text),
        });
    }
    blocks
}

fn values(group: &[Output]) -> Table {
    let cells = |output: &Output| match output {
        Output::Value(name, value) => Some(vec![name.clone(), printed(value)]),
        _ => None,
    };
    Table::of_rows("values", [("quantity", false), ("value", true)], group.iter().filter_map(cells).collect())
}

/// The published numbers beside the run's own.
pub(crate) fn comparison_table(published: &[Comparison]) -> Table {
    let columns = [
        ("quantity", false),
        ("published", true),
        ("reproduced", true),
        ("verdict", false),
        ("basis", false),
        ("where", false),
    ];
    let cells = |row: &Comparison| {
        let Comparison { quantity, published, reproduced, verdict, basis, place } = row;
        [quantity, published, reproduced, verdict.word(), basis.word(), place].map(ToString::to_string).to_vec()
    };
    Table::of_rows("published", columns, published.iter().map(cells).collect())
}

/// All rows of a table in Markdown.
pub fn markdown_table(frame: &DataFrame) -> String {
    Table::of_ends("", [frame, &frame.clear()], frame.height()).markdown()
}

fn cells(frame: &DataFrame, row: usize) -> Vec<String> {
    let cell = |value: AnyValue| match value {
        // As in the file, where a cell without a value is empty.
        AnyValue::Null => String::new(),
        AnyValue::Float64(value) => python_repr(value),
        AnyValue::Float32(value) => python_repr_of_float32(value),
        value => value.get_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    frame.columns().iter().map(|column| cell(column.get(row).unwrap_or(AnyValue::Null))).collect()
}

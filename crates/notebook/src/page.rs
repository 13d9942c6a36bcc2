//! Pages: Markdown and HTML from templates.

use anyhow::Context as _;
use minijinja::{AutoEscape, Environment, context};
use polars::prelude::{AnyValue, DataFrame};
use serde::Serialize;
use serde_json::Value;

use crate::changes::own_manifest;
use crate::published::Comparison;
use crate::{Notebook, python_repr};

const REPORT: &str = include_str!("../templates/report.md");

/// How many rows of a table a page shows at either end.
const SHOWN: usize = 6;

/// Renders `template` with `values`; names ending in `.html` escape what they insert.
///
/// # Errors
/// If the template does not parse or names a value that is missing.
pub fn render(name: &str, template: &str, values: impl Serialize) -> anyhow::Result<String> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "html")) => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    environment.add_template(name, template)?;
    environment.get_template(name)?.render(values).with_context(|| format!("cannot render {name}"))
}

/// The report page of one run.
pub(crate) fn report(notebook: &Notebook, comparisons: &[Comparison]) -> anyhow::Result<String> {
    let about = notebook.about();
    let tables = notebook.tables.iter().map(|(name, frame)| {
        context! { name, rows => frame.height(), markdown => markdown_table(frame, SHOWN) }
    });
    let streamed = notebook.streamed.iter().map(|table| {
        let markdown = markdown_table(&table.head, table.head.height());
        context! { name => table.name, rows => table.rows, markdown => markdown + "| … |\n" }
    });
    let tables = tables.chain(streamed);
    let values = notebook.values.iter().map(|(name, value)| context! { name, value => printed(value) });
    let figures = notebook.figures.iter().map(|figure| context! { file => figure.file, caption => figure.caption });
    let links = notebook.links.iter().map(|figure| context! { file => figure.file, caption => figure.caption });
    let comparisons = comparisons.iter().map(|row| {
        context! {
            quantity => row.quantity, published => row.published, reproduced => row.reproduced,
            verdict => row.verdict.word(), rung => row.rung.word(), place => row.place,
        }
    });
    let values = context! {
        experiment => about.experiment,
        title => about.title,
        analysis => analysis(notebook),
        paragraphs => notebook.paragraphs,
        comparisons => comparisons.collect::<Vec<_>>(),
        values => values.collect::<Vec<_>>(),
        figures => figures.collect::<Vec<_>>(),
        links => links.collect::<Vec<_>>(),
        tables => tables.collect::<Vec<_>>(),
        manifest => notebook.resolved().trim_end(),
    };
    render("report.md", REPORT, values)
}

/// The manifest's analysis, which holds for the manifest that it was written in; for another the report says in what that
/// differs.
fn analysis(notebook: &Notebook) -> String {
    let about = notebook.about();
    let changes = &notebook.changes;
    if changes.keys.is_empty() || !changes.analysis_is_own {
        return about.analysis.trim().to_owned();
    }
    let keys: Vec<String> = changes.keys.iter().map(|key| format!("`{key}`")).collect();
    format!(
        "The manifest's `analysis` was written for `{}`. It is left out here, since this run differs in {}.",
        own_manifest(&about.experiment),
        keys.join(", ")
    )
}

/// A table in Markdown: all of a short one, the first and last `shown` rows of a longer one.
pub fn markdown_table(frame: &DataFrame, shown: usize) -> String {
    let columns = frame.columns();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut table = line(columns.iter().map(|column| column.name().to_string()).collect());
    table += &line(columns.iter().map(|column| alignment(column.dtype().is_numeric()).to_owned()).collect());
    let rows = frame.height();
    let skipped = if rows > 2 * shown + 1 { shown..rows - shown } else { 0..0 };
    for row in 0..rows {
        if skipped.contains(&row) {
            if row == skipped.start {
                table += &line(vec!["…".to_owned(); columns.len()]);
            }
            continue;
        }
        let cell = |value: AnyValue| match value {
            AnyValue::Float64(value) => python_repr(value),
            AnyValue::String(text) => text.to_owned(),
            value => value.to_string(),
        };
        table += &line(columns.iter().map(|column| cell(column.get(row).unwrap_or(AnyValue::Null))).collect());
    }
    table
}

fn alignment(numeric: bool) -> &'static str {
    if numeric { "---:" } else { "---" }
}

fn printed(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().map(python_repr).unwrap_or_default(),
        Value::String(text) => text.clone(),
        Value::Null => "not finite".to_owned(),
        value => value.to_string(),
    }
}

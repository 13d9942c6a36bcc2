//! Pages: Markdown and HTML from templates.

use anyhow::Context as _;
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use serde_json::Value;

use crate::contents::Contents;
use crate::published::words;
use crate::python_repr;

const REPORT: &str = include_str!("../templates/report.md");

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

/// The report page of one run, from its contents and its resolved manifest.
pub(crate) fn report(contents: &Contents, manifest: &str) -> anyhow::Result<String> {
    let tables = contents.tables.iter().map(|table| {
        context! { name => table.name, rows => table.rows, markdown => table.markdown() }
    });
    let values = contents.values.iter().map(|(name, value)| context! { name, value => printed(value) });
    let values = context! {
        contents,
        words => words(&contents.published),
        values => values.collect::<Vec<_>>(),
        tables => tables.collect::<Vec<_>>(),
        manifest => manifest.trim_end(),
    };
    render("report.md", REPORT, values)
}

fn printed(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => number.as_f64().map(python_repr).unwrap_or_default(),
        Value::String(text) => text.clone(),
        Value::Null => "not finite".to_owned(),
        value => value.to_string(),
    }
}

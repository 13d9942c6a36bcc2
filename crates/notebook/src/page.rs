//! The page of a report in HTML, and templates.

use anyhow::Context as _;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use crate::cells::{CellKind, heading};
use crate::contents::{Block, Contents, Figure, blocks, comparison_table};
use crate::html::{escaped, of_markdown, of_rust, recorded, table};
use crate::markdown::explained;

const PAGE: &str = include_str!("../templates/page.html");

/// The style sheet of all pages: light, dark and in print, narrow screens too.
pub const STYLE: &str = include_str!("../templates/style.css");

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

/// The page of one run.
pub(crate) fn page(contents: &Contents) -> anyhow::Result<String> {
    let headings = contents.cells.iter().filter(|cell| cell.kind == CellKind::Prose).filter_map(|cell| {
        let (_, text) = heading(&cell.text)?;
        Some(context! { id => cell.id, text })
    });
    let cells = contents.cells.iter().map(|cell| {
        let html = match cell.kind {
            CellKind::Prose => of_markdown(&cell.text),
            CellKind::Code | CellKind::Definitions => of_rust(&cell.text),
        };
        let outputs: String = blocks(&cell.outputs).iter().map(block).collect();
        let html = Value::from_safe_string(html);
        context! { id => cell.id, kind => cell.kind, html, outputs => Value::from_safe_string(outputs) }
    });
    let published = (!contents.published.is_empty()).then(|| {
        let words = of_markdown(&explained(&contents.published));
        Value::from_safe_string(table(&comparison_table(&contents.published), "published.csv") + &words)
    });
    let values = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        title => contents.full_title(),
        experiment => contents.experiment,
        changed => contents.changed,
        headings => headings.collect::<Vec<_>>(),
        cells => cells.collect::<Vec<_>>(),
        published,
        manifest => contents.manifest.trim_end(),
    };
    render("page.html", PAGE, values)
}

fn block(block: &Block) -> String {
    match block {
        Block::Print(text) => format!("<pre class=\"printed\">{}</pre>\n", escaped(text.trim_end())),
        Block::Paragraph(text) => of_markdown(text),
        Block::Table(shown, file) => format!("<div class=\"table\">\n{}</div>\n", table(shown, file)),
        Block::Figure(Figure { file, caption, size: [width, height] }) => {
            let (file, caption) = (escaped(file), escaped(caption));
            format!(
                "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"{caption}\" width=\"{width}\" height=\"{height}\" \
                 loading=\"lazy\"></a><figcaption>{caption}</figcaption></figure>\n"
            )
        }
        Block::RecordedFigure(figure) => recorded(figure),
        Block::Result(text) => format!("<pre class=\"result\">{}</pre>\n", escaped(text)),
        Block::Error(text) => format!("<pre class=\"error\">{}</pre>\n", escaped(text)),
    }
}

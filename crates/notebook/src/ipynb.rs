//! The executed notebook in Jupyter's format, nbformat 4.5, in the bytes in which Python's `nbformat` writes it.

use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use serde::Serialize as _;
use serde_json::ser::PrettyFormatter;
use serde_json::{Serializer, Value, json};

use crate::cells::CellKind;
use crate::contents::{Block, Cell, Contents, Figure, Output, blocks};
use crate::digest::sha256_of;
use crate::{html, markdown};

/// The file's name in a report.
pub(crate) const FILE: &str = "notebook.ipynb";
/// The end of the name of one that a failed run leaves beside the report.
pub(crate) const UNFINISHED: &str = "failed.ipynb";

/// The notebook as the text of its file; figures are read from `folder`.
///
/// # Errors
/// If a figure cannot be read.
pub(crate) fn notebook(contents: &Contents, folder: &Path) -> anyhow::Result<String> {
    let mut cells = vec![prose("title", &markdown::title(contents))];
    let mut count = Some(0);
    for cell in &contents.cells {
        if cell.kind == CellKind::Prose {
            cells.push(prose(&cell.id, &cell.text));
        } else {
            count = count.map(|count| count + 1);
            cells.push(code(cell, count, folder)?);
            let failed = cell.outputs.iter().any(|output| matches!(output, Output::Error(_)));
            count = count.filter(|_| !failed);
        }
    }
    cells.extend(markdown::published(contents).map(|text| prose("published", &text)));
    let mut manifest = prose("manifest", &markdown::manifest(contents));
    manifest["metadata"] = json!({"tags": ["parameters"]});
    cells.push(manifest);
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "jupytext": {"cell_metadata_filter": "-all", "main_language": "rust", "notebook_metadata_filter": "-all"},
            "kernelspec": {"display_name": "Rust", "language": "rust", "name": "rust"},
            "language_info": {
                "codemirror_mode": "rust", "file_extension": ".rs", "mimetype": "text/x-rustsrc", "name": "rust",
                "pygments_lexer": "rust",
            },
            "title": contents.full_title(),
            "tunebook": {
                "experiment": contents.experiment,
                "manifest_sha256": sha256_of(&contents.manifest),
                "source": contents.source,
                "source_sha256": contents.source_sha256,
            },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    let mut text = Vec::new();
    notebook.serialize(&mut Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b" ")))?;
    Ok(String::from_utf8(text)? + "\n")
}

fn prose(id: &str, text: &str) -> Value {
    json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": lines(text.trim_end())})
}

fn code(cell: &Cell, count: Option<u32>, folder: &Path) -> anyhow::Result<Value> {
    let outputs = blocks(&cell.outputs).into_iter().map(|block| output(&block, count, folder));
    let hidden = json!({"jupyter": {"source_hidden": true}});
    Ok(json!({
        "cell_type": "code",
        "execution_count": count,
        "id": cell.id,
        "metadata": if cell.kind == CellKind::Definitions { hidden } else { json!({}) },
        "outputs": outputs.collect::<anyhow::Result<Vec<_>>>()?,
        "source": lines(&cell.text),
    }))
}

fn output(block: &Block, count: Option<u32>, folder: &Path) -> anyhow::Result<Value> {
    let display =
        |data: Value, metadata: Value| json!({"data": data, "metadata": metadata, "output_type": "display_data"});
    Ok(match block {
        Block::Print(text) => json!({"name": "stdout", "output_type": "stream", "text": lines(text)}),
        Block::Paragraph(text) => {
            let html = html::of_markdown(text);
            let (html, text) = (lines(&html), lines(text));
            display(json!({"text/html": html, "text/markdown": text, "text/plain": text}), json!({}))
        }
        Block::Table(table, file) => {
            let data = json!({
                "text/html": lines(&html::table(table, file)),
                "text/markdown": lines(&markdown::table(table, file)),
                "text/plain": lines(&table.plain()),
            });
            display(data, json!({}))
        }
        Block::Figure(figure) => {
            let Figure { file, caption, size: [width, height] } = figure;
            let path = folder.join(file);
            let png = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let png = base64::engine::general_purpose::STANDARD.encode(png);
            let text = format!("{caption} ({file})");
            // Figures have two pixels for each of a page.
            let shown = json!({"image/png": {"alt": caption, "height": height / 2, "width": width / 2}});
            display(json!({"image/png": png, "text/plain": lines(&text)}), shown)
        }
        Block::RecordedFigure(figure) => {
            let (html, text) = (html::recorded(figure), markdown::recorded(figure));
            let (html, text) = (lines(&html), lines(&text));
            display(json!({"text/html": html, "text/markdown": text, "text/plain": text}), json!({}))
        }
        Block::Result(text) => json!({
            "data": {"text/plain": lines(text)}, "execution_count": count, "metadata": {}, "output_type": "execute_result",
        }),
        Block::Error(text) => {
            json!({"ename": "Error", "evalue": text, "output_type": "error", "traceback": [text]})
        }
    })
}

/// A text in lines with their ends, as Python's `splitlines` cuts it.
fn lines(text: &str) -> Vec<&str> {
    let ends = |c: char| {
        matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
    };
    let mut lines = Vec::new();
    for line in text.split_inclusive(ends) {
        // A carriage return and the newline after it are one end.
        match lines.last_mut() {
            Some((start, end)) if line == "\n" && text[*start..*end].ends_with('\r') => *end += 1,
            last => {
                let start = last.map_or(0, |(_, end)| *end);
                lines.push((start, start + line.len()));
            }
        }
    }
    lines.into_iter().map(|(start, end)| &text[start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn texts_are_cut_where_python_cuts_them() {
        assert_eq!(lines("a\r\nb\rc\u{85}\n\nd"), ["a\r\n", "b\r", "c\u{85}", "\n", "\n", "d"]);
        assert_eq!(lines("\u{2028}x\n"), ["\u{2028}", "x\n"]);
        assert!(lines("").is_empty());
    }
}

//! The report in Markdown, for a repository's viewer.

use std::fmt::Write as _;

use crate::cells::CellKind;
use crate::contents::{Block, Contents, Figure, Table, blocks, comparison_table};
use crate::published::{Comparison, words};

/// The title, and in what the run differs from the experiment's own manifest.
pub(crate) fn title(contents: &Contents) -> String {
    let mut text = format!("# {}\n", literal(&contents.full_title()));
    if !contents.changed.is_empty() {
        text += "\nThis run's manifest differs from the one in the experiment's folder:\n\n";
        for change in &contents.changed {
            let side = |text: &str| if text.is_empty() { "left out".to_owned() } else { format!("`{text}`") };
            let _ = writeln!(text, "- `{}`: {} instead of {}", change.key, side(&change.is), side(&change.was));
        }
    }
    text
}

/// The words of a table of published numbers, each with what it means.
pub(crate) fn explained(published: &[Comparison]) -> String {
    let words: Vec<String> = words(published).iter().map(|[word, meaning]| format!("*{word}*: {meaning}.")).collect();
    format!("The basis is what the equality stands on. {}\n", words.join(" "))
}

/// The published numbers beside the run's own, under their heading; none where there are none.
pub(crate) fn published(contents: &Contents) -> Option<String> {
    let published = &contents.published;
    let table = (!published.is_empty()).then(|| comparison_table(published).markdown())?;
    Some(format!("## Published against reproduced\n\n{table}\n{}", explained(published)))
}

/// A text in which Markdown reads nothing but the text.
pub(crate) fn literal(text: &str) -> String {
    let mut literal = String::new();
    let mut last = ' ';
    for (at, letter) in text.char_indices() {
        let next = text[at + letter.len_utf8()..].chars().next().unwrap_or(' ');
        // Between letters an underscore means nothing.
        let within = letter == '_' && last.is_alphanumeric() && next.is_alphanumeric();
        if r"\`*_[]<>|&~".contains(letter) && !within {
            literal.push('\\');
        }
        literal.push(letter);
        last = letter;
    }
    literal
}

/// The resolved manifest under its heading.
pub(crate) fn manifest(contents: &Contents) -> String {
    let manifest = contents.manifest.trim_end();
    format!(
        "## Manifest\n\nWith every default written out, as in [resolved.yaml](resolved.yaml):\n\n{}",
        fenced("yaml", manifest)
    )
}

/// A table with a link to the file that has all of it.
pub(crate) fn table(table: &Table, file: &str) -> String {
    let rows = if table.rows == 1 { String::new() } else { format!(", {} rows", table.rows) };
    format!("{}\n[{file}]({file}){rows}\n", table.markdown())
}

/// The link to a figure that no digest covers.
pub(crate) fn recorded(figure: &Figure) -> String {
    format!("What differs from run to run is kept as a record: [{}]({}).", figure.caption, figure.file)
}

/// The whole report.
pub(crate) fn report(contents: &Contents) -> anyhow::Result<String> {
    let mut text = title(contents);
    for cell in &contents.cells {
        match cell.kind {
            CellKind::Prose => write!(text, "\n{}\n", cell.text)?,
            CellKind::Code => write!(text, "\n{}", fenced("rust", &cell.text))?,
            CellKind::Definitions => {
                let code = fenced("rust", &cell.text);
                write!(text, "\n<details><summary>Imports and definitions</summary>\n\n{code}\n</details>\n")?;
            }
        }
        for block in blocks(&cell.outputs) {
            text.push('\n');
            match block {
                Block::Print(printed) | Block::Result(printed) | Block::Error(printed) => {
                    text += &fenced("text", printed.trim_end());
                }
                Block::Paragraph(paragraph) => writeln!(text, "{paragraph}")?,
                Block::Table(shown, file) => text += &table(&shown, &file),
                Block::Figure(Figure { file, caption, .. }) => writeln!(text, "![{caption}]({file})\n\n*{caption}*")?,
                Block::RecordedFigure(figure) => writeln!(text, "{}", recorded(figure))?,
            }
        }
    }
    if let Some(published) = published(contents) {
        write!(text, "\n{published}")?;
    }
    write!(text, "\n{}", manifest(contents))?;
    text += "\n`sha256sum -c SHA256SUMS` in this folder checks that nothing here was changed.\n";
    Ok(text)
}

/// A block of code, fenced by more backticks than it has in a row.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

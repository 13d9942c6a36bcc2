//! The cells of a story, read from the source that was built.
//!
//! A line `// %%` begins a code cell and `// %% [markdown]` a prose cell, as in the percent format that editors know. What
//! stands before the first marker, the program's own documentation (`//!`), is one prose cell.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::bail;
use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use serde::{Deserialize, Serialize};

use crate::digest::sha256_of;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// Markdown.
    Prose,
    /// Rust.
    Code,
    /// Rust outside the story's function, such as imports and types: pages fold it away.
    Definitions,
}

/// A cell as it stands in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceCell {
    pub(crate) id: String,
    pub(crate) kind: CellKind,
    pub(crate) text: String,
    /// Its lines in the source, from 1, the marker included.
    pub(crate) lines: RangeInclusive<u32>,
}

impl SourceCell {
    pub(crate) fn is_code(&self) -> bool {
        self.kind != CellKind::Prose
    }
}

/// What the lexer says of a line.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    /// How many braces are open where it begins.
    depth: usize,
    /// Whether it begins inside a literal or a block comment, whose indentation is part of it.
    inside: bool,
    /// Whether it is a comment alone, and no documentation.
    is_comment: bool,
}

/// Cells that pages add, whose identifiers are taken.
pub(crate) const ADDED: [&str; 3] = ["title", "published", "manifest"];
/// Letters of an identifier without `-code` and a number.
const MOST: usize = 52;

/// Reads the cells of `source`; `file` is its path for errors.
///
/// # Errors
/// If a marker stands deeper than in the story's body or is of an unknown kind, or a prose cell has something else than
/// comments.
pub(crate) fn cells(file: &str, source: &str) -> anyhow::Result<Vec<SourceCell>> {
    let source = source.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (texts, lines) = (source.lines().collect::<Vec<_>>(), lines(&source));
    let is_marker = |row: &usize| lines[*row].is_comment && kind_of_marker(texts[*row]).is_some();
    let markers: Vec<usize> = (0..texts.len()).filter(is_marker).collect();
    let first = markers.first().copied().unwrap_or(texts.len());
    let mut cells = Vec::new();
    let mut ids = Identifiers::default();
    if let Some(row) = texts[..first].iter().position(|text| !text.is_empty() && !text.starts_with("//!")) {
        bail!("{file}:{}: begin a cell with `// %%`: only `//!` stands before the first one", row + 1);
    }
    let mut push = |kind: CellKind, text: String, lines: RangeInclusive<usize>| {
        if !text.is_empty() {
            let lines = *lines.start() as u32..=*lines.end() as u32;
            cells.push(SourceCell { id: ids.of(kind, &text), kind, text, lines });
        }
    };
    let about = texts[..first].iter().filter(|text| !text.is_empty()).map(|line| uncommented(line, "//!"));
    push(CellKind::Prose, about.collect::<Vec<_>>().join("\n"), 1..=first);
    for (number, &row) in markers.iter().enumerate() {
        let end = markers.get(number + 1).copied().unwrap_or(texts.len());
        let place = format!("{file}:{}", row + 1);
        let depth = lines[row].depth;
        if depth > 1 {
            bail!("{place}: a cell begins in the story's body, not inside a block of it");
        }
        let body = row + 1..end;
        let (kind, text) = match kind_of_marker(texts[row]) {
            Some("markdown" | "md") => {
                let prose = body.clone().take_while(|&row| lines[row].is_comment).count();
                let rest = body.clone().skip(prose).find(|&row| !texts[row].trim().is_empty());
                if let Some(row) = rest {
                    bail!("{file}:{}: a prose cell has comments alone; begin the code with `// %%`", row + 1);
                }
                let text: Vec<&str> =
                    texts[body].iter().take(prose).map(|line| uncommented(line.trim_start(), "//")).collect();
                (CellKind::Prose, text.join("\n"))
            }
            Some("") => {
                let is_code = |row: usize| !lines[row].is_comment && !texts[row].trim().is_empty();
                if let Some(row) = body.clone().find(|&row| lines[row].depth < depth && is_code(row)) {
                    bail!("{file}:{}: the story has ended; begin what it calls with `// %%`", row + 1);
                }
                let kind = if depth == 0 { CellKind::Definitions } else { CellKind::Code };
                (kind, code(&texts[body.clone()], &lines[body]))
            }
            other => bail!("{place}: {} is no kind of cell; there is `markdown`", other.unwrap_or_default()),
        };
        push(kind, text, row + 1..=end);
    }
    Ok(cells)
}

/// The kind that a marker names, empty for code; none if the line is no marker.
fn kind_of_marker(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("// %%")?;
    if let Some(kind) = rest.strip_prefix(" [") {
        return kind.split_once(']').map(|(kind, _)| kind);
    }
    (rest.is_empty() || rest.starts_with(' ')).then_some("")
}

fn uncommented<'a>(line: &'a str, sign: &str) -> &'a str {
    let text = line.strip_prefix(sign).unwrap_or(line);
    text.strip_prefix(' ').unwrap_or(text)
}

/// Lines of code without blank lines around them and without the indentation that all have.
fn code(texts: &[&str], lines: &[Line]) -> String {
    let indentation = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let counted = texts.iter().zip(lines).filter(|(text, line)| !line.inside && !text.trim().is_empty());
    let least = counted.map(|(text, _)| indentation(text)).min().unwrap_or(0);
    let dedented = texts.iter().zip(lines).map(|(text, line)| match text.get(least..) {
        Some(rest) if !line.inside => rest,
        None if !line.inside => "",
        _ => text,
    });
    dedented.collect::<Vec<_>>().join("\n").trim_matches('\n').trim_end().to_owned()
}

fn lines(source: &str) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    let (mut at, mut depth, mut line_start) = (0, 0_usize, 0);
    for token in tokenize(source, FrontmatterAllowed::No) {
        let text = &source[at..at + token.len as usize];
        match token.kind {
            TokenKind::OpenBrace => depth += 1,
            TokenKind::CloseBrace => depth = depth.saturating_sub(1),
            TokenKind::LineComment { doc_style: None } if source[line_start..at].trim().is_empty() => {
                lines.last_mut().expect("there is a first line").is_comment = true;
            }
            _ => {}
        }
        let inside = matches!(token.kind, TokenKind::Literal { .. } | TokenKind::BlockComment { .. });
        for (newline, _) in text.match_indices('\n') {
            line_start = at + newline + 1;
            lines.push(Line { depth, inside, is_comment: false });
        }
        at += text.len();
    }
    lines
}

/// Identifiers of cells: they stay when a cell's text changes or another is added, as long as headings do.
#[derive(Debug, Default)]
struct Identifiers {
    heading: String,
    taken: BTreeMap<String, u32>,
}

impl Identifiers {
    fn of(&mut self, kind: CellKind, text: &str) -> String {
        let own = if kind == CellKind::Prose { heading(text).map(|(_, heading)| slug(heading)) } else { None };
        if let Some(own) = &own {
            self.heading.clone_from(own);
        }
        let id = match (own, kind) {
            (Some(own), _) if !own.is_empty() => own,
            (_, CellKind::Code | CellKind::Definitions) if !self.heading.is_empty() => format!("{}-code", self.heading),
            (_, CellKind::Definitions) => "definitions".to_owned(),
            _ => format!("cell-{}", &sha256_of(text)[..8]),
        };
        let count = self.taken.entry(id.clone()).or_insert(u32::from(ADDED.contains(&id.as_str())));
        *count += 1;
        if *count == 1 { id } else { format!("{id}-{count}") }
    }
}

/// The first heading of a Markdown text, with its level.
pub(crate) fn heading(text: &str) -> Option<(usize, &str)> {
    text.lines().find_map(|line| {
        let rest = line.trim_start_matches('#');
        let level = line.len() - rest.len();
        ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| (level, rest.trim()))
    })
}

/// A heading in lower-case ASCII letters and digits, its words joined by hyphens.
fn slug(heading: &str) -> String {
    let letters = heading.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    let words = letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join("-");
    words.chars().take(MOST).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{CellKind, cells};

    const STORY: &str = "//! What is learnt.\n//!\n//!     cargo run\n\n// %%\nuse a::b;\n\nfn story() {\n    // %% [markdown]\n    // ## Data, drawn\n    //\n    //   - one\n\n    // %%\n    let text = \"// %%\n  stays\";\n        deeper();\n\n    // %% [markdown]\n    // Without a heading\n\n    // %% said\n    r#\"\n// %% [markdown]\n\"#;\n}\n\n// %%\nfn deeper() {}\n";

    #[test]
    fn a_story_is_read_by_its_markers() {
        let read = cells("main.rs", STORY).unwrap();
        let found: Vec<_> =
            read.iter().map(|cell| (cell.id.as_str(), cell.kind, cell.text.as_str(), cell.lines.clone())).collect();
        let id = read[4].id.clone();
        assert!(id.starts_with("cell-") && id.len() == 13, "{id}");
        let expected = [
            ("cell-", CellKind::Prose, "What is learnt.\n\n    cargo run", 1..=4),
            ("definitions", CellKind::Definitions, "use a::b;\n\nfn story() {", 5..=8),
            ("data-drawn", CellKind::Prose, "## Data, drawn\n\n  - one", 9..=13),
            ("data-drawn-code", CellKind::Code, "let text = \"// %%\n  stays\";\n    deeper();", 14..=18),
            (&id, CellKind::Prose, "Without a heading", 19..=21),
            ("data-drawn-code-2", CellKind::Code, "    r#\"\n// %% [markdown]\n\"#;\n}", 22..=27),
            ("data-drawn-code-3", CellKind::Definitions, "fn deeper() {}", 28..=29),
        ];
        assert_eq!(found[1..], expected[1..]);
        assert_eq!((found[0].1, found[0].2, found[0].3.clone()), (expected[0].1, expected[0].2, expected[0].3.clone()));
        let windows = format!("\u{feff}{}", STORY.replace('\n', "\r\n"));
        assert_eq!(cells("main.rs", &windows).unwrap(), read, "with another system's ends of lines");
    }

    #[test]
    fn what_no_page_could_show_is_refused_with_its_line() {
        let cases = [
            ("use a;\n// %%\n", "main.rs:1: begin a cell with `// %%`: only `//!` stands before the first one"),
            (
                "// %% [markdown]\nlet a = 1;\n",
                "main.rs:2: a prose cell has comments alone; begin the code with `// %%`",
            ),
            (
                "// %% [markdown]\n// a\n\nb();\n",
                "main.rs:4: a prose cell has comments alone; begin the code with `// %%`",
            ),
            (
                "// %%\nfn a() {\n if b {\n // %%\n",
                "main.rs:4: a cell begins in the story's body, not inside a block of it",
            ),
            (
                "// %%\nfn a() {\n// %%\nb();\n}\n// end\nfn b() {}\n",
                "main.rs:7: the story has ended; begin what it calls with `// %%`",
            ),
            ("// %% [raw]\n// a\n", "main.rs:1: raw is no kind of cell; there is `markdown`"),
        ];
        for (source, error) in cases {
            assert_eq!(cells("main.rs", source).unwrap_err().to_string(), error);
        }
    }
}

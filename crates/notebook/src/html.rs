//! Pieces of HTML: Markdown, tables and coloured code.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use crate::contents::{Figure, Table};

/// Markdown as HTML. HTML in it is shown as text, a link leads to a page, a mail or a file beside the report, and an image is
/// such a file.
pub fn of_markdown(markdown: &str) -> String {
    // Whether each image that is open is shown.
    let mut images = Vec::new();
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Some(Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id }))
        }
        Event::Start(Tag::Image { ref dest_url, .. }) => {
            images.push(!dest_url.contains(':') && !dest_url.starts_with("//"));
            images.last().is_some_and(|shown| *shown).then_some(event)
        }
        Event::End(TagEnd::Image) => images.pop().is_some_and(|shown| shown).then_some(event),
        event => Some(event),
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// The address, or none if its scheme is another than that of a page or a mail.
fn safe(address: CowStr) -> CowStr {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    match scheme.as_deref() {
        None | Some("http" | "https" | "mailto") => address,
        Some(scheme) if scheme.contains(['/', '?', '#']) => address,
        Some(_) => "".into(),
    }
}

/// A text with the letters escaped that HTML reads as its own.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A table with a link to the file that has all of it.
pub(crate) fn table(table: &Table, file: &str) -> String {
    let shown = table.shown();
    let row = |row: &[String], tag: &str| -> String {
        let cells = row.iter().zip(&table.columns).map(|(cell, column)| {
            let side = if column.numeric { "right" } else { "left" };
            format!("<{tag} style=\"text-align: {side}\">{}</{tag}>", escaped(cell))
        });
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = shown[1..].iter().map(|cells| row(cells, "td")).collect();
    let (header, file) = (row(&shown[0], "th"), escaped(file));
    let rows_said = if table.rows == 1 { String::new() } else { format!(", {} rows", table.rows) };
    format!(
        "<table>\n<thead>\n{header}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n<p><a href=\"{file}\">{file}</a>{rows_said}</p>\n"
    )
}

/// The link to a figure that no digest covers.
pub(crate) fn recorded(figure: &Figure) -> String {
    let (file, caption) = (escaped(&figure.file), escaped(&figure.caption));
    format!("<p>What differs from run to run is kept as a record: <a href=\"{file}\">{caption}</a>.</p>\n")
}

/// Words of the language that have no meaning of their own.
const KEYWORDS: [&str; 34] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct",
    "super", "trait", "true", "type", "use", "where",
];

/// Rust with a `span` around each keyword, literal and comment.
pub(crate) fn of_rust(code: &str) -> String {
    let (mut html, mut at) = (String::new(), 0);
    for token in tokenize(code, FrontmatterAllowed::No) {
        let text = &code[at..at + token.len as usize];
        at += text.len();
        let class = match token.kind {
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Some("c"),
            TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => Some("n"),
            TokenKind::Literal { .. } => Some("s"),
            TokenKind::Ident if KEYWORDS.contains(&text) => Some("k"),
            _ => None,
        };
        let text = escaped(text);
        html += &class.map_or(text.clone(), |class| format!("<span class=\"{class}\">{text}</span>"));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::{of_markdown, of_rust};

    #[test]
    fn markdown_brings_no_markup_and_no_script_of_its_own() {
        let html = of_markdown(
            "<b>block</b>\n\nSee <script>alert(1)</script> [a](javascript:alert(1)) ![b](data:x) ![d](http://e.org/f.png) [c](history.csv) `<b>`",
        );
        assert!(!html.contains("<script") && !html.contains("javascript") && !html.contains("<img"), "{html}");
        assert!(html.contains("<a href=\"history.csv\">c</a>") && html.contains("&lt;b&gt;"), "{html}");
    }

    #[test]
    fn code_is_coloured_and_stays_the_same_text() {
        let html = of_rust("let a = \"<b>\"; // c\n1.5");
        assert_eq!(
            html,
            "<span class=\"k\">let</span> a = <span class=\"s\">&quot;&lt;b&gt;&quot;</span>; \
             <span class=\"c\">// c</span>\n<span class=\"n\">1.5</span>"
        );
    }
}

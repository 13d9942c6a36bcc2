//! What YAML would leave out of an override without a word: comments, anchors, markers of documents, line breaks.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::scalar::quote;

/// What of `text`, which is valid YAML, would be lost if its value were taken; nothing if all of it counts.
pub(crate) fn lost(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut kept = vec![false; letters.len()];
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { return None };
        let (start, end) = (span.start.index(), span.end.index().min(letters.len()));
        let range = match event {
            Event::Scalar(_, _, anchor, _) if anchor != 0 => continue,
            Event::Scalar(_, ScalarStyle::Plain, ..) => start..end,
            // The parser lets these reach to the next token, over a comment.
            Event::Scalar(_, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, ..) => quoted(&letters, start),
            Event::Scalar(..) => {
                kept[start..end].fill(true);
                continue;
            }
            _ => continue,
        };
        if letters[range.clone()].iter().any(|letter| matches!(letter, '\n' | '\r')) {
            return Some(
                "a line break in it would become a space; write it on one line, or in double quotes with \\n"
                    .to_owned(),
            );
        }
        kept[range].fill(true);
    }
    let first = (0..letters.len()).find(|&at| !kept[at] && !is_structure(&letters, at))?;
    let line: String = letters[first..].iter().take_while(|letter| !matches!(letter, '\n' | '\r')).collect();
    let is = match letters[first] {
        '#' => "is a comment",
        '&' => "names an anchor",
        _ => "is no part of the value",
    };
    let found = quote(line.trim_end());
    Some(format!("{found} {is} in YAML and would be lost; leave it out, or quote the whole text"))
}

/// The quoted scalar that begins at `start`, with both quotes.
fn quoted(letters: &[char], start: usize) -> Range<usize> {
    let quote = letters[start];
    let mut at = start + 1;
    while at < letters.len() {
        match letters[at] {
            '\\' if quote == '"' => at += 1,
            letter if letter == quote => {
                // Two single quotes are one in the text.
                if quote == '"' || letters.get(at + 1) != Some(&quote) {
                    break;
                }
                at += 1;
            }
            _ => {}
        }
        at += 1;
    }
    start..(at + 1).min(letters.len())
}

/// Whether what stands between scalars says how they are arranged, and no more. Digits and signs do so behind the `|` or
/// `>` of a block; whatever else they may be part of begins with another letter.
fn is_structure(letters: &[char], at: usize) -> bool {
    let marks_document = (at == 0 || letters[at - 1] == '\n') && letters[at..].starts_with(&['-', '-', '-']);
    let letter = letters[at];
    !marks_document && (letter.is_ascii_whitespace() || letter.is_ascii_digit() || "[]{},:?|>+-".contains(letter))
}

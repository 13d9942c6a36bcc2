//! Overrides: `path=value` with a dotted path and a YAML value, laid over the file's tree.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::error::{Error, Fault, Place, printable};
use crate::scalar::quote;
use crate::tree::{DEEPEST, Entry, Kind, Node, join, parse, too_deep};

/// The value that is to stand at a path.
#[derive(Debug)]
pub(crate) struct Override<'text> {
    /// The steps of the path; empty ones do not occur.
    pub steps: Vec<&'text str>,
    pub value: Node,
}

impl<'text> Override<'text> {
    /// Nothing at the path of override number `number`.
    pub fn new(number: usize, steps: Vec<&'text str>) -> Result<Self, Fault> {
        let place = Place::Override(number);
        if steps.len() > DEEPEST { Err(too_deep(place)) } else { Ok(Self { steps, value: Node::nothing(place) }) }
    }
}

/// Reads overrides of the file that errors call `name`; all of their text must count.
pub(crate) fn read<'text>(arguments: &'text [String], name: &str) -> Result<Vec<Override<'text>>, Error> {
    let splits = arguments.iter().map(|argument| split(argument)).collect::<Result<Vec<_>, _>>()?;
    let read = |(number, (steps, value)): (usize, (Vec<&'text str>, &str))| {
        let mut change = Override::new(number, steps)?;
        let path = change.steps.iter().fold(String::new(), |path, step| join(&path, step));
        if let Some(node) = parse(value, &path, |_, _| Place::Override(number))? {
            change.value = node;
        }
        match lost(value) {
            Some(lost) => Err(Fault::new(Place::Override(number), &path, lost)),
            None => Ok(change),
        }
    };
    let changes = splits.into_iter().enumerate().map(read).collect::<Result<_, _>>();
    changes.map_err(|fault| fault.into_error(name, arguments))
}

/// Splits an override into the steps of its path and its value.
fn split(argument: &str) -> Result<(Vec<&str>, &str), Error> {
    let usage = |message: &str| Error::Usage { argument: printable(argument), message: message.to_owned() };
    let Some((path, value)) = argument.split_once('=') else {
        return Err(usage("expected path=value, as in training.epochs=100"));
    };
    let steps: Vec<&str> = path.trim().split('.').collect();
    if steps.iter().any(|step| step.is_empty()) {
        return Err(usage("the path before = has an empty part; expected path=value, as in training.epochs=100"));
    }
    Ok((steps, value))
}

/// Sets the value at the path of override number `number`. Mappings on the way that are not written in the file are added, so that
/// a misspelt key is found by the same check as one in the file.
pub(crate) fn apply(root: &mut Node, number: usize, steps: &[&str], value: &Node) -> Result<(), Fault> {
    let place = Place::Override(number);
    let mut node = root;
    let mut path = String::new();
    for &step in steps {
        if node.is_nothing() {
            let kind = Kind::Mapping(Vec::new());
            *node = Node { place, kind };
        }
        let got = node.describe();
        node = match &mut node.kind {
            Kind::Mapping(entries) => entry(entries, step, place),
            Kind::List(items) => item(items, step, place, &path)?,
            Kind::Scalar(_) => {
                let message = format!("cannot set {step} in it, it is {got}");
                return Err(Fault::new(place, &path, message));
            }
        };
        path = join(&path, step);
    }
    node.clone_from(value);
    Ok(())
}

fn entry<'tree>(entries: &'tree mut Vec<Entry>, key: &str, place: Place) -> &'tree mut Node {
    let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        entries.push(Entry { key: key.to_owned(), place, value: Node::nothing(place) });
        entries.len() - 1
    });
    &mut entries[index].value
}

fn item<'tree>(items: &'tree mut [Node], step: &str, place: Place, path: &str) -> Result<&'tree mut Node, Fault> {
    let count = items.len();
    let have = match count {
        0 => "the list is empty".to_owned(),
        1 => "the list has one item, 0".to_owned(),
        _ => format!("the list has {count} items, 0 to {}", count - 1),
    };
    let index = step.parse::<usize>().ok();
    let Some(index) = index.filter(|index| index.to_string() == step) else {
        let message = format!("expected the number of a list item, {have}");
        return Err(Fault::new(place, &join(path, step), message));
    };
    items.get_mut(index).ok_or_else(|| {
        let message = format!("no such list item, {have}");
        Fault::new(place, &join(path, step), message)
    })
}

/// What of `text`, which is valid YAML, would be lost without a word if its value were taken: comments, anchors, markers of
/// documents, line breaks; nothing if all of it counts.
fn lost(text: &str) -> Option<String> {
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

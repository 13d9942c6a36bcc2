//! YAML as a tree in which every key and value knows its place.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use serde_json::Value;

use crate::error::{Fault, Place};
use crate::scalar::{Meaning, Scalar, quote};

/// How deep lists and mappings may nest; the manifest itself needs four levels.
pub(crate) const DEEPEST: usize = 32;

/// How large a tree may become through aliases, in bytes.
const LARGEST: usize = 16 << 20;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub place: Place,
    pub kind: Kind,
}

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Scalar(Scalar),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key, its place and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

impl Node {
    /// The node of nothing at all.
    pub fn nothing(place: Place) -> Self {
        let text = String::new();
        let kind = Kind::Scalar(Scalar { text, plain: true });
        Self { place, kind }
    }

    /// The tree of a JSON value, all of it at one place.
    pub fn from_json(value: &Value, place: Place) -> Self {
        let scalar = |text: String, plain| Kind::Scalar(Scalar { text, plain });
        let kind = match value {
            Value::Null => scalar(String::new(), true),
            Value::String(text) => scalar(text.clone(), false),
            Value::Bool(_) | Value::Number(_) => scalar(value.to_string(), true),
            Value::Array(items) => Kind::List(items.iter().map(|item| Self::from_json(item, place)).collect()),
            Value::Object(fields) => {
                let entry = |(key, value): (&String, &Value)| {
                    let (key, value) = (key.clone(), Self::from_json(value, place));
                    Entry { key, place, value }
                };
                Kind::Mapping(fields.iter().map(entry).collect())
            }
        };
        Self { place, kind }
    }

    /// A mapping without one of its keys; anything else as it is.
    pub fn without(&self, key: &str) -> Self {
        let mut node = self.clone();
        if let Kind::Mapping(entries) = &mut node.kind {
            entries.retain(|entry| entry.key != key);
        }
        node
    }

    pub fn is_nothing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.meaning() == Meaning::Nothing)
    }

    /// The value in the words of an error.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.describe(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Mapping(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The value of a key, or the item of that number.
    pub fn child(&self, step: &str) -> Option<&Node> {
        match &self.kind {
            Kind::List(items) => {
                let index: usize = step.parse().ok()?;
                items.get(index).filter(|_| index.to_string() == step)
            }
            _ => self.get(step),
        }
    }

    /// As [`Node::get`], to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Mapping(entries) => entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value),
            _ => None,
        }
    }

    /// The place of the value at a dotted path, or of the nearest value around it.
    pub fn place_of(&self, path: &str) -> Place {
        let mut node = self;
        for step in path.split('.') {
            match node.child(step) {
                Some(child) => node = child,
                None => break,
            }
        }
        node.place
    }
}

/// A dotted path with one more key; a key that is no plain word stands in quotes.
pub fn join(path: &str, key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let key = if !key.is_empty() && key.len() <= 40 && key.bytes().all(plain) { key.to_owned() } else { quote(key) };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Parses one YAML document, the value at `path`, with the place of each line and column, both from 1; `None` if there is
/// nothing in it.
pub(crate) fn parse(text: &str, path: &str, place: impl Fn(usize, usize) -> Place) -> Result<Option<Node>, Fault> {
    refuse_control_characters(text, &place)?;
    let mut builder = Builder { root_path: path.to_owned(), ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax_fault(&error, text, &place))?;
        let Span { start, .. } = span;
        builder.take(event, place(start.line(), start.col() + 1))?;
    }
    Ok(builder.root)
}

fn refuse_control_characters(text: &str, place: &impl Fn(usize, usize) -> Place) -> Result<(), Fault> {
    for (number, line) in text.split('\n').enumerate() {
        for (column, letter) in line.chars().enumerate() {
            if letter.is_control() && !matches!(letter, '\t' | '\r' | '\u{85}') {
                let code = u32::from(letter);
                return Err(Fault::new(
                    place(number + 1, column + 1),
                    "",
                    format!("not valid YAML: control character U+{code:04X}"),
                ));
            }
        }
    }
    Ok(())
}

fn syntax_fault(error: &ScanError, text: &str, place: &impl Fn(usize, usize) -> Place) -> Fault {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    let info = error.info();
    if info.contains("recursion limit") {
        return too_deep(place(line, column));
    }
    // The parser names the place where it gave up, which is often the line before the tab.
    let tab = |line: &str| line.find(|letter| letter != ' ').filter(|at| line[*at..].starts_with('\t'));
    let mut lines = text.lines().enumerate().skip(line.saturating_sub(1)).take(2);
    if let Some((index, tab)) = lines.find_map(|(index, text)| Some((index, tab(text)?))) {
        let message = "not valid YAML: a tab indents this line; use spaces";
        return Fault::new(place(index + 1, tab + 1), "", message);
    }
    let advice =
        ADVICE.iter().find(|(part, _)| info.contains(part)).map_or(String::new(), |(_, advice)| format!("; {advice}"));
    let message = format!("not valid YAML: {info}{advice}");
    Fault::new(place(line, column), "", message)
}

/// What helps, by a part of the parser's message.
const ADVICE: [(&str, &str); 8] = [
    ("mapping values", "check the indentation, and quote a text that contains a colon"),
    ("expected key", "check the indentation"),
    ("simple key", "a key before this place has no colon after it"),
    ("quoted scalar, found unknown escape", "in double quotes write \\\\ for a backslash"),
    ("quoted scalar, found unexpected", "the closing quote is missing"),
    ("indentation in quoted scalar", "the closing quote may be missing"),
    ("unexpected character", "quote a text that begins with it"),
    ("unknown anchor", "quote a text that begins with *"),
];

/// The fault of a value or path that nests too deeply.
pub(crate) fn too_deep(place: Place) -> Fault {
    Fault::new(place, "", format!("nested too deeply; a manifest nests at most {DEEPEST} levels"))
}

/// Puts the parser's events together, without recursion.
#[derive(Default)]
struct Builder {
    root: Option<Node>,
    root_path: String,
    documents: usize,
    open: Vec<Open>,
    /// The finished values that have an anchor, with their sizes.
    anchors: HashMap<usize, (Node, usize)>,
    size: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    node: Node,
    key: Option<(String, Place)>,
    /// The keys so far; a search through the entries would take long for a file full of keys.
    keys: HashMap<String, Place>,
    anchor: usize,
    path: String,
    size_before: usize,
}

impl Builder {
    fn take(&mut self, event: Event, place: Place) -> Result<(), Fault> {
        if let Event::Scalar(.., Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) = event {
            return Err(Fault::new(place, &self.path(), "tags (!) are not supported; write the value alone"));
        }
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here; a manifest is one document";
                    return Err(Fault::new(place, "", message));
                }
            }
            Event::Scalar(text, style, anchor, _) => {
                let text = text.into_owned();
                let plain = style == ScalarStyle::Plain;
                if self.expects_key() {
                    return self.take_key(text, place);
                }
                // The parser puts an empty value at the token after it; its key says more.
                let key = self.open.last().and_then(|open| open.key.as_ref());
                let place = match key {
                    Some((_, place)) if plain && text.is_empty() => *place,
                    _ => place,
                };
                let size = self.size;
                self.grow(text.len(), place)?;
                let kind = Kind::Scalar(Scalar { text, plain });
                self.finish(Node { place, kind }, anchor, size);
            }
            Event::SequenceStart(anchor, _) => self.start(Kind::List(Vec::new()), place, anchor)?,
            Event::MappingStart(anchor, _) => self.start(Kind::Mapping(Vec::new()), place, anchor)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.finish(open.node, open.anchor, open.size_before);
                }
            }
            Event::Alias(anchor) => {
                let path = self.path();
                if self.expects_key() {
                    return Err(Fault::new(place, &path, "a key must be text, got an alias"));
                }
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    let message = "an alias stands inside the value that it refers to";
                    return Err(Fault::new(place, &path, message));
                };
                let before = self.size;
                self.grow(size, place)?;
                self.finish(node, 0, before);
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn start(&mut self, kind: Kind, place: Place, anchor: usize) -> Result<(), Fault> {
        let path = self.path();
        if self.expects_key() {
            let got = Node { place, kind }.describe();
            let message = format!("a key must be text, got {got}");
            return Err(Fault::new(place, &path, message));
        }
        if self.open.len() == DEEPEST {
            return Err(too_deep(place));
        }
        let size_before = self.size;
        self.grow(0, place)?;
        self.open.push(Open { node: Node { place, kind }, key: None, keys: HashMap::new(), anchor, path, size_before });
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize, size_before: usize) {
        if anchor != 0 {
            let size = self.size - size_before;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.node.kind, open.key.take()) {
                (Kind::List(items), _) => items.push(node),
                (Kind::Mapping(entries), Some((key, place))) => entries.push(Entry { key, place, value: node }),
                _ => unreachable!("only lists and mappings are open, and a value follows its key"),
            },
        }
    }

    fn take_key(&mut self, key: String, place: Place) -> Result<(), Fault> {
        self.grow(key.len(), place)?;
        let Some(open) = self.open.last_mut() else {
            unreachable!("a key is expected only in an open mapping");
        };
        if let Some(first) = open.keys.insert(key.clone(), place) {
            let path = join(&open.path, &key);
            let message = match first {
                Place::File { line, .. } => format!("duplicate key, first written on line {line}"),
                Place::Override(_) => "duplicate key".to_owned(),
            };
            return Err(Fault::new(place, &path, message));
        }
        open.key = Some((key, place));
        Ok(())
    }

    /// Whether the next value is a key.
    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.key.is_none() && matches!(open.node.kind, Kind::Mapping(_)))
    }

    /// The path of the value that comes next.
    fn path(&self) -> String {
        match self.open.last() {
            None => self.root_path.clone(),
            Some(open) => match (&open.node.kind, &open.key) {
                (Kind::List(items), _) => join(&open.path, &items.len().to_string()),
                (_, Some((key, _))) => join(&open.path, key),
                _ => open.path.clone(),
            },
        }
    }

    /// Counts a value of so many bytes of text; aliases alone can exceed the limit.
    fn grow(&mut self, bytes: usize, place: Place) -> Result<(), Fault> {
        self.size += bytes + 16;
        if self.size > LARGEST {
            let message = "aliases repeat too much; write the values out";
            return Err(Fault::new(place, &self.path(), message));
        }
        Ok(())
    }
}

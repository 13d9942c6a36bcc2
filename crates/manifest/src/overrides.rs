//! Overrides: `path=value` with a dotted path and a YAML value, laid over the file's tree.

use crate::error::{Error, Fault, Place, printable};
use crate::lost::lost;
use crate::tree::{DEEPEST, Entry, Kind, Node, join, parse_override, too_deep};

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

/// Splits an override into the steps of its path and its value.
pub(crate) fn split(argument: &str) -> Result<(Vec<&str>, &str), Error> {
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

/// Reads the value of override number `number`, all of whose text must count.
pub(crate) fn read<'text>(number: usize, steps: Vec<&'text str>, value: &str) -> Result<Override<'text>, Fault> {
    let mut change = Override::new(number, steps)?;
    let path = change.steps.iter().fold(String::new(), |path, step| join(&path, step));
    if let Some(node) = parse_override(value, number, &path)? {
        change.value = node;
    }
    match lost(value) {
        Some(lost) => Err(Fault::new(Place::Override(number), &path, lost)),
        None => Ok(change),
    }
}

/// Sets the value at its path. Mappings on the way that are not written in the file are added, so that
/// a misspelt key is found by the same check as one in the file.
pub(crate) fn apply(root: &mut Node, number: usize, change: &Override) -> Result<(), Fault> {
    let place = Place::Override(number);
    let mut node = root;
    let mut path = String::new();
    for &step in &change.steps {
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
    node.clone_from(&change.value);
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

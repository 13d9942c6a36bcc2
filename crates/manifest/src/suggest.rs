//! What a misspelt key or word was meant to be.

use serde_json::{Map, Value};

use crate::tree::join;

/// The message about a key that the mapping at `path`, which has these fields, does not know. It says where a field of
/// exactly that name belongs, else which field was meant, else where a field of nearly that name belongs, else which
/// fields there are.
pub(crate) fn unknown_field(key: &str, fields: &Map<String, Value>, path: &str, schema: &Value) -> String {
    let (least, elsewhere) = elsewhere(key, path, schema);
    let near = nearest(key, fields.keys().map(String::as_str));
    let near = near.filter(|near| least > 0 || elsewhere.is_empty() || distance(key, near) == 0);
    if let Some(near) = near {
        return format!("unknown field, did you mean {near}?");
    }
    if !elsewhere.is_empty() {
        return format!("unknown field, did you mean {}?", elsewhere.join(" or "));
    }
    let mut allowed: Vec<&str> = fields.keys().map(String::as_str).collect();
    allowed.sort_unstable();
    format!("unknown field; allowed: {}", allowed.join(", "))
}

/// The word that differs least, if it differs by no more than a third of its letters; case and hyphens do not count.
pub fn nearest<'word>(typed: &str, words: impl Iterator<Item = &'word str>) -> Option<&'word str> {
    let letters = typed.chars().count();
    let near = |word: &'word str| {
        let length = word.chars().count();
        let most = (length / 3).max(1);
        // A letter more is a change: most words are too long or too short.
        let distance = (length.abs_diff(letters) <= most).then(|| distance(typed, word))?;
        (distance <= most).then_some((distance, word))
    };
    words.filter_map(near).min().map(|(_, word)| word)
}

/// The paths outside the mapping at `path` whose last part is this key, or one letter off, and how many that is.
fn elsewhere(key: &str, path: &str, schema: &Value) -> (usize, Vec<String>) {
    let mut all = Vec::new();
    collect(schema, "", &mut all);
    let mut found: Vec<(usize, String)> = all
        .into_iter()
        .filter(|(parent, _)| parent != path && key.len() > 2)
        .map(|(parent, name)| (distance(key, &name), join(&parent, &name)))
        .filter(|(distance, _)| *distance <= 1)
        .collect();
    found.sort_unstable();
    found.dedup();
    let least = found.first().map_or(0, |(distance, _)| *distance);
    (least, found.into_iter().filter(|(distance, _)| *distance == least).map(|(_, path)| path).collect())
}

/// Every field of the schema below `path`, as the path of its mapping and its name.
fn collect(schema: &Value, path: &str, all: &mut Vec<(String, String)>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        all.push((path.to_owned(), name.clone()));
        collect(field, &join(path, name), all);
    }
    for variant in ["oneOf", "anyOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
        collect(variant, path, all);
    }
    if let Some(items) = schema.get("items") {
        collect(items, &join(path, "0"), all);
    }
}

/// The number of letters to change, add, drop or swap; case and hyphens do not count.
fn distance(typed: &str, word: &str) -> usize {
    if typed.len() > 64 {
        return usize::MAX;
    }
    let (typed, word) = (typed.to_lowercase(), word.to_lowercase());
    let spellings = [typed.replace('-', "_"), typed.replace('_', "-"), typed];
    spellings.iter().map(|typed| strsim::osa_distance(typed, &word)).min().unwrap_or(usize::MAX)
}

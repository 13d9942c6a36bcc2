//! What becomes of a mapping whose `name` an override changes: an optimizer, or a pruner.

use serde_json::Value;

use crate::error::{Fault, Place};
use crate::scalar::Scalar;
use crate::tree::{Entry, Kind, Node, join};

/// Goes through the tree that overrides made of `old`. Where they changed a `name` that says which of several a mapping
/// is, the keys of the file that only the old one has go, and those that both have keep their values, also where the
/// file leaves them to their default: so a file, its resolved form and a variant of either give the same. Keys that
/// overrides set stay, and are checked as all others. Says which keys went.
pub(crate) fn settle(schema: &Value, path: &str, old: &Node, new: &mut Node, gone: &mut Vec<Fault>) {
    let Some([was, is]) = renamed(schema, old, new) else {
        for (key, field) in schema["properties"].as_object().into_iter().flatten() {
            if let (Some(old), Some(new)) = (old.get(key), new.get_mut(key)) {
                settle(field, &join(path, key), old, new, gone);
            }
        }
        return;
    };
    let (was_fields, is_fields) = (&was["properties"], &is["properties"]);
    let Kind::Mapping(entries) = &mut new.kind else { return };
    let goes = |entry: &Entry| {
        let written = matches!(entry.place, Place::File { .. }) && matches!(entry.value.place, Place::File { .. });
        written && was_fields.get(&entry.key).is_some() && is_fields.get(&entry.key).is_none()
    };
    let keys: Vec<&str> = entries.iter().filter(|entry| goes(entry)).map(|entry| entry.key.as_str()).collect();
    if !keys.is_empty() {
        let [was, is] = [was_fields, is_fields].map(|fields| fields["name"]["const"].as_str().unwrap_or_default());
        let verb = if keys.len() == 1 { "goes" } else { "go" };
        let message = format!("{} {verb} with {was}, {is} has no such field", keys.join(", "));
        gone.push(Fault::new(old.place, path, message));
    }
    entries.retain(|entry| !goes(entry));
    for (key, field) in is_fields.as_object().into_iter().flatten() {
        let default = was_fields.get(key).and_then(|field| field.get("default"));
        if let (Some(default), true) = (default, field.get("const").is_none())
            && entries.iter().all(|entry| entry.key != *key)
        {
            let kind = Kind::Scalar(Scalar { text: default.to_string(), plain: true });
            let value = Node { place: old.place, kind };
            entries.push(Entry { key: key.clone(), place: old.place, value });
        }
    }
}

/// The schemas of the mapping before and after, if it has another name now. A mapping that an override gives as a whole
/// is none that was renamed.
fn renamed<'schema>(schema: &'schema Value, old: &Node, new: &Node) -> Option<[&'schema Value; 2]> {
    let variants = schema["anyOf"].as_array().and_then(|of| of.iter().find_map(|of| of["oneOf"].as_array()));
    let variants = schema["oneOf"].as_array().or(variants)?;
    let [was, is] = [old, new].map(|node| {
        let Kind::Scalar(Scalar { text, .. }) = &node.get("name")?.kind else { return None };
        variants.iter().find(|variant| variant["properties"]["name"]["const"] == **text)
    });
    let (was, is) = (was?, is?);
    (!std::ptr::eq(was, is) && old.place == new.place).then_some([was, is])
}

//! What a trial is evaluated with and no result may depend on; where one does, this says what was another.

use std::path::Path;

use serde_json::Value;

/// Their names, which are those of user attributes in a journal.
pub(crate) const CIRCUMSTANCES: [&str; 3] = ["build", "data", "processor"];

/// Letters of a digest that are kept: a dashboard has a column for each.
const LETTERS: usize = 12;

/// The executable's digest, the names and digests of the files in `folders` that the manifest's data may be read from, and
/// the processor's name; what cannot be told is left out.
pub(crate) fn circumstances(manifest: &Value, folders: [&Path; 2]) -> Vec<(&'static str, String)> {
    let short = |digest: anyhow::Result<String>| digest.ok().map(|digest| digest[..LETTERS].to_owned());
    // Which file, a search may decide too.
    let mut texts = Vec::new();
    for section in [&manifest["data"], &manifest["search"]["parameters"]] {
        texts_in(section, &mut texts);
    }
    let data: Vec<String> = texts
        .into_iter()
        .filter_map(|text| {
            let file = folders.into_iter().map(|folder| folder.join(text)).find(|path| path.is_file())?;
            Some(format!("{} {}", file.file_name()?.to_string_lossy(), short(notebook::sha256(&file))?))
        })
        .collect();
    let data = Some(data.join(", ")).filter(|data| !data.is_empty());
    let all = [short(notebook::program_sha256()), data, notebook::processor()];
    CIRCUMSTANCES.into_iter().zip(all).filter_map(|(name, text)| Some((name, text?))).collect()
}

/// All texts in a part of a manifest, each once.
fn texts_in<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if !found.contains(&text.as_str()) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts_in(field, found)),
        _ => {}
    }
}

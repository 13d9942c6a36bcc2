//! What figures and tables call parameters.

use search::Space;

/// The last word of every parameter's path, or the whole path where two would be the same.
pub fn short_names(space: &Space) -> Vec<String> {
    let short = |name: &str| match name.rsplit('.').next().unwrap_or(name) {
        "name" => name.rsplit('.').nth(1).unwrap_or(name).to_owned(),
        last => last.replace('_', " "),
    };
    let names: Vec<&str> = space.parameters().iter().map(|parameter| parameter.name.as_str()).collect();
    let alone = |name: &&str| names.iter().filter(|other| short(other) == short(name)).count() == 1;
    names.iter().map(|name| if alone(name) { short(name) } else { (*name).to_owned() }).collect()
}

//! `tunebook export`: a report's page as one file to send.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use serde_json::json;

use crate::answer::Answer;

/// The folder of a report: that of an experiment's committed one, or a folder as it is. That neither has one is an error.
pub fn folder(root: &Path, report: &str) -> anyhow::Result<PathBuf> {
    let committed = root.join("reports").join(report);
    let places = [committed, PathBuf::from(report)];
    match places.into_iter().find(|place| place.join(notebook::CONTENTS).is_file()) {
        Some(place) => Ok(place),
        None => bail!("{report}: neither a report in {} nor a folder with one", root.join("reports").display()),
    }
}

/// Writes the page of a report with its figures in it to `out`.
pub fn export(root: &Path, report: &str, out: &Path) -> anyhow::Result<Answer> {
    let folder = folder(root, report)?;
    let path = folder.join("index.html");
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut parts = page.split("<img src=\"");
    let mut single = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (file, rest) = part.split_once('"').context("an image without an end")?;
        let path = folder.join(file);
        let png = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // What a link leads to is not sent along.
        let link = format!("<a href=\"{file}\">");
        if single.ends_with(&link) {
            single.truncate(single.len() - link.len());
            single += "<a>";
        }
        single = [&single, "<img src=\"", &uri(&png), "\"", rest].concat();
    }
    std::fs::write(out, single).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(Answer::new(format!("wrote {}\n", out.display()), json!({"file": out})))
}

/// A picture as an address that holds it.
pub fn uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png))
}

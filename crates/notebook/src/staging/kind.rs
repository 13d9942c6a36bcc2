//! What a run may replace: a folder that a run of the same kind wrote, and in it the files that it wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::replace::{MARKER, Marker};
use super::target::{entries, is_nobodys};
use super::{PROBE, UNFINISHED};
use crate::PROVENANCE;
use crate::digest::{LIST, sha256};

/// What a run writes, and therefore what it may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The report of the experiment of this name.
    Report(String),
    /// A folder with the reports of many experiments, and the pages over them.
    Reports,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Report(experiment) => write!(f, "a report of {experiment}"),
            Self::Reports => f.write_str("a folder of reports"),
        }
    }
}

/// What runs write and list nowhere.
const UNLISTED: [&str; 5] = [LIST, PROVENANCE, MARKER, UNFINISHED, PROBE];

/// The longest text that is looked at; a list of digests is far shorter.
const LONGEST: u64 = 4 << 20;

/// The files that runs wrote into a folder, by their paths in it, with the digests that they had.
#[derive(Debug, Default)]
pub struct Written(BTreeMap<PathBuf, BTreeSet<String>>);

impl Written {
    /// What runs wrote into `folder`; none if it is not of that kind.
    pub fn read(folder: &Path, kind: &Kind) -> Option<Self> {
        let marker = Marker::read(folder).filter(|marker| marker.kind == kind.to_string());
        let is_ours = marker.is_some()
            || match kind {
                Kind::Report(name) => experiment_of(folder).is_some_and(|of| of == *name),
                Kind::Reports => are_reports(folder),
            };
        if !is_ours {
            return None;
        }
        let mut written = list(folder).unwrap_or_default();
        for name in UNLISTED {
            written.take_in_name(Path::new(name));
        }
        if let Some(marker) = marker {
            written.add(Path::new(""), marker.old);
            marker.new.iter().for_each(|path| written.take_in_name(path));
        }
        if *kind == Kind::Reports {
            for name in entries(folder).unwrap_or_default() {
                // The report of an experiment under its own name; one under another name is the user's.
                let Some(experiment) = name.to_str() else { continue };
                let below = folder.join(experiment);
                let is_folder = std::fs::symlink_metadata(&below).is_ok_and(|data| data.is_dir());
                let kind = Kind::Report(experiment.to_owned());
                if let Some(report) = is_folder.then(|| Self::read(&below, &kind)).flatten() {
                    written.add(Path::new(experiment), report);
                }
            }
        }
        Some(written)
    }

    fn add(&mut self, below: &Path, other: Self) {
        for (path, digests) in other.0 {
            self.0.entry(below.join(path)).or_default().extend(digests);
        }
    }

    /// Whether a run wrote a file of that name.
    pub fn has(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// Whether the file at `path` below `folder` is as a run wrote it.
    pub fn is_unchanged(&self, folder: &Path, path: &Path) -> bool {
        self.0.get(path).is_some_and(|digests| {
            let has_none = UNLISTED.iter().any(|name| path.ends_with(name));
            has_none || sha256(&folder.join(path)).is_ok_and(|digest| digests.contains(&digest))
        })
    }

    /// The names of the files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The folders in which they lie.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        self.files().flat_map(|file| file.ancestors().skip(1)).map(Path::to_owned).collect()
    }

    /// The files with the digests that they had; of some there is none.
    pub fn digests(&self) -> impl Iterator<Item = (&Path, &BTreeSet<String>)> {
        self.0.iter().map(|(path, digests)| (path.as_path(), digests))
    }

    /// Takes in a file of which no digest is known.
    pub fn take_in_name(&mut self, path: &Path) {
        if is_below(path) {
            self.0.entry(path.to_owned()).or_default();
        }
    }

    /// Takes in a line of `SHA256SUMS`; one that is none, or that leads out of the folder, says nothing.
    pub fn take_in(&mut self, line: &str) {
        let Some((digest, path)) = line.split_once("  ") else { return };
        let path = Path::new(path);
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest && is_below(path) {
            self.0.entry(path.to_owned()).or_default().insert(digest.to_owned());
        }
    }
}

/// Whether a path names something in a folder, not outside of it.
pub fn is_below(path: &Path) -> bool {
    !path.as_os_str().is_empty() && path.components().all(|component| matches!(component, Component::Normal(_)))
}

/// The files that the folder's `SHA256SUMS` names.
fn list(folder: &Path) -> Option<Written> {
    let mut written = Written::default();
    text(&folder.join(LIST))?.lines().for_each(|line| written.take_in(line));
    Some(written)
}

/// The experiment of which `folder` is a report: both the page and the manifest beside it say so, or one where the other
/// is missing, and the list of digests names them.
pub fn experiment_of(folder: &Path) -> Option<String> {
    const PAGE: &str = "report.md";
    const MANIFEST: &str = "resolved.yaml";
    let listed = list(folder)?;
    if ![PAGE, MANIFEST, "metrics.json"].iter().all(|name| listed.has(Path::new(name))) {
        return None;
    }
    let named = |file: &str, before: &str, behind: &str| {
        let text = text(&folder.join(file))?;
        let name = text.lines().find_map(|line| line.strip_prefix(before)?.strip_suffix(behind))?;
        Some(name.to_owned())
    };
    let page = named(PAGE, "<!-- Generated by `cargo run --release -p ", "`; do not edit. -->");
    let manifest = named(MANIFEST, "experiment: ", "");
    match (page, manifest) {
        (Some(page), Some(manifest)) => (page == manifest).then_some(page),
        (page, manifest) => page.or(manifest),
    }
}

/// Whether `folder` is what `tunebook report` wrote, or holds nothing but reports of single experiments.
fn are_reports(folder: &Path) -> bool {
    const PAGE: &str = "README.md";
    let page = folder.join(PAGE);
    if let Some(listed) = list(folder) {
        let generated = |text: String| text.starts_with("<!-- Generated by `make report`; do not edit. -->");
        let says_so = std::fs::symlink_metadata(&page).is_err() || text(&page).is_some_and(generated);
        return says_so && [PAGE, "index.html"].iter().all(|name| listed.has(Path::new(name)));
    }
    let is_report = |name: &std::ffi::OsString| experiment_of(&folder.join(name)).is_some();
    entries(folder).is_ok_and(|names| names.iter().filter(|name| !is_nobodys(name)).all(is_report))
}

/// The text of a regular file of modest length.
pub fn text(path: &Path) -> Option<String> {
    if !std::fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

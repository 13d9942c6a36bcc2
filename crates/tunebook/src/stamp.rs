//! Stamps: by which `tunebook report` knows that an experiment would write again what it wrote last on this machine, and
//! `tunebook emulate` that it was seen to write it as another processor.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use notebook::{JOURNAL, files, sha256};
use serde_yaml::Value;

use crate::emulate::SHORT;
use crate::run::binaries;

/// Letters of a stamp's name; file systems take 255 bytes.
const MOST: usize = 60;

/// The stamp of a report on this machine.
#[derive(Debug)]
pub struct Stamp<'a> {
    pub root: &'a Path,
    /// The experiment.
    pub name: &'a str,
    pub report: PathBuf,
    /// The emulated processor on which it came out the same; none for the run that wrote it.
    pub machine: Option<&'a str>,
}

impl Stamp<'_> {
    /// The digests of all that a report follows from, and of the report itself, as lines like those of `sha256sum`: the
    /// experiment's program, its folder but for its short form, `data/`, whatever files its manifest names, and every file in
    /// the report's folder. None where there is no report, or a search left a journal beside it to go on from.
    fn digests(&self) -> anyhow::Result<Option<String>> {
        let Self { root, name, report, .. } = self;
        let journal = report.with_file_name(format!(".{name}.{JOURNAL}"));
        if !report.is_dir() || notebook::is_half_replaced(report) || journal.exists() {
            return Ok(None);
        }
        let experiment = root.join("experiments").join(name);
        let mut paths = BTreeSet::from([binaries()?.join(name)]);
        for folder in [&experiment, &root.join("data"), report] {
            paths.extend(files(folder)?);
        }
        let text = std::fs::read_to_string(experiment.join("manifest.yaml")).unwrap_or_default();
        let mut named = Vec::new();
        texts(&serde_yaml::from_str(&text).unwrap_or_default(), &mut named);
        let places = named.iter().flat_map(|name| [root.join(name), experiment.join(name)]);
        paths.extend(places.filter(|path| path.is_file()));
        paths.remove(&experiment.join(SHORT));
        let mut lines = String::new();
        for path in paths {
            writeln!(lines, "{}  {}", sha256(&path)?, path.display())?;
        }
        Ok(Some(lines))
    }

    /// Where the stamp lies: beside the programs, so never in the checkout.
    fn place(&self) -> anyhow::Result<PathBuf> {
        let report = self.report.to_string_lossy();
        let name: String = report.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        // A long path is told apart by its end; a stamp of another report says so, since it lists the files.
        let skipped = name.chars().count().saturating_sub(MOST);
        let stamps = binaries()?.join("stamps").join(self.machine.unwrap_or_default());
        Ok(stamps.join(name.chars().skip(skipped).collect::<String>()))
    }

    /// Whether the report is what this program wrote from these files.
    pub fn is_fresh(&self) -> anyhow::Result<bool> {
        let Ok(stamped) = std::fs::read_to_string(self.place()?) else { return Ok(false) };
        let Some((_, stamped)) = stamped.split_once('\n') else { return Ok(false) };
        Ok(self.digests()?.is_some_and(|digests| digests == stamped))
    }

    /// How long the run took that was stamped last on this machine; nothing if that is not known.
    pub fn duration(&self) -> Duration {
        let stamped = self.place().ok().and_then(|path| std::fs::read_to_string(path).ok());
        let seconds = stamped.and_then(|text| text.lines().next()?.parse().ok()).unwrap_or(0.0);
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    /// Stamps a report that was just written, or seen to be written again, by a run that took so long.
    pub fn write(&self, took: Duration) -> anyhow::Result<()> {
        let path = self.place()?;
        let Some(digests) = self.digests()? else { return Ok(()) };
        let cannot = || format!("cannot write {}", path.display());
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).with_context(cannot)?;
        std::fs::write(&path, format!("{}\n{digests}", took.as_secs_f64())).with_context(cannot)
    }
}

/// All texts in a manifest.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Sequence(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Mapping(entries) => entries.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

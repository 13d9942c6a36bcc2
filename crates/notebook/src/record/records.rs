//! What outlives a report: measurements and journals, which have times and no digest.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::{Notebook, RECORDS};

/// The name of a search's journal among the records of its experiment.
pub const JOURNAL: &str = "journal.log";

impl Notebook {
    /// Carries the measurements in the folder [`RECORDS`] of the experiment's committed report over to the new one, and
    /// returns them by name: what machines measured is kept there, as JSON and outside the digests. Other files there are
    /// the user's. Where the new report replaces the committed one, the folder is left as it is.
    ///
    /// # Errors
    /// If the folder cannot be read or a file cannot be copied.
    pub fn records(&self) -> anyhow::Result<Vec<PathBuf>> {
        let from = self.root.join("reports").join(&self.about.experiment).join(RECORDS);
        let cannot = || format!("cannot read {}", from.display());
        if !from.exists() {
            return Ok(Vec::new());
        }
        let entries = std::fs::read_dir(&from).with_context(cannot)?;
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().with_context(cannot)?;
        files.retain(|file| file.is_file() && file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let to = self.staging.path().join(RECORDS);
        std::fs::create_dir(&to).with_context(|| format!("cannot create {}", to.display()))?;
        let stays = from.canonicalize().ok() == self.earlier_record("").canonicalize().ok();
        for file in files.iter().filter(|_| !stays) {
            std::fs::copy(file, to.join(file.file_name().unwrap_or_default()))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
        Ok(files)
    }

    /// Where a record of that name lies in the experiment's committed report.
    pub fn record_path(&self, name: &str) -> PathBuf {
        self.root.join("reports").join(&self.about.experiment).join(RECORDS).join(name)
    }

    /// Where the report folder that is being replaced has a record of that name.
    pub fn earlier_record(&self, name: &str) -> PathBuf {
        let folder = self.staging.target();
        let within = self.within.as_ref().map(|within| within.join(folder.file_name().unwrap_or_default()));
        within.as_deref().unwrap_or(folder).join(RECORDS).join(name)
    }

    /// A hidden file beside the report folder, for what must outlive a run that is killed.
    pub fn beside(&self, name: &str) -> PathBuf {
        match &self.within {
            Some(within) => within.join(self.staging.beside(name).file_name().unwrap_or_default()),
            None => self.staging.beside(name),
        }
    }

    /// Removes a file from beside the report folder once the report, which has what is in it, stands. A report that
    /// becomes part of a folder of reports leaves that to who puts the folder in place.
    pub fn remove_when_published(&mut self, file: PathBuf) {
        if self.within.is_none() {
            self.recorded.push(file);
        }
    }

    /// Copies a file into the folder [`RECORDS`] under that name.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn record(&self, name: &str, from: &Path) -> anyhow::Result<()> {
        let folder = self.staging.path().join(RECORDS);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        std::fs::copy(from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(())
    }
}

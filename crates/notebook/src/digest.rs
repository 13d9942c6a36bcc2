//! `SHA256SUMS`: the digests of everything in a report, in the format of `sha256sum -c`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

/// Writes `SHA256SUMS` into `folder`, one line a file below it, sorted by path.
///
/// # Errors
/// If a file cannot be read or the list cannot be written.
pub fn write_sha256sums(folder: &Path) -> anyhow::Result<()> {
    let mut sums = String::new();
    for path in files(folder)? {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for byte in Sha256::digest(&bytes) {
            write!(sums, "{byte:02x}")?;
        }
        writeln!(sums, "  {}", path.strip_prefix(folder)?.display())?;
    }
    std::fs::write(folder.join("SHA256SUMS"), sums).context("cannot write SHA256SUMS")
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

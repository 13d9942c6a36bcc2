//! Records of measurements: files that a program of its own makes, and that reports are drawn from.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

/// Writes a record as JSON into the folder, which is made if it is missing; whole or not at all. Returns where.
///
/// # Errors
/// If it cannot be written.
pub fn write_record(folder: &Path, name: &str, record: &impl Serialize) -> anyhow::Result<PathBuf> {
    let cannot = || format!("cannot write into {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let path = folder.join(name);
    // Like the other files of a report, for everybody to read.
    let readable = std::fs::Permissions::from_mode(0o644);
    let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(folder).with_context(cannot)?;
    serde_json::to_writer_pretty(&mut file, record).with_context(cannot)?;
    file.write_all(b"\n").with_context(cannot)?;
    file.persist(&path).with_context(cannot)?;
    Ok(path)
}

//! Records of measurements: files that a program of its own makes, and that reports are drawn from.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

/// Writes a record as JSON into the folder, which is made if it is missing; whole or not at all. Returns where.
///
/// # Errors
/// If it cannot be written.
pub fn write_record(folder: &Path, name: &str, record: &impl Serialize) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot write into {}", folder.display()))?;
    let path = folder.join(name);
    write_whole(&path, |file| {
        serde_json::to_writer_pretty(&mut *file, record)?;
        file.write_all(b"\n")
    })?;
    Ok(path)
}

/// Writes a file whole or not at all, and waits until the disk has it.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let cannot = || format!("cannot write into {}", folder.display());
    // Like the other files of a report, for everybody to read.
    let readable = std::fs::Permissions::from_mode(0o644);
    let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(folder).with_context(cannot)?;
    write(&mut file).and_then(|()| file.as_file().sync_all()).with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)
}

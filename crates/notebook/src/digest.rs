//! `SHA256SUMS`: the digests of everything in a report, in the format of `sha256sum -c`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::PROVENANCE;

/// The folder of an experiment's report for what machines measured: carried over from report to report.
pub const RECORDS: &str = "records";

/// The file's name.
pub(crate) const LIST: &str = "SHA256SUMS";

/// Writes `SHA256SUMS` into `folder`, one line a file below it, sorted by path.
///
/// # Errors
/// If a file cannot be read or the list cannot be written.
pub fn write_sha256sums(folder: &Path) -> anyhow::Result<()> {
    let mut sums = String::new();
    for path in digested(folder)? {
        writeln!(sums, "{}  {}", sha256(&path)?, path.strip_prefix(folder)?.display())?;
    }
    std::fs::write(folder.join(LIST), sums).with_context(|| format!("cannot write {LIST}"))
}

/// Checks the files in `folder` against its `SHA256SUMS`; returns a line for every file that is changed, missing
/// or not listed.
///
/// # Errors
/// If the list or a file cannot be read.
pub fn check_sha256sums(folder: &Path) -> anyhow::Result<Vec<String>> {
    let list = folder.join(LIST);
    let list = std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let listed: BTreeMap<&str, &str> =
        list.lines().filter_map(|line| line.split_once("  ")).map(|(digest, name)| (name, digest)).collect();
    let mut problems = Vec::new();
    let mut present = BTreeSet::new();
    for path in digested(folder)? {
        let name = path.strip_prefix(folder)?.display().to_string();
        match listed.get(name.as_str()) {
            None => problems.push(format!("{name}: not in {LIST}")),
            Some(&digest) if sha256(&path)? != digest => problems.push(format!("{name}: changed, its SHA-256 differs")),
            Some(_) => {}
        }
        present.insert(name);
    }
    problems.extend(listed.keys().filter(|&&name| !present.contains(name)).map(|name| format!("{name}: missing")));
    Ok(problems)
}

/// The SHA-256 of a file in hexadecimal, read piece by piece.
///
/// # Errors
/// If it cannot be read.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(cannot)?;
    let mut digest = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).with_context(cannot)? {
            0 => return Ok(hex(&digest.finalize())),
            length => digest.update(&piece[..length]),
        }
    }
}

/// The SHA-256 of this program's executable in hexadecimal.
///
/// # Errors
/// If it cannot be read.
pub fn program_sha256() -> anyhow::Result<String> {
    // A program that was built again while it runs has no file of its name any more.
    let own = Path::new("/proc/self/exe");
    if own.exists() {
        return sha256(own);
    }
    sha256(&std::env::current_exe().context("cannot tell where this program is")?)
}

/// The SHA-256 of a text or bytes in hexadecimal.
pub(crate) fn sha256_of(content: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(content))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Everything below `folder` that is digested: not the list itself, and nothing that a machine measured.
fn digested(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    files.retain(|path| {
        let within = path.strip_prefix(folder).unwrap_or(path);
        let is_record = within.ancestors().skip(1).any(|folder| folder.ends_with(RECORDS));
        within != Path::new(LIST) && !is_record && !within.ends_with(PROVENANCE)
    });
    Ok(files)
}

/// All files below `folder` that are not hidden, sorted.
///
/// # Errors
/// If a folder cannot be read.
pub fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
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

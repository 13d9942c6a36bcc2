//! What stands where a run will write, and whether it can be written.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::OFlags;

use super::kind::{Kind, Written};
use super::{PROBE, Refused};
use crate::RECORDS;

/// What runs wrote into `target`, which [`resolve`] returned: nothing where it is empty, none where there is no such folder.
///
/// # Errors
/// [`Refused`] if something else than a folder of the run's kind stands there.
pub fn look(target: &Path, kind: &Kind) -> anyhow::Result<Option<Written>> {
    let data = match std::fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        data => data.with_context(|| format!("cannot look at {}", target.display()))?,
    };
    if !data.is_dir() {
        return Err(Refused::new(target, "there is a file, which no run replaces; choose another folder").into());
    }
    let names = entries(target).with_context(|| format!("cannot read {}", target.display()))?;
    let Some(other) = names.iter().find(|name| !is_nobodys(name)) else { return Ok(Some(Written::default())) };
    if let Some(written) = Written::read(target, kind) {
        return Ok(Some(written));
    }
    let other = Path::new(other).display();
    let reason = format!("it holds {other} and is not {kind}, so it stays as it is; choose another folder");
    Err(Refused::new(target, reason).into())
}

/// Whether an entry does not make a folder anybody's: what runs leave in it, and what `mkfs` does.
pub fn is_nobodys(name: &OsStr) -> bool {
    name == "lost+found" || ["partial", "log", "lock", "alive"].iter().any(|suffix| is_hidden_as(name, suffix))
}

/// The folder that is meant by `path`, without links: the whole path if it exists, else as much of it as does.
///
/// # Errors
/// If the path leads through a file, or through a link that leads nowhere.
pub fn resolve(path: &Path) -> anyhow::Result<PathBuf> {
    // Without a slash or dot at the end, which would hide a link.
    let path: &Path = &path.components().collect::<PathBuf>();
    let cannot = || format!("cannot write to {}", path.display());
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found.with_context(cannot),
    }
    match std::fs::symlink_metadata(path) {
        Ok(data) if data.is_symlink() => {
            return Err(Refused::new(path, "the link leads nowhere").into());
        }
        // The current folder was removed.
        Ok(_) => return Err(io::Error::from(io::ErrorKind::NotFound)).with_context(cannot),
        Err(_) => {}
    }
    let name = path.file_name().ok_or(io::ErrorKind::NotFound).map_err(io::Error::from).with_context(cannot)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(resolve(parent)?.join(name))
}

/// The path `.<name>.<suffix>` in `folder`.
pub fn hidden(folder: &Path, name: &OsStr, suffix: &str) -> PathBuf {
    let whole = [b".", name.as_bytes(), b".", suffix.as_bytes()].concat();
    folder.join(OsString::from_vec(whole))
}

/// Whether a name is one that [`hidden`] makes with such an ending.
pub fn is_hidden_as(name: &OsStr, suffix: &str) -> bool {
    name.as_bytes().starts_with(b".") && Path::new(name).extension().is_some_and(|extension| extension == suffix)
}

/// The names in a folder, sorted.
pub fn entries(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names: Vec<OsString> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    Ok(names)
}

/// Opens a folder that is no link.
pub fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

/// Whether another process holds the lock of a folder.
pub fn is_locked(folder: &Path) -> bool {
    open_folder(folder).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a file system is mounted at `path`.
pub fn is_mount_point(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};

        // A bind mount may be of the same device as the folder around it, so the kernel is asked.
        if let Ok(found) = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS)
            && found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
        {
            return found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
        }
    }
    let device = |path: &Path| std::fs::symlink_metadata(path).ok().map(|data| data.dev());
    path.parent().is_some_and(|parent| device(parent) != device(path))
}

/// Tries what will be done to a folder that is ours: files are made and removed in it and in its folders, and its files
/// can be replaced.
///
/// # Errors
/// If something of that will fail.
pub fn probe(target: &Path, written: &Written) -> anyhow::Result<()> {
    let mut folders = written.folders();
    folders.insert(PathBuf::new());
    let records: Vec<PathBuf> = folders.iter().map(|folder| folder.join(RECORDS)).collect();
    let recorded = |folder: &PathBuf| {
        let names = entries(&target.join(folder)).unwrap_or_default();
        names.into_iter().map(|name| folder.join(name)).collect::<Vec<_>>()
    };
    let files: Vec<PathBuf> = written.files().map(Path::to_owned).chain(records.iter().flat_map(recorded)).collect();
    for folder in folders.iter().chain(&records) {
        let folder = target.join(folder);
        let cannot = || format!("cannot write into {}", folder.display());
        let Ok(data) = std::fs::symlink_metadata(&folder) else { continue };
        if data.is_dir() {
            if is_fixed(&folder) {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied)).with_context(cannot);
            }
            let probe = folder.join(PROBE);
            File::create(&probe).and_then(|_| std::fs::remove_file(&probe)).with_context(cannot)?;
        }
    }
    for file in files {
        let path = target.join(file);
        let Ok(data) = std::fs::symlink_metadata(&path) else { continue };
        if is_fixed(&path) || is_anothers(&path, &data) {
            let denied = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(denied).with_context(|| format!("cannot replace {}", path.display()));
        }
    }
    Ok(())
}

/// Whether the file system keeps a file from being changed or removed, whoever asks (`chattr +i`).
fn is_fixed(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};

        let fixed = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
        statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS)
            .is_ok_and(|found| found.stx_attributes.intersects(fixed))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        false
    }
}

/// Whether the folder's sticky bit keeps this user from replacing another's file.
fn is_anothers(path: &Path, data: &Metadata) -> bool {
    const STICKY: u32 = 0o1000;
    let me = rustix::process::geteuid().as_raw();
    let folder = path.parent().and_then(|folder| std::fs::symlink_metadata(folder).ok());
    me != 0 && folder.is_some_and(|folder| folder.mode() & STICKY != 0 && ![data.uid(), folder.uid()].contains(&me))
}

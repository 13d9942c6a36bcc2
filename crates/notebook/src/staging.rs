//! A folder that appears whole or not at all.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::{CWD, RenameFlags, renameat_with};

/// Another process is writing the same folder.
#[derive(Debug, thiserror::Error)]
#[error("another run is writing {0}")]
pub struct Busy(PathBuf);

/// A folder in the making, beside the one it will replace.
///
/// The work happens in `.<name>.partial`, which is also the lock: whoever holds it is the only writer of
/// `<name>`. [`Staging::publish`] swaps the two in one system call, so a reader, a crash or a kill at any moment
/// meets either the old folder or the new one. What a killed run left is cleared by the next.
#[derive(Debug)]
pub struct Staging {
    partial: PathBuf,
    target: PathBuf,
    published: bool,
    // Held for its lock, which the kernel drops with the process.
    _lock: File,
}

impl Staging {
    /// An empty folder that will become `target`.
    ///
    /// # Errors
    /// [`Busy`] if another process is making the same folder; otherwise if it cannot be created.
    pub fn begin(target: &Path) -> anyhow::Result<Self> {
        let name = target.file_name().context("the report folder needs a name")?.to_string_lossy();
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        let partial = parent.join(format!(".{name}.partial"));
        let cannot = || format!("cannot prepare {}", partial.display());
        loop {
            match std::fs::create_dir(&partial) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error).with_context(cannot),
                _ => {}
            }
            let Ok(lock) = File::open(&partial) else { continue };
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Busy(target.to_owned()).into()),
                Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
            }
            // Between opening and locking, another run may have swapped the folder away.
            let same = std::fs::metadata(&partial)
                .is_ok_and(|now| lock.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (now.dev(), now.ino())));
            if same {
                clear(&partial).with_context(cannot)?;
                return Ok(Self { partial, target: target.to_owned(), published: false, _lock: lock });
            }
        }
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// The hidden file `.<folder>.<name>` beside the target.
    pub fn beside(&self, name: &str) -> PathBuf {
        let folder = self.target.file_name().unwrap_or_default().to_string_lossy();
        self.partial.with_file_name(format!(".{folder}.{name}"))
    }

    /// Puts the folder in the target's place and removes the old one.
    ///
    /// # Errors
    /// If the folders cannot be exchanged; the old one then stays.
    pub fn publish(mut self) -> anyhow::Result<()> {
        let flags = if self.target.exists() { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
        // Held so that no other run takes the old folder for its own while it is removed.
        let old = File::open(&self.target).ok();
        if let Some(old) = &old {
            old.lock().with_context(|| format!("cannot lock {}", self.target.display()))?;
        }
        renameat_with(CWD, &self.partial, CWD, &self.target, flags)
            .map_err(io::Error::from)
            .with_context(|| format!("cannot put the new report in place at {}", self.target.display()))?;
        self.published = true;
        if flags == RenameFlags::EXCHANGE {
            std::fs::remove_dir_all(&self.partial)
                .with_context(|| format!("cannot remove the old report {}", self.partial.display()))?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            // What cannot be removed now is cleared by the next run.
            let _ = std::fs::remove_dir_all(&self.partial);
        }
    }
}

fn clear(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

//! A folder that appears whole or not at all, and in whose place nothing is lost.
//!
//! | what stands at the target | what a run does |
//! |---|---|
//! | nothing, or an empty folder | puts its folder there |
//! | a folder of its own [`Kind`] that holds nothing else | exchanges the two in one system call |
//! | the same with files that no run wrote, a mount point, or where folders cannot be exchanged | moves its files in one by one, while a marker says so |
//! | anything else | refuses before it works |

mod kind;
mod replace;
mod target;

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub use kind::Kind;
pub use replace::is_half_replaced;

use kind::Written;
use target::{entries, hidden, is_hidden_as, is_locked, is_mount_point, look, open_folder, resolve};

/// Another process is writing the same folder.
#[derive(Debug, thiserror::Error)]
#[error("another run is writing {}", .0.display())]
pub struct Busy(PathBuf);

/// What stands at the target is not for this run to replace.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct Refused {
    path: PathBuf,
    reason: String,
}

impl Refused {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }
}

/// How a folder in the making is called after its target's name; with a number where a left-over cannot be cleared.
const PARTIAL: &str = "partial";
/// Left-overs that are passed over before a run gives up.
const TRIES: u32 = 100;
/// The file by which a folder in the making is known: whatever lies beside it was written by a run that has not ended.
pub(crate) const UNFINISHED: &str = ".unfinished";
/// The file that is put into a folder to see whether it can be written.
pub(crate) const PROBE: &str = ".probe.partial";

/// A folder in the making, beside the one it will replace, or inside of it where that is a mount point.
///
/// The work happens in `.<name>.partial`, which is also the lock: whoever holds it is the only writer of
/// `<name>`. [`Staging::publish`] puts it in place; a reader, a crash or a kill at any moment meets the old folder, the
/// new one, or a marker. What a killed run left is cleared by the next.
#[derive(Debug)]
pub struct Staging {
    kind: Kind,
    partial: PathBuf,
    target: PathBuf,
    // What cannot be removed now is cleared by the next run.
    discard: bool,
    // Held for its lock, which the kernel drops with the process.
    _lock: File,
}

impl Staging {
    /// An empty folder that will become `target`. What could fail at the end is tried here.
    ///
    /// # Errors
    /// [`Busy`] if another process is writing there; [`Refused`] if something else than a folder of that kind stands
    /// there; otherwise if it cannot be written.
    pub fn begin(target: &Path, kind: &Kind) -> anyhow::Result<Self> {
        let target = resolve(target)?;
        let exists = look(&target, kind)?.is_some();
        let (folder, name) = target
            .parent()
            .zip(target.file_name())
            .ok_or_else(|| Refused::new(&target, "a file system's root is no place for a report"))?;
        let beside = if exists && is_mount_point(&target) {
            None
        } else {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
            match Self::lock(folder, name, &target, kind) {
                Err(error) if exists && is_denied(&error) => None,
                staging => Some(staging?).filter(|staging| !exists || staging.reaches_target()),
            }
        };
        let staging = match beside {
            Some(staging) => staging,
            None => Self::lock(&target, name, &target, kind)?,
        };
        staging.refuse_others()?;
        // Once more under the lock: what a killed run began has been ended by now.
        if let Some(written) = look(&target, kind)? {
            target::probe(&target, &written)?;
        }
        Ok(staging)
    }

    /// Takes the first `.<name>.partial` in `folder` that is free and can be emptied.
    fn lock(folder: &Path, name: &OsStr, target: &Path, kind: &Kind) -> anyhow::Result<Self> {
        let mut last = None;
        for number in 0..TRIES {
            let partial = hidden(folder, name, &numbered(number));
            let cannot = || format!("cannot prepare {}", partial.display());
            loop {
                match std::fs::create_dir(&partial) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(error).with_context(cannot);
                    }
                    _ => {}
                }
                let lock = match open_folder(&partial) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    // A file, a link, or another user's: not for us to touch.
                    Err(error) => {
                        last = Some(error);
                        break;
                    }
                    Ok(lock) => lock,
                };
                match lock.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Err(Busy(target.to_owned()).into()),
                    Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
                }
                // Between opening and locking, another run may have swapped the folder away.
                let same = std::fs::symlink_metadata(&partial).is_ok_and(|now| {
                    lock.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (now.dev(), now.ino()))
                });
                if !same {
                    continue;
                }
                match replace::finish(&partial, target).and_then(|()| replace::clear(&partial, target, kind)) {
                    Ok(()) => {
                        let (kind, target) = (kind.clone(), target.to_owned());
                        let staging = Self { kind, partial: partial.clone(), target, discard: true, _lock: lock };
                        std::fs::write(
                            partial.join(UNFINISHED),
                            "A run is writing here, or was killed while it did.\n",
                        )
                        .with_context(cannot)?;
                        return Ok(staging);
                    }
                    Err(error) => last = Some(error),
                }
                break;
            }
        }
        let last = last.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into());
        Err(last).with_context(|| format!("cannot prepare {}", hidden(folder, name, PARTIAL).display()))
    }

    /// Refuses while another run writes into the folder of reports that this report is part of, or into this folder of
    /// reports.
    fn refuse_others(&self) -> anyhow::Result<()> {
        let (folder, others): (&Path, Vec<PathBuf>) = match &self.kind {
            Kind::Reports => {
                let names = entries(&self.target).unwrap_or_default();
                let partial = names.into_iter().filter(|name| is_hidden_as(name, PARTIAL));
                (&self.target, partial.map(|name| self.target.join(name)).collect())
            }
            Kind::Report(_) => {
                let Some(reports) = self.target.parent() else { return Ok(()) };
                let Some(name) = reports.file_name() else { return Ok(()) };
                let places = reports.parent().into_iter().chain([reports]);
                (reports, places.flat_map(|place| (0..TRIES).map(|n| hidden(place, name, &numbered(n)))).collect())
            }
        };
        if others.iter().any(|other| *other != self.partial && is_locked(other)) {
            return Err(Busy(folder.to_owned()).into());
        }
        Ok(())
    }

    /// Whether a file can be moved from here to the target: not into a mount that could not be told from a folder.
    fn reaches_target(&self) -> bool {
        let (from, to) = (self.partial.join(PROBE), self.target.join(PROBE));
        let moved = File::create(&from).and_then(|_| std::fs::rename(&from, &to));
        let _ = std::fs::remove_file(if moved.is_ok() { &to } else { &from });
        !moved.is_err_and(|error| error.kind() == io::ErrorKind::CrossesDevices)
    }

    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.partial
    }

    /// What is being replaced.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The hidden file `.<folder>.<name>` beside the target, or inside of it where nothing can lie beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        let folder = self.partial.parent().unwrap_or(&self.target);
        hidden(folder, self.target.file_name().unwrap_or_default(), name)
    }

    /// Takes the report of the experiment `name` over from the old folder of reports, in the place of one that failed.
    /// Says no where there is none, or none that is whole.
    ///
    /// # Errors
    /// If a file cannot be copied.
    pub fn take_over(&self, name: &str) -> anyhow::Result<bool> {
        let (from, to) = (self.target.join(name), self.partial.join(name));
        let cannot = || format!("cannot take over {}", from.display());
        if to.exists() {
            std::fs::remove_dir_all(&to).with_context(cannot)?;
        }
        match Written::read(&from, &Kind::Report(name.to_owned())).filter(|_| !is_half_replaced(&from)) {
            Some(written) => replace::copy(&from, &to, &written).with_context(cannot).map(|()| true),
            None => Ok(false),
        }
    }

    /// Puts the folder in the target's place. Files of the old one that no run wrote stay where they are.
    ///
    /// # Errors
    /// If it cannot be put there; the old one then stays, or the marker says that it is half replaced.
    pub fn publish(mut self) -> anyhow::Result<()> {
        let cannot = |target: &Path| format!("cannot put the new report in place at {}", target.display());
        // What an experiment left that was killed while it made its report for this folder.
        for name in entries(&self.partial)?.iter().filter(|name| is_hidden_as(name, PARTIAL)) {
            std::fs::remove_dir_all(self.partial.join(name)).with_context(|| cannot(&self.target))?;
        }
        let present = look(&self.target, &self.kind)?;
        let whole = self.partial.parent() == self.target.parent()
            && replace::whole(&self.partial, &self.target, present.as_ref()).with_context(|| cannot(&self.target))?;
        if whole {
            self.discard = false;
            return Ok(());
        }
        let moved = replace::one_by_one(&self.partial, &self.target, &self.kind, &present.unwrap_or_default());
        // Where it failed in the middle, the rest of the new files is needed to end it.
        self.discard = moved.is_ok() || !is_half_replaced(&self.target);
        moved.with_context(|| cannot(&self.target))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.discard {
            let _ = replace::discard(&self.partial);
        }
    }
}

fn numbered(number: u32) -> String {
    if number == 0 { PARTIAL.to_owned() } else { format!("{number}.{PARTIAL}") }
}

/// Whether the folder around the target is another's or read-only, so that nothing can lie beside the target.
fn is_denied(error: &anyhow::Error) -> bool {
    let kinds = [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem];
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| kinds.contains(&cause.kind()))
}

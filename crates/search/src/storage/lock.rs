//! The lock that Optuna's file backend holds while it appends, and who of us is alive.
//!
//! Optuna makes a symbolic link (`JournalFileSymlinkLock`) or creates a file (`JournalFileOpenLock`) named
//! `<journal>.lock`; either fails while the other exists. A waiting Optuna takes a lock that has not changed for
//! 30 s from its holder, and so do we. That is long to wait for a process that was killed, so ours can be told from
//! the living at once: each worker holds the system's lock on its own file `<journal>.<worker>.alive`, which the
//! kernel drops with the process, and its `<journal>.lock` points to that file.

use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// How every worker id of this crate begins.
const WORKER_PREFIX: &str = "tunebook-";
/// After this long without a change, a lock whose holder cannot be examined is taken from it; Optuna's own figure.
pub const GRACE: Duration = Duration::from_secs(30);
/// After this long, whoever waits for a lock is told.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest pause between two tries for the lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A process (or a part of one) that writes a journal, alive until dropped.
#[derive(Debug)]
pub struct Worker {
    id: String,
    alive: PathBuf,
    journal: PathBuf,
    // Held for its lock.
    _file: File,
}

impl Worker {
    /// A new worker on `journal`. What killed workers left beside the journal is removed.
    pub fn start(journal: &Path) -> io::Result<Self> {
        for entry in std::fs::read_dir(folder(journal))? {
            let name = entry?.file_name();
            if is_worker_file(journal, &name) {
                bury(journal, &journal.with_file_name(name))?;
            }
        }
        loop {
            let id = new_worker();
            let alive = beside(journal, &format!(".{id}.alive"));
            let file = File::create_new(&alive)?;
            file.lock()?;
            // Before it was locked, another worker may have swept it away as a dead one's.
            if present(std::fs::symlink_metadata(&alive))?.is_some() {
                return Ok(Self { id, alive, journal: journal.to_owned(), _file: file });
            }
        }
    }

    /// The name under which this worker's lines stand in the journal.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits until no other process appends, and keeps others from it until the result is dropped. After `grace` without a
    /// change, a lock whose holder cannot be examined is taken from it.
    pub fn lock(&self, grace: Duration) -> io::Result<Held> {
        let (link, alive) = (beside(&self.journal, ".lock"), self.alive.clone());
        let mut pause = Duration::from_millis(1);
        // What stood at the lock's place, and since when: every new lock differs from the one before it.
        let mut last = None;
        let (begun, mut told) = (Instant::now(), false);
        loop {
            match symlink(alive.file_name().unwrap_or_default(), &link) {
                Ok(()) => return Ok(Held { link, alive }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let Some(data) = present(std::fs::symlink_metadata(&link))? else { continue };
            let target = std::fs::read_link(&link).ok().map(PathBuf::into_os_string);
            if let Some(holder) = target.as_ref().filter(|target| is_worker_file(&self.journal, target))
                && bury(&self.journal, &link.with_file_name(holder))?
            {
                continue;
            }
            let seen = (target, data.ino(), (data.ctime(), data.ctime_nsec()));
            let since = match &last {
                Some((before, since)) if *before == seen => *since,
                _ => Instant::now(),
            };
            if since.elapsed() > grace {
                remove(&link)?;
                continue;
            }
            last = Some((seen, since));
            if !told && begun.elapsed() > PATIENCE {
                // On stderr even where the run is quiet: nothing else moves until the lock is free.
                let (lock, seconds) = (link.display(), grace.as_secs());
                eprintln!(
                    "waiting for {lock}: another program holds it; it is taken over after {seconds} s without a change"
                );
                told = true;
            }
            std::thread::sleep(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // What stays behind on failure, the next worker sweeps.
        let _ = std::fs::remove_file(&self.alive);
    }
}

/// The right to append, until dropped.
#[derive(Debug)]
pub struct Held {
    link: PathBuf,
    alive: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Whoever found us asleep for longer than the grace period has put a lock of its own there.
        if points_to(&self.link, &self.alive) {
            let _ = std::fs::remove_file(&self.link);
        }
    }
}

/// The id of a new worker, unlike any other.
pub fn new_worker() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{WORKER_PREFIX}{}-{:x}-{count}", std::process::id(), since.as_nanos())
}

/// Whether `worker`, the author of a line of `journal`, is one of this crate's.
pub fn is_ours(worker: &str) -> bool {
    worker.starts_with(WORKER_PREFIX)
}

/// Whether a worker of this crate still runs.
pub fn is_alive(journal: &Path, worker: &str) -> io::Result<bool> {
    let Some(file) = present(File::open(beside(journal, &format!(".{worker}.alive"))))? else { return Ok(false) };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the file `alive` of a worker, and its lock on the journal, if the worker is dead. Says whether it was.
fn bury(journal: &Path, alive: &Path) -> io::Result<bool> {
    let Some(file) = present(File::open(alive))? else { return Ok(false) };
    // Of several who find the same worker dead, one at a time goes on.
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let link = beside(journal, ".lock");
    if points_to(&link, alive) {
        remove(&link)?;
    }
    // Last: the lock never points to nothing, which a waiting Optuna would never give up on.
    remove(alive)?;
    Ok(true)
}

fn points_to(link: &Path, alive: &Path) -> bool {
    std::fs::read_link(link).is_ok_and(|target| Some(target.as_os_str()) == alive.file_name())
}

fn is_worker_file(journal: &Path, name: &OsStr) -> bool {
    let (Some(journal), Some(name)) = (journal.file_name().and_then(OsStr::to_str), name.to_str()) else {
        return false;
    };
    let worker = name.strip_prefix(journal).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".alive"));
    worker.is_some_and(is_ours)
}

/// The file beside `journal` that is called as it is and `suffix`.
fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut whole = journal.as_os_str().to_owned();
    whole.push(suffix);
    whole.into()
}

/// The folder in which `journal` lies.
pub fn folder(journal: &Path) -> &Path {
    journal.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn remove(path: &Path) -> io::Result<()> {
    present(std::fs::remove_file(path)).map(|_| ())
}

/// `None` where nothing is found.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_nobody_releases_is_taken_after_the_grace_period() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        File::create(&journal).unwrap();
        let (worker, other) = (Worker::start(&journal).unwrap(), Worker::start(&journal).unwrap());
        let (grace, lock) = (Duration::from_millis(300), beside(&journal, ".lock"));
        File::create(&lock).unwrap();
        let begun = Instant::now();
        let held = worker.lock(grace).unwrap();
        assert!(begun.elapsed() > grace);
        // The living keep theirs for as long.
        let begun = Instant::now();
        let stolen = other.lock(grace).unwrap();
        assert!(begun.elapsed() > grace);
        // Who was robbed leaves the robber's lock alone.
        drop(held);
        assert!(std::fs::symlink_metadata(&lock).is_ok());
        drop(stolen);
        assert!(std::fs::symlink_metadata(&lock).is_err());
    }

    #[test]
    fn only_the_dead_are_buried() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let (living, dying) = (Worker::start(&journal).unwrap(), Worker::start(&journal).unwrap());
        let left = folder.path().join("journal.tunebook-1-2-3.alive");
        File::create(&left).unwrap();
        let other = folder.path().join("another.tunebook-1-2-3.alive");
        File::create(&other).unwrap();
        assert!(!is_alive(&journal, "tunebook-1-2-3").unwrap());
        let id = dying.id().to_owned();
        drop(dying);
        let newest = Worker::start(&journal).unwrap();
        assert_eq!([living.id(), newest.id(), &id].map(|id| is_alive(&journal, id).unwrap()), [true, true, false]);
        assert!(!left.exists() && other.exists());
    }
}

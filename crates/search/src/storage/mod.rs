//! Studies in a file: Optuna's journal, one operation a line, appended and never changed.
//!
//! Optuna 5 reads, and adds to, what is written here (`JournalStorage(JournalFileBackend(path))`), also at the same
//! time. The format, the lock and the rules of reading are those of `optuna/storages/journal/` in Optuna 5.0.0, which
//! reads the journals of every Optuna before it; so does this crate.
//!
//! | what happens | what follows |
//! |---|---|
//! | a process is killed while it appends | the torn last line, one without its end, is passed over, and removed before the next append |
//! | a process is killed while it holds the lock | the next writer sees that it is dead and goes on at once |
//! | the last line is whole and no JSON | as in Optuna, readers pass over it; who would append gets an error that names the file and the line |
//! | Optuna refuses another line | one error that names the file and the line |

mod data;
mod distribution;
mod error;
mod fields;
mod json;
mod lock;
mod log;
mod parse;
mod record;
mod replay;
mod summary;
mod times;

use std::path::{Path, PathBuf};

pub use data::{StoredParameter, TrialData};
pub use error::JournalError;
pub use json::Json;
pub use replay::{StoredStudy, StoredTrial};
pub use summary::shown;

pub(crate) use lock::is_ours;
pub(crate) use record::Operation;

use lock::Worker;
use log::Log;

/// A journal and what stands in it.
#[derive(Debug)]
pub struct Journal {
    log: Log,
    worker: Option<Worker>,
}

/// Whether an append waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Only its order counts: what is lost with the machine is made again.
    Ordered,
    /// After it returns, no crash can lose the lines.
    Synced,
}

impl Journal {
    /// Opens the journal at `path` to read and write it; makes an empty one where there is none.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a damaged line.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        // A later change of the working directory must not move the lock.
        let path = std::path::absolute(path).map_err(JournalError::io(path, "open"))?;
        let log = Log::open(&path)?;
        let worker = Worker::start(&path).map_err(JournalError::io(&path, "lock"))?;
        Self { log, worker: Some(worker) }.synced()
    }

    /// Opens the journal at `path` to read it. Neither the file nor its folder is touched.
    ///
    /// # Errors
    /// A file that cannot be read, or a damaged line.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        Self { log: Log::read(path)?, worker: None }.synced()
    }

    fn synced(mut self) -> Result<Self, JournalError> {
        self.sync()?;
        Ok(self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.log.path()
    }

    /// Fails for a journal that came out of a pipe: it was read once, and nothing can be appended to it.
    ///
    /// # Errors
    /// Where the journal is no file.
    pub fn ensure_file(&self) -> Result<(), JournalError> {
        self.log.ensure_file()
    }

    /// Takes in what other processes appended since the last look.
    ///
    /// # Errors
    /// A file that cannot be read, or a damaged line.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        // Without the lock, a torn line may have been removed and written over between two reads of one pass.
        self.log.sync().or_else(|_| self.log.sync())
    }

    /// The studies, in the order in which they were created.
    pub fn studies(&self) -> impl Iterator<Item = &StoredStudy> {
        self.log.replay().studies()
    }

    /// The study of this name.
    pub fn study(&self, name: &str) -> Option<&StoredStudy> {
        self.studies().find(|study| study.name == name)
    }

    /// The id of the next study that is created.
    pub(crate) fn next_study(&self) -> i64 {
        self.log.replay().next_study()
    }

    /// Whether the author of a line is a process of this crate that still runs.
    pub(crate) fn is_alive(&self, worker: &str) -> Result<bool, JournalError> {
        lock::is_alive(self.path(), worker).map_err(JournalError::io(self.path(), "examine the workers of"))
    }

    /// The name under which this handle writes.
    pub(crate) fn worker(&self) -> Option<&str> {
        self.worker.as_ref().map(Worker::id)
    }

    /// Appends what `decide` asks for after it has seen every line there is; nobody else appends in between.
    pub(crate) fn append<T>(
        &mut self,
        durability: Durability,
        decide: impl FnOnce(&Self) -> (Vec<Operation>, T),
    ) -> Result<T, JournalError> {
        let path: PathBuf = self.path().to_owned();
        // Out of `self` while its lock is held.
        let worker = self.worker.take().ok_or(JournalError::ReadOnly { path: path.clone() })?;
        let result = worker.lock().map_err(JournalError::io(&path, "lock")).and_then(|_held| {
            self.log.sync()?;
            let (operations, result) = decide(self);
            self.log.append(operations.iter().map(|operation| operation.to_line(worker.id())), durability)?;
            self.log.sync()?;
            Ok(result)
        });
        self.worker = Some(worker);
        result
    }
}

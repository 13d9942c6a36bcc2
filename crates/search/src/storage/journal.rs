//! A journal: whole lines of a file in, whole lines out.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::json::Json;
use super::lock::{self, GRACE, Worker};
use super::parse;
use super::record::Operation;
use super::replay::Replay;
use super::stored::StoredStudy;

/// A journal and what stands in it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// None for what came out of a pipe, which is read once.
    file: Option<File>,
    /// Bytes read: whole lines only.
    read: u64,
    /// Lines read.
    lines: usize,
    /// What is wrong with a whole last line that is no JSON.
    unread: Option<String>,
    replay: Replay,
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

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses to read or write the file or its lock.
    #[error("{}: cannot {}", .0.display(), .1)]
    Io(PathBuf, &'static str, #[source] std::io::Error),
    /// A line that Optuna refuses, or, where something is to be appended, a whole last line that is no JSON.
    #[error("{}:{line}: damaged line: {reason}; keep a copy, then mend or remove the line", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is shorter than what was already read from it.
    #[error("{}: was cut short by another program while in use", .0.display())]
    Shrunk(PathBuf),
    /// What is read is no file, and something is to be appended to it.
    #[error("{}: is a pipe or a device, and only a file can be appended to", .0.display())]
    Stream(PathBuf),
    /// A journal opened for reading was asked to write.
    #[error("{}: is open for reading only", .0.display())]
    ReadOnly(PathBuf),
}

impl JournalError {
    /// The exit code of a command that stops with this error: 74 for a file that cannot be read or written, 65 for one
    /// that is not as it should be.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(..) | Self::Stream(_) | Self::ReadOnly(_) => 74,
            Self::Damaged { .. } | Self::Shrunk(_) => 65,
        }
    }

    /// Makes an error of the system one of a journal: for `map_err`.
    fn io(path: &Path, action: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::Io(path.to_owned(), action, error)
    }
}

impl Journal {
    /// Opens the journal at `path` to read and write it; makes an empty one where there is none.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a damaged line.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        // A later change of the working directory must not move the lock.
        let path = std::path::absolute(path).map_err(JournalError::io(path, "open"))?;
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        let file = match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = options.create(true).open(&path).map_err(JournalError::io(&path, "create"))?;
                // A file whose name is lost with the machine has lost its lines.
                let folder = File::open(lock::folder(&path)).and_then(|folder| folder.sync_all());
                folder.map_err(JournalError::io(&path, "create"))?;
                file
            }
            opened => opened.map_err(JournalError::io(&path, "open"))?,
        };
        let mut journal = Self::new(&path, file)?;
        journal.ensure_file()?;
        journal.worker = Some(Worker::start(&path).map_err(JournalError::io(&path, "lock"))?);
        journal.sync()?;
        Ok(journal)
    }

    /// Opens the journal at `path` to read it. Neither the file nor its folder is touched.
    ///
    /// # Errors
    /// A file that cannot be read, or a damaged line.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let mut journal = Self::new(path, File::open(path).map_err(JournalError::io(path, "open"))?)?;
        journal.sync().map(|()| journal)
    }

    fn new(path: &Path, mut file: File) -> Result<Self, JournalError> {
        let failed = JournalError::io(path, "read");
        let kind = file.metadata().map_err(&failed)?.file_type();
        let (path, replay) = (path.to_owned(), Replay::default());
        let mut journal = Self { path, file: None, read: 0, lines: 0, unread: None, replay, worker: None };
        if kind.is_file() || kind.is_dir() {
            journal.file = Some(file);
        } else {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(&failed)?;
            journal.take_in(&bytes)?;
        }
        Ok(journal)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fails for a journal that came out of a pipe: it was read once, and nothing can be appended to it.
    ///
    /// # Errors
    /// Where the journal is no file.
    pub fn ensure_file(&self) -> Result<(), JournalError> {
        self.file.as_ref().map(|_| ()).ok_or_else(|| JournalError::Stream(self.path.clone()))
    }

    /// Takes in what other processes appended since the last look.
    ///
    /// # Errors
    /// A file that cannot be read, or a damaged line.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        // Without the lock, a torn line may have been removed and written over between two reads of one pass.
        self.read_on().or_else(|_| self.read_on())
    }

    /// The studies, in the order in which they were created.
    pub fn studies(&self) -> impl Iterator<Item = &StoredStudy> {
        self.replay.studies()
    }

    /// The study of this name.
    pub fn study(&self, name: &str) -> Option<&StoredStudy> {
        self.studies().find(|study| study.name == name)
    }

    /// The id of the next study that is created.
    pub(crate) fn next_study(&self) -> i64 {
        self.replay.next_study()
    }

    /// Whether the author of a line is a process of this crate that still runs.
    pub(crate) fn is_alive(&self, worker: &str) -> Result<bool, JournalError> {
        lock::is_alive(&self.path, worker).map_err(JournalError::io(&self.path, "examine the workers of"))
    }

    /// The name under which this handle writes.
    pub(crate) fn worker(&self) -> &str {
        self.worker.as_ref().map_or("", Worker::id)
    }

    /// Appends what `decide` asks for after it has seen every line there is; nobody else appends in between.
    pub(crate) fn append<T>(
        &mut self,
        durability: Durability,
        decide: impl FnOnce(&Self) -> (Vec<Operation>, T),
    ) -> Result<T, JournalError> {
        let Some(worker) = &self.worker else { return Err(JournalError::ReadOnly(self.path.clone())) };
        let _held = worker.lock(GRACE).map_err(JournalError::io(&self.path, "lock"))?;
        self.read_on()?;
        let (operations, result) = decide(self);
        let worker = self.worker().to_owned();
        let lines: Vec<Json> = operations.into_iter().map(|operation| operation.into_line(&worker)).collect();
        self.write(&lines, durability)?;
        Ok(result)
    }

    /// Takes in the whole lines behind the last one read.
    fn read_on(&mut self) -> Result<(), JournalError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let length = file.metadata().map_err(JournalError::io(&self.path, "read"))?.len();
        if length < self.read {
            return Err(JournalError::Shrunk(self.path.clone()));
        }
        let mut unread = Vec::new();
        if length > self.read || self.read == 0 {
            let read = file.seek(SeekFrom::Start(self.read)).and_then(|_| file.read_to_end(&mut unread));
            read.map_err(JournalError::io(&self.path, "read"))?;
        }
        self.take_in(&unread)
    }

    /// Takes in whole lines. A last line that is torn, or that is whole and no JSON (a torn line to which Optuna appended),
    /// is left unread, as Optuna leaves it.
    fn take_in(&mut self, mut rest: &[u8]) -> Result<(), JournalError> {
        self.unread = None;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, behind) = rest.split_at(end + 1);
            let json = match parse::line(line) {
                Err(fault) if fault.is_syntax && behind.is_empty() => {
                    self.unread = Some(fault.reason);
                    break;
                }
                parsed => parsed.map_err(|fault| self.damaged(fault.reason))?,
            };
            self.replay.apply(&json).map_err(|reason| self.damaged(reason))?;
            self.read += line.len() as u64;
            self.lines += 1;
            rest = behind;
        }
        Ok(())
    }

    /// The error of the line behind the last one read.
    fn damaged(&self, reason: String) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), line: self.lines + 1, reason }
    }

    /// Appends lines and takes them in. The caller holds the lock and has read every line there is.
    fn write(&mut self, lines: &[Json], durability: Durability) -> Result<(), JournalError> {
        if lines.is_empty() {
            return Ok(());
        }
        // Whoever wrote a whole line may still want it; what follows it, nobody can read.
        if let Some(reason) = self.unread.clone() {
            return Err(self.damaged(reason));
        }
        let Some(file) = &mut self.file else { return self.ensure_file() };
        let failed = JournalError::io(&self.path, "append to");
        if file.metadata().map_err(&failed)?.len() > self.read {
            // Under the lock nobody is writing it: what is unread is torn.
            file.set_len(self.read).map_err(&failed)?;
        }
        let text: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
        file.write_all(text.as_bytes()).map_err(|error| {
            // A full disk must not leave half a line; what remains nonetheless is the next writer's torn line.
            let _ = file.set_len(self.read);
            failed(error)
        })?;
        if durability == Durability::Synced {
            file.sync_data().map_err(&failed)?;
        }
        for line in lines {
            self.replay.apply(line).map_err(|reason| self.damaged(reason))?;
            self.lines += 1;
        }
        self.read += text.len() as u64;
        Ok(())
    }
}

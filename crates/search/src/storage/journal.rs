//! A journal: lines in, lines out, and what stands in them.

use std::path::{Path, PathBuf};

use super::backend::{Backend, Durability, Position};
use super::file::FileBackend;
use super::json::Json;
use super::location::{Location, Server};
use super::parse;
use super::record::Operation;
use super::replay::Replay;
use super::server::ServerBackend;
use super::stored::StoredStudy;

/// A journal and what stands in it.
#[derive(Debug)]
pub struct Journal {
    location: Location,
    backend: Box<dyn Backend>,
    /// How far it has been read.
    read: Position,
    /// What is wrong with a whole last line that is no JSON.
    unread: Option<String>,
    replay: Replay,
    /// How often its storage has lost lines that had been read.
    losses: u64,
}

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses to read or write the file or its lock.
    #[error("{}: cannot {}", .0.display(), .1)]
    Io(PathBuf, &'static str, #[source] std::io::Error),
    /// A line that Optuna refuses, or, where something is to be appended, a whole last line that is no JSON.
    #[error("{location}:{line}: damaged line: {reason}; keep a copy, then mend or remove the line")]
    Damaged {
        /// The journal.
        location: Location,
        /// The line's number, from 1.
        line: u64,
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
    /// What a user wrote is no place of a journal.
    #[error("{0}")]
    Location(String),
    /// A Redis Cluster keeps its keys on several servers, and no script sees them all.
    #[error("{0}: a Redis Cluster cannot keep a journal; take a server that is none")]
    Cluster(String),
    /// The server cannot be reached, or refuses what it is asked.
    #[error("{0}: cannot {1}: {2}")]
    Server(Server, &'static str, String),
    /// The server has dropped a line.
    #[error("{0}: line :log:{1} is gone; a server that keeps a journal has `maxmemory-policy noeviction`")]
    Missing(Server, i64),
    /// A journal has lines that another one, of which it was to become a copy, has not.
    #[error(
        "{to}:{line}: is another line than {from} has; a copy goes to where nothing is, or where an earlier copy is"
    )]
    Unlike {
        /// The journal that was to become a copy.
        to: Location,
        /// The line's number, from 1.
        line: u64,
        /// The journal that was to be copied.
        from: Location,
    },
}

impl JournalError {
    /// The exit code of a command that stops with this error: 74 for a file or server that cannot be read or written, 65
    /// for one that is not as it should be, 2 for what no location is.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(..) | Self::Stream(_) | Self::ReadOnly(_) | Self::Server(..) | Self::Cluster(_) => 74,
            Self::Damaged { .. } | Self::Shrunk(_) | Self::Missing(..) | Self::Unlike { .. } => 65,
            Self::Location(_) => 2,
        }
    }

    /// Makes an error of the system one of a journal: for `map_err`.
    pub(super) fn io(path: &Path, action: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::Io(path.to_owned(), action, error)
    }
}

impl Journal {
    /// Opens the journal to read and write it; makes an empty one where there is none.
    ///
    /// # Errors
    /// A file or server that cannot be read or written, or a damaged line.
    pub fn open(location: impl Into<Location>) -> Result<Self, JournalError> {
        let location = location.into();
        let backend: Box<dyn Backend> = match &location {
            Location::File(path) => Box::new(FileBackend::open(path)?),
            Location::Redis(server) => Box::new(ServerBackend::open(server)?),
        };
        Self::new(location, backend)
    }

    /// Opens the journal to read it. Neither the file nor its folder is touched.
    ///
    /// # Errors
    /// A file or server that cannot be read, or a damaged line.
    pub fn read(location: impl Into<Location>) -> Result<Self, JournalError> {
        let location = location.into();
        let backend: Box<dyn Backend> = match &location {
            Location::File(path) => Box::new(FileBackend::read_only(path)?),
            Location::Redis(server) => Box::new(ServerBackend::read_only(server)?),
        };
        Self::new(location, backend)
    }

    fn new(location: Location, backend: Box<dyn Backend>) -> Result<Self, JournalError> {
        let (read, replay) = (Position::default(), Replay::default());
        let mut journal = Self { location, backend, read, unread: None, replay, losses: 0 };
        journal.sync().map(|()| journal)
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Fails for a journal that came out of a pipe: it was read once, and nothing can be appended to it.
    ///
    /// # Errors
    /// Where the journal is no file and no server's.
    pub fn ensure_appendable(&self) -> Result<(), JournalError> {
        self.backend.ensure_appendable()
    }

    /// Takes in what other processes appended since the last look.
    ///
    /// # Errors
    /// A file or server that cannot be read, or a damaged line.
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

    /// How often lines that had been read were lost. What was made of them counts no more.
    pub(crate) fn losses(&self) -> u64 {
        self.losses
    }

    /// Whether the author of a line is a process of this crate that still runs.
    pub(crate) fn is_alive(&mut self, worker: &str) -> Result<bool, JournalError> {
        self.backend.is_alive(worker)
    }

    /// The name under which this handle writes.
    pub(crate) fn worker(&self) -> &str {
        self.backend.worker().unwrap_or_default()
    }

    /// Appends what `decide` asks for after it has seen every line there is. Where somebody else appends in between, it
    /// decides anew.
    pub(crate) fn append<T>(
        &mut self,
        durability: Durability,
        decide: impl Fn(&Self) -> (Vec<Operation>, T),
    ) -> Result<T, JournalError> {
        loop {
            self.sync()?;
            let (operations, result) = decide(self);
            let worker = self.worker();
            let lines: Vec<Json> = operations.into_iter().map(|operation| operation.into_line(worker)).collect();
            let texts: Vec<Vec<u8>> = lines.iter().map(|line| format!("{line}\n").into_bytes()).collect();
            if self.put(&texts, durability)? {
                // What was written need not be read.
                for (line, text) in lines.iter().zip(&texts) {
                    self.apply(line, text)?;
                }
                return Ok(result);
            }
        }
    }

    /// Makes sure that no crash can lose a line that was appended.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        self.backend.flush()
    }

    /// Makes this journal the copy of another one, whose lines it has up to one of them, and says how many it lacked.
    ///
    /// # Errors
    /// A journal that cannot be read or written, or a line that the other one has not.
    pub fn copy_from(&mut self, other: &mut Self) -> Result<u64, JournalError> {
        /// So many lines are written at once.
        const CHUNK: usize = 1000;
        loop {
            self.sync()?;
            let lines = |journal: &mut Self| journal.backend.read(&Position::default()).map(Option::unwrap_or_default);
            let (own, mut others) = (lines(self)?, lines(other)?);
            // A last line that nobody can read is none of the journal's.
            others.truncate(other.read.lines as usize);
            let common = own.iter().zip(&others).take_while(|(own, other)| own == other).count();
            if common < own.len() {
                let (to, from) = (self.location.clone(), other.location.clone());
                return Err(JournalError::Unlike { to, line: common as u64 + 1, from });
            }
            let lacking = &others[common..];
            let mut is_complete = true;
            for chunk in lacking.chunks(CHUNK) {
                is_complete &= self.extend(chunk, Durability::Synced)?;
            }
            if is_complete {
                return Ok(lacking.len() as u64);
            }
        }
    }

    /// Takes in the lines behind the last one read.
    fn read_on(&mut self) -> Result<(), JournalError> {
        let lines = if let Some(lines) = self.backend.read(&self.read)? {
            lines
        } else {
            eprintln!("{}: lines that had been read are gone; all are read again", self.location);
            (self.read, self.replay, self.losses) = (Position::default(), Replay::default(), self.losses + 1);
            self.backend.read(&self.read)?.unwrap_or_default()
        };
        self.take_in(&lines)
    }

    /// Takes in whole lines. A last line that is torn, or that is whole and no JSON (a torn line to which Optuna appended), is
    /// left unread, as Optuna leaves it.
    fn take_in(&mut self, lines: &[Vec<u8>]) -> Result<(), JournalError> {
        self.unread = None;
        for (place, line) in lines.iter().enumerate() {
            if !line.ends_with(b"\n") {
                break;
            }
            let json = match parse::line(line) {
                Err(fault) if fault.is_syntax && place + 1 == lines.len() => {
                    self.unread = Some(fault.reason);
                    break;
                }
                parsed => parsed.map_err(|fault| self.damaged(fault.reason))?,
            };
            self.apply(&json, line)?;
        }
        Ok(())
    }

    /// Takes in one line, and its text.
    fn apply(&mut self, line: &Json, text: &Vec<u8>) -> Result<(), JournalError> {
        self.replay.apply(line).map_err(|reason| self.damaged(reason))?;
        self.read.bytes += text.len() as u64;
        self.read.lines += 1;
        self.read.last.clone_from(text);
        Ok(())
    }

    /// The error of the line behind the last one read.
    fn damaged(&self, reason: String) -> JournalError {
        JournalError::Damaged { location: self.location.clone(), line: self.read.lines + 1, reason }
    }

    /// Appends lines behind the last one read and takes them in, if nobody else has appended since; says whether.
    fn extend(&mut self, lines: &[Vec<u8>], durability: Durability) -> Result<bool, JournalError> {
        let appended = self.put(lines, durability)?;
        if appended {
            self.take_in(lines)?;
        }
        Ok(appended)
    }

    /// As [`Self::extend`], and does not take them in.
    fn put(&mut self, lines: &[Vec<u8>], durability: Durability) -> Result<bool, JournalError> {
        if lines.is_empty() {
            return Ok(true);
        }
        if self.unread.is_some() {
            // It may have been half written.
            self.sync()?;
            // Whoever wrote a whole line may still want it; what follows it, nobody can read.
            return self.unread.clone().map_or(Ok(false), |reason| Err(self.damaged(reason)));
        }
        self.backend.append(lines, &self.read, durability)
    }
}

//! A journal in a file: Optuna's `JournalFileBackend`.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::backend::{Backend, Durability, Position};
use super::journal::JournalError;
use super::lock::{self, GRACE, Worker};

#[derive(Debug)]
pub struct FileBackend {
    path: PathBuf,
    source: Source,
    worker: Option<Worker>,
}

#[derive(Debug)]
enum Source {
    File(File),
    /// What came out of a pipe, which is read once.
    Piped(Vec<u8>),
}

impl FileBackend {
    /// To read and write; an empty file is made where there is none.
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
        let mut backend = Self::new(&path, file)?;
        backend.ensure_appendable()?;
        backend.worker = Some(Worker::start(&path).map_err(JournalError::io(&path, "lock"))?);
        Ok(backend)
    }

    /// To read. Neither the file nor its folder is touched.
    pub fn read_only(path: &Path) -> Result<Self, JournalError> {
        Self::new(path, File::open(path).map_err(JournalError::io(path, "open"))?)
    }

    fn new(path: &Path, mut file: File) -> Result<Self, JournalError> {
        let failed = JournalError::io(path, "read");
        let kind = file.metadata().map_err(&failed)?.file_type();
        let source = if kind.is_file() || kind.is_dir() {
            Source::File(file)
        } else {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(&failed)?;
            Source::Piped(bytes)
        };
        Ok(Self { path: path.to_owned(), source, worker: None })
    }
}

/// The lines, each with its break.
fn lines(mut from: impl BufRead) -> std::io::Result<Vec<Vec<u8>>> {
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    while from.read_until(b'\n', &mut line)? > 0 {
        lines.push(line.clone());
        line.clear();
    }
    Ok(lines)
}

impl Backend for FileBackend {
    fn read(&mut self, from: &Position) -> Result<Option<Vec<Vec<u8>>>, JournalError> {
        let failed = JournalError::io(&self.path, "read");
        let file = match &mut self.source {
            Source::File(file) => file,
            Source::Piped(bytes) => return lines(&bytes[from.bytes as usize..]).map(Some).map_err(failed),
        };
        let length = file.metadata().map_err(&failed)?.len();
        if length < from.bytes {
            return Err(JournalError::Shrunk(self.path.clone()));
        }
        // A folder has no bytes and says so when it is read.
        if length == from.bytes && from.bytes > 0 {
            return Ok(Some(Vec::new()));
        }
        file.seek(SeekFrom::Start(from.bytes)).and_then(|_| lines(BufReader::new(file))).map(Some).map_err(failed)
    }

    fn append(&mut self, lines: &[Vec<u8>], at: &Position, durability: Durability) -> Result<bool, JournalError> {
        let Some(worker) = &self.worker else { return Err(JournalError::ReadOnly(self.path.clone())) };
        let _held = worker.lock(GRACE).map_err(JournalError::io(&self.path, "lock"))?;
        if self.read(at)?.is_some_and(|lines| lines.iter().any(|line| line.ends_with(b"\n"))) {
            return Ok(false);
        }
        let Source::File(file) = &mut self.source else { return Ok(false) };
        let failed = JournalError::io(&self.path, "append to");
        if file.metadata().map_err(&failed)?.len() > at.bytes {
            // Under the lock nobody is writing it: what is unread is torn.
            file.set_len(at.bytes).map_err(&failed)?;
        }
        file.write_all(&lines.concat()).map_err(|error| {
            // A full disk must not leave half a line; what remains nonetheless is the next writer's torn line.
            let _ = file.set_len(at.bytes);
            failed(error)
        })?;
        if durability == Durability::Synced {
            file.sync_data().map_err(&failed)?;
        }
        Ok(true)
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        match &self.source {
            Source::File(file) => file.sync_data().map_err(JournalError::io(&self.path, "append to")),
            Source::Piped(_) => Ok(()),
        }
    }

    fn worker(&self) -> Option<&str> {
        self.worker.as_ref().map(Worker::id)
    }

    fn is_alive(&mut self, worker: &str) -> Result<bool, JournalError> {
        lock::is_alive(&self.path, worker).map_err(JournalError::io(&self.path, "examine the workers of"))
    }

    fn ensure_appendable(&self) -> Result<(), JournalError> {
        match self.source {
            Source::File(_) => Ok(()),
            Source::Piped(_) => Err(JournalError::Stream(self.path.clone())),
        }
    }
}

//! The file under a journal: whole lines in, whole lines out.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::Durability;
use super::error::JournalError;
use super::json::Json;
use super::lock;
use super::record::Operation;
use super::replay::Replay;

/// A file of lines and what the lines read so far amount to.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    /// Bytes read: whole lines only.
    read: u64,
    /// Lines read.
    lines: usize,
    replay: Replay,
}

impl Log {
    /// Opens `path` to read and append; makes it where it is missing.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        let file = match options.open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = options.create(true).open(path).map_err(JournalError::io(path, "create"))?;
                // A file whose name is lost with the machine has lost its lines.
                let folder = File::open(lock::folder(path)).and_then(|folder| folder.sync_all());
                folder.map_err(JournalError::io(path, "create"))?;
                file
            }
            opened => opened.map_err(JournalError::io(path, "open"))?,
        };
        Ok(Self::new(path, file))
    }

    /// Opens `path` to read.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        Ok(Self::new(path, File::open(path).map_err(JournalError::io(path, "open"))?))
    }

    fn new(path: &Path, file: File) -> Self {
        Self { path: path.to_owned(), file, read: 0, lines: 0, replay: Replay::default() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn replay(&self) -> &Replay {
        &self.replay
    }

    /// Reads the whole lines behind the last one read. A last line that is torn, or that is whole and no JSON (a
    /// torn line to which Optuna appended), is left unread, as Optuna leaves it.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        if self.length()? < self.read {
            return Err(JournalError::Shrunk { path: self.path.clone() });
        }
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.read))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(JournalError::io(&self.path, "read"))?;
        let mut rest = &bytes[..];
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, behind) = rest.split_at(end + 1);
            let json = match Json::parse(&line[..end]) {
                Err(_) if behind.is_empty() => break,
                parsed => parsed,
            };
            let (worker, operation) = json
                .and_then(|json| Operation::from_json(&json))
                .map_err(|reason| JournalError::Damaged { path: self.path.clone(), line: self.lines + 1, reason })?;
            self.replay.apply(worker, operation);
            self.read += line.len() as u64;
            self.lines += 1;
            rest = behind;
        }
        Ok(())
    }

    /// Appends lines. The caller holds the lock and has read every line there is.
    pub fn append(&mut self, lines: impl Iterator<Item = String>, durability: Durability) -> Result<(), JournalError> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        let failed = JournalError::io(&self.path, "append to");
        if self.length()? > self.read {
            // Under the lock nobody is writing it: what is unread is torn.
            self.file.set_len(self.read).map_err(&failed)?;
        }
        self.file.write_all(text.as_bytes()).map_err(|error| {
            // A full disk must not leave half a line; what remains nonetheless is the next writer's torn line.
            let _ = self.file.set_len(self.read);
            failed(error)
        })?;
        if durability == Durability::Synced {
            self.file.sync_data().map_err(&failed)?;
        }
        Ok(())
    }

    fn length(&self) -> Result<u64, JournalError> {
        Ok(self.file.metadata().map_err(JournalError::io(&self.path, "read"))?.len())
    }
}

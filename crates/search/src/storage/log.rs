//! The file under a journal: whole lines in, whole lines out.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::Durability;
use super::error::JournalError;
use super::lock;
use super::parse::{self, Fault};
use super::replay::Replay;

/// A file of lines and what the lines read so far amount to.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    source: Source,
    /// Bytes read: whole lines only.
    read: u64,
    /// Lines read.
    lines: usize,
    /// What is wrong with a whole last line that is no JSON.
    unread: Option<String>,
    replay: Replay,
}

#[derive(Debug)]
enum Source {
    File(File),
    /// What came out of a pipe, which can be read once.
    Stream(Vec<u8>),
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
        let log = Self::new(path, file)?;
        log.ensure_file()?;
        Ok(log)
    }

    /// Opens `path` to read.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        Self::new(path, File::open(path).map_err(JournalError::io(path, "open"))?)
    }

    fn new(path: &Path, mut file: File) -> Result<Self, JournalError> {
        let kind = file.metadata().map_err(JournalError::io(path, "read"))?.file_type();
        let source = if kind.is_file() || kind.is_dir() {
            Source::File(file)
        } else {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(JournalError::io(path, "read"))?;
            Source::Stream(bytes)
        };
        Ok(Self { path: path.to_owned(), source, read: 0, lines: 0, unread: None, replay: Replay::default() })
    }

    /// Fails for a journal that came out of a pipe: nothing can be appended to it.
    pub fn ensure_file(&self) -> Result<(), JournalError> {
        match self.source {
            Source::File(_) => Ok(()),
            Source::Stream(_) => Err(JournalError::Stream { path: self.path.clone() }),
        }
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
        let mut unread = Vec::new();
        let bytes = match &mut self.source {
            Source::Stream(bytes) => &bytes[self.read as usize..],
            Source::File(file) => {
                let failed = JournalError::io(&self.path, "read");
                if file.metadata().map_err(&failed)?.len() < self.read {
                    return Err(JournalError::Shrunk { path: self.path.clone() });
                }
                file.seek(SeekFrom::Start(self.read)).and_then(|_| file.read_to_end(&mut unread)).map_err(&failed)?;
                &unread[..]
            }
        };
        let damaged = |lines: usize, reason| JournalError::Damaged { path: self.path.clone(), line: lines + 1, reason };
        let mut rest = bytes;
        self.unread = None;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, behind) = rest.split_at(end + 1);
            let json = match parse::line(line) {
                Err(Fault::Syntax(reason)) if behind.is_empty() => {
                    self.unread = Some(reason);
                    break;
                }
                parsed => parsed.map_err(|fault| damaged(self.lines, fault.into_reason()))?,
            };
            self.replay.apply(&json).map_err(|reason| damaged(self.lines, reason))?;
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
        // Whoever wrote a whole line may still want it; what follows it, nobody can read.
        if let Some(reason) = &self.unread {
            return Err(JournalError::Damaged {
                path: self.path.clone(),
                line: self.lines + 1,
                reason: reason.clone(),
            });
        }
        self.ensure_file()?;
        let Source::File(file) = &mut self.source else { return Ok(()) };
        let failed = JournalError::io(&self.path, "append to");
        if file.metadata().map_err(&failed)?.len() > self.read {
            // Under the lock nobody is writing it: what is unread is torn.
            file.set_len(self.read).map_err(&failed)?;
        }
        file.write_all(text.as_bytes()).map_err(|error| {
            // A full disk must not leave half a line; what remains nonetheless is the next writer's torn line.
            let _ = file.set_len(self.read);
            failed(error)
        })?;
        if durability == Durability::Synced {
            file.sync_data().map_err(&failed)?;
        }
        Ok(())
    }
}

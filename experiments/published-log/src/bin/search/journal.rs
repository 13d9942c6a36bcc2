//! What is already searched: a file of JSON lines, so that a search that was stopped goes on where it was.
//!
//! The first line names the task; each other line is a start, the middles of a start, or a candidate, written when it is
//! finished. A kill can tear the last line only, and a torn line is dropped and searched again. Nothing in the file
//! changes what is found: every entry would come out the same again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::middles::Middle;
use crate::task::SHOWN;

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// Which task the file belongs to.
    Task(String),
    /// A finished start.
    Start(Start),
    /// A start whose middles are judged.
    Middles { start: u64, middles: Vec<Middle> },
    /// A candidate whose last lines were searched.
    Candidate(Candidate),
}

/// A start, judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Its number.
    pub number: u64,
    /// Different losses in reach after its most movable middle of few; 0 if it prints no six lines or nothing moves.
    pub distinct: usize,
    /// Hits of each of the last lines there.
    pub hits: [u32; SHOWN],
}

/// A candidate whose last lines were searched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The number of its start.
    pub start: u64,
    /// The number of its middle.
    pub middle: u64,
    /// Last lines that it printed, of six.
    pub lines: usize,
    /// How far its best state is from the accuracy, in lattice numbers.
    pub miss: u64,
}

impl Candidate {
    /// Whether it printed everything.
    pub fn complete(&self) -> bool {
        self.lines == SHOWN && self.miss == 0
    }
}

/// The open file, and what it says.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    // Also held for its lock, which ends with the process.
    file: Mutex<File>,
    starts: HashMap<u64, Start>,
    middles: HashMap<u64, Vec<Middle>>,
    candidates: HashMap<(u64, u64), Candidate>,
}

impl Journal {
    /// Opens the journal beside `out`, and begins it if there is none.
    ///
    /// # Errors
    /// If another search holds it, it belongs to another task, or it cannot be read or written.
    pub fn open(out: &Path, task: &str) -> anyhow::Result<Self> {
        let mut name = out.file_name().context("the witness needs a file name")?.to_os_string();
        name.push(".journal");
        let path = out.with_file_name(name);
        let cannot = || format!("cannot open {}", path.display());
        let mut options = OpenOptions::new();
        let mut file = options.create(true).truncate(false).read(true).write(true).open(&path).with_context(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{}: another search is writing it", path.display()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let text = std::str::from_utf8(&bytes[..whole]).with_context(|| format!("{}: not text", path.display()))?;
        let mut journal = Self {
            file: Mutex::new(file),
            starts: HashMap::new(),
            middles: HashMap::new(),
            candidates: HashMap::new(),
            path,
        };
        journal.read(text, task)?;
        journal.drop_torn(whole as u64)?;
        if whole == 0 {
            journal.write(&Line::Task(task.to_owned()))?;
        }
        Ok(journal)
    }

    fn read(&mut self, text: &str, task: &str) -> anyhow::Result<()> {
        for (number, line) in text.lines().enumerate() {
            let place = || format!("{}:{}", self.path.display(), number + 1);
            let line: Line =
                serde_json::from_str(line).with_context(|| format!("{}: not a line of a journal", place()))?;
            let first = matches!(line, Line::Task(_));
            ensure!(first == (number == 0), "{}: the first line, and no other, names the task", place());
            match line {
                Line::Task(found) => ensure!(
                    found == task,
                    "{}: the journal of another search ({found}, not {task}); choose another --out",
                    place()
                ),
                Line::Start(start) => drop(self.starts.insert(start.number, start)),
                Line::Middles { start, middles } => drop(self.middles.insert(start, middles)),
                Line::Candidate(candidate) => {
                    self.candidates.insert((candidate.start, candidate.middle), candidate);
                }
            }
        }
        Ok(())
    }

    /// Cuts the file after its last whole line, and writes on from there.
    fn drop_torn(&self, whole: u64) -> anyhow::Result<()> {
        let mut file = self.lock();
        let cut = file.set_len(whole).and_then(|()| file.seek(SeekFrom::Start(whole)));
        cut.map(drop).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// The start of that number, if it is finished.
    pub fn start(&self, start: u64) -> Option<Start> {
        self.starts.get(&start).copied()
    }

    /// The judged middles of that start, if they are.
    pub fn middles(&self, start: u64) -> Option<&[Middle]> {
        self.middles.get(&start).map(Vec::as_slice)
    }

    /// The candidate, if its last lines were searched.
    pub fn candidate(&self, start: u64, middle: u64) -> Option<Candidate> {
        self.candidates.get(&(start, middle)).copied()
    }

    /// Writes down a finished start.
    pub fn add_start(&self, start: Start) -> anyhow::Result<()> {
        self.write(&Line::Start(start))
    }

    /// Writes down the judged middles of a start.
    pub fn add_middles(&self, start: u64, middles: &[Middle]) -> anyhow::Result<()> {
        self.write(&Line::Middles { start, middles: middles.to_vec() })
    }

    /// Writes down a candidate.
    pub fn add_candidate(&self, candidate: Candidate) -> anyhow::Result<()> {
        self.write(&Line::Candidate(candidate))
    }

    fn write(&self, line: &Line) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        let text = serde_json::to_string(line).with_context(cannot)? + "\n";
        let mut file = self.lock();
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).with_context(cannot)
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

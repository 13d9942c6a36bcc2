//! CSV as RFC 4180 writes it, read strictly: one record at a time, each with its line.
//!
//! Polars fills a short row with nulls and names no line, so the file is cut into cells here. No more than one record is
//! held, and the digest is taken of the bytes as they pass.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use manifest::quote;
use sha2::{Digest, Sha256};

use crate::digests::hexadecimal;
use crate::error::Error;

/// The most bytes of one record. A quote that is never closed would otherwise swallow the file.
const LONGEST: usize = 1 << 20;

/// The records of one file, its header first.
pub(crate) struct Records {
    file: String,
    reader: BufReader<File>,
    digest: Sha256,
    /// The line on which the current record starts, and how many lines were read.
    line: usize,
    lines: usize,
    raw: Vec<u8>,
    /// The cells of the current record one after the other, and where each ends.
    text: String,
    ends: Vec<usize>,
}

impl Records {
    /// Opens the file at `path`, which errors call `file`, and reads the names in its header.
    pub fn open(path: &Path, file: &str) -> Result<(Self, Vec<String>), Error> {
        let reader = File::open(path).map_err(|error| Error::read(file, &error))?;
        let mut records = Self {
            file: file.to_owned(),
            reader: BufReader::with_capacity(1 << 18, reader),
            digest: Sha256::new(),
            line: 0,
            lines: 0,
            raw: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
        };
        if !records.advance(0)? {
            return Err(Error::invalid(file, "the file is empty; expected a header and rows"));
        }
        let names: Vec<String> = (0..records.ends.len()).map(|index| records.cell(index).to_owned()).collect();
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if names[..index].contains(name) {
                return Err(records.wrong(format!("two columns are called {}", quote(name))));
            }
        }
        Ok((records, names))
    }

    /// Goes on to the next record, which must have this many cells; `false` at the end of the file. Blank lines between
    /// records count for nothing, unless the file has a single column.
    pub fn next(&mut self, columns: usize) -> Result<bool, Error> {
        let more = self.advance(columns)?;
        if more && self.ends.len() != columns {
            let got = self.ends.len();
            return Err(self.wrong(format!("expected {columns} cells as in the header, got {got}")));
        }
        Ok(more)
    }

    /// The line on which the current record starts, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// A cell of the current record, without its quotes.
    pub fn cell(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// The SHA-256 of the whole file in hexadecimal digits, once every record was read.
    pub fn sha256(self) -> String {
        hexadecimal(&self.digest.finalize())
    }

    fn wrong(&self, message: impl Into<String>) -> Error {
        Error::invalid(format!("{}:{}", self.file, self.line), message)
    }

    fn advance(&mut self, columns: usize) -> Result<bool, Error> {
        loop {
            self.read_record()?;
            if self.raw.is_empty() {
                return Ok(false);
            }
            if self.raw.contains(&0) {
                return Err(self.wrong("a NUL byte; expected UTF-8 text, as in a CSV file that is not UTF-16"));
            }
            let Ok(record) = std::str::from_utf8(&self.raw) else {
                return Err(self.wrong("not UTF-8 text"));
            };
            let record = if self.line == 1 { record.trim_start_matches('\u{feff}') } else { record };
            let record = record.strip_suffix('\n').unwrap_or(record);
            let record = record.strip_suffix('\r').unwrap_or(record);
            if record.is_empty() && columns != 1 {
                continue;
            }
            self.text.clear();
            self.ends.clear();
            let split = split(record, &mut self.text, &mut self.ends);
            return split.map(|()| true).map_err(|message| self.wrong(message));
        }
    }

    /// Reads lines until all quotes are closed.
    fn read_record(&mut self) -> Result<(), Error> {
        self.line = self.lines + 1;
        self.raw.clear();
        let mut open = false;
        loop {
            let start = self.raw.len();
            let mut rest = (&mut self.reader).take((LONGEST + 1 - start) as u64);
            let read = rest.read_until(b'\n', &mut self.raw).map_err(|error| Error::read(&self.file, &error))?;
            if self.raw.len() > LONGEST {
                return Err(self.wrong("a record of more than 1 MiB; is a quote not closed?"));
            }
            open ^= self.raw[start..].iter().fold(false, |odd, byte| odd ^ (*byte == b'"'));
            self.lines += usize::from(read > 0);
            if read == 0 && open {
                return Err(self.wrong("a quote is not closed"));
            }
            if !open {
                self.digest.update(&self.raw);
                return Ok(());
            }
        }
    }
}

/// Cuts a record at its commas.
fn split(record: &str, text: &mut String, ends: &mut Vec<usize>) -> Result<(), &'static str> {
    let mut rest = record;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted;
            loop {
                let (part, after) = rest.split_once('"').ok_or("a quote is not closed")?;
                text.push_str(part);
                rest = after;
                let Some(after) = rest.strip_prefix('"') else { break };
                text.push('"');
                rest = after;
            }
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err("text after a closing quote; expected a comma");
            }
        } else {
            let (cell, _) = rest.split_once(',').unwrap_or((rest, ""));
            if cell.contains('"') {
                return Err("a quote inside a cell; put the whole cell in quotes and write the quote twice");
            }
            if cell.contains('\r') {
                return Err("a carriage return without a line feed; expected lines that end in \\n or \\r\\n");
            }
            text.push_str(cell);
            rest = &rest[cell.len()..];
        }
        ends.push(text.len());
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Ok(()),
        }
    }
}

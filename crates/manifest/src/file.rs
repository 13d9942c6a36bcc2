//! The bytes of a manifest's file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Fault, Place};

/// The most bytes that a manifest has.
const LARGEST_FILE: u64 = 1 << 20;

/// The bytes of the file at `path`, which errors call `name`.
pub(crate) fn read(path: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let refuse = |error| Error::read(path, &error);
    let file = File::open(path).map_err(refuse)?;
    let metadata = file.metadata().map_err(refuse)?;
    if metadata.is_file() {
        refuse_large(name, metadata.len())?;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(refuse)?;
    refuse_large(name, bytes.len() as u64)?;
    Ok(bytes)
}

/// The bytes as text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = valid.matches('\n').count() + 1;
        let column = valid.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Fault::new(Place::File { line, column }, "", "not UTF-8 text")
    })
}

/// Refuses a file of so many bytes if they are too many.
pub(crate) fn refuse_large(name: &str, bytes: u64) -> Result<(), Error> {
    if bytes <= LARGEST_FILE {
        return Ok(());
    }
    // Rounded up, so that one byte too many does not read as the limit itself.
    let tenths = (bytes * 10).div_ceil(LARGEST_FILE);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    Err(Error::Invalid {
        location: name.to_owned(),
        message: format!("file is {whole}.{tenth} MiB; a manifest is at most 1 MiB"),
    })
}

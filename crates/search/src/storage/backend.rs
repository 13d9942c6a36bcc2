//! What a storage of journals has to offer; a study does not notice which one it has.

use std::fmt::Debug;

use super::journal::JournalError;

/// How far a journal has been read.
#[derive(Debug, Clone, Default)]
pub(super) struct Position {
    /// Lines.
    pub lines: u64,
    /// Bytes of these lines.
    pub bytes: u64,
    /// The last of them, by which a server can be asked whether it still has it.
    pub last: Vec<u8>,
}

/// Whether an append waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Only its order counts: what is lost with the machine is made again.
    Ordered,
    /// After it returns, no crash can lose the lines.
    Synced,
}

/// Where the lines of a journal are kept. A line ends with a line break here, whatever the storage keeps of it.
pub(super) trait Backend: Debug + Send {
    /// The lines behind `from`, of which the last one may be torn: without its end. None where lines before it are there no more, and all are to be read again.
    fn read(&mut self, from: &Position) -> Result<Option<Vec<Vec<u8>>>, JournalError>;

    /// Appends all of these lines behind `at`, or none if anybody else has appended since that was read; says which.
    fn append(&mut self, lines: &[Vec<u8>], at: &Position, durability: Durability) -> Result<bool, JournalError>;

    /// After it returns, no crash can lose the lines that were appended.
    fn flush(&mut self) -> Result<(), JournalError>;

    /// The name of the one who writes by this handle; none who only reads.
    fn worker(&self) -> Option<&str>;

    /// Whether a worker of this crate still runs.
    fn is_alive(&mut self, worker: &str) -> Result<bool, JournalError>;

    /// Fails where nothing can be appended, whoever asks for it.
    fn ensure_appendable(&self) -> Result<(), JournalError>;
}

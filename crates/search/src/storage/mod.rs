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

mod distribution;
mod journal;
mod json;
mod lock;
mod parse;
mod record;
mod replay;
mod stored;
mod times;

pub use distribution::StoredParameter;
pub use journal::{Journal, JournalError};
pub use json::Json;
pub use stored::{StoredStudy, StoredTrial, shown};

pub(crate) use journal::Durability;
pub(crate) use lock::is_ours;
pub(crate) use record::Operation;

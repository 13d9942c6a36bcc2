//! Studies in a file or on a Redis server: Optuna's journal, one operation a line, appended and never changed.
//!
//! Optuna 5 reads, and adds to, what is written here (`JournalStorage` of a `JournalFileBackend` or a
//! `JournalRedisBackend`), also at the same time. The format, the lock and the rules of reading are those of
//! `optuna/storages/journal/` in Optuna 5.0.0, which reads the journals of every Optuna before it; so does this crate.
//! A study does not notice which of both holds it: whatever it writes depends on all lines before, so a line is appended
//! only if nobody else has appended since they were read.
//!
//! | what happens | what follows |
//! |---|---|
//! | a process is killed while it appends | the torn last line, one without its end, is passed over, and removed before the next append |
//! | a process is killed while it holds the lock | the next writer sees that it is dead and goes on at once |
//! | the last line is whole and no JSON | as in Optuna, readers pass over it; who would append gets an error that names the file and the line |
//! | Optuna refuses another line | one error that names the file and the line |
//! | a server is lost, or has no memory left | it is waited for, which is said; then an error |
//! | a worker cannot reach its server for half a minute | its trial is taken over, and what it tells of it later is dropped |
//! | a server has lost the last lines | all are read again, which is said |

mod backend;
mod distribution;
mod file;
mod journal;
mod json;
mod liveness;
mod location;
mod lock;
mod parse;
mod record;
mod replay;
mod server;
mod stored;
mod times;

pub use distribution::StoredParameter;
pub use journal::{Journal, JournalError};
pub use json::Json;
pub use location::{Location, STORAGE_VARIABLE, Server};
pub use stored::{StoredStudy, StoredTrial, shown};

pub(crate) use backend::Durability;
pub(crate) use lock::is_ours;
pub(crate) use record::Operation;

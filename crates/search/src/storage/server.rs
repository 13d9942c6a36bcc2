//! A journal on a Redis server: the keys of Optuna's `JournalRedisBackend` with the empty prefix, by which optuna-dashboard
//! finds it. `:log_number` is the number of the last line, `:log:<n>` a line. What Optuna keeps under `:snapshot`, a pickle
//! of Python's, is never read.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{Client, Cmd, Connection, FromRedisValue, RedisError, RedisResult, cmd};

use super::backend::{Backend, Durability, Position};
use super::journal::JournalError;
use super::liveness::Liveness;
use super::location::Server;

/// Appends lines only if nobody has appended since: its arguments are the prefix of the keys, the number of the last line
/// read, and the lines. It answers with 1 or 0, and the number of the last line.
const APPEND: &str = include_str!("append.lua");
/// How many lines are asked for at once.
const LINES: usize = 1000;
/// How long a lost connection, or a server that has no memory or disk left, is waited for.
const PATIENCE: Duration = Duration::from_secs(90);
/// After this long, whoever waits for the server is told.
const SILENCE: Duration = Duration::from_secs(1);
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The codes of errors that pass: no memory, no disk, a start, a script of somebody's that takes long, a replica's master.
const PASSING: [&str; 6] = ["OOM", "MISCONF", "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN"];

#[derive(Debug)]
pub struct ServerBackend {
    link: Link,
    liveness: Option<Liveness>,
}

/// A connection that is made again when it is lost.
pub(super) struct Link {
    pub server: Server,
    connection: Option<Connection>,
}

/// The servers that this process has reached, and has not waited for in vain since: no other one is waited for.
fn reached() -> MutexGuard<'static, BTreeSet<String>> {
    static REACHED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    REACHED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Link {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.server.fmt(out)
    }
}

impl Link {
    pub fn new(server: Server) -> Self {
        Self { server, connection: None }
    }

    /// What the server answers, without patience.
    pub fn ask_once<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let connection = Client::open(*self.server.0.clone())?.get_connection_with_timeout(CONNECT)?;
                connection.set_read_timeout(Some(ANSWER))?;
                connection.set_write_timeout(Some(ANSWER))?;
                none.insert(connection)
            }
        };
        let answer = command.query(connection);
        // Half an answer may be under way.
        if answer.as_ref().is_err_and(|error| error.code().is_none()) {
            self.connection = None;
        } else {
            reached().insert(self.server.to_string());
        }
        answer
    }

    /// What the server answers, sooner or later.
    pub fn ask<T: FromRedisValue>(&mut self, action: &'static str, command: &Cmd) -> Result<T, JournalError> {
        let (begun, mut told, mut pause) = (Instant::now(), false, Duration::from_millis(20));
        loop {
            let error = match self.ask_once(command) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if begun.elapsed() > PATIENCE {
                reached().remove(&self.server.to_string());
            }
            if !passes(&error) || !reached().contains(&self.server.to_string()) {
                return Err(self.error(action, &error));
            }
            if !told && begun.elapsed() > SILENCE {
                // On stderr even where the run is quiet: nothing else moves until the server is back.
                eprintln!("{}; trying again for {} s", self.error(action, &error), PATIENCE.as_secs());
                told = true;
            }
            std::thread::sleep(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    fn error(&self, action: &'static str, error: &RedisError) -> JournalError {
        let mut reason = match (error.code(), error.detail()) {
            (Some(code), Some(detail)) => format!("{code} {detail}"),
            _ if error.is_timeout() => "no answer in time".to_owned(),
            _ => error.to_string(),
        };
        // What follows says where in the script it was.
        reason.truncate(reason.find(". script: ").unwrap_or(reason.len()));
        JournalError::Server(self.server.clone(), action, reason)
    }
}

fn passes(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.code().is_some_and(|code| PASSING.contains(&code))
}

impl ServerBackend {
    /// To read.
    pub fn read_only(server: &Server) -> Result<Self, JournalError> {
        let mut link = Link::new(server.clone());
        let cluster: String = link.ask("connect", cmd("INFO").arg("cluster"))?;
        if cluster.contains("cluster_enabled:1") {
            return Err(JournalError::Cluster(server.to_string()));
        }
        Ok(Self { link, liveness: None })
    }

    /// To read and write.
    pub fn open(server: &Server) -> Result<Self, JournalError> {
        let mut backend = Self::read_only(server)?;
        backend.liveness = Some(Liveness::start(server)?);
        Ok(backend)
    }
}

/// The key of a line, which count from 0.
fn key(line: i64) -> String {
    format!(":log:{line}")
}

impl Backend for ServerBackend {
    fn read(&mut self, from: &Position) -> Result<Option<Vec<Vec<u8>>>, JournalError> {
        let text = |line: Option<Vec<u8>>| line.map(|line| [line, b"\n".to_vec()].concat());
        let from_line = from.lines as i64;
        let mut first = cmd("MGET");
        first.arg(":log_number").arg(key(from_line - 1));
        let (last, before): (Option<i64>, Option<Vec<u8>>) = self.link.ask("read", &first)?;
        let end = last.map_or(0, |last| last + 1);
        if end < from_line || (from_line > 0 && text(before).is_none_or(|line| line != from.last)) {
            return Ok(None);
        }
        let mut lines = Vec::with_capacity((end - from_line) as usize);
        for start in (from_line..end).step_by(LINES) {
            let numbers = start..end.min(start + LINES as i64);
            let keys: Vec<String> = numbers.clone().map(key).collect();
            let found: Vec<Option<Vec<u8>>> = self.link.ask("read", cmd("MGET").arg(keys))?;
            for (number, line) in numbers.zip(found) {
                let missing = || JournalError::Missing(self.link.server.clone(), number);
                lines.push(text(line).ok_or_else(missing)?);
            }
        }
        Ok(Some(lines))
    }

    fn append(&mut self, lines: &[Vec<u8>], at: &Position, _: Durability) -> Result<bool, JournalError> {
        let mut script = cmd("EVAL");
        // A connection that is lost before the answer is no harm: asked again, the script finds its own lines and refuses,
        // and whoever decides anew sees them in the journal.
        script.arg(APPEND).arg(0).arg("").arg(at.lines as i64 - 1);
        for line in lines {
            script.arg(line.strip_suffix(b"\n").unwrap_or(line));
        }
        let (appended, _last): (bool, i64) = self.link.ask("append", &script)?;
        Ok(appended)
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        // The server itself says when it writes.
        Ok(())
    }

    fn worker(&self) -> Option<&str> {
        self.liveness.as_ref().map(Liveness::id)
    }

    fn is_alive(&mut self, worker: &str) -> Result<bool, JournalError> {
        self.link.ask("examine the workers", cmd("EXISTS").arg(Liveness::key(worker)))
    }

    fn ensure_appendable(&self) -> Result<(), JournalError> {
        Ok(())
    }
}

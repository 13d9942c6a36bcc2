//! Who of us is alive, where a journal is on a server: a worker keeps a key there that expires when nobody renews it, and
//! deletes it when it ends, also when it is told to by a signal, so that its trial is taken over at once.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use redis::{Cmd, cmd};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::journal::JournalError;
use super::location::Server;
use super::lock;
use super::server::Link;

/// A key that was not renewed for so long is gone: milliseconds.
const EXPIRY: u64 = 30_000;
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(10);
/// How soon a renewal that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A worker that is alive until dropped.
#[derive(Debug)]
pub struct Liveness {
    id: String,
    end: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Liveness {
    pub fn start(server: &Server) -> Result<Self, JournalError> {
        let id = lock::new_worker();
        let mut link = Link::new(server.clone());
        let renew = renewal(&id);
        link.ask::<()>("say that this process lives", &renew)?;
        end_at_signals();
        workers().push((server.clone(), id.clone()));
        let (end, ended) = channel();
        let key = Self::key(&id);
        let thread = std::thread::spawn(move || {
            let mut wait = RENEWAL;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = if link.ask_once::<()>(&renew).is_ok() { RENEWAL } else { RETRY };
            }
            // What stays behind on failure expires.
            let _ = link.ask_once::<()>(cmd("DEL").arg(key));
        });
        Ok(Self { id, end: Some((end, thread)) })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key of a worker.
    pub fn key(worker: &str) -> String {
        format!("tunebook:{worker}")
    }
}

fn renewal(worker: &str) -> Cmd {
    let mut set = cmd("SET");
    set.arg(Liveness::key(worker)).arg(1).arg("PX").arg(EXPIRY);
    set
}

impl Drop for Liveness {
    fn drop(&mut self) {
        workers().retain(|(_, id)| *id != self.id);
        if let Some((end, thread)) = self.end.take() {
            drop(end);
            let _ = thread.join();
        }
    }
}

/// The workers of this process.
fn workers() -> MutexGuard<'static, Vec<(Server, String)>> {
    static WORKERS: Mutex<Vec<(Server, String)>> = Mutex::new(Vec::new());
    WORKERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, a signal that ends the process deletes the keys of its workers first.
fn end_at_signals() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        // Without signals, the keys expire all the same.
        let Ok(mut signals) = Signals::new([SIGTERM, SIGINT]) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                for (server, worker) in workers().iter() {
                    let _ = Link::new(server.clone()).ask_once::<()>(cmd("DEL").arg(Liveness::key(worker)));
                }
                let _ = emulate_default_handler(signal);
            }
        });
    });
}

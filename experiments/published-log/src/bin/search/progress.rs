//! Progress on stderr: a bar with rate and remaining time on a terminal, plain lines elsewhere.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is being done, and how far it is.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    quiet: bool,
    stage: Mutex<Stage>,
}

#[derive(Debug)]
struct Stage {
    bar: ProgressBar,
    name: String,
    begun: Instant,
}

impl Progress {
    /// Progress on stderr, which is a terminal or not.
    pub fn new(terminal: bool) -> Self {
        Self { terminal, quiet: false, ..Self::silent() }
    }

    /// No progress at all.
    pub fn silent() -> Self {
        let stage = Stage { bar: ProgressBar::hidden(), name: String::new(), begun: Instant::now() };
        Self { terminal: false, quiet: true, stage: Mutex::new(stage) }
    }

    /// Begins a stage of at most that many pieces of work.
    pub fn begin(&self, length: u64, name: &str) {
        let bar = if self.terminal {
            let style = "{msg} {wide_bar} {pos}/{len} · {per_sec} · {eta} left";
            let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(4)).with_style(style)
        } else {
            ProgressBar::hidden()
        };
        bar.set_message(name.to_owned());
        bar.set_length(length);
        *self.lock() = Stage { bar, name: name.to_owned(), begun: Instant::now() };
    }

    /// That many pieces are done.
    pub fn add(&self, pieces: u64) {
        self.lock().bar.inc(pieces);
    }

    /// The stage is over; elsewhere than on a terminal a line says how long it took.
    pub fn end(&self) {
        let stage = self.lock();
        let (pieces, seconds) = (stage.bar.position(), stage.begun.elapsed().as_secs_f64());
        stage.bar.finish_and_clear();
        if !self.terminal && !self.quiet {
            eprintln!("{}: {pieces} in {seconds:.1} s, {:.0} a second", stage.name, pieces as f64 / seconds.max(1e-9));
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.lock().bar.suspend(|| eprintln!("{line}"));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

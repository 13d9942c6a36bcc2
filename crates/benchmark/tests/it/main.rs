//! Tests of the crate `benchmark`.

/// That programs do not carry what only benches need.
mod dependencies;

/// The lines of the front page run.
mod front_page;

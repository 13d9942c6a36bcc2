//! Tests of the crate `benchmark`.

/// That programs do not carry what only benches need.
mod dependencies;

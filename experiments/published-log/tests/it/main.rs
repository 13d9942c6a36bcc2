//! The run of `published-log` as a user starts it.

/// The log that it prints is the post's, to the last digit.
mod log;

/// The search for the witness: what stops it before it has begun.
mod find_witness;
/// What the page says holds for the manifest that was run.
mod sentences;

//! The run of `published-log` as a user starts it.

/// The log that it prints is the post's, to the last digit.
mod log;

//! The run of `raw-relu` as a user starts it.

/// What the module documentation of the program says to expect.
mod expectation;
/// What the page says holds for the manifest that was run.
mod sentences;

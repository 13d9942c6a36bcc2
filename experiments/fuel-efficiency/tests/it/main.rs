//! The run of `fuel-efficiency` as a user starts it.

/// What the module documentation of the program says to expect.
mod expectation;
